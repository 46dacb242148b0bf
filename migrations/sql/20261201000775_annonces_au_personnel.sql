-- What is told to the staff: that a roll is not closed, to who opened it; that a threshold of absences
-- is reached, to who follows them in the établissement. The view of what there is to tell has another
-- shape, and remembers who opened each roll.
--
-- Where nobody has followed the view yet its tables are empty, and become the next version where
-- they stand; elsewhere the next version fills beside the living one, and is switched to.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM projections.checkpoint WHERE projection = 'notifications.annonces') THEN
        ALTER TABLE notifications.annonce
            ADD COLUMN personnel uuid,
            ADD COLUMN etablissement uuid,
            DROP CONSTRAINT annonce_check,
            ADD CHECK (num_nonnulls(eleve, division, personnel) = 1);
        ALTER TABLE notifications.annonce_seance ADD COLUMN enseignant uuid NOT NULL;
        UPDATE projections.version SET version = 3 WHERE projection = 'notifications.annonces';
    ELSE
        PERFORM projections.abandon('notifications.annonces');
        CREATE TABLE prochain.annonce (
            id            uuid  PRIMARY KEY,
            flux          uuid  NOT NULL,
            portail       text  NOT NULL,
            eleve         uuid,
            details       jsonb NOT NULL,
            -- None while what says it is a draft: an open roll, marks that are not published.
            connue_le     timestamptz,
            division      uuid,
            personnel     uuid,
            etablissement uuid,
            CHECK (num_nonnulls(eleve, division, personnel) = 1)
        );
        CREATE INDEX ON prochain.annonce (flux, eleve);
        CREATE INDEX ON prochain.annonce (connue_le, id) WHERE connue_le IS NOT NULL;
        CREATE INDEX ON prochain.annonce (eleve);
        CREATE TABLE prochain.annonce_seance (
            appel      uuid  PRIMARY KEY,
            seance     jsonb NOT NULL,
            enseignant uuid  NOT NULL
        );
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
        VALUES ('notifications.annonces', 3, '{annonce,annonce_seance,annonce_travail}');
    END IF;
END $$;
