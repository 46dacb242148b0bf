-- An evaluation marks a division or a groupe. No fact of before can have told of a groupe: the table means what it
-- meant. It is changed wherever it stands, also where a rebuild that is under way fills it.
DO $$
DECLARE
    place regclass;
BEGIN
    FOR place IN
        SELECT c.oid::regclass FROM pg_class c
        WHERE c.relname = 'evaluation' AND c.relkind = 'r'
          AND c.relnamespace IN ('notes'::regnamespace, 'prochain'::regnamespace)
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN division DROP NOT NULL, ADD COLUMN groupe uuid,
             ADD CHECK (num_nonnulls(division, groupe) = 1)', place);
        EXECUTE format('CREATE INDEX ON %s (date) WHERE groupe IS NOT NULL', place);
    END LOOP;
END $$;
