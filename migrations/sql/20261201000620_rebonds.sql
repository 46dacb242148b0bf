-- What came back: messages of which a relay reports that nobody took them, and addresses that do not
-- exist.

-- A state more, which no fact of before can have told: the tables of the view mean what they meant.
ALTER TABLE notifications.envoi
    DROP CONSTRAINT envoi_etat_check,
    ADD CONSTRAINT envoi_etat_check CHECK (etat IN ('prepare', 'remis', 'abandonne', 'non_remis'));
CREATE INDEX ON notifications.envoi (message) WHERE message IS NOT NULL;

-- As of the envoi that found it out.
CREATE TABLE notifications.adresse_en_defaut (
    envoi    uuid        PRIMARY KEY,
    portail  text        NOT NULL,
    personne uuid        NOT NULL,
    adresse  text        NOT NULL,
    depuis   timestamptz NOT NULL
);
CREATE INDEX ON notifications.adresse_en_defaut (personne, lower(adresse));
CREATE INDEX ON notifications.adresse_en_defaut (portail, depuis DESC, envoi DESC);

GRANT SELECT ON notifications.adresse_en_defaut TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON notifications.adresse_en_defaut TO ent_app;
