-- Whose account is that of who looks after a pupil in a company. A view of its own: those of stages mean
-- what they meant.
CREATE TABLE vie_de_l_eleve.stage_tuteur (
    stage  uuid PRIMARY KEY,
    tuteur uuid NOT NULL
);
CREATE INDEX ON vie_de_l_eleve.stage_tuteur (tuteur);

GRANT SELECT ON vie_de_l_eleve.stage_tuteur TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON vie_de_l_eleve.stage_tuteur TO ent_app;
