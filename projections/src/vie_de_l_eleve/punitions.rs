//! Punitions, for the pupil, the family and the school.

use super::{d_un_eleve, vue};
use crate::ProjectionError;
use chrono::NaiveDate;
use domain::Event;
use domain::vie_de_l_eleve::{self as domaine, NaturePunition, PunitionEvent};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of punitions.
    Punitions = "vie_de_l_eleve.punitions" of domaine::Punition { "punition" by "id" }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Punition(event)) = fact.event() else { return Ok(()) };
    let id = crate::stream_uuid(fact)?;
    let change = match event {
        PunitionEvent::PunitionDonnee { eleve, nature, motif, incident, par } => sqlx::query(
            "INSERT INTO punition (id, portail, eleve, nature, motif, incident, auteur, donnee_le, pour_le)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(id)
        .bind(fact.position.portail.as_str())
        .bind(eleve.0)
        .bind(Json(nature))
        .bind(motif)
        .bind(incident.map(|incident| incident.0))
        .bind(par.0)
        .bind(fact.envelope.business_date)
        .bind(nature.jour()),
        PunitionEvent::PunitionReportee { au, .. } => {
            sqlx::query("UPDATE punition SET pour_le = $2, faite = NULL WHERE id = $1").bind(id).bind(*au)
        }
        PunitionEvent::PunitionFaite { .. } => {
            sqlx::query("UPDATE punition SET faite = true WHERE id = $1").bind(id)
        }
        PunitionEvent::PunitionNonFaite { .. } => {
            sqlx::query("UPDATE punition SET faite = false WHERE id = $1").bind(id)
        }
    };
    change.execute(tx).await?;
    Ok(())
}

/// A punition as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Punition {
    pub id: Uuid,
    pub portail: String,
    pub eleve: Uuid,
    #[sqlx(json)]
    pub nature: NaturePunition,
    pub motif: String,
    pub incident: Option<Uuid>,
    pub auteur: Uuid,
    pub donnee_le: NaiveDate,
    pub pour_le: NaiveDate,
    /// Nothing before it is said.
    pub faite: Option<bool>,
}

d_un_eleve!(Punitions, Punition, "punition" by "donnee_le" of NaiveDate);

impl Punitions {
    /// A punition.
    pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Punition>> {
        sqlx::query_as("SELECT * FROM punition WHERE id = $1").bind(id).fetch_optional(db).await
    }
}
