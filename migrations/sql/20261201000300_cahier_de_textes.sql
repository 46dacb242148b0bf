-- The cahier de textes: when what is taught, what is done there, and what is to be done for it.

CREATE SCHEMA cahier_de_textes;

-- Courses and changes as they were known from an instant to another: a week is shown as of any.
CREATE TABLE cahier_de_textes.cours (
    flux          uuid        NOT NULL,
    sequence      bigint      NOT NULL,
    id            uuid        NOT NULL,
    etablissement uuid        NOT NULL,
    annee         smallint    NOT NULL,
    origine       text        NOT NULL CHECK (origine IN ('sts', 'edt', 'saisie')),
    contenu       jsonb       NOT NULL,
    connu_du      timestamptz NOT NULL,
    connu_jusque  timestamptz,
    PRIMARY KEY (flux, sequence)
);
CREATE INDEX ON cahier_de_textes.cours (flux, id) WHERE connu_jusque IS NULL;

CREATE TABLE cahier_de_textes.occurrence_modifiee (
    flux         uuid        NOT NULL,
    sequence     bigint      NOT NULL,
    cours        uuid        NOT NULL,
    date         date        NOT NULL,
    contenu      jsonb       NOT NULL,
    connu_du     timestamptz NOT NULL,
    connu_jusque timestamptz,
    PRIMARY KEY (flux, sequence)
);
CREATE INDEX ON cahier_de_textes.occurrence_modifiee (flux, cours, date) WHERE connu_jusque IS NULL;

CREATE TABLE cahier_de_textes.semaines_a (
    flux     uuid PRIMARY KEY,
    semaines text NOT NULL
);

CREATE TABLE cahier_de_textes.seance (
    id           uuid PRIMARY KEY,
    portail      text NOT NULL,
    enseignement uuid NOT NULL,
    division     uuid NOT NULL,
    date         date NOT NULL,
    debut        time NOT NULL,
    fin          time NOT NULL,
    titre        text NOT NULL,
    avant        text NOT NULL,
    apres        text NOT NULL,
    auteur       uuid NOT NULL,
    reprise_de   uuid,
    publiee_le   timestamptz
);
CREATE INDEX ON cahier_de_textes.seance (enseignement, date, debut);
CREATE INDEX ON cahier_de_textes.seance (division, date, debut) WHERE publiee_le IS NOT NULL;

CREATE TABLE cahier_de_textes.travail (
    id           uuid PRIMARY KEY,
    portail      text NOT NULL,
    enseignement uuid NOT NULL,
    division     uuid NOT NULL,
    donne_le     date NOT NULL,
    pour_le      date NOT NULL,
    titre        text NOT NULL,
    consigne     text NOT NULL,
    minutes      int  NOT NULL,
    a_rendre     boolean NOT NULL,
    auteur       uuid NOT NULL,
    publie_le    timestamptz,
    annule       boolean NOT NULL DEFAULT false
);
CREATE INDEX ON cahier_de_textes.travail (enseignement, pour_le);
CREATE INDEX ON cahier_de_textes.travail (division, pour_le) WHERE publie_le IS NOT NULL AND NOT annule;

CREATE TABLE cahier_de_textes.copie (
    id         uuid PRIMARY KEY,
    travail    uuid NOT NULL,
    eleve      uuid NOT NULL,
    fait       boolean NOT NULL,
    piece      jsonb,
    octets     bytea,
    rendue_le  timestamptz,
    annotation text,
    annotee_le timestamptz
);
CREATE INDEX ON cahier_de_textes.copie (travail, eleve);
CREATE INDEX ON cahier_de_textes.copie (eleve);

CREATE TABLE cahier_de_textes.visa (
    enseignement uuid NOT NULL,
    qualite      text NOT NULL CHECK (qualite IN ('direction', 'inspection')),
    jusqu_au     date NOT NULL,
    par          uuid NOT NULL,
    le           timestamptz NOT NULL,
    PRIMARY KEY (enseignement, qualite, jusqu_au)
);

-- Hashes of secret addresses: nothing here opens an agenda.
CREATE TABLE cahier_de_textes.abonnement (
    personne  uuid PRIMARY KEY,
    empreinte text NOT NULL UNIQUE,
    ouvert_le timestamptz NOT NULL
);

GRANT USAGE ON SCHEMA cahier_de_textes TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA cahier_de_textes TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA cahier_de_textes TO ent_app;
