-- What was sealed: the signed heads of each journal's tree, each after the one before.

-- A checkpoint names the size of the one that it extends, so two sealers cannot both
-- extend the same one: compare and swap is the unique constraint, and the chain has no gap.
CREATE TABLE ledger.checkpoints (
    portail   text        NOT NULL,
    annee     smallint    NOT NULL,
    size      bigint      NOT NULL,
    previous  bigint      NOT NULL CHECK (previous >= 0),
    parent    bigint      GENERATED ALWAYS AS (nullif(previous, 0)) STORED,
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    note      text        NOT NULL,
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (portail, annee, size),
    UNIQUE (portail, annee, previous),
    FOREIGN KEY (portail, annee, parent) REFERENCES ledger.checkpoints,
    CHECK (size > previous)
);

CREATE TRIGGER checkpoints_are_immutable BEFORE UPDATE OR DELETE ON ledger.checkpoints
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER checkpoints_are_never_truncated BEFORE TRUNCATE ON ledger.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT ON ledger.checkpoints TO ent_app, ent_auditeur;
GRANT INSERT (portail, annee, size, previous, root, note, sealed_at) ON ledger.checkpoints TO ent_app;

-- The meta-journal: a log of its own, whose leaves are the checkpoints of all portals and the
-- clôtures of their days, months and years. Its checkpoints are kept under no portal.
CREATE TABLE ledger.meta (
    position  bigint   PRIMARY KEY CHECK (position > 0),
    portail   text     NOT NULL,
    annee     smallint NOT NULL,
    periode   text     CHECK (periode IN ('jour', 'mois', 'annee')),
    du        date,
    -- Of a checkpoint its size; of a clôture the last position that it covers.
    size      bigint   NOT NULL,
    leaf      text     NOT NULL CHECK (octet_length(leaf) <= 65535),
    leaf_hash bytea    NOT NULL CHECK (octet_length(leaf_hash) = 32),
    CHECK ((periode IS NULL) = (du IS NULL))
);
CREATE UNIQUE INDEX meta_checkpoints ON ledger.meta (portail, annee, size) WHERE periode IS NULL;
CREATE UNIQUE INDEX meta_clotures ON ledger.meta (portail, annee, periode, du) WHERE periode IS NOT NULL;

CREATE TRIGGER meta_is_immutable BEFORE UPDATE OR DELETE ON ledger.meta
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER meta_is_never_truncated BEFORE TRUNCATE ON ledger.meta
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT ON ledger.meta TO ent_app, ent_auditeur;
GRANT INSERT ON ledger.meta TO ent_app;

-- The length of a leaf is two bytes in an entry bundle (C2SP tlog-tiles).
ALTER TABLE ledger.events DROP CONSTRAINT events_metadata_check;
ALTER TABLE ledger.events ADD CONSTRAINT events_metadata_check
    CHECK (octet_length(metadata::text) <= 65535);
