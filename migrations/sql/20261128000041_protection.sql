-- What persons have asked about their data, and what was answered.

CREATE SCHEMA protection;

CREATE TABLE protection.remise (
    id          uuid PRIMARY KEY,
    portail     text NOT NULL,
    personne    uuid NOT NULL,
    par         uuid NOT NULL,
    demandee_le date NOT NULL,
    jusque      date NOT NULL,
    fois        int  NOT NULL,
    remise_le   date,
    empreinte   text
);

CREATE TABLE protection.rectification (
    id          uuid PRIMARY KEY,
    portail     text NOT NULL,
    personne    uuid NOT NULL,
    par         uuid NOT NULL,
    champ       text NOT NULL,
    valeur      text NOT NULL,
    motif       text NOT NULL,
    demandee_le date NOT NULL,
    avant_le    date NOT NULL,
    etat        text NOT NULL CHECK (etat IN ('demandee', 'accordee', 'refusee')),
    reponse     text,
    repondue_le date
);
CREATE INDEX ON protection.rectification (portail, avant_le, id);

GRANT USAGE ON SCHEMA protection TO ent_app, ent_auditeur;
GRANT SELECT ON ALL TABLES IN SCHEMA protection TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA protection TO ent_app;
