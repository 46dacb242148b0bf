-- What becomes of absences: incidents and reminders of rolls, files, excuses, the règlement of an
-- établissement, assiduité. Hours are those of the clock on the wall.

CREATE INDEX ON absences.appel (portail, date);

CREATE TABLE absences.appel_incident (
    appel  uuid NOT NULL,
    eleve  uuid NOT NULL,
    nature text NOT NULL CHECK (nature IN ('depart_anticipe', 'infirmerie', 'oubli_de_carnet')),
    heure  time,
    motif  text,
    PRIMARY KEY (appel, eleve, nature)
);

CREATE TABLE absences.appel_rappel (
    appel uuid NOT NULL,
    le    date NOT NULL,
    PRIMARY KEY (appel, le)
);

CREATE TABLE absences.dossier_absence (
    id            uuid      PRIMARY KEY,
    portail       text      NOT NULL,
    etablissement uuid      NOT NULL,
    eleve         uuid      NOT NULL,
    origine       text      NOT NULL CHECK (origine IN ('appels', 'saisie', 'annonce')),
    etat          text      NOT NULL CHECK (etat IN ('constatee', 'annoncee', 'justifiee', 'reglee', 'retiree')),
    date          date      NOT NULL,
    debut         timestamp NOT NULL,
    fin           timestamp NOT NULL,
    justification jsonb,
    decision      jsonb,
    reglee_le     date
);
CREATE INDEX ON absences.dossier_absence (etablissement, date DESC, id DESC);
CREATE INDEX ON absences.dossier_absence (eleve, date);

CREATE TABLE absences.dossier_creneau (
    dossier uuid      NOT NULL,
    debut   timestamp NOT NULL,
    fin     timestamp NOT NULL,
    PRIMARY KEY (dossier, debut, fin)
);

CREATE TABLE absences.dossier_contact (
    dossier uuid        NOT NULL,
    rang    bigint      NOT NULL,
    le      timestamptz NOT NULL,
    moyen   text        NOT NULL,
    resume  text,
    par     uuid        NOT NULL,
    PRIMARY KEY (dossier, rang)
);

CREATE TABLE absences.collective (
    id            uuid      PRIMARY KEY,
    etablissement uuid      NOT NULL,
    nature        text      NOT NULL,
    libelle       text      NOT NULL,
    debut         timestamp NOT NULL,
    fin           timestamp NOT NULL,
    divisions     uuid[]    NOT NULL,
    groupes       uuid[]    NOT NULL,
    annulee       text
);
CREATE INDEX ON absences.collective (etablissement, debut);

CREATE TABLE absences.dispense (
    id            uuid  PRIMARY KEY,
    etablissement uuid  NOT NULL,
    eleve         uuid  NOT NULL,
    du            date  NOT NULL,
    au            date  NOT NULL,
    etendue       jsonb NOT NULL
);
CREATE INDEX ON absences.dispense (eleve);
CREATE INDEX ON absences.dispense (etablissement, au);

CREATE TABLE absences.politique_demi_journees (
    etablissement uuid    NOT NULL,
    version       integer NOT NULL,
    depuis        date    NOT NULL,
    politique     jsonb   NOT NULL,
    PRIMARY KEY (etablissement, version)
);

CREATE TABLE absences.motif_absence (
    etablissement uuid  NOT NULL,
    code          text  NOT NULL,
    motif         jsonb NOT NULL,
    PRIMARY KEY (etablissement, code)
);

CREATE TABLE absences.seuil_atteint (
    assiduite     uuid     NOT NULL,
    eleve         uuid     NOT NULL,
    etablissement uuid     NOT NULL,
    mois          date     NOT NULL,
    suite         text     NOT NULL CHECK (suite IN ('signalement', 'suivi_renforce')),
    regle         integer  NOT NULL,
    seuil         smallint NOT NULL,
    demi_journees smallint NOT NULL,
    politique     text     NOT NULL,
    version       integer  NOT NULL,
    le            date     NOT NULL,
    PRIMARY KEY (assiduite, mois, suite)
);
CREATE INDEX ON absences.seuil_atteint (etablissement, mois);
CREATE INDEX ON absences.seuil_atteint (eleve);

CREATE TABLE absences.suivi (
    assiduite uuid   NOT NULL,
    rang      bigint NOT NULL,
    eleve     uuid   NOT NULL,
    referent  uuid   NOT NULL,
    objectif  text   NOT NULL,
    le        date   NOT NULL,
    bilan     text,
    clos_le   date,
    PRIMARY KEY (assiduite, rang)
);
CREATE INDEX ON absences.suivi (eleve);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['appel_incident', 'appel_rappel', 'dossier_absence', 'dossier_creneau',
        'dossier_contact', 'collective', 'dispense', 'politique_demi_journees', 'motif_absence',
        'seuil_atteint', 'suivi'] LOOP
        EXECUTE format('GRANT SELECT ON absences.%I TO ent_app, ent_auditeur', name);
        EXECUTE format('GRANT INSERT, UPDATE, DELETE, TRUNCATE ON absences.%I TO ent_app', name);
    END LOOP;
END $$;
