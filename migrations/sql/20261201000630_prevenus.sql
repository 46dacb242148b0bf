-- Of an absence: who was told, and who was not.
CREATE INDEX ON notifications.annonce (eleve);
