-- A view is rebuilt beside the living one and takes its place in one transaction.
--
-- A view's place is the search path of the connection that writes it. The living one is
-- in the schema of its context; the next one fills in the schema `prochain`, which stands
-- first in the search path of who fills it. `version`, `checkpoint` and `set_aside` say in
-- either place which version of a view stands there, how far it has read, and what it left
-- aside.
--
-- A migration that gives a view another shape calls projections.abandon(view), makes the
-- new tables in `prochain`, grants them like the living ones, and inserts the row of
-- prochain.version: the program of that version fills them and switches.

CREATE TABLE projections.version (
    projection text   PRIMARY KEY,
    version    int    NOT NULL,
    tables     text[] NOT NULL
);
INSERT INTO projections.version VALUES
    ('annuaire.annuaire', 1, '{etablissement,division,enseignement,enseignant,personne,rattachement,responsabilite}'),
    ('portails.portails', 1, '{portail,direction,delegation}'),
    ('absences.appels', 1, '{appel,appel_ligne}'),
    ('notes.notes', 1, '{evaluation,note,correction}'),
    ('publications.publications', 1, '{publication}'),
    ('publications.signalements', 1, '{signalement}'),
    ('audit.journal', 1, '{entree}');

ALTER TABLE projections.set_aside ADD COLUMN since timestamptz NOT NULL DEFAULT now();

CREATE SCHEMA prochain;
CREATE TABLE prochain.version    (LIKE projections.version    INCLUDING ALL);
CREATE TABLE prochain.checkpoint (LIKE projections.checkpoint INCLUDING ALL);
CREATE TABLE prochain.set_aside  (LIKE projections.set_aside  INCLUDING ALL);

-- A table that a view may have replaced: one of its own context, which the program may
-- empty anyway. Nothing of the record is such a table.
CREATE FUNCTION projections.living(view text, name text) RETURNS regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = split_part(view, '.', 1) AND c.relname = name AND c.relkind = 'r'
      AND n.nspname NOT IN ('ledger', 'projections', 'prochain')
      AND has_table_privilege('ent_app', c.oid, 'TRUNCATE')
$$;

-- Drops what stands in `prochain` for a view.
CREATE FUNCTION projections.abandon(view text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT unnest(v.tables) FROM prochain.version v WHERE v.projection = view LOOP
        EXECUTE format('DROP TABLE IF EXISTS prochain.%I', name);
    END LOOP;
    DELETE FROM prochain.version    v WHERE v.projection = view;
    DELETE FROM prochain.checkpoint c WHERE c.projection = view;
    DELETE FROM prochain.set_aside  s WHERE s.projection = view;
END $$;

-- Makes ready the place where a version of a view fills, or finds it as it was left. Tables
-- that no migration brought are like the living ones. Indexes and checks come along; views
-- have no foreign keys, triggers or sequences of their own.
CREATE FUNCTION projections.prepare(view text, wanted int, names text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
    living regclass;
    privilege record;
BEGIN
    IF names && '{version,checkpoint,set_aside}'
       OR split_part(view, '.', 1) IN ('ledger', 'projections', 'prochain', 'public', 'information_schema')
       OR split_part(view, '.', 1) ~ '^pg_'
    THEN
        RAISE EXCEPTION '% is no view', view USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT FROM projections.version v WHERE v.projection = view AND v.version > wanted)
       OR EXISTS (SELECT FROM prochain.version v WHERE v.projection = view AND v.version > wanted)
    THEN
        RAISE EXCEPTION 'view % has a newer version than %', view, wanted USING ERRCODE = 'object_in_use';
    END IF;
    IF EXISTS (SELECT FROM prochain.version v WHERE v.projection = view AND v.version < wanted) THEN
        PERFORM projections.abandon(view);
    END IF;
    FOREACH name IN ARRAY names LOOP
        CONTINUE WHEN to_regclass(format('prochain.%I', name)) IS NOT NULL;
        living := projections.living(view, name);
        IF living IS NULL THEN
            RAISE EXCEPTION 'view % has no table %', view, name USING ERRCODE = 'undefined_table';
        END IF;
        EXECUTE format('CREATE TABLE prochain.%I (LIKE %s INCLUDING ALL)', name, living);
        FOR privilege IN
            SELECT a.privilege_type AS what, a.grantee::regrole AS whom
            FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.oid = living AND a.grantee NOT IN (0, c.relowner)
        LOOP
            EXECUTE format('GRANT %s ON prochain.%I TO %s', privilege.what, name, privilege.whom);
        END LOOP;
    END LOOP;
    INSERT INTO prochain.version VALUES (view, wanted, names) ON CONFLICT DO NOTHING;
END $$;

-- Statistics for the planner, before anybody reads.
CREATE FUNCTION projections.measure(view text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT unnest(v.tables) FROM prochain.version v WHERE v.projection = view LOOP
        EXECUTE format('ANALYZE prochain.%I', name);
    END LOOP;
END $$;

-- Puts the version that stands in `prochain` in the place of the living one, tables,
-- checkpoints and what was set aside together. Whoever calls it holds the view, so that
-- nobody follows it meanwhile; it must have read all that the living one has.
CREATE FUNCTION projections.switch(view text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    coming prochain.version;
    name text;
BEGIN
    SELECT * INTO coming FROM prochain.version v WHERE v.projection = view;
    IF NOT FOUND OR EXISTS (
        SELECT FROM projections.checkpoint c
        JOIN projections.version v ON v.projection = c.projection AND v.version = c.version
        LEFT JOIN prochain.checkpoint n ON n.projection = view AND n.version = coming.version
              AND n.portail = c.portail AND n.annee = c.annee
        WHERE c.projection = view AND c.position > coalesce(n.position, 0))
    THEN
        RAISE EXCEPTION 'no version of view % is ready', view
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    FOR name IN
        SELECT unnest(v.tables) FROM projections.version v WHERE v.projection = view
        UNION SELECT unnest(coming.tables)
    LOOP
        IF projections.living(view, name) IS NOT NULL THEN
            EXECUTE format('DROP TABLE %s', projections.living(view, name));
        END IF;
    END LOOP;
    FOREACH name IN ARRAY coming.tables LOOP
        EXECUTE format('ALTER TABLE prochain.%I SET SCHEMA %I', name, split_part(view, '.', 1));
    END LOOP;
    DELETE FROM projections.checkpoint c WHERE c.projection = view;
    DELETE FROM projections.set_aside s WHERE s.projection = view;
    DELETE FROM projections.version v WHERE v.projection = view;
    INSERT INTO projections.checkpoint SELECT * FROM prochain.checkpoint c WHERE c.projection = view;
    INSERT INTO projections.set_aside SELECT * FROM prochain.set_aside s WHERE s.projection = view;
    INSERT INTO projections.version SELECT * FROM prochain.version v WHERE v.projection = view;
    DELETE FROM prochain.checkpoint c WHERE c.projection = view;
    DELETE FROM prochain.set_aside s WHERE s.projection = view;
    DELETE FROM prochain.version v WHERE v.projection = view;
END $$;

-- The program changes no table's shape but through these functions.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA projections FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projections.prepare, projections.measure, projections.switch TO ent_app;
GRANT USAGE ON SCHEMA prochain TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA prochain TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE ON prochain.checkpoint, prochain.set_aside TO ent_app;
GRANT SELECT ON projections.version TO ent_app, ent_auditeur;
GRANT INSERT ON projections.version TO ent_app;
