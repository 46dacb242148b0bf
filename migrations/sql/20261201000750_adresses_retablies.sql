-- Of an address that was given up: that it works after all.

-- No fact of before can have told it: the tables of the view mean what they meant. What fills beside
-- them lacks the column, and begins anew.
SELECT projections.abandon('notifications.adresses');
ALTER TABLE notifications.adresse_en_defaut ADD COLUMN retablie timestamptz;
