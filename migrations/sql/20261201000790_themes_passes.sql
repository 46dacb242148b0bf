-- A portal keeps the looks that it had before: what it looked like at a past instant is asked of the
-- view of houses, as who answered for it is.
--
-- Where nobody has followed the view yet its tables are empty, and become the next version where
-- they stand; elsewhere the next version fills beside the living one, and is switched to.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM projections.checkpoint WHERE projection = 'portails.maisons') THEN
        ALTER TABLE portails.theme DROP CONSTRAINT theme_pkey, ADD PRIMARY KEY (portail, depuis);
        UPDATE projections.version SET version = 2 WHERE projection = 'portails.maisons';
    ELSE
        PERFORM projections.abandon('portails.maisons');
        CREATE TABLE prochain.adhesion (LIKE portails.adhesion INCLUDING ALL);
        CREATE TABLE prochain.fermeture (LIKE portails.fermeture INCLUDING ALL);
        CREATE TABLE prochain.theme (LIKE portails.theme, PRIMARY KEY (portail, depuis));
        GRANT SELECT ON prochain.adhesion, prochain.fermeture, prochain.theme TO ent_app, ent_auditeur;
        GRANT INSERT, UPDATE, DELETE, TRUNCATE
            ON prochain.adhesion, prochain.fermeture, prochain.theme TO ent_app;
        INSERT INTO prochain.version VALUES ('portails.maisons', 2, '{adhesion,fermeture,theme}');
    END IF;
END $$;
