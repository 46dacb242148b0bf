-- Optional evaluations, parts of a matière and delayed publication: the view of marks has
-- another shape. `publiee_le` is when families see the marks, which may be to come.
--
-- Where nobody has followed the view yet its tables are empty, and become the next version where
-- they stand; elsewhere the next version fills beside the living one, and is switched to.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM projections.checkpoint WHERE projection = 'notes.notes') THEN
        ALTER TABLE notes.evaluation
            ADD COLUMN sous_matiere text,
            ADD COLUMN regime text NOT NULL DEFAULT 'obligatoire';
        UPDATE projections.version SET version = 2 WHERE projection = 'notes.notes';
    ELSE
        PERFORM projections.abandon('notes.notes');
        CREATE TABLE prochain.evaluation (LIKE notes.evaluation INCLUDING ALL);
        ALTER TABLE prochain.evaluation
            ADD COLUMN sous_matiere text,
            ADD COLUMN regime text NOT NULL DEFAULT 'obligatoire';
        CREATE TABLE prochain.note (LIKE notes.note INCLUDING ALL);
        CREATE TABLE prochain.correction (LIKE notes.correction INCLUDING ALL);
        GRANT SELECT ON prochain.evaluation, prochain.note, prochain.correction TO ent_app, ent_auditeur;
        GRANT INSERT, UPDATE, DELETE, TRUNCATE
            ON prochain.evaluation, prochain.note, prochain.correction TO ent_app;
        INSERT INTO prochain.version VALUES ('notes.notes', 2, '{evaluation,note,correction}');
    END IF;
END $$;
