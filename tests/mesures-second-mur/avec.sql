\set p random(1, :portals)
\set e (:p - 1) * :pupils + random(1, :pupils)
\startpipeline
BEGIN;
SELECT set_config('ent.portail', :p::text, true);
SELECT evaluation, valeur, publiee_le FROM gardee
WHERE eleve = :e ORDER BY publiee_le DESC LIMIT 20;
COMMIT;
\endpipeline
