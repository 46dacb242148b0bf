-- What is told of a travail is told to all of a division: the view of what there is to tell has
-- another shape, and remembers which travaux may be read.
--
-- Where nobody has followed the view yet its tables are empty, and become the next version where
-- they stand; elsewhere the next version fills beside the living one, and is switched to.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM projections.checkpoint WHERE projection = 'notifications.annonces') THEN
        ALTER TABLE notifications.annonce
            ALTER COLUMN eleve DROP NOT NULL,
            ADD COLUMN division uuid,
            ADD CHECK (num_nonnulls(eleve, division) = 1);
        CREATE TABLE notifications.annonce_travail (
            travail      uuid    PRIMARY KEY,
            division     uuid    NOT NULL,
            enseignement uuid    NOT NULL,
            pour_le      date    NOT NULL,
            publie       boolean NOT NULL
        );
        GRANT SELECT ON notifications.annonce_travail TO ent_app, ent_auditeur;
        GRANT INSERT, UPDATE, DELETE, TRUNCATE ON notifications.annonce_travail TO ent_app;
        UPDATE projections.version SET version = 2, tables = '{annonce,annonce_seance,annonce_travail}'
        WHERE projection = 'notifications.annonces';
    ELSE
        PERFORM projections.abandon('notifications.annonces');
        CREATE TABLE prochain.annonce (LIKE notifications.annonce INCLUDING ALL);
        ALTER TABLE prochain.annonce
            ALTER COLUMN eleve DROP NOT NULL,
            ADD COLUMN division uuid,
            ADD CHECK (num_nonnulls(eleve, division) = 1);
        CREATE TABLE prochain.annonce_seance (LIKE notifications.annonce_seance INCLUDING ALL);
        CREATE TABLE prochain.annonce_travail (
            travail      uuid    PRIMARY KEY,
            division     uuid    NOT NULL,
            enseignement uuid    NOT NULL,
            pour_le      date    NOT NULL,
            publie       boolean NOT NULL
        );
        GRANT SELECT ON prochain.annonce, prochain.annonce_seance, prochain.annonce_travail
            TO ent_app, ent_auditeur;
        GRANT INSERT, UPDATE, DELETE, TRUNCATE
            ON prochain.annonce, prochain.annonce_seance, prochain.annonce_travail TO ent_app;
        INSERT INTO prochain.version
        VALUES ('notifications.annonces', 2, '{annonce,annonce_seance,annonce_travail}');
    END IF;
END $$;
