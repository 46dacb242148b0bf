-- Houses: how they adhere, what is closed in them, how they look; what administrateurs told
-- directeurs; who is habilitated, and what is done under an habilitation.

-- `jusque` is exclusive.
CREATE TABLE portails.adhesion (
    portail      text NOT NULL,
    depuis       date NOT NULL,
    convention   text NOT NULL,
    jusque       date,
    motif_de_fin text,
    PRIMARY KEY (portail, depuis)
);
CREATE INDEX ON portails.adhesion (jusque) WHERE jusque IS NOT NULL;

-- What each delegation entrusts.
CREATE TABLE portails.attribution (
    portail      text   NOT NULL,
    delegation   uuid   NOT NULL,
    attributions text[] NOT NULL,
    PRIMARY KEY (portail, delegation)
);

-- What is not here is open. `jusque` is exclusive.
CREATE TABLE portails.fermeture (
    portail     text NOT NULL,
    service_ent text NOT NULL,
    profil      text NOT NULL,
    depuis      date NOT NULL,
    jusque      date,
    motif       text NOT NULL,
    PRIMARY KEY (portail, service_ent, profil, depuis)
);

CREATE TABLE portails.theme (
    portail text PRIMARY KEY,
    titre   text NOT NULL,
    fond    text NOT NULL,
    texte   text NOT NULL,
    accent  text NOT NULL,
    depuis  timestamptz NOT NULL
);

CREATE TABLE portails.mise_en_garde (
    id           uuid PRIMARY KEY,
    portail      text NOT NULL,
    par          uuid NOT NULL,
    directeur    uuid NOT NULL,
    gravite      text NOT NULL,
    objet        text NOT NULL,
    texte        text NOT NULL,
    adressee_le  timestamptz NOT NULL,
    lue_par      uuid,
    lue_le       timestamptz,
    reponse      text,
    repondue_par uuid,
    repondue_le  timestamptz
);
CREATE INDEX ON portails.mise_en_garde (portail, adressee_le DESC, id DESC);

-- `jusque` is exclusive; `partout` is for all portals, and not for its own alone.
CREATE TABLE portails.habilitation (
    id           uuid PRIMARY KEY,
    portail      text NOT NULL,
    partout      boolean NOT NULL,
    compte       uuid NOT NULL,
    personne     uuid NOT NULL,
    perimetres   text[] NOT NULL,
    par          uuid NOT NULL,
    depuis       date NOT NULL,
    jusque       date NOT NULL,
    motif_de_fin text
);
CREATE INDEX ON portails.habilitation (compte);
CREATE INDEX ON portails.habilitation (portail);

-- `limite` is there once it is open, `finie_le` once it was closed or its end stated.
CREATE TABLE portails.intervention (
    id               uuid PRIMARY KEY,
    portail          text NOT NULL,
    habilitation     uuid NOT NULL,
    compte           uuid NOT NULL,
    personne         uuid NOT NULL,
    perimetres       text[] NOT NULL,
    motif            text NOT NULL,
    ticket           text NOT NULL,
    minutes          smallint NOT NULL,
    demandee_le      timestamptz NOT NULL,
    contresignee_par uuid,
    ouverte_le       timestamptz,
    limite           timestamptz,
    finie_le         timestamptz,
    close_par        uuid,
    compte_rendu     text
);
CREATE INDEX ON portails.intervention (portail, demandee_le DESC, id DESC);
CREATE INDEX ON portails.intervention (compte) WHERE finie_le IS NULL;
CREATE INDEX ON portails.intervention (limite) WHERE finie_le IS NULL;

CREATE TABLE portails.lecture_nominative (
    intervention uuid   NOT NULL,
    sequence     bigint NOT NULL,
    perimetre    text   NOT NULL,
    objet        text   NOT NULL,
    le           timestamptz NOT NULL,
    PRIMARY KEY (intervention, sequence)
);

CREATE TABLE portails.avis_au_directeur (
    intervention uuid   NOT NULL,
    sequence     bigint NOT NULL,
    directeur    uuid   NOT NULL,
    avis         text   NOT NULL,
    le           timestamptz NOT NULL,
    PRIMARY KEY (intervention, sequence)
);

-- Whose house it is, for what is asked of someone's établissements.
CREATE INDEX ON portails.portail (etablissement);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['adhesion', 'attribution', 'fermeture', 'theme', 'mise_en_garde', 'habilitation',
                                'intervention', 'lecture_nominative', 'avis_au_directeur'] LOOP
        EXECUTE format('GRANT SELECT ON portails.%I TO ent_app, ent_auditeur', name);
        EXECUTE format('GRANT INSERT, UPDATE, DELETE, TRUNCATE ON portails.%I TO ent_app', name);
    END LOOP;
END $$;
