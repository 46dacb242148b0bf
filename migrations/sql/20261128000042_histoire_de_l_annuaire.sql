-- What was so in the directory from one school day to another: so that it can be told who was in
-- which division, who answered for whom and who taught what on a past day.
--
-- `sujet` within `cadre` is what a new fact of a `nature` takes the place of; `jusque` is exclusive.
CREATE TABLE annuaire.situation (
    nature text    NOT NULL CHECK (nature IN ('rattachement', 'affectation', 'responsabilite', 'suspension',
                                              'radiation', 'enseignement', 'appartenance', 'cloture')),
    sujet  uuid    NOT NULL,
    cadre  uuid    NOT NULL,
    depuis date    NOT NULL,
    objet  uuid    NOT NULL,
    jusque date,
    mot    text,
    droit  boolean NOT NULL,
    -- The stream that said it.
    flux   uuid    NOT NULL,
    PRIMARY KEY (nature, sujet, cadre, depuis, objet)
);
CREATE INDEX ON annuaire.situation (objet, depuis) WHERE nature IN ('affectation', 'appartenance');
CREATE INDEX ON annuaire.situation (flux);

GRANT SELECT ON annuaire.situation TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON annuaire.situation TO ent_app;
