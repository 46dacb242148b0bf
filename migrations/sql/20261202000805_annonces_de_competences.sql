-- What evaluations show of the socle is told to families also where there is no mark: the view of what
-- there is to tell says more in tables of the same shape.
--
-- Where nobody has followed the view yet its tables are empty, and are those of the next version;
-- elsewhere the program fills that version beside the living one, and switches to it. Where the version
-- before still fills there (20261201000775), the living tables have not the shape yet, and those do: they
-- are filled anew.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM projections.checkpoint WHERE projection = 'notifications.annonces') THEN
        UPDATE projections.version SET version = 4 WHERE projection = 'notifications.annonces';
    ELSIF EXISTS (SELECT FROM prochain.version WHERE projection = 'notifications.annonces') THEN
        TRUNCATE prochain.annonce, prochain.annonce_seance, prochain.annonce_travail;
        DELETE FROM prochain.checkpoint WHERE projection = 'notifications.annonces';
        DELETE FROM prochain.set_aside WHERE projection = 'notifications.annonces';
        UPDATE prochain.version SET version = 4 WHERE projection = 'notifications.annonces';
    END IF;
END $$;
