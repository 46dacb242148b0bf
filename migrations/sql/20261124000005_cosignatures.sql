-- What witnesses signed under our checkpoints: that they saw no other history.

CREATE TABLE ledger.cosignatures (
    portail     text        NOT NULL,
    annee       smallint    NOT NULL,
    size        bigint      NOT NULL,
    witness     text        NOT NULL CHECK (witness <> ''),
    -- One signature line of a note.
    line        text        NOT NULL CHECK (octet_length(line) <= 1024 AND line LIKE '— %'),
    cosigned_at timestamptz NOT NULL,
    PRIMARY KEY (portail, annee, size, witness),
    FOREIGN KEY (portail, annee, size) REFERENCES ledger.checkpoints
);
-- The last checkpoint that a witness cosigned.
CREATE INDEX cosignatures_of_a_witness ON ledger.cosignatures (witness, portail, annee, size);

CREATE TRIGGER cosignatures_are_immutable BEFORE UPDATE OR DELETE ON ledger.cosignatures
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER cosignatures_are_never_truncated BEFORE TRUNCATE ON ledger.cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT ON ledger.cosignatures TO ent_app, ent_auditeur;
GRANT INSERT ON ledger.cosignatures TO ent_app;
