//! Of an absence: who was to be told, and what was sent to them.

use super::Envois;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// Somebody who was to be told of an absence.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Prevenu {
    pub dossier: Uuid,
    pub personne: Uuid,
    /// What was prepared for him or her about it, the one that moved first at the head.
    pub envois: Vec<Uuid>,
}

impl Envois {
    /// Whom these files of absences are about to be told to, today, and whom they were told to: of an
    /// absence the hours tell which announcements are of it, since rolls are closed before a file is
    /// stated.
    pub async fn prevenus(db: impl PgExecutor<'_>, dossiers: &[Uuid]) -> sqlx::Result<Vec<Prevenu>> {
        sqlx::query_as(
            "WITH du AS (
                 SELECT d.id, d.portail, d.date, d.debut, d.fin,
                        array(SELECT d.eleve UNION
                              SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
                              WHERE i.fiche = d.eleve) AS fiches
                 FROM dossier_absence d WHERE d.id = ANY ($1)),
             dits AS (
                 SELECT du.id AS dossier, e.destinataire AS personne, e.id AS envoi, e.maj
                 FROM du
                 JOIN annonce a ON a.eleve = ANY (du.fiches) AND a.portail = du.portail
                     AND a.details->>'nature' = 'absence'
                     AND (a.details->>'date')::date + (a.details->>'debut')::time < du.fin
                     AND (a.details->>'date')::date + (a.details->>'fin')::time > du.debut
                 JOIN envoi e ON e.annonce = a.id),
             tenus AS (
                 SELECT du.id AS dossier, coalesce(i.racine, p.id) AS personne
                 FROM du
                 CROSS JOIN LATERAL (
                     SELECT s.responsable AS fiche FROM responsabilite s
                     WHERE s.eleve = ANY (du.fiches) AND s.destinataire
                       AND NOT EXISTS (SELECT FROM opposition o WHERE o.eleve = ANY (du.fiches))
                     UNION
                     SELECT m.id FROM personne m
                     WHERE m.id = ANY (du.fiches) AND m.naissance <= du.date - interval '18 years') f
                 JOIN personne p ON p.id = f.fiche AND NOT p.suspendue
                 LEFT JOIN identite i ON i.fiche = p.id)
             SELECT qui.dossier, qui.personne,
                    array(SELECT t.envoi FROM dits t
                          WHERE t.dossier = qui.dossier AND t.personne = qui.personne
                          ORDER BY t.maj, t.envoi) AS envois
             FROM (SELECT dossier, personne FROM dits UNION SELECT dossier, personne FROM tenus) qui
             ORDER BY qui.dossier, qui.personne",
        )
        .bind(dossiers)
        .fetch_all(db)
        .await
    }
}
