-- Where pupils stand in the socle, by what they did in evaluations.
CREATE TABLE notes.competence (
    evaluation uuid     NOT NULL,
    eleve      uuid     NOT NULL,
    cycle      text     NOT NULL,
    domaine    text     NOT NULL,
    niveau     smallint NOT NULL CHECK (niveau BETWEEN 1 AND 4),
    PRIMARY KEY (evaluation, eleve, cycle, domaine)
);
CREATE INDEX ON notes.competence (eleve);

GRANT SELECT ON notes.competence TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON notes.competence TO ent_app;
