-- The groupes that sources declare, and who is in them: beside those that hands make, with which they
-- share their ids.

CREATE TABLE annuaire.groupe_declare (
    id            uuid     PRIMARY KEY,
    etablissement uuid     NOT NULL,
    annee         smallint NOT NULL,
    code          text     NOT NULL,
    libelle       text     NOT NULL,
    -- From which its members come; none, where no source says.
    divisions     uuid[]   NOT NULL,
    clos          boolean  NOT NULL
);
CREATE INDEX ON annuaire.groupe_declare (etablissement, code);

-- Who is a pupil in the établissement is a member; who works there leads.
CREATE TABLE annuaire.repartition (
    personne      uuid NOT NULL,
    etablissement uuid NOT NULL,
    groupe        uuid NOT NULL,
    PRIMARY KEY (personne, etablissement, groupe)
);
CREATE INDEX ON annuaire.repartition (groupe);

GRANT SELECT ON annuaire.groupe_declare, annuaire.repartition TO ent_app, ent_auditeur;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON annuaire.groupe_declare, annuaire.repartition TO ent_app;

-- Two natures more, which no fact of before can have told: the table means what it meant.
ALTER TABLE annuaire.situation
    DROP CONSTRAINT situation_nature_check,
    ADD CONSTRAINT situation_nature_check
        CHECK (nature IN ('rattachement', 'affectation', 'responsabilite', 'suspension', 'radiation',
                          'enseignement', 'appartenance', 'cloture', 'repartition', 'abandon'));
CREATE INDEX ON annuaire.situation (objet, depuis) WHERE nature = 'repartition';
