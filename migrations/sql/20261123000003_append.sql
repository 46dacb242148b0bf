-- ledger.append in time linear in its batch: what it answers is two lists and no join of
-- them (the planner takes arrays for short ones, and compared each unit with each: 65,000
-- comparisons for 256 units, a third of the call), and a portal is looked up once.

CREATE OR REPLACE FUNCTION ledger.append(
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
               j.position + row_number() OVER (PARTITION BY j.portail ORDER BY e.ordinal) AS position
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
        FROM placed
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
    SELECT s.unit, 'recorded', s.first, s.last, batch_annee FROM spans s
    UNION ALL
    SELECT u.unit::int, u.verdict, c.first_position, c.last_position, coalesce(c.annee, batch_annee)
    FROM unnest(verdicts) WITH ORDINALITY AS u (verdict, unit)
    LEFT JOIN ledger.commands c ON u.verdict = 'repeated' AND c.id = u_command[u.unit]
    WHERE u.verdict <> 'recorded';
END $$;
