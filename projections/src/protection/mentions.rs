//! Where the record names a person in what is sealed under another key: asked of views, each by
//! an index.

use super::Droits;
use domain::AnneeScolaire;
use ledger::unit::Position;
use sqlx::PgExecutor;
use uuid::Uuid;

/// One look-up for each journal, of what the person did in it.
const ACTES: &str = "
    SELECT acte.portail, acte.annee, acte.position
    FROM ledger.journal j CROSS JOIN LATERAL (
        SELECT e.portail, e.annee, e.position FROM entree e
        WHERE e.portail = j.portail AND e.annee = j.annee AND e.personne = ANY ($1) AND e.type = ANY ($2)
          AND ($3::text IS NULL OR (e.portail, e.annee, e.position) > ($3, $4, $5)) OFFSET 0
    ) acte
    ORDER BY acte.portail, acte.annee, acte.position LIMIT $6";

impl Droits {
    /// Where events of these types stand that someone with these fiches did, after a place.
    pub async fn actes_de(
        db: impl PgExecutor<'_>,
        fiches: &[Uuid],
        types: &[&str],
        after: Option<&Position>,
        limit: i64,
    ) -> sqlx::Result<Vec<Position>> {
        let rows: Vec<(String, i16, i64)> = sqlx::query_as(ACTES)
            .bind(fiches)
            .bind(types)
            .bind(after.map(|place| place.portail.as_str()))
            .bind(after.map(|place| place.annee.0))
            .bind(after.map(|place| place.position))
            .bind(limit)
            .fetch_all(db)
            .await?;
        let places = rows.into_iter().filter_map(|(portail, annee, position)| {
            Some(Position { portail: portail.parse().ok()?, annee: AnneeScolaire(annee), position })
        });
        Ok(places.collect())
    }

    /// The pupils for whom someone with these fiches answers, informed or not.
    pub async fn repond_de(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT DISTINCT eleve FROM responsabilite WHERE responsable = ANY ($1) ORDER BY eleve",
        )
        .bind(fiches)
        .fetch_all(db)
        .await
    }

    /// What someone with these fiches teaches and was stood in for.
    pub async fn remplace_dans(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT DISTINCT r.enseignement FROM enseignant t
             JOIN remplacement r ON r.enseignement = t.enseignement
             WHERE t.personne = ANY ($1) AND r.absent = ANY ($1) ORDER BY r.enseignement",
        )
        .bind(fiches)
        .fetch_all(db)
        .await
    }
}
