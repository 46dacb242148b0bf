-- The browsers by which each person wishes to be told, as a push service reaches them.

-- `portail` is the journal that says so: a device is lost where it was given.
CREATE TABLE notifications.appareil (
    id        uuid        PRIMARY KEY,
    personne  uuid        NOT NULL,
    portail   text        NOT NULL,
    details   jsonb       NOT NULL,
    depuis    timestamptz NOT NULL
);
CREATE INDEX ON notifications.appareil (personne, depuis, id);

GRANT SELECT ON notifications.appareil TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON notifications.appareil TO ent_app;
