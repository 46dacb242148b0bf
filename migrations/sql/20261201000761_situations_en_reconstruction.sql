-- A rebuild of the view of past situations that was under way when it got two natures more
-- (20261201000740) went on in a table that was made like the one before, and may have been put in its
-- place since: wherever it stands now, it takes these natures and has that index.
DO $$
DECLARE
    place regclass;
BEGIN
    FOR place IN
        SELECT c.oid::regclass FROM pg_class c
        WHERE c.relname = 'situation' AND c.relkind = 'r'
          AND c.relnamespace IN ('annuaire'::regnamespace, 'prochain'::regnamespace)
    LOOP
        IF NOT EXISTS (
            SELECT FROM pg_constraint t
            WHERE t.conrelid = place AND t.contype = 'c' AND pg_get_constraintdef(t.oid) LIKE '%''abandon''%')
        THEN
            EXECUTE format(
                'ALTER TABLE %s DROP CONSTRAINT IF EXISTS situation_nature_check,
                 ADD CONSTRAINT situation_nature_check
                     CHECK (nature IN (''rattachement'', ''affectation'', ''responsabilite'', ''suspension'',
                                       ''radiation'', ''enseignement'', ''appartenance'', ''cloture'',
                                       ''repartition'', ''abandon''))', place);
        END IF;
        IF NOT EXISTS (
            SELECT FROM pg_index i
            WHERE i.indrelid = place AND pg_get_expr(i.indpred, i.indrelid) LIKE '%''repartition''%')
        THEN
            EXECUTE format('CREATE INDEX ON %s (objet, depuis) WHERE nature = ''repartition''', place);
        END IF;
    END LOOP;
END $$;
