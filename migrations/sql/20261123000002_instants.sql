-- 1. The record's time does not run backwards in a portal, whichever process writes and
-- however its clock jumps: each journal keeps the instant of its last event, and who comes
-- with an earlier one dates again, under the lock, with that one.
--
-- 2. Rows of events are checked by the batch. A foreign key asks for each row, and writes a
-- lock into the row it finds, for what ledger.append knows of all: the head rows are held,
-- and keys are never removed (they lose their bytes).

DROP FUNCTION ledger.append;

ALTER TABLE ledger.events
    DROP CONSTRAINT events_key_id_fkey,
    DROP CONSTRAINT events_portail_annee_fkey;

ALTER TABLE ledger.journal ADD COLUMN last_at timestamptz;
UPDATE ledger.journal j SET last_at = (
    SELECT max((e.metadata ->> 'recorded_at')::timestamptz) FROM ledger.events e
    WHERE e.portail = j.portail AND e.annee = j.annee);

-- Appends a batch of units of work in one round trip. A unit is recorded whole or
-- not at all, and each has its own verdict:
--   recorded     its events have the positions first..last
--   repeated     its command id was recorded before, with those positions
--   other_body   its command id was recorded before, for another command
--   conflict     one of its streams has moved since it was read
--   behind       its portal has recorded a later instant than `batch_at`, maybe in a later school
--                year: hold the portal, date the unit again and ask again
-- The caller puts at most one unit per stream, and per command id, into a batch.
CREATE FUNCTION ledger.append(
    batch_at timestamptz, batch_annee smallint, u_command uuid[], u_digest bytea[], u_portail text[],
    e_unit int[], e_aggregate_type text[], e_aggregate_id text[], e_sequence bigint[],
    e_event_type text[], e_event_version text[], e_payload text[], e_metadata text[],
    e_key_id uuid[], e_leaf_hash bytea[]
) RETURNS TABLE (unit int, verdict text, first_position bigint, last_position bigint, annee smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Batches differ in size only: planning each anew costs more than it gains.
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    verdicts text[];
BEGIN
    IF EXISTS (SELECT FROM unnest(e_key_id) AS w (id)
               WHERE NOT EXISTS (SELECT FROM ledger.keys k WHERE k.id = w.id)) THEN
        RAISE EXCEPTION 'an event names a key that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;

    INSERT INTO ledger.journal AS j (portail, annee)
        SELECT DISTINCT w.portail, batch_annee FROM unnest(u_portail) AS w (portail)
        WHERE NOT EXISTS (SELECT FROM ledger.journal h WHERE (h.portail, h.annee) = (w.portail, batch_annee))
        ORDER BY 1
        ON CONFLICT DO NOTHING;

    -- All years of a portal: its streams go on from one year into the next.
    PERFORM FROM ledger.journal j WHERE j.portail = ANY (u_portail)
        ORDER BY j.portail, j.annee FOR UPDATE;

    verdicts := ARRAY (
        SELECT CASE
            WHEN c.digest = u.digest THEN 'repeated'
            WHEN c.id IS NOT NULL THEN 'other_body'
            WHEN s.unit IS NOT NULL THEN 'conflict'
            WHEN EXISTS (SELECT FROM ledger.journal j
                         WHERE j.portail = u.portail AND j.last_at > batch_at) THEN 'behind'
            ELSE 'recorded'
        END
        FROM unnest(u_command, u_digest, u_portail)
             WITH ORDINALITY AS u (command, digest, portail, unit)
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
        SELECT e.*, u_portail[e.unit] AS portail, batch_annee AS annee,
               j.position + row_number() OVER (
                   PARTITION BY j.portail, j.annee ORDER BY e.ordinal) AS position
        FROM unnest(e_unit, e_aggregate_type, e_aggregate_id, e_sequence, e_event_type,
                    e_event_version, e_payload, e_metadata, e_key_id, e_leaf_hash)
             WITH ORDINALITY AS e (unit, aggregate_type, aggregate_id, sequence, event_type,
                    event_version, payload, metadata, key_id, leaf_hash, ordinal)
        JOIN ledger.journal j ON j.portail = u_portail[e.unit] AND j.annee = batch_annee
        WHERE verdicts[e.unit] = 'recorded'
    ), inserted AS (
        INSERT INTO ledger.events (aggregate_type, aggregate_id, sequence, event_type, event_version,
                                   payload, metadata, portail, annee, position, key_id, leaf_hash)
        SELECT aggregate_type, aggregate_id, sequence, event_type, event_version,
               payload::json, metadata::json, portail, annee, position, key_id, leaf_hash
        FROM placed ORDER BY ordinal
    ), moved AS (
        UPDATE ledger.journal j SET position = head.position, last_at = batch_at
        FROM (SELECT portail, annee, max(position) AS position FROM placed GROUP BY 1, 2) head
        WHERE j.portail = head.portail AND j.annee = head.annee
    ), spans AS (
        SELECT unit, min(position) AS first, max(position) AS last FROM placed GROUP BY 1
    ), answered AS (
        INSERT INTO ledger.commands (id, digest, portail, annee, first_position, last_position)
        SELECT u_command[unit], u_digest[unit], u_portail[unit], batch_annee, first, last FROM spans
    )
    SELECT u.unit::int, u.verdict, coalesce(s.first, c.first_position), coalesce(s.last, c.last_position),
           coalesce(c.annee, batch_annee)
    FROM unnest(verdicts) WITH ORDINALITY AS u (verdict, unit)
    LEFT JOIN spans s ON s.unit = u.unit
    LEFT JOIN ledger.commands c ON u.verdict = 'repeated' AND c.id = u_command[u.unit]
    ORDER BY u.unit;
END $$;

-- Holds these portals until the transaction ends; gives the last instant that any of them
-- has recorded.
CREATE FUNCTION ledger.hold(portails text[]) RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH held AS (
        SELECT j.last_at FROM ledger.journal j WHERE j.portail = ANY (portails)
        ORDER BY j.portail, j.annee FOR UPDATE)
    SELECT max(last_at) FROM held
$$;

REVOKE ALL ON FUNCTION ledger.append, ledger.hold FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append, ledger.hold TO ent_app;
