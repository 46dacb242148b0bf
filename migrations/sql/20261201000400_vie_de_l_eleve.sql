-- Life at school: incidents, punitions, sanctions, the carnet, the infirmerie and stages.

CREATE SCHEMA vie_de_l_eleve;

CREATE TABLE vie_de_l_eleve.incident (
    id         uuid PRIMARY KEY,
    portail    text   NOT NULL,
    nature     text   NOT NULL,
    lieu       text   NOT NULL,
    gravite    text   NOT NULL,
    le         date   NOT NULL,
    heure      time,
    a_avertir  text[] NOT NULL,
    rapporteur uuid   NOT NULL,
    suite      text
);
CREATE INDEX ON vie_de_l_eleve.incident (portail, le DESC, id DESC);

CREATE TABLE vie_de_l_eleve.incident_protagoniste (
    incident  uuid    NOT NULL,
    personne  uuid    NOT NULL,
    role      text    NOT NULL,
    personnel boolean NOT NULL,
    recit     text,
    PRIMARY KEY (incident, personne)
);

CREATE TABLE vie_de_l_eleve.incident_suivi (
    incident uuid        NOT NULL,
    sequence bigint      NOT NULL,
    personne uuid        NOT NULL,
    texte    text        NOT NULL,
    par      uuid        NOT NULL,
    le       timestamptz NOT NULL,
    PRIMARY KEY (incident, sequence)
);

CREATE TABLE vie_de_l_eleve.incident_avertissement (
    incident uuid NOT NULL,
    instance text NOT NULL,
    le       date NOT NULL,
    PRIMARY KEY (incident, instance)
);

CREATE TABLE vie_de_l_eleve.punition (
    id         uuid PRIMARY KEY,
    portail    text    NOT NULL,
    eleve      uuid    NOT NULL,
    nature     jsonb   NOT NULL,
    motif      text    NOT NULL,
    incident   uuid,
    auteur     uuid    NOT NULL,
    donnee_le  date    NOT NULL,
    pour_le    date    NOT NULL,
    faite      boolean
);
CREATE INDEX ON vie_de_l_eleve.punition (eleve, donnee_le DESC, id DESC);

-- `effacement` is the day from which the sanction is no longer in the file.
CREATE TABLE vie_de_l_eleve.sanction (
    id                    uuid PRIMARY KEY,
    portail               text NOT NULL,
    eleve                 uuid NOT NULL,
    griefs                text,
    cas                   text,
    incident              uuid,
    engagee_le            date,
    fin_du_delai          date,
    conseil_le            date,
    defense               jsonb,
    classee_le            date,
    degre                 text,
    decision              jsonb,
    prononcee_le          date,
    effacement            date,
    sursis_revoque_le     date,
    executee_du           date,
    recours               text,
    recours_le            date,
    annulee_le            date,
    effacement_demande_le date,
    effacee_le            date
);
CREATE INDEX ON vie_de_l_eleve.sanction (eleve);

CREATE TABLE vie_de_l_eleve.sanction_notification (
    sanction     uuid NOT NULL,
    destinataire uuid NOT NULL,
    voie         text NOT NULL,
    le           date NOT NULL,
    PRIMARY KEY (sanction, destinataire)
);

CREATE TABLE vie_de_l_eleve.mot (
    id       uuid PRIMARY KEY,
    portail  text        NOT NULL,
    eleve    uuid        NOT NULL,
    nature   text        NOT NULL,
    texte    text        NOT NULL,
    auteur   uuid        NOT NULL,
    ecrit_le timestamptz NOT NULL
);
CREATE INDEX ON vie_de_l_eleve.mot (eleve, ecrit_le DESC, id DESC);

CREATE TABLE vie_de_l_eleve.mot_destinataire (
    mot      uuid NOT NULL,
    personne uuid NOT NULL,
    signe_le date,
    PRIMARY KEY (mot, personne)
);

CREATE TABLE vie_de_l_eleve.passage (
    id          uuid PRIMARY KEY,
    portail     text        NOT NULL,
    eleve       uuid        NOT NULL,
    arrivee     timestamptz NOT NULL,
    depart      timestamptz,
    orientation text
);
CREATE INDEX ON vie_de_l_eleve.passage (eleve, arrivee DESC, id DESC);

-- Health data: only the query that asks the right to read them reads this table.
CREATE TABLE vie_de_l_eleve.soin (
    passage  uuid        NOT NULL,
    sequence bigint      NOT NULL,
    motif    text        NOT NULL,
    soin     text        NOT NULL,
    par      uuid        NOT NULL,
    le       timestamptz NOT NULL,
    PRIMARY KEY (passage, sequence)
);

CREATE TABLE vie_de_l_eleve.stage (
    id         uuid PRIMARY KEY,
    portail    text    NOT NULL,
    eleve      uuid    NOT NULL,
    entreprise text    NOT NULL,
    tuteur     text    NOT NULL,
    du         date    NOT NULL,
    au         date    NOT NULL,
    activites  text    NOT NULL,
    referent   uuid    NOT NULL,
    mineur     boolean NOT NULL,
    conclu_le  date
);
CREATE INDEX ON vie_de_l_eleve.stage (eleve, du DESC, id DESC);

CREATE TABLE vie_de_l_eleve.stage_signature (
    stage  uuid NOT NULL,
    partie text NOT NULL,
    par    uuid NOT NULL,
    le     date NOT NULL,
    PRIMARY KEY (stage, partie)
);

CREATE TABLE vie_de_l_eleve.stage_visite (
    stage        uuid   NOT NULL,
    sequence     bigint NOT NULL,
    le           date   NOT NULL,
    compte_rendu text   NOT NULL,
    par          uuid   NOT NULL,
    PRIMARY KEY (stage, sequence)
);

GRANT USAGE ON SCHEMA vie_de_l_eleve TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA vie_de_l_eleve TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA vie_de_l_eleve TO ent_app;
