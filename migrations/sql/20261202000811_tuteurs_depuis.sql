-- Since when a stage is open to the account of its tuteur.
--
-- Where nobody has followed the view yet its table is empty, and becomes the next version where it
-- stands; elsewhere the next version fills beside the living one, and is switched to.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM projections.checkpoint WHERE projection = 'vie_de_l_eleve.tuteurs') THEN
        ALTER TABLE vie_de_l_eleve.stage_tuteur ADD COLUMN depuis date NOT NULL;
        UPDATE projections.version SET version = 2 WHERE projection = 'vie_de_l_eleve.tuteurs';
    ELSE
        PERFORM projections.abandon('vie_de_l_eleve.tuteurs');
        CREATE TABLE prochain.stage_tuteur (
            LIKE vie_de_l_eleve.stage_tuteur INCLUDING ALL,
            depuis date NOT NULL
        );
        GRANT SELECT ON prochain.stage_tuteur TO ent_app, ent_auditeur;
        GRANT INSERT, UPDATE, DELETE, TRUNCATE ON prochain.stage_tuteur TO ent_app;
        INSERT INTO prochain.version VALUES ('vie_de_l_eleve.tuteurs', 2, '{stage_tuteur}');
    END IF;
END $$;
