//! By which policies averages are made, and where each period of a division stands.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::notes::{
    EtatDePeriode, FichePeriode, PeriodeDeNotes, PeriodeEvent, PolitiqueDeMoyenne, PolitiqueEvent,
    PolitiqueVersionnee, Politiques,
};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of policies and periods.
pub struct Periodes;

#[async_trait]
impl Projection for Periodes {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["politique_de_moyenne", "periode_de_notes", "deverrouillage"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Politiques::TYPE, PeriodeDeNotes::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: Politiques::TYPE,
                sql: "DELETE FROM politique_de_moyenne WHERE etablissement = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: PeriodeDeNotes::TYPE,
                sql: "DELETE FROM periode_de_notes WHERE id = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: PeriodeDeNotes::TYPE,
                sql: "DELETE FROM deverrouillage WHERE periode = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        match fact.event() {
            Some(Event::Politiques(PolitiqueEvent::PolitiqueFixee { version, du, politique })) => {
                sqlx::query(
                    "INSERT INTO politique_de_moyenne (etablissement, version, du, politique)
                     VALUES ($1, $2, $3, $4)
                     ON CONFLICT (etablissement, version)
                     DO UPDATE SET du = excluded.du, politique = excluded.politique",
                )
                .bind(stream_uuid(fact)?)
                .bind(i64::from(*version))
                .bind(du)
                .bind(Json(politique))
                .execute(tx)
                .await?;
                Ok(())
            }
            Some(Event::PeriodeDeNotes(event)) => step(fact, event, tx).await,
            Some(_) | None => Ok(()),
        }
    }
}

async fn step(fact: &Fact, event: &PeriodeEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let (etat, visible_des) = match event {
        PeriodeEvent::PeriodeVerrouillee { fiche, politique } => {
            return lock(id, fiche, politique, tx).await;
        }
        PeriodeEvent::PeriodeDeverrouillee { motif } => {
            unlock(fact, id, motif, &mut *tx).await?;
            (EtatDePeriode::Ouverte, None)
        }
        PeriodeEvent::ConseilReuni {} => (EtatDePeriode::Conseil, None),
        PeriodeEvent::PeriodePubliee { visible_des } => (EtatDePeriode::Publiee, Some(visible_des)),
    };
    sqlx::query("UPDATE periode_de_notes SET etat = $2, visible_des = $3 WHERE id = $1")
        .bind(id)
        .bind(etat.as_str())
        .bind(visible_des)
        .execute(tx)
        .await?;
    Ok(())
}

async fn lock(
    id: Uuid,
    fiche: &FichePeriode,
    politique: &PolitiqueVersionnee,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let rang = i16::try_from(fiche.rang)
        .map_err(|_| ProjectionError::Unfit("the period's rank is out of range".to_owned()))?;
    sqlx::query(
        "INSERT INTO periode_de_notes (id, division, annee, rang, etat, politique)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET etat = excluded.etat, politique = excluded.politique",
    )
    .bind(id)
    .bind(fiche.division.0)
    .bind(fiche.annee.0)
    .bind(rang)
    .bind(EtatDePeriode::Verrouillee.as_str())
    .bind(Json(politique))
    .execute(tx)
    .await?;
    Ok(())
}

async fn unlock(fact: &Fact, id: Uuid, motif: &str, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let sequence = i64::try_from(fact.envelope.sequence)
        .map_err(|_| ProjectionError::Unfit("the event's sequence is out of range".to_owned()))?;
    sqlx::query(
        "INSERT INTO deverrouillage (periode, sequence, motif, le, par) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (periode, sequence) DO NOTHING",
    )
    .bind(id)
    .bind(sequence)
    .bind(motif)
    .bind(fact.envelope.recorded_at)
    .bind(fact.envelope.actor.personne.map(|personne| personne.0))
    .execute(tx)
    .await?;
    Ok(())
}

/// A policy, and from when on it holds.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Politique {
    pub version: i64,
    pub du: NaiveDate,
    #[sqlx(json)]
    pub politique: PolitiqueDeMoyenne,
}

impl Politique {
    /// As averages name it.
    pub fn versionnee(&self) -> PolitiqueVersionnee {
        let version = u32::try_from(self.version).unwrap_or(u32::MAX);
        PolitiqueVersionnee { version, politique: self.politique.clone() }
    }
}

/// A period that was locked once.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Periode {
    pub id: Uuid,
    pub etat: String,
    #[sqlx(json)]
    pub politique: PolitiqueVersionnee,
    pub visible_des: Option<DateTime<Utc>>,
}

impl Periode {
    /// Where it stands.
    pub fn etat(&self) -> EtatDePeriode {
        EtatDePeriode::named(&self.etat).unwrap_or_default()
    }

    /// Whether marks are entered again, so that the policy named last no longer holds.
    pub fn is_open(&self) -> bool {
        self.etat() == EtatDePeriode::Ouverte
    }
}

/// When and why marks were entered again.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Deverrouillage {
    pub motif: String,
    pub le: DateTime<Utc>,
    pub par: Option<Uuid>,
}

impl Periodes {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notes.periodes";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The policies of an établissement, in the order of their versions.
    pub async fn politiques(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<Politique>> {
        sqlx::query_as(
            "SELECT version, du, politique FROM politique_de_moyenne
             WHERE etablissement = $1 ORDER BY version",
        )
        .bind(etablissement)
        .fetch_all(db)
        .await
    }

    /// The policy that holds in an établissement on a day.
    pub async fn politique_au(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<PolitiqueVersionnee> {
        let all = Self::politiques(db, etablissement).await?;
        let last = all.iter().rev().find(|politique| politique.du <= le);
        Ok(last.map(Politique::versionnee).unwrap_or_default())
    }

    /// A period, if it was ever locked.
    pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Periode>> {
        sqlx::query_as("SELECT id, etat, politique, visible_des FROM periode_de_notes WHERE id = $1")
            .bind(id)
            .fetch_optional(db)
            .await
    }

    /// How often a period was opened again, in order.
    pub async fn deverrouillages(
        db: impl PgExecutor<'_>,
        periode: Uuid,
    ) -> sqlx::Result<Vec<Deverrouillage>> {
        sqlx::query_as("SELECT motif, le, par FROM deverrouillage WHERE periode = $1 ORDER BY sequence")
            .bind(periode)
            .fetch_all(db)
            .await
    }

    /// Of these periods, those of which families may read what is said.
    pub async fn visibles(
        db: impl PgExecutor<'_>,
        ids: &[Uuid],
        le: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar("SELECT id FROM periode_de_notes WHERE id = ANY ($1) AND visible_des <= $2")
            .bind(ids)
            .bind(le)
            .fetch_all(db)
            .await
    }
}
