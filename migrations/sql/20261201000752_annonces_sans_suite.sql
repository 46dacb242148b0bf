-- What nobody is told of, and why: it was looked at again and again while it was news.
CREATE TABLE notifications.annonce_sans_suite (
    envoi   uuid        PRIMARY KEY,
    annonce uuid        NOT NULL,
    motif   text        NOT NULL,
    le      timestamptz NOT NULL
);
CREATE INDEX ON notifications.annonce_sans_suite (annonce);

GRANT SELECT ON notifications.annonce_sans_suite TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON notifications.annonce_sans_suite TO ent_app;
