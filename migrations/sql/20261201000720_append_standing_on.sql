-- A unit may stand on streams to which it adds nothing: each with the last event of it that was
-- heard (0: none). It is a conflict if one of them has moved since, or is another portal's: only
-- the heads of the unit's own portal are held. Many units may stand on one stream at once, since
-- none of them moves it.
--
-- As before, the caller puts at most one unit per stream, and per command id, into a batch; nor
-- does it put a unit there after another that adds to a stream on which it stands.
--
-- What stands on nothing is asked as before: an earlier program goes on beside this one.

DROP FUNCTION ledger.append;

CREATE FUNCTION ledger.append(
    batch_at timestamptz, batch_annee smallint, u_command uuid[], u_digest bytea[], u_portail text[],
    e_unit int[], e_aggregate_type text[], e_aggregate_id text[], e_sequence bigint[],
    e_event_type text[], e_event_version text[], e_payload text[], e_metadata text[],
    e_key_id uuid[], e_leaf_hash bytea[],
    s_unit int[] DEFAULT '{}', s_aggregate_type text[] DEFAULT '{}', s_aggregate_id text[] DEFAULT '{}',
    s_heard bigint[] DEFAULT '{}'
) RETURNS TABLE (unit int, verdict text, first_position bigint, last_position bigint, annee smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Batches differ in size only: planning each anew costs more than it gains.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    -- Units one of whose streams, or one on which they stand, has moved or is another portal's.
    moved int[];
    -- Portals that have recorded a later instant.
    ahead text[];
    -- The verdict of each unit.
    verdicts text[];
    -- The position of each event; none where its unit is not recorded.
    places bigint[];
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT id FROM unnest(e_key_id) AS w (id)) w
               WHERE NOT EXISTS (SELECT FROM ledger.keys k WHERE k.id = w.id)) THEN
        RAISE EXCEPTION 'an event names a key that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;

    INSERT INTO ledger.journal AS j (portail, annee)
        SELECT w.portail, batch_annee FROM (SELECT DISTINCT portail FROM unnest(u_portail) AS w (portail)) w
        WHERE NOT EXISTS (SELECT FROM ledger.journal h WHERE (h.portail, h.annee) = (w.portail, batch_annee))
        ORDER BY 1
        ON CONFLICT DO NOTHING;

    -- All years of a portal: its streams go on from one year into the next.
    PERFORM FROM ledger.journal j WHERE j.portail = ANY (u_portail)
        ORDER BY j.portail, j.annee FOR UPDATE;

    ahead := ARRAY (SELECT j.portail FROM ledger.journal j
                    WHERE j.portail = ANY (u_portail) AND j.last_at > batch_at);

    moved := ARRAY (
        SELECT DISTINCT f.unit
        FROM (SELECT e.unit, e.aggregate_type, e.aggregate_id, min(e.sequence) AS sequence
              FROM unnest(e_unit, e_aggregate_type, e_aggregate_id, e_sequence)
                   AS e (unit, aggregate_type, aggregate_id, sequence)
              GROUP BY 1, 2, 3
              UNION ALL
              SELECT s.unit, s.aggregate_type, s.aggregate_id, s.heard + 1
              FROM unnest(s_unit, s_aggregate_type, s_aggregate_id, s_heard)
                   AS s (unit, aggregate_type, aggregate_id, heard)) f
        LEFT JOIN LATERAL (
            SELECT x.sequence, x.portail FROM ledger.events x
            WHERE x.aggregate_type = f.aggregate_type AND x.aggregate_id = f.aggregate_id
            ORDER BY x.sequence DESC LIMIT 1) last ON true
        WHERE f.sequence <> coalesce(last.sequence, 0) + 1
           OR last.portail <> u_portail[f.unit]);

    verdicts := ARRAY (
        SELECT CASE
            WHEN c.digest = u.digest THEN 'repeated'
            WHEN c.id IS NOT NULL THEN 'other_body'
            WHEN u.unit = ANY (moved) THEN 'conflict'
            WHEN u.portail = ANY (ahead) THEN 'behind'
            ELSE 'recorded'
        END
        FROM unnest(u_command, u_digest, u_portail)
             WITH ORDINALITY AS u (command, digest, portail, unit)
        LEFT JOIN ledger.commands c ON c.id = u.command
        ORDER BY u.unit);

    places := ARRAY (
        SELECT CASE WHEN verdicts[e.unit] = 'recorded' THEN
            j.position + count(*) FILTER (WHERE verdicts[e.unit] = 'recorded')
                         OVER (PARTITION BY j.portail ORDER BY e.ordinal)
        END
        FROM unnest(e_unit) WITH ORDINALITY AS e (unit, ordinal)
        JOIN ledger.journal j ON j.portail = u_portail[e.unit] AND j.annee = batch_annee
        ORDER BY e.ordinal);

    INSERT INTO ledger.events (aggregate_type, aggregate_id, sequence, event_type, event_version,
                               payload, metadata, portail, annee, position, key_id, leaf_hash)
        SELECT e.aggregate_type, e.aggregate_id, e.sequence, e.event_type, e.event_version,
               e.payload::json, e.metadata::json, u_portail[e.unit], batch_annee, e.position,
               e.key_id, e.leaf_hash
        FROM unnest(e_unit, e_aggregate_type, e_aggregate_id, e_sequence, e_event_type,
                    e_event_version, e_payload, e_metadata, e_key_id, e_leaf_hash, places)
             AS e (unit, aggregate_type, aggregate_id, sequence, event_type,
                   event_version, payload, metadata, key_id, leaf_hash, position)
        WHERE e.position IS NOT NULL;

    UPDATE ledger.journal j SET position = head.position, last_at = batch_at
        FROM (SELECT u_portail[e.unit] AS portail, max(e.position) AS position
              FROM unnest(e_unit, places) AS e (unit, position)
              WHERE e.position IS NOT NULL GROUP BY 1) head
        WHERE j.portail = head.portail AND j.annee = batch_annee;

    RETURN QUERY
    WITH spans AS (
        SELECT e.unit, min(e.position) AS first, max(e.position) AS last
        FROM unnest(e_unit, places) AS e (unit, position) WHERE e.position IS NOT NULL GROUP BY 1
    ), answered AS (
        INSERT INTO ledger.commands (id, digest, portail, annee, first_position, last_position)
        SELECT u_command[unit], u_digest[unit], u_portail[unit], batch_annee, first, last FROM spans
    )
    SELECT s.unit, 'recorded', s.first, s.last, batch_annee FROM spans s
    UNION ALL
    SELECT u.unit::int, u.verdict, c.first_position, c.last_position, coalesce(c.annee, batch_annee)
    FROM unnest(verdicts) WITH ORDINALITY AS u (verdict, unit)
    LEFT JOIN ledger.commands c ON u.verdict = 'repeated' AND c.id = u_command[u.unit]
    WHERE u.verdict <> 'recorded';
END $$;

REVOKE ALL ON FUNCTION ledger.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append TO ent_app;
