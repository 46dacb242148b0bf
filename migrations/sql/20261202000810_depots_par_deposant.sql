-- Who brought a content that no event claims yet, and how many bytes it has: what waits of one person
-- is bounded. Of a content that is claimed, the event says who brought it.
ALTER TABLE ledger.blobs
    ADD COLUMN brought_by uuid,
    -- What was announced, until it has come; 0 of those that came before this was counted.
    ADD COLUMN size bigint NOT NULL DEFAULT 0 CHECK (size >= 0);

CREATE INDEX blobs_brought ON ledger.blobs (brought_by) WHERE NOT claimed;
