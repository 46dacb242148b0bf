-- A collège and its marks, straight into the read models: a page reads nothing else.
-- 3,000 pupils in 100 divisions of 12 enseignements each; 5 published evaluations in each
-- enseignement, so 60 marks a pupil and 180,000 in all; every pupil has one parent, and
-- every parent two children.

CREATE FUNCTION pg_temp.id(kind text, number int) RETURNS uuid
    LANGUAGE sql IMMUTABLE AS $$ SELECT md5(kind || number)::uuid $$;

INSERT INTO annuaire.etablissement
VALUES (pg_temp.id('etablissement', 1), '0690001B', 'Collège des mesures', 'college', 'Lyon', 'Lyon', 'ac-lyon');

INSERT INTO annuaire.division
SELECT pg_temp.id('division', d), pg_temp.id('etablissement', 1), 'D' || d, 'Division ' || d, NULL
FROM generate_series(0, 99) d;

INSERT INTO annuaire.enseignement
SELECT pg_temp.id('enseignement', d * 12 + m), pg_temp.id('etablissement', 1), pg_temp.id('division', d),
       lpad(m::text, 6, '0'), 'Matière numéro ' || m
FROM generate_series(0, 99) d, generate_series(0, 11) m;

INSERT INTO annuaire.enseignant
SELECT id, pg_temp.id('enseignant', 0), true FROM annuaire.enseignement;

INSERT INTO annuaire.personne (id, nom, prenom, naissance)
SELECT pg_temp.id('eleve', e), 'Nom ' || e, 'Prénom ' || e, '2013-01-01'::date + e % 365
FROM generate_series(0, 2999) e
UNION ALL
SELECT pg_temp.id('parent', p), 'Nom ' || p, 'Parent ' || p, NULL FROM generate_series(0, 1499) p;

INSERT INTO annuaire.rattachement
SELECT pg_temp.id('eleve', e), pg_temp.id('etablissement', 1), 'eleve', '{}', pg_temp.id('division', e % 100)
FROM generate_series(0, 2999) e;

INSERT INTO annuaire.responsabilite
SELECT pg_temp.id('eleve', e), pg_temp.id('parent', e / 2), 'parent', 'legal', true
FROM generate_series(0, 2999) e;

INSERT INTO notes.evaluation
SELECT pg_temp.id('evaluation', n * 5 + v), 'ac-lyon', pg_temp.id('enseignement', n),
       pg_temp.id('division', n / 12), pg_temp.id('enseignant', 0), 'Évaluation ' || v || ' du trimestre',
       '2026-09-07'::date + v * 14 + n % 12, 20, 1.5, v = 0, '2026-11-20T10:00:00Z'
FROM generate_series(0, 1199) n, generate_series(0, 4) v;

INSERT INTO notes.note
SELECT e.id, r.personne,
       jsonb_build_object('type', 'note', 'valeur', (8 + hashtext(r.personne::text) % 8)::numeric(4, 2)::text),
       (8 + hashtext(r.personne::text) % 8)::numeric(4, 2), e.date, true
FROM notes.evaluation e JOIN annuaire.rattachement r ON r.division = e.division;

-- What PostGraphile reads as relations: it has no other way to know them.
COMMENT ON TABLE notes.note IS E'@foreignKey (evaluation) references notes.evaluation (id)';
COMMENT ON TABLE notes.evaluation IS E'@foreignKey (enseignement) references annuaire.enseignement (id)';

VACUUM ANALYZE;
