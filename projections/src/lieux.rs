//! What views say of persons in établissements, by person and établissement.

use crate::ProjectionError;
use sqlx::PgConnection;
use uuid::Uuid;

/// Persons, and the établissement of each.
pub(crate) type Lieux = (Vec<Uuid>, Vec<Uuid>);

/// Takes away all that a table says of these persons there, in one statement: an import is millions of
/// facts. The person is in the column of that name. Each is looked up by itself, as past situations are.
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
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY (
             SELECT t.ctid FROM unnest($1::uuid[], $2::uuid[]) AS q (personne, etablissement)
             CROSS JOIN LATERAL (
                 SELECT ctid FROM {table}
                 WHERE {personne} = q.personne AND etablissement = q.etablissement OFFSET 0) t))"
    ))
    .bind(personnes)
    .bind(etablissements)
    .execute(tx)
    .await?;
    Ok(())
}
