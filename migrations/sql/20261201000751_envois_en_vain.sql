-- What failed lately is looked for at each round: another way is then prepared.
CREATE INDEX ON notifications.envoi (maj) WHERE etat IN ('abandonne', 'non_remis');
