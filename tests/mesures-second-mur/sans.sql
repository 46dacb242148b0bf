\set p random(1, :portals)
\set e (:p - 1) * :pupils + random(1, :pupils)
SELECT evaluation, valeur, publiee_le FROM nue
WHERE portail = :p AND eleve = :e ORDER BY publiee_le DESC LIMIT 20;
