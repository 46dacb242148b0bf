-- Who may sign in as whom.
CREATE SCHEMA identite;

-- 1. A read model, rebuilt from the record. External keys are not in it: an identity is found by
-- the keyed digest that names its stream.
CREATE TABLE identite.liaison (
    id          uuid        PRIMARY KEY,
    compte      uuid        NOT NULL,
    personne    uuid        NOT NULL,
    fournisseur text        NOT NULL,
    nature      text        NOT NULL,
    portail     text        NOT NULL,
    le          timestamptz NOT NULL,
    rompue      boolean     NOT NULL DEFAULT false
);
CREATE INDEX ON identite.liaison (compte);

-- A compte that was ever refused or locked; `portail` is where its stream is.
CREATE TABLE identite.verrou (
    compte     uuid    PRIMARY KEY,
    portail    text    NOT NULL,
    verrouille boolean NOT NULL DEFAULT false,
    motif      text,
    le         timestamptz,
    jusque     timestamptz
);

CREATE TABLE identite.connexion (
    session       uuid        PRIMARY KEY,
    compte        uuid        NOT NULL,
    fournisseur   text        NOT NULL,
    portail       text        NOT NULL,
    ouverte_le    timestamptz NOT NULL,
    etablissement uuid,
    profil        text,
    close_le      timestamptz,
    fin           text
);
CREATE INDEX ON identite.connexion (compte, ouverte_le DESC, session DESC);

-- By which number an établissement knows a pupil.
CREATE TABLE identite.immatriculation (
    eleve         uuid NOT NULL,
    etablissement uuid NOT NULL,
    numero        text NOT NULL,
    PRIMARY KEY (eleve, etablissement)
);
CREATE INDEX ON identite.immatriculation (etablissement, numero);

GRANT USAGE ON SCHEMA identite TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA identite TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA identite TO ent_app;

-- 2. Operational state, not rebuilt: a restored database asks everybody to sign in again.
-- Nothing in it opens anything: secrets are with the browsers, here are their hashes.
CREATE TABLE identite.session_ouverte (
    secret        bytea       PRIMARY KEY CHECK (octet_length(secret) = 32),
    id            uuid        NOT NULL UNIQUE,
    compte        uuid        NOT NULL,
    fournisseur   text        NOT NULL,
    -- What the provider calls this sign-in or its user: keyed digests.
    sid           bytea,
    sub           bytea,
    portail       text        NOT NULL,
    plusieurs     boolean     NOT NULL,
    etablissement uuid,
    profil        text,
    vue_le        timestamptz NOT NULL,
    expire        timestamptz NOT NULL
);
CREATE INDEX ON identite.session_ouverte (compte);
CREATE INDEX ON identite.session_ouverte (sid);
CREATE INDEX ON identite.session_ouverte (sub);
CREATE INDEX ON identite.session_ouverte (expire);

-- Sign-ins that have begun: each comes back once.
CREATE TABLE identite.aller (
    secret      bytea       PRIMARY KEY CHECK (octet_length(secret) = 32),
    fournisseur text        NOT NULL,
    vers        text        NOT NULL,
    expire      timestamptz NOT NULL
);
CREATE INDEX ON identite.aller (expire);

-- Logout tokens that were heard: none is heard twice.
CREATE TABLE identite.deconnexion_entendue (
    jeton  bytea       PRIMARY KEY CHECK (octet_length(jeton) = 32),
    expire timestamptz NOT NULL
);
CREATE INDEX ON identite.deconnexion_entendue (expire);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON identite.session_ouverte, identite.aller, identite.deconnexion_entendue TO ent_app;
