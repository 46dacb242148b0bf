-- What was put online, hidden, shown again or withdrawn, and what each version said: so that
-- it can be told what a portal showed on a past date, and to whom.

CREATE TABLE publications.publication_version (
    publication uuid NOT NULL,
    version     int  NOT NULL,
    titre       text NOT NULL,
    corps       text NOT NULL,
    auteur      uuid NOT NULL,
    PRIMARY KEY (publication, version)
);

-- `version` to `au` are there for what was put online, `par` and `motif` for the rest.
CREATE TABLE publications.publication_acte (
    publication uuid        NOT NULL,
    sequence    bigint      NOT NULL,
    portail     text        NOT NULL,
    le          timestamptz NOT NULL,
    nature      text        NOT NULL CHECK (nature IN ('publiee', 'retiree', 'masquee', 'demasquee')),
    version     int,
    empreinte   text,
    directeur   uuid,
    audience    text,
    du          timestamptz,
    au          timestamptz,
    par         uuid,
    motif       text,
    PRIMARY KEY (publication, sequence)
);
CREATE INDEX ON publications.publication_acte (portail, publication, sequence);

GRANT SELECT ON publications.publication_version, publications.publication_acte TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON publications.publication_version, publications.publication_acte
    TO ent_app;

-- What verifications of a portal's journals found; no fault is a good one.
CREATE TABLE audit.verification (
    portail        text        NOT NULL,
    sequence       bigint      NOT NULL,
    annee          smallint    NOT NULL,
    le             timestamptz NOT NULL,
    evenements     bigint      NOT NULL,
    faute_position bigint,
    faute          text,
    PRIMARY KEY (portail, sequence)
);
GRANT SELECT ON audit.verification TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON audit.verification TO ent_app;
