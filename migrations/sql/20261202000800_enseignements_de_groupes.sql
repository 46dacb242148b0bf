-- An enseignement is given to a division or to a groupe, and so are the séances of its roll. No fact of before can
-- have told of a groupe: the tables mean what they meant. They are changed wherever they stand, also where a
-- rebuild that is under way fills them.
DO $$
DECLARE
    place regclass;
BEGIN
    FOR place IN
        SELECT c.oid::regclass FROM pg_class c
        WHERE c.relname = 'enseignement' AND c.relkind = 'r'
          AND c.relnamespace IN ('annuaire'::regnamespace, 'prochain'::regnamespace)
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN division DROP NOT NULL, ADD COLUMN groupe uuid,
             ADD CHECK (num_nonnulls(division, groupe) = 1)', place);
        EXECUTE format('CREATE INDEX ON %s (groupe) WHERE groupe IS NOT NULL', place);
    END LOOP;
    FOR place IN
        SELECT c.oid::regclass FROM pg_class c
        WHERE c.relname = 'appel' AND c.relkind = 'r'
          AND c.relnamespace IN ('absences'::regnamespace, 'prochain'::regnamespace)
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN division DROP NOT NULL, ADD COLUMN groupe uuid,
             ADD CHECK (num_nonnulls(division, groupe) = 1)', place);
        EXECUTE format('CREATE INDEX ON %s (groupe, date, debut) WHERE groupe IS NOT NULL', place);
    END LOOP;
END $$;
