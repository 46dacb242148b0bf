-- What evaluations show of the socle is told to families also where there is no mark: the view of what
-- there is to tell says more in tables of the same shape.
--
-- Where nobody has followed the view yet its tables are empty, and are those of the next version;
-- elsewhere the program fills that version beside the living one, and switches to it.
UPDATE projections.version v SET version = 4
WHERE v.projection = 'notifications.annonces'
  AND NOT EXISTS (SELECT FROM projections.checkpoint c WHERE c.projection = v.projection);
