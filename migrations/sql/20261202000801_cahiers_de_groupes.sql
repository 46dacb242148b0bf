-- What is written and what is to be done of a groupe, and what is told of it: as of a division. No fact of before
-- can have told of one: the tables mean what they meant. They are changed wherever they stand, also where a rebuild
-- that is under way fills them.
DO $$
DECLARE
    place regclass;
    nom   name;
BEGIN
    FOR place, nom IN
        SELECT c.oid::regclass, c.relname FROM pg_class c
        WHERE c.relname IN ('seance', 'travail') AND c.relkind = 'r'
          AND c.relnamespace IN ('cahier_de_textes'::regnamespace, 'prochain'::regnamespace)
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN division DROP NOT NULL, ADD COLUMN groupe uuid,
             ADD CHECK (num_nonnulls(division, groupe) = 1)', place);
        IF nom = 'seance' THEN
            EXECUTE format(
                'CREATE INDEX ON %s (groupe, date, debut) WHERE groupe IS NOT NULL AND publiee_le IS NOT NULL',
                place);
        ELSE
            EXECUTE format(
                'CREATE INDEX ON %s (groupe, pour_le)
                 WHERE groupe IS NOT NULL AND publie_le IS NOT NULL AND NOT annule', place);
        END IF;
    END LOOP;
    FOR place, nom IN
        SELECT c.oid::regclass, c.relname FROM pg_class c
        WHERE c.relname IN ('annonce', 'annonce_travail') AND c.relkind = 'r'
          AND c.relnamespace IN ('notifications'::regnamespace, 'prochain'::regnamespace)
    LOOP
        IF nom = 'annonce_travail' THEN
            EXECUTE format(
                'ALTER TABLE %s ALTER COLUMN division DROP NOT NULL, ADD COLUMN groupe uuid,
                 ADD CHECK (num_nonnulls(division, groupe) = 1)', place);
        ELSE
            -- A house that has not switched to the version before has nothing of the staff yet (20261201000775).
            EXECUTE format(
                'ALTER TABLE %s DROP CONSTRAINT IF EXISTS annonce_check, ADD COLUMN groupe uuid,
                 ADD CONSTRAINT annonce_check CHECK (num_nonnulls(%s) = 1)',
                place,
                CASE WHEN EXISTS (SELECT FROM pg_attribute a
                                  WHERE a.attrelid = place AND a.attname = 'personnel' AND NOT a.attisdropped)
                     THEN 'eleve, division, groupe, personnel' ELSE 'eleve, division, groupe' END);
        END IF;
    END LOOP;
END $$;
