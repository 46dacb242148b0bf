-- Under which key each source names whom and what. A key is unique in its source.

CREATE TABLE annuaire.source (
    origine  text NOT NULL,
    portee   text NOT NULL,
    cle      text NOT NULL,
    personne uuid NOT NULL,
    PRIMARY KEY (origine, portee, cle)
);
CREATE INDEX ON annuaire.source (personne);

CREATE TABLE annuaire.source_etablissement (
    origine       text NOT NULL,
    portee        text NOT NULL,
    cle           text NOT NULL,
    etablissement uuid NOT NULL,
    PRIMARY KEY (origine, portee, cle)
);
CREATE INDEX ON annuaire.source_etablissement (etablissement);

GRANT SELECT ON annuaire.source, annuaire.source_etablissement TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON annuaire.source, annuaire.source_etablissement TO ent_app;
