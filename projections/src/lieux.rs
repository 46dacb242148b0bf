//! What views say of persons in établissements, by person and établissement.

use crate::ProjectionError;
use sqlx::PgConnection;
use uuid::Uuid;

/// Persons, and the établissement of each.
pub(crate) type Lieux = (Vec<Uuid>, Vec<Uuid>);

/// Takes away all that a table says of these persons there, in one statement: an import is millions of
/// facts. The person is in the column of that name.
pub(crate) async fn vider(
    table: &str,
    personne: &str,
    (personnes, etablissements): Lieux,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if personnes.is_empty() {
        return Ok(());
    }
    sqlx::query(&format!(
        "DELETE FROM {table} t USING unnest($1::uuid[], $2::uuid[]) AS q (personne, etablissement)
         WHERE t.{personne} = q.personne AND t.etablissement = q.etablissement"
    ))
    .bind(personnes)
    .bind(etablissements)
    .execute(tx)
    .await?;
    Ok(())
}
