-- Files that accompany what is written. Their bytes are in a folder or a bucket, sealed.

CREATE SCHEMA pieces;

CREATE TABLE pieces.piece (
    id        uuid        PRIMARY KEY,
    personne  uuid        NOT NULL,
    nature    text        NOT NULL CHECK (nature IN ('copie', 'seance', 'travail', 'dossier_absence')),
    objet     uuid        NOT NULL,
    fiche     jsonb       NOT NULL,
    jointe_le timestamptz NOT NULL
);
CREATE INDEX ON pieces.piece (nature, objet);
CREATE INDEX ON pieces.piece (personne, id);

-- What accompanies something now, in its order.
CREATE TABLE pieces.piece_liste (
    nature text   NOT NULL CHECK (nature IN ('copie', 'seance', 'travail', 'dossier_absence')),
    objet  uuid   NOT NULL,
    pieces uuid[] NOT NULL,
    PRIMARY KEY (nature, objet)
);

GRANT USAGE ON SCHEMA pieces TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA pieces TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA pieces TO ent_app;

-- Contents that are too long for an event: which are kept, and under which key each is sealed. It
-- is operational state, and not of the record: the bytes are elsewhere, and what they are is in the
-- label, sealed like them. One that no event claims is removed after a while, and so is one whose
-- key was destroyed.
CREATE TABLE ledger.blobs (
    id      uuid        PRIMARY KEY,
    key_id  uuid        NOT NULL REFERENCES ledger.keys,
    at      timestamptz NOT NULL,
    -- None while its bytes are still coming.
    label   bytea,
    claimed boolean     NOT NULL DEFAULT false
);
CREATE INDEX blobs_sealed ON ledger.blobs (key_id);
CREATE INDEX blobs_unclaimed ON ledger.blobs (at) WHERE NOT claimed;

GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.blobs TO ent_app;
GRANT SELECT ON ledger.blobs TO ent_auditeur;
