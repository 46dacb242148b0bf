-- What a time-stamping authority signed: that it saw a head of the meta-journal, and when.

CREATE TABLE ledger.timestamps (
    -- Which checkpoint of the meta-journal, whose note is what the token is over.
    size         bigint      PRIMARY KEY,
    tsa          text        NOT NULL CHECK (tsa <> ''),
    -- DER of a TimeStampToken (RFC 3161).
    token        bytea       NOT NULL CHECK (octet_length(token) BETWEEN 1 AND 65536),
    gen_time     timestamptz NOT NULL,
    requested_at timestamptz NOT NULL,
    -- Checkpoints of the meta-journal are kept under no portal.
    portail      text        GENERATED ALWAYS AS ('') STORED,
    annee        smallint    GENERATED ALWAYS AS (0) STORED,
    FOREIGN KEY (portail, annee, size) REFERENCES ledger.checkpoints
);

CREATE TRIGGER timestamps_are_immutable BEFORE UPDATE OR DELETE ON ledger.timestamps
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER timestamps_are_never_truncated BEFORE TRUNCATE ON ledger.timestamps
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT ON ledger.timestamps TO ent_app, ent_auditeur;
GRANT INSERT (size, tsa, token, gen_time, requested_at) ON ledger.timestamps TO ent_app;
