-- The life of the directory: groupes, calendars, replacements, fiches of one person, pupils who
-- leave, and the turn of the school year.

CREATE TABLE annuaire.groupe (
    id            uuid     PRIMARY KEY,
    etablissement uuid     NOT NULL,
    annee         smallint NOT NULL,
    code          text     NOT NULL,
    libelle       text     NOT NULL,
    clos          boolean  NOT NULL
);
CREATE INDEX ON annuaire.groupe (etablissement, code);

-- A member is a person, a division or another groupe, as `nature` says.
CREATE TABLE annuaire.groupe_membre (
    groupe uuid NOT NULL,
    membre uuid NOT NULL,
    nature text NOT NULL CHECK (nature IN ('personne', 'division', 'groupe')),
    PRIMARY KEY (groupe, membre)
);
CREATE INDEX ON annuaire.groupe_membre (membre);

CREATE TABLE annuaire.groupe_encadrant (
    groupe   uuid NOT NULL,
    personne uuid NOT NULL,
    PRIMARY KEY (groupe, personne)
);
CREATE INDEX ON annuaire.groupe_encadrant (personne);

-- `fin` is the last day.
CREATE TABLE annuaire.annee_vecue (
    etablissement uuid     NOT NULL,
    annee         smallint NOT NULL,
    debut         date     NOT NULL,
    fin           date     NOT NULL,
    PRIMARY KEY (etablissement, annee)
);

CREATE TABLE annuaire.periode (
    etablissement uuid     NOT NULL,
    annee         smallint NOT NULL,
    division      uuid     NOT NULL,
    rang          smallint NOT NULL,
    decoupage     text     NOT NULL,
    libelle       text     NOT NULL,
    debut         date     NOT NULL,
    fin           date     NOT NULL,
    PRIMARY KEY (division, annee, rang)
);
CREATE INDEX ON annuaire.periode (etablissement, annee);

-- `au` is exclusive.
CREATE TABLE annuaire.remplacement (
    enseignement uuid NOT NULL,
    remplacant   uuid NOT NULL,
    absent       uuid NOT NULL,
    du           date NOT NULL,
    au           date NOT NULL,
    PRIMARY KEY (enseignement, remplacant, du)
);
CREATE INDEX ON annuaire.remplacement (remplacant);

-- Fiches of one person: each as the principal one, which is read as itself. A fiche without a
-- line is read as itself.
CREATE TABLE annuaire.identite (
    fiche  uuid PRIMARY KEY,
    racine uuid NOT NULL
);
CREATE INDEX ON annuaire.identite (racine);

CREATE TABLE annuaire.radiation (
    eleve         uuid NOT NULL,
    etablissement uuid NOT NULL,
    le            date NOT NULL,
    destination   uuid,
    PRIMARY KEY (eleve, etablissement)
);
CREATE INDEX ON annuaire.radiation (destination);

CREATE TABLE annuaire.bascule (
    id            uuid     PRIMARY KEY,
    etablissement uuid     NOT NULL,
    annee         smallint NOT NULL,
    le            date     NOT NULL,
    etat          text     NOT NULL CHECK (etat IN ('en_preparation', 'basculee', 'achevee')),
    groupes       uuid[]   NOT NULL
);
CREATE INDEX ON annuaire.bascule (etablissement, annee);

CREATE TABLE annuaire.bascule_division (
    bascule uuid     NOT NULL,
    rang    smallint NOT NULL,
    code    text     NOT NULL,
    libelle text     NOT NULL,
    mef     text,
    PRIMARY KEY (bascule, code)
);

CREATE TABLE annuaire.bascule_affectation (
    bascule  uuid NOT NULL,
    eleve    uuid NOT NULL,
    division text NOT NULL,
    PRIMARY KEY (bascule, eleve)
);

CREATE TABLE annuaire.bascule_enseignement (
    bascule         uuid    NOT NULL,
    division        text    NOT NULL,
    matiere_code    text    NOT NULL,
    matiere_libelle text    NOT NULL,
    enseignant      uuid    NOT NULL,
    principal       boolean NOT NULL,
    PRIMARY KEY (bascule, division, matiere_code, enseignant)
);

GRANT SELECT ON ALL TABLES IN SCHEMA annuaire TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA annuaire TO ent_app;
