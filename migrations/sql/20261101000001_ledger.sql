-- The record. One journal per portal and school year, dense positions given under
-- the lock of the portal's head rows. Append-only: the program may call
-- ledger.append and read; nobody may change or remove an event.

CREATE SCHEMA ledger;

-- Heads: how many leaves each journal has.
CREATE TABLE ledger.journal (
    portail  text     NOT NULL,
    annee    smallint NOT NULL,
    position bigint   NOT NULL DEFAULT 0 CHECK (position >= 0),
    PRIMARY KEY (portail, annee)
);

-- Data keys, each wrapped (AES-KW) by a key-encryption key that is not in this
-- database. A destroyed key keeps its row and loses its bytes.
CREATE TABLE ledger.keys (
    id         uuid PRIMARY KEY,
    subject    text NOT NULL,
    retention  text NOT NULL,
    period     text NOT NULL,
    kek_id     text NOT NULL,
    wrapped    bytea,
    UNIQUE (subject, retention, period)
);

-- The first seven columns are those of postgres-es, which reads this table.
-- `json`, not `jsonb`: the exact bytes of `metadata` are the leaf.
CREATE TABLE ledger.events (
    aggregate_type text     NOT NULL,
    aggregate_id   text     NOT NULL,
    sequence       bigint   NOT NULL CHECK (sequence > 0),
    event_type     text     NOT NULL,
    event_version  text     NOT NULL,
    payload        json     NOT NULL,
    metadata       json     NOT NULL CHECK (octet_length(metadata::text) <= 65536),
    portail        text     NOT NULL,
    annee          smallint NOT NULL,
    position       bigint   NOT NULL CHECK (position > 0),
    key_id         uuid     NOT NULL REFERENCES ledger.keys,
    leaf_hash      bytea    NOT NULL CHECK (octet_length(leaf_hash) = 32),
    PRIMARY KEY (aggregate_type, aggregate_id, sequence),
    UNIQUE (portail, annee, position),
    FOREIGN KEY (portail, annee) REFERENCES ledger.journal
);

-- Answers already given: a command id is recorded with what it recorded. The digest
-- is keyed (HMAC), so that it tells nothing about a command's content.
CREATE TABLE ledger.commands (
    id             uuid PRIMARY KEY,
    digest         bytea    NOT NULL,
    portail        text     NOT NULL,
    annee          smallint NOT NULL,
    first_position bigint   NOT NULL,
    last_position  bigint   NOT NULL
);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE ON ledger.events
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER events_are_never_truncated BEFORE TRUNCATE ON ledger.events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER commands_are_immutable BEFORE UPDATE OR DELETE ON ledger.commands
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER commands_are_never_truncated BEFORE TRUNCATE ON ledger.commands
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Appends a batch of units of work in one round trip. A unit is recorded whole or
-- not at all, and each has its own verdict:
--   recorded     its events have the positions first..last
--   repeated     its command id was recorded before, with those positions
--   other_body   its command id was recorded before, for another command
--   conflict     one of its streams has moved since it was read
--   closed_year  its portal already writes in a later school year
-- The caller puts at most one unit per stream, and per command id, into a batch.
CREATE FUNCTION ledger.append(
    u_command uuid[], u_digest bytea[], u_portail text[], u_annee smallint[],
    e_unit int[], e_aggregate_type text[], e_aggregate_id text[], e_sequence bigint[],
    e_event_type text[], e_event_version text[], e_payload text[], e_metadata text[],
    e_key_id uuid[], e_leaf_hash bytea[]
) RETURNS TABLE (unit int, verdict text, first_position bigint, last_position bigint, annee smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    verdicts text[];
BEGIN
    INSERT INTO ledger.journal AS j (portail, annee)
        SELECT DISTINCT w.portail, w.annee FROM unnest(u_portail, u_annee) AS w (portail, annee)
        WHERE NOT EXISTS (SELECT FROM ledger.journal h WHERE (h.portail, h.annee) = (w.portail, w.annee))
        ORDER BY 1, 2
        ON CONFLICT DO NOTHING;

    -- All years of a portal: its streams go on from one year into the next.
    PERFORM FROM ledger.journal j WHERE j.portail = ANY (u_portail)
        ORDER BY j.portail, j.annee FOR UPDATE;

    verdicts := ARRAY (
        SELECT CASE
            WHEN c.digest = u.digest THEN 'repeated'
            WHEN c.id IS NOT NULL THEN 'other_body'
            WHEN EXISTS (SELECT FROM ledger.journal j
                         WHERE j.portail = u.portail AND j.annee > u.annee) THEN 'closed_year'
            WHEN s.unit IS NOT NULL THEN 'conflict'
            ELSE 'recorded'
        END
        FROM unnest(u_command, u_digest, u_portail, u_annee)
             WITH ORDINALITY AS u (command, digest, portail, annee, unit)
        LEFT JOIN ledger.commands c ON c.id = u.command
        LEFT JOIN (
            SELECT DISTINCT f.unit
            FROM (SELECT e.unit, e.aggregate_type, e.aggregate_id, min(e.sequence) AS sequence
                  FROM unnest(e_unit, e_aggregate_type, e_aggregate_id, e_sequence)
                       AS e (unit, aggregate_type, aggregate_id, sequence)
                  GROUP BY 1, 2, 3) f
            LEFT JOIN LATERAL (
                SELECT x.sequence, x.portail FROM ledger.events x
                WHERE x.aggregate_type = f.aggregate_type AND x.aggregate_id = f.aggregate_id
                ORDER BY x.sequence DESC LIMIT 1) last ON true
            WHERE f.sequence <> coalesce(last.sequence, 0) + 1
               OR last.portail <> u_portail[f.unit]
        ) s ON s.unit = u.unit
        ORDER BY u.unit);

    RETURN QUERY
    WITH placed AS (
        SELECT e.*, u_portail[e.unit] AS portail, u_annee[e.unit] AS annee,
               j.position + row_number() OVER (
                   PARTITION BY j.portail, j.annee ORDER BY e.ordinal) AS position
        FROM unnest(e_unit, e_aggregate_type, e_aggregate_id, e_sequence, e_event_type,
                    e_event_version, e_payload, e_metadata, e_key_id, e_leaf_hash)
             WITH ORDINALITY AS e (unit, aggregate_type, aggregate_id, sequence, event_type,
                    event_version, payload, metadata, key_id, leaf_hash, ordinal)
        JOIN ledger.journal j ON j.portail = u_portail[e.unit] AND j.annee = u_annee[e.unit]
        WHERE verdicts[e.unit] = 'recorded'
    ), inserted AS (
        INSERT INTO ledger.events (aggregate_type, aggregate_id, sequence, event_type, event_version,
                                   payload, metadata, portail, annee, position, key_id, leaf_hash)
        SELECT aggregate_type, aggregate_id, sequence, event_type, event_version,
               payload::json, metadata::json, portail, annee, position, key_id, leaf_hash
        FROM placed ORDER BY ordinal
    ), moved AS (
        UPDATE ledger.journal j SET position = head.position
        FROM (SELECT portail, annee, max(position) AS position FROM placed GROUP BY 1, 2) head
        WHERE j.portail = head.portail AND j.annee = head.annee
    ), spans AS (
        SELECT unit, min(position) AS first, max(position) AS last FROM placed GROUP BY 1
    ), answered AS (
        INSERT INTO ledger.commands (id, digest, portail, annee, first_position, last_position)
        SELECT u_command[unit], u_digest[unit], u_portail[unit], u_annee[unit], first, last FROM spans
    )
    SELECT u.unit::int, u.verdict, coalesce(s.first, c.first_position), coalesce(s.last, c.last_position),
           coalesce(c.annee, u_annee[u.unit])
    FROM unnest(verdicts) WITH ORDINALITY AS u (verdict, unit)
    LEFT JOIN spans s ON s.unit = u.unit
    LEFT JOIN ledger.commands c ON u.verdict = 'repeated' AND c.id = u_command[u.unit]
    ORDER BY u.unit;
END $$;

-- Least privilege. The roles exist already where the private server made them.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['ent_app', 'ent_auditeur'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO ent_app, ent_auditeur;
GRANT INSERT ON ledger.keys TO ent_app;
GRANT EXECUTE ON FUNCTION ledger.append TO ent_app;
