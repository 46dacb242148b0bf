-- Connection data are kept for a year of each and no longer (décret n° 2021-1362): the keys of
-- their class are of a month, `2026-11`; all others are of a school year, `2026`. None of this
-- class was made before.
ALTER TABLE ledger.keys ADD CONSTRAINT keys_of_connection_are_monthly CHECK (
    CASE retention WHEN 'connexion' THEN period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'
                   ELSE period ~ '^-?[0-9]{1,5}$' END);
