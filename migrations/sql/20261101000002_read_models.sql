-- Read models: one schema per context, rebuilt from the record at any time. Table names
-- are unique across contexts, because views name them without their schema.

CREATE SCHEMA projections;

-- How far each version of a view has read each journal.
CREATE TABLE projections.checkpoint (
    projection text     NOT NULL,
    version    int      NOT NULL,
    portail    text     NOT NULL,
    annee      smallint NOT NULL,
    position   bigint   NOT NULL,
    PRIMARY KEY (projection, version, portail, annee)
);

-- Facts that a view could not follow, and the later ones of their streams.
CREATE TABLE projections.set_aside (
    projection  text     NOT NULL,
    version     int      NOT NULL,
    portail     text     NOT NULL,
    annee       smallint NOT NULL,
    position    bigint   NOT NULL,
    stream_kind text     NOT NULL,
    stream_id   text     NOT NULL,
    event_type  text     NOT NULL,
    error       text     NOT NULL,
    PRIMARY KEY (projection, version, portail, annee, position)
);

CREATE SCHEMA annuaire;

CREATE TABLE annuaire.etablissement (
    id       uuid PRIMARY KEY,
    uai      text NOT NULL UNIQUE,
    nom      text NOT NULL,
    nature   text NOT NULL,
    academie text NOT NULL,
    commune  text NOT NULL,
    portail  text NOT NULL
);

CREATE TABLE annuaire.division (
    id            uuid PRIMARY KEY,
    etablissement uuid NOT NULL,
    code          text NOT NULL,
    libelle       text NOT NULL,
    mef           text
);
CREATE INDEX ON annuaire.division (etablissement, code);

CREATE TABLE annuaire.enseignement (
    id              uuid PRIMARY KEY,
    etablissement   uuid NOT NULL,
    division        uuid NOT NULL,
    matiere_code    text NOT NULL,
    matiere_libelle text NOT NULL
);
CREATE INDEX ON annuaire.enseignement (division);

CREATE TABLE annuaire.enseignant (
    enseignement uuid    NOT NULL,
    personne     uuid    NOT NULL,
    principal    boolean NOT NULL,
    PRIMARY KEY (enseignement, personne)
);
CREATE INDEX ON annuaire.enseignant (personne);

CREATE TABLE annuaire.personne (
    id        uuid PRIMARY KEY,
    nom       text NOT NULL,
    prenom    text NOT NULL,
    civilite  text,
    naissance date,
    courriel  text,
    suspendue boolean NOT NULL DEFAULT false
);

CREATE TABLE annuaire.rattachement (
    personne      uuid   NOT NULL,
    etablissement uuid   NOT NULL,
    profil        text   NOT NULL,
    fonctions     text[] NOT NULL,
    division      uuid,
    PRIMARY KEY (personne, etablissement)
);
CREATE INDEX ON annuaire.rattachement (etablissement, profil);
CREATE INDEX ON annuaire.rattachement (division);

CREATE TABLE annuaire.responsabilite (
    eleve        uuid    NOT NULL,
    responsable  uuid    NOT NULL,
    lien         text    NOT NULL,
    niveau       text    NOT NULL,
    destinataire boolean NOT NULL,
    PRIMARY KEY (eleve, responsable)
);
CREATE INDEX ON annuaire.responsabilite (responsable);

CREATE SCHEMA portails;

CREATE TABLE portails.portail (
    id            text PRIMARY KEY,
    nature        text NOT NULL,
    nom           text NOT NULL,
    etablissement uuid
);

-- `jusque` is exclusive.
CREATE TABLE portails.direction (
    portail   text NOT NULL,
    directeur uuid NOT NULL,
    qualite   text NOT NULL,
    depuis    date NOT NULL,
    jusque    date,
    PRIMARY KEY (portail, depuis, directeur)
);
CREATE INDEX ON portails.direction (directeur);

-- `jusque` is exclusive. Ids are chosen by clients: they are unique in their portal.
CREATE TABLE portails.delegation (
    id             uuid NOT NULL,
    portail        text NOT NULL,
    compte         uuid NOT NULL,
    administrateur uuid NOT NULL,
    par            uuid NOT NULL,
    depuis         date NOT NULL,
    jusque         date,
    motif_de_fin   text,
    PRIMARY KEY (portail, id)
);
CREATE INDEX ON portails.delegation (compte);

CREATE SCHEMA absences;

CREATE TABLE absences.appel (
    id           uuid PRIMARY KEY,
    portail      text     NOT NULL,
    enseignement uuid     NOT NULL,
    division     uuid     NOT NULL,
    date         date     NOT NULL,
    debut        time     NOT NULL,
    fin          time     NOT NULL,
    enseignant   uuid     NOT NULL,
    clos         boolean  NOT NULL,
    absents      smallint NOT NULL,
    retards      smallint NOT NULL
);
CREATE INDEX ON absences.appel (division, date, debut);
CREATE INDEX ON absences.appel (enseignement, date);

-- Only who is not simply there, or was corrected.
CREATE TABLE absences.appel_ligne (
    appel   uuid NOT NULL,
    eleve   uuid NOT NULL,
    etat    text NOT NULL CHECK (etat IN ('present', 'absent', 'en_retard')),
    minutes smallint,
    motif   text,
    date    date NOT NULL,
    PRIMARY KEY (appel, eleve)
);
CREATE INDEX ON absences.appel_ligne (eleve, date DESC, appel);

CREATE SCHEMA notes;

CREATE TABLE notes.evaluation (
    id           uuid PRIMARY KEY,
    portail      text    NOT NULL,
    enseignement uuid    NOT NULL,
    division     uuid    NOT NULL,
    auteur       uuid    NOT NULL,
    titre        text    NOT NULL,
    date         date    NOT NULL,
    bareme       numeric NOT NULL,
    coefficient  numeric NOT NULL,
    formative    boolean NOT NULL,
    publiee_le   timestamptz
);
CREATE INDEX ON notes.evaluation (enseignement, date DESC, id);

-- `resultat` says which kind; `valeur` is there for a mark only.
CREATE TABLE notes.note (
    evaluation uuid    NOT NULL,
    eleve      uuid    NOT NULL,
    resultat   jsonb   NOT NULL,
    valeur     numeric,
    date       date    NOT NULL,
    publiee    boolean NOT NULL,
    PRIMARY KEY (evaluation, eleve)
);
CREATE INDEX ON notes.note (eleve, date DESC, evaluation) WHERE publiee;

-- What a published mark was before each correction.
CREATE TABLE notes.correction (
    evaluation uuid        NOT NULL,
    eleve      uuid        NOT NULL,
    le         timestamptz NOT NULL,
    sequence   bigint      NOT NULL,
    avant      jsonb,
    apres      jsonb       NOT NULL,
    motif      text        NOT NULL,
    par        uuid,
    PRIMARY KEY (evaluation, sequence)
);
CREATE INDEX ON notes.correction (evaluation, eleve);

CREATE SCHEMA publications;

-- `titre` and `corps` are the newest version's; `paru_*` what readers see.
CREATE TABLE publications.publication (
    id         uuid PRIMARY KEY,
    portail    text    NOT NULL,
    auteur     uuid    NOT NULL,
    version    int     NOT NULL,
    titre      text    NOT NULL,
    corps      text    NOT NULL,
    soumise    boolean NOT NULL,
    paru_version   int,
    paru_titre     text,
    paru_corps     text,
    paru_empreinte text,
    paru_auteur    uuid,
    directeur  uuid,
    audience   text,
    du         timestamptz,
    au         timestamptz,
    masquee    boolean NOT NULL,
    retiree    boolean NOT NULL,
    redigee_le timestamptz NOT NULL
);
CREATE INDEX ON publications.publication (portail, du DESC, id DESC);
CREATE INDEX ON publications.publication (portail, redigee_le DESC, id DESC);

CREATE TABLE publications.signalement (
    id          uuid PRIMARY KEY,
    publication uuid NOT NULL,
    portail     text NOT NULL,
    version     int  NOT NULL,
    empreinte   text NOT NULL,
    auteur      uuid NOT NULL,
    signalant   uuid NOT NULL,
    motif       text NOT NULL,
    explication text NOT NULL,
    recu_le     timestamptz NOT NULL,
    connu_du_moderateur_le timestamptz,
    connu_du_directeur_le  timestamptz,
    decision    text,
    motifs      jsonb,
    decide_par  uuid,
    decide_le   timestamptz
);
CREATE INDEX ON publications.signalement (portail, recu_le DESC, id DESC);
CREATE INDEX ON publications.signalement (signalant);

CREATE SCHEMA audit;

-- The envelope of every event, for the journal that a directeur reads.
CREATE TABLE audit.entree (
    portail       text     NOT NULL,
    annee         smallint NOT NULL,
    position      bigint   NOT NULL,
    evenement     uuid     NOT NULL,
    type          text     NOT NULL,
    flux_nature   text     NOT NULL,
    flux_id       text     NOT NULL,
    enregistre_le timestamptz NOT NULL,
    date_metier   date     NOT NULL,
    compte        uuid     NOT NULL,
    personne      uuid,
    office        text     NOT NULL,
    politiques    text[]   NOT NULL,
    politique_empreinte text NOT NULL,
    commande      uuid     NOT NULL,
    empreinte     text     NOT NULL,
    PRIMARY KEY (portail, annee, position)
);
CREATE INDEX ON audit.entree (portail, annee, personne, position DESC);
CREATE INDEX ON audit.entree (portail, annee, type, position DESC);
CREATE INDEX ON audit.entree (flux_nature, flux_id);

DO $$
DECLARE
    place text;
BEGIN
    FOREACH place IN ARRAY ARRAY['projections', 'annuaire', 'portails', 'absences', 'notes', 'publications', 'audit'] LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO ent_app, ent_auditeur', place);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO ent_app, ent_auditeur', place);
        EXECUTE format('GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA %I TO ent_app', place);
    END LOOP;
END $$;
