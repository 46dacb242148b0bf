-- What there is to tell to families, what was told, and how each wishes to be told.

CREATE SCHEMA notifications;

CREATE TABLE notifications.annonce (
    id        uuid  PRIMARY KEY,
    flux      uuid  NOT NULL,
    portail   text  NOT NULL,
    eleve     uuid  NOT NULL,
    details   jsonb NOT NULL,
    -- None while what says it is a draft: an open roll, marks that are not published.
    connue_le timestamptz
);
CREATE INDEX ON notifications.annonce (flux, eleve);
CREATE INDEX ON notifications.annonce (connue_le, id) WHERE connue_le IS NOT NULL;

CREATE TABLE notifications.annonce_seance (
    appel  uuid  PRIMARY KEY,
    seance jsonb NOT NULL
);

CREATE TABLE notifications.envoi (
    id           uuid        PRIMARY KEY,
    portail      text        NOT NULL,
    destinataire uuid        NOT NULL,
    canal        text        NOT NULL,
    annonce      uuid        NOT NULL,
    theme        jsonb       NOT NULL,
    pas_avant    timestamptz NOT NULL,
    maj          timestamptz NOT NULL,
    etat         text        NOT NULL CHECK (etat IN ('prepare', 'remis', 'abandonne')),
    essais       smallint    NOT NULL,
    message      text,
    echec        jsonb
);
CREATE INDEX ON notifications.envoi (annonce);
CREATE INDEX ON notifications.envoi (pas_avant, destinataire) WHERE etat = 'prepare';
CREATE INDEX ON notifications.envoi (portail, maj, id) WHERE etat <> 'remis';
CREATE INDEX ON notifications.envoi (destinataire, maj, id);

CREATE TABLE notifications.preference (
    personne  uuid PRIMARY KEY,
    choix     jsonb,
    calme     jsonb,
    telephone text
);

GRANT USAGE ON SCHEMA notifications TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA notifications TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA notifications TO ent_app;
