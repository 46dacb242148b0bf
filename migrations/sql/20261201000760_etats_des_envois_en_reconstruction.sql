-- A rebuild of the view of envois that was under way when they got one state more (20261201000620)
-- went on in a table that was made like the one before, and may have been put in its place since:
-- wherever it stands now, it takes that state and has that index.
DO $$
DECLARE
    place regclass;
BEGIN
    FOR place IN
        SELECT c.oid::regclass FROM pg_class c
        WHERE c.relname = 'envoi' AND c.relkind = 'r'
          AND c.relnamespace IN ('notifications'::regnamespace, 'prochain'::regnamespace)
    LOOP
        EXECUTE format(
            'ALTER TABLE %s DROP CONSTRAINT IF EXISTS envoi_etat_check,
             ADD CONSTRAINT envoi_etat_check
                 CHECK (etat IN (''prepare'', ''remis'', ''abandonne'', ''non_remis''))', place);
        IF NOT EXISTS (
            SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = place AND a.attname = 'message')
        THEN
            EXECUTE format('CREATE INDEX ON %s (message) WHERE message IS NOT NULL', place);
        END IF;
    END LOOP;
END $$;
