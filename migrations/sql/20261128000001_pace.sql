-- How fast the next version of a view fills: when whoever fills it began, and what had been
-- read by then. Anybody can then say how long the rest will take, in whichever program it fills.
CREATE TABLE prochain.pace (
    projection text        PRIMARY KEY,
    since      timestamptz NOT NULL,
    done       bigint      NOT NULL
);

GRANT SELECT ON prochain.pace TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE ON prochain.pace TO ent_app;
