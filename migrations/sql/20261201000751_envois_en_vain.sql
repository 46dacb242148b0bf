-- What failed lately is looked for at each round: another way is then prepared. A rebuild of the view
-- that is under way lacks the index, and begins anew.
SELECT projections.abandon('notifications.envois');
CREATE INDEX ON notifications.envoi (maj) WHERE etat IN ('abandonne', 'non_remis');
