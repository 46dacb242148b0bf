//! Who leaves the directory, and who is back: told by the type in the envelope, which stands
//! when the content is gone.

use crate::{ProjectionError, stream_uuid};
use chrono::NaiveDate;
use ledger::feed::Fact;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// On which day each person left, or that he or she is there; the last word counts.
#[derive(Default)]
pub(super) struct Sorties(BTreeMap<Uuid, Option<NaiveDate>>);

impl Sorties {
    /// Adds what one fact of a person's stream says.
    pub fn hear(&mut self, fact: &Fact) -> Result<(), ProjectionError> {
        let le = match fact.envelope.event_type.as_str() {
            "annuaire.personne.suspendue" => Some(fact.envelope.business_date),
            "annuaire.personne.reprise" | "annuaire.personne.enregistree" => None,
            _ => return Ok(()), // says nothing of who is there
        };
        self.0.insert(stream_uuid(fact)?, le);
        Ok(())
    }

    /// Writes everything.
    pub async fn write(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let presents = self.0.iter().filter(|(_, le)| le.is_none());
        rayer(presents.map(|(personne, _)| *personne).collect(), &mut *tx).await?;
        let sortis = self.0.iter().filter_map(|(personne, le)| Some((*personne, (*le)?)));
        let (personnes, jours) = sortis.unzip();
        inscrire(personnes, jours, tx).await
    }
}

/// Most have never left: one statement finds those who had.
async fn rayer(personnes: Vec<Uuid>, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    if personnes.is_empty() {
        return Ok(());
    }
    sqlx::query("DELETE FROM sortie WHERE personne = ANY ($1)").bind(personnes).execute(tx).await?;
    Ok(())
}

async fn inscrire(
    personnes: Vec<Uuid>,
    jours: Vec<NaiveDate>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if personnes.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO sortie (personne, le) SELECT * FROM unnest($1::uuid[], $2::date[])
         ON CONFLICT (personne) DO UPDATE SET le = excluded.le",
    )
    .bind(personnes)
    .bind(jours)
    .execute(tx)
    .await?;
    Ok(())
}
