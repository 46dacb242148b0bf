-- Policies of averages, periods as they are locked and published, the conseil de classe,
-- bulletins and positionnements. Ids of streams are derived from what these are of.

CREATE TABLE notes.politique_de_moyenne (
    etablissement uuid   NOT NULL,
    version       bigint NOT NULL,
    du            date   NOT NULL,
    politique     jsonb  NOT NULL,
    PRIMARY KEY (etablissement, version)
);

CREATE TABLE notes.periode_de_notes (
    id          uuid     PRIMARY KEY,
    division    uuid     NOT NULL,
    annee       smallint NOT NULL,
    rang        smallint NOT NULL,
    etat        text     NOT NULL CHECK (etat IN ('ouverte', 'verrouillee', 'conseil', 'publiee')),
    -- The policy named by who locked it last.
    politique   jsonb    NOT NULL,
    visible_des timestamptz
);
CREATE INDEX ON notes.periode_de_notes (division, annee, rang);

CREATE TABLE notes.deverrouillage (
    periode  uuid        NOT NULL,
    sequence bigint      NOT NULL,
    motif    text        NOT NULL,
    le       timestamptz NOT NULL,
    par      uuid,
    PRIMARY KEY (periode, sequence)
);

-- `flux` is the stream that says it.
CREATE TABLE notes.appreciation (
    flux         uuid NOT NULL,
    periode      uuid NOT NULL,
    enseignement uuid NOT NULL,
    eleve        uuid NOT NULL,
    texte        text NOT NULL,
    par          uuid,
    PRIMARY KEY (flux, eleve)
);
CREATE INDEX ON notes.appreciation (periode);

CREATE TABLE notes.examen (
    periode uuid   NOT NULL,
    eleve   uuid   NOT NULL,
    version bigint NOT NULL,
    examen  jsonb  NOT NULL,
    par     uuid,
    PRIMARY KEY (periode, eleve)
);

CREATE TABLE notes.bulletin (
    id          uuid        PRIMARY KEY,
    eleve       uuid        NOT NULL,
    -- Whose journal it is in: each établissement reads its own.
    portail     text        NOT NULL,
    periode     uuid        NOT NULL,
    annee       smallint    NOT NULL,
    rang        smallint    NOT NULL,
    contenu     jsonb       NOT NULL,
    empreinte   text        NOT NULL,
    fige_le     timestamptz NOT NULL,
    visible_des timestamptz
);
CREATE INDEX ON notes.bulletin (eleve, annee DESC, rang DESC);
CREATE INDEX ON notes.bulletin (periode);

CREATE TABLE notes.lecture_de_bulletin (
    bulletin uuid        NOT NULL,
    lecteur  uuid        NOT NULL,
    le       timestamptz NOT NULL,
    PRIMARY KEY (bulletin, lecteur)
);

CREATE TABLE notes.positionnement (
    eleve          uuid        NOT NULL,
    cycle          text        NOT NULL,
    domaine        text        NOT NULL,
    niveau         smallint    NOT NULL CHECK (niveau BETWEEN 1 AND 4),
    le             timestamptz NOT NULL,
    PRIMARY KEY (eleve, cycle, domaine)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['politique_de_moyenne', 'periode_de_notes', 'deverrouillage', 'appreciation',
                                'examen', 'bulletin', 'lecture_de_bulletin', 'positionnement'] LOOP
        EXECUTE format('GRANT SELECT ON notes.%I TO ent_app, ent_auditeur', name);
        EXECUTE format('GRANT INSERT, UPDATE, DELETE, TRUNCATE ON notes.%I TO ent_app', name);
    END LOOP;
END $$;
