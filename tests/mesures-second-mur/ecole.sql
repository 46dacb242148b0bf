-- The same marks in two tables: one that the program's role reads whole, and one of which it reads the rows of
-- the portal that its transaction names.

CREATE TABLE nue (
    portail    int         NOT NULL,
    eleve      int         NOT NULL,
    evaluation int         NOT NULL,
    valeur     numeric     NOT NULL,
    publiee_le timestamptz NOT NULL
);
INSERT INTO nue
SELECT p, (p - 1) * :pupils + e, n, n % 20, timestamptz '2026-09-01' + n * interval '1 day'
FROM generate_series(1, :portals) p, generate_series(1, :pupils) e, generate_series(1, 60) n;
CREATE INDEX ON nue (portail, eleve, publiee_le DESC);

CREATE TABLE gardee AS TABLE nue;
CREATE INDEX ON gardee (portail, eleve, publiee_le DESC);
ALTER TABLE gardee ENABLE ROW LEVEL SECURITY;
CREATE POLICY du_portail ON gardee USING (portail = current_setting('ent.portail')::int);

CREATE ROLE programme LOGIN;
GRANT SELECT ON nue, gardee TO programme;
VACUUM ANALYZE nue, gardee;
