-- How each space of a portal is moderated is a setting with a history, and each putting online
-- names the mode it was under, and who did it.

CREATE TABLE publications.mode_de_moderation (
    portail   text        NOT NULL,
    sequence  bigint      NOT NULL,
    espace    text        NOT NULL,
    mode      text        NOT NULL,
    fondement text        NOT NULL,
    motif     text        NOT NULL,
    par       uuid        NOT NULL,
    depuis    timestamptz NOT NULL,
    PRIMARY KEY (portail, sequence)
);
GRANT SELECT ON publications.mode_de_moderation TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON publications.mode_de_moderation TO ent_app;

-- Where nobody has followed the view of acts yet its tables are empty, and become the next version
-- where they stand; elsewhere the next version fills beside the living one, and is switched to.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM projections.checkpoint WHERE projection = 'publications.histoire') THEN
        ALTER TABLE publications.publication_acte ADD COLUMN mode text;
        UPDATE projections.version SET version = 2 WHERE projection = 'publications.histoire';
    ELSE
        PERFORM projections.abandon('publications.histoire');
        CREATE TABLE prochain.publication_version (LIKE publications.publication_version INCLUDING ALL);
        CREATE TABLE prochain.publication_acte (LIKE publications.publication_acte INCLUDING ALL);
        ALTER TABLE prochain.publication_acte ADD COLUMN mode text;
        GRANT SELECT ON prochain.publication_version, prochain.publication_acte TO ent_app, ent_auditeur;
        GRANT INSERT, UPDATE, DELETE, TRUNCATE
            ON prochain.publication_version, prochain.publication_acte TO ent_app;
        INSERT INTO prochain.version
            VALUES ('publications.histoire', 2, '{publication_version,publication_acte}');
    END IF;
END $$;
