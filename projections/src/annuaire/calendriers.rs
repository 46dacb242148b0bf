//! The calendars of établissements.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::annuaire::{Calendrier, CalendrierEvent, Decoupage, Periode as Part};
use domain::{Aggregate, AnneeScolaire, DivisionId, Event};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of calendars.
pub struct Calendriers;

#[async_trait]
impl Projection for Calendriers {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["annee_vecue", "periode"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Calendrier::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: Calendrier::TYPE,
                sql: "DELETE FROM annee_vecue WHERE etablissement = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Calendrier::TYPE,
                sql: "DELETE FROM periode WHERE etablissement = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Calendrier(event)) = fact.event() else { return Ok(()) };
        let etablissement = stream_uuid(fact)?;
        match event {
            CalendrierEvent::AnneeFixee { annee, debut, fin } => {
                // Its periods no longer fit it.
                sqlx::query("DELETE FROM periode WHERE etablissement = $1 AND annee = $2")
                    .bind(etablissement)
                    .bind(annee.0)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query(
                    "INSERT INTO annee_vecue (etablissement, annee, debut, fin) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (etablissement, annee)
                     DO UPDATE SET debut = excluded.debut, fin = excluded.fin",
                )
                .bind(etablissement)
                .bind(annee.0)
                .bind(debut)
                .bind(fin)
                .execute(tx)
                .await?;
                Ok(())
            }
            CalendrierEvent::PeriodesFixees { annee, division, decoupage, periodes } => {
                cut(etablissement, (*annee, *division, *decoupage), periodes, tx).await
            }
        }
    }
}

async fn cut(
    etablissement: Uuid,
    (annee, division, decoupage): (AnneeScolaire, DivisionId, Decoupage),
    periodes: &[Part],
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query("DELETE FROM periode WHERE division = $1 AND annee = $2")
        .bind(division.0)
        .bind(annee.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO periode (etablissement, annee, division, decoupage, rang, libelle, debut, fin)
         SELECT $1, $2, $3, $4, rang, libelle, debut, fin
         FROM unnest($5::text[], $6::date[], $7::date[]) WITH ORDINALITY AS p (libelle, debut, fin, rang)",
    )
    .bind(etablissement)
    .bind(annee.0)
    .bind(division.0)
    .bind(decoupage.as_str())
    .bind(periodes.iter().map(|periode| periode.libelle.as_str()).collect::<Vec<_>>())
    .bind(periodes.iter().map(|periode| periode.debut).collect::<Vec<_>>())
    .bind(periodes.iter().map(|periode| periode.fin).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// A school year, from its first day to its last one.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct AnneeVecue {
    pub etablissement: Uuid,
    pub annee: i16,
    pub debut: NaiveDate,
    pub fin: NaiveDate,
}

/// A period of a division, from its first day to its last one.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Periode {
    pub division: Uuid,
    pub annee: i16,
    /// From 1.
    pub rang: i16,
    pub decoupage: String,
    pub libelle: String,
    pub debut: NaiveDate,
    pub fin: NaiveDate,
}

impl Calendriers {
    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.calendriers";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The school years of an établissement, in order.
    pub async fn annees(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<AnneeVecue>> {
        sqlx::query_as("SELECT * FROM annee_vecue WHERE etablissement = $1 ORDER BY annee")
            .bind(etablissement)
            .fetch_all(db)
            .await
    }

    /// The periods of divisions in a school year, in order.
    pub async fn periodes(
        db: impl PgExecutor<'_>,
        divisions: &[Uuid],
        annee: i16,
    ) -> sqlx::Result<Vec<Periode>> {
        sqlx::query_as(
            "SELECT division, annee, rang, decoupage, libelle, debut, fin FROM periode
             WHERE division = ANY ($1) AND annee = $2 ORDER BY division, rang",
        )
        .bind(divisions)
        .bind(annee)
        .fetch_all(db)
        .await
    }
}
