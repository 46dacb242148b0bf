-- Absences and lates of a period that an établissement counts in another program, as it gave them.
CREATE TABLE notes.assiduite_donnee (
    periode   uuid  NOT NULL,
    eleve     uuid  NOT NULL,
    assiduite jsonb NOT NULL,
    PRIMARY KEY (periode, eleve)
);

GRANT SELECT ON notes.assiduite_donnee TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON notes.assiduite_donnee TO ent_app;
