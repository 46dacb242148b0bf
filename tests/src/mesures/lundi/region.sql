-- A region in the read models: one division of 30 pupils for each teacher, 60 teachers in each
-- établissement, one adult for two pupils, and five published marks for each pupil.
-- `mesure.enseignants` says how many teachers.

CREATE FUNCTION pg_temp.id(kind text, number int) RETURNS uuid
    LANGUAGE sql IMMUTABLE AS $$ SELECT md5(kind || number)::uuid $$;
CREATE FUNCTION pg_temp.enseignants() RETURNS int
    LANGUAGE sql STABLE AS $$ SELECT current_setting('mesure.enseignants')::int $$;
CREATE FUNCTION pg_temp.uai(number int) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT '0' || (690001 + number) || substr('ABCDEFGHJKLMNPRSTUVWXYZ', (690001 + number) % 23 + 1, 1) $$;

INSERT INTO annuaire.etablissement
SELECT pg_temp.id('etablissement', e), pg_temp.uai(e), 'Collège ' || e, 'college', 'Lyon', 'Lyon',
       lower(pg_temp.uai(e))
FROM generate_series(0, (pg_temp.enseignants() - 1) / 60) e;

INSERT INTO annuaire.division
SELECT pg_temp.id('division', d), pg_temp.id('etablissement', d / 60), 'D' || d, 'Division ' || d, NULL
FROM generate_series(0, pg_temp.enseignants() - 1) d;

INSERT INTO annuaire.enseignement
SELECT pg_temp.id('enseignement', d), pg_temp.id('etablissement', d / 60), pg_temp.id('division', d),
       '061300', 'Mathématiques'
FROM generate_series(0, pg_temp.enseignants() - 1) d;

INSERT INTO annuaire.enseignant
SELECT pg_temp.id('enseignement', d), pg_temp.id('enseignant', d), true
FROM generate_series(0, pg_temp.enseignants() - 1) d;

INSERT INTO annuaire.personne (id, nom, prenom, naissance)
SELECT pg_temp.id('enseignant', d), 'Nom ' || d, 'Enseignant ' || d, '1980-01-01'::date
FROM generate_series(0, pg_temp.enseignants() - 1) d
UNION ALL
SELECT pg_temp.id('eleve', e), 'Nom ' || e, 'Prénom ' || e, '2013-01-01'::date + e % 365
FROM generate_series(0, pg_temp.enseignants() * 30 - 1) e
UNION ALL
SELECT pg_temp.id('parent', p), 'Nom ' || p, 'Parent ' || p, NULL
FROM generate_series(0, pg_temp.enseignants() * 15 - 1) p;

INSERT INTO annuaire.rattachement
SELECT pg_temp.id('enseignant', d), pg_temp.id('etablissement', d / 60), 'enseignant', '{}'::text[], NULL::uuid
FROM generate_series(0, pg_temp.enseignants() - 1) d
UNION ALL
SELECT pg_temp.id('eleve', e), pg_temp.id('etablissement', e / 1800), 'eleve', '{}'::text[],
       pg_temp.id('division', e / 30)
FROM generate_series(0, pg_temp.enseignants() * 30 - 1) e;

-- A roll is of those who were in the division on its day.
INSERT INTO annuaire.situation (nature, sujet, cadre, depuis, objet, droit, flux)
SELECT 'affectation', r.personne, r.etablissement, '2026-09-01', r.division, true, r.personne
FROM annuaire.rattachement r WHERE r.division IS NOT NULL;

INSERT INTO annuaire.responsabilite
SELECT pg_temp.id('eleve', e), pg_temp.id('parent', e / 2), 'parent', 'legal', true
FROM generate_series(0, pg_temp.enseignants() * 30 - 1) e;

INSERT INTO notes.evaluation
SELECT pg_temp.id('evaluation', d * 5 + v), lower(pg_temp.uai(d / 60)), pg_temp.id('enseignement', d),
       pg_temp.id('division', d), pg_temp.id('enseignant', d), 'Évaluation ' || v,
       '2026-09-07'::date + v * 14, 20, 1.5, false, '2026-11-20T10:00:00Z'
FROM generate_series(0, pg_temp.enseignants() - 1) d, generate_series(0, 4) v;

INSERT INTO notes.note
SELECT pg_temp.id('evaluation', e / 30 * 5 + v), pg_temp.id('eleve', e),
       '{"type": "note", "valeur": "12.50"}', 12.5, '2026-09-07'::date + v * 14, true
FROM generate_series(0, pg_temp.enseignants() * 30 - 1) e, generate_series(0, 4) v;

VACUUM ANALYZE;
