//! Notices against publications: what signalants, moderators and the directeur see
//! of them (regulation (EU) 2022/2065, art. 16 and 17).

use super::{stored, word};
use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::publications::{ContenuSignale, MotifsDeDecision, OfficeModeration, SignalementEvent};
use domain::{Aggregate, Event, publications};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of notices.
pub struct Signalements;

#[async_trait]
impl Projection for Signalements {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["signalement"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[publications::Signalement::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: publications::Signalement::TYPE,
            sql: "DELETE FROM signalement WHERE id = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Signalement(event)) = fact.event() else { return Ok(()) };
        let id = crate::stream_uuid(fact)?;
        let change = match event {
            SignalementEvent::SignalementRecu { contenu, signalant, motif, explication, le } => {
                let ContenuSignale { publication, version, empreinte, portail, auteur } = contenu;
                sqlx::query(
                    "INSERT INTO signalement (id, publication, portail, version, empreinte, auteur, signalant,
                                              motif, explication, recu_le)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(id)
                .bind(publication.0)
                .bind(portail.as_str())
                .bind(stored(*version)?)
                .bind(empreinte.as_str())
                .bind(auteur.0)
                .bind(signalant.0)
                .bind(word(motif)?)
                .bind(explication)
                .bind(*le)
            }
            SignalementEvent::PremiereConnaissance { office, le, .. } => sqlx::query(match office {
                OfficeModeration::Moderateur => {
                    "UPDATE signalement SET connu_du_moderateur_le = $2 WHERE id = $1"
                }
                OfficeModeration::Directeur => {
                    "UPDATE signalement SET connu_du_directeur_le = $2 WHERE id = $1"
                }
            })
            .bind(id)
            .bind(*le),
            SignalementEvent::DecisionRendue { par, decision, motifs, le, .. } => sqlx::query(
                "UPDATE signalement SET decision = $2, motifs = $3, decide_par = $4, decide_le = $5
                 WHERE id = $1",
            )
            .bind(id)
            .bind(word(decision)?)
            .bind(Json(motifs))
            .bind(par.0)
            .bind(*le),
        };
        change.execute(tx).await?;
        Ok(())
    }
}

/// A notice as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Signalement {
    pub id: Uuid,
    pub publication: Uuid,
    pub portail: String,
    pub version: i32,
    pub empreinte: String,
    pub auteur: Uuid,
    pub signalant: Uuid,
    pub motif: String,
    pub explication: String,
    pub recu_le: DateTime<Utc>,
    pub connu_du_moderateur_le: Option<DateTime<Utc>>,
    pub connu_du_directeur_le: Option<DateTime<Utc>>,
    pub decision: Option<String>,
    #[sqlx(json(nullable))]
    pub motifs: Option<MotifsDeDecision>,
    pub decide_par: Option<Uuid>,
    pub decide_le: Option<DateTime<Utc>>,
}

impl Signalements {
    /// Frozen name of the view.
    pub const NAME: &'static str = "publications.signalements";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The notices with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Signalement>> {
        sqlx::query_as("SELECT * FROM signalement WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The notices against what one person wrote on a portal.
    pub async fn against(db: impl PgExecutor<'_>, portail: &str, auteur: Uuid) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar("SELECT id FROM signalement WHERE portail = $1 AND auteur = $2")
            .bind(portail)
            .bind(auteur)
            .fetch_all(db)
            .await
    }

    /// The notices received on a portal, or only those that await a decision, newest
    /// first, after a place given by the (recu_le, notice) of the last one seen.
    pub async fn of_portail(
        db: impl PgExecutor<'_>,
        portail: &str,
        only_undecided: bool,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Signalement>> {
        let (recu_le, signalement) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM signalement
             WHERE portail = $1 AND (NOT $2 OR decision IS NULL)
               AND ($3::timestamptz IS NULL OR (recu_le, id) < ($3, $4))
             ORDER BY recu_le DESC, id DESC LIMIT $5",
        )
        .bind(portail)
        .bind(only_undecided)
        .bind(recu_le)
        .bind(signalement)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// Whether someone has given another notice than this one of the same version.
    pub async fn has_another(
        db: impl PgExecutor<'_>,
        id: Uuid,
        publication: Uuid,
        version: i32,
        signalant: Uuid,
    ) -> sqlx::Result<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM signalement
             WHERE publication = $1 AND version = $2 AND signalant = $3 AND id <> $4)",
        )
        .bind(publication)
        .bind(version)
        .bind(signalant)
        .bind(id)
        .fetch_one(db)
        .await
    }

    /// The same as [`Self::of_portail`], of those that one person gave.
    pub async fn of_signalant(
        db: impl PgExecutor<'_>,
        portail: &str,
        signalant: Uuid,
        only_undecided: bool,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Signalement>> {
        let (recu_le, signalement) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM signalement
             WHERE portail = $1 AND signalant = $2 AND (NOT $3 OR decision IS NULL)
               AND ($4::timestamptz IS NULL OR (recu_le, id) < ($4, $5))
             ORDER BY recu_le DESC, id DESC LIMIT $6",
        )
        .bind(portail)
        .bind(signalant)
        .bind(only_undecided)
        .bind(recu_le)
        .bind(signalement)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}
