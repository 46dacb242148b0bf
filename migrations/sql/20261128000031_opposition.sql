-- Pupils of age who object to others being informed of their schooling.

CREATE TABLE annuaire.opposition (
    eleve uuid PRIMARY KEY
);

GRANT SELECT ON annuaire.opposition TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON annuaire.opposition TO ent_app;
