//! Addresses that do not exist, as relays say: nobody is written to there, until the directory has
//! another one, or somebody who knows says that it works.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::notifications::{Envoi, EnvoiEvent};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// In SQL, when it was last said of an address of somebody that it works, by the fiches that `$lui` gives;
/// before all if it never was.
macro_rules! retablie {
    ($lui:literal, $adresse:literal) => {
        concat!(
            "(SELECT coalesce(max(r.retablie), '-infinity') FROM adresse_en_defaut r WHERE r.personne IN (",
            $lui,
            ") AND lower(r.adresse) = lower(",
            $adresse,
            "))"
        )
    };
}
pub(super) use retablie;

/// In SQL, whether an address of somebody is given up, by the same fiches: the last word counts,
/// whichever envoi has it.
macro_rules! en_defaut {
    ($lui:literal, $adresse:literal) => {
        concat!(
            "EXISTS (SELECT FROM adresse_en_defaut d WHERE d.personne IN (",
            $lui,
            ") AND lower(d.adresse) = lower(",
            $adresse,
            ") AND d.depuis > ",
            $crate::notifications::adresses::retablie!($lui, "d.adresse"),
            ")"
        )
    };
}
pub(super) use en_defaut;

/// The view of addresses that do not exist.
pub struct Adresses;

#[async_trait]
impl Projection for Adresses {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["adresse_en_defaut"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Envoi::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: Envoi::TYPE,
            sql: "DELETE FROM adresse_en_defaut WHERE envoi = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Envoi(event)) = fact.event() else { return Ok(()) };
        match event {
            EnvoiEvent::AdresseEnDefaut { destinataire, adresse } => {
                sqlx::query(
                    "INSERT INTO adresse_en_defaut (envoi, portail, personne, adresse, depuis)
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (envoi) DO NOTHING",
                )
                .bind(stream_uuid(fact)?)
                .bind(fact.position.portail.as_str())
                .bind(destinataire.0)
                .bind(adresse)
                .bind(fact.envelope.recorded_at)
                .execute(tx)
                .await?;
            }
            EnvoiEvent::AdresseRetablie { .. } => {
                sqlx::query("UPDATE adresse_en_defaut SET retablie = $2 WHERE envoi = $1")
                    .bind(stream_uuid(fact)?)
                    .bind(fact.envelope.recorded_at)
                    .execute(tx)
                    .await?;
            }
            EnvoiEvent::EnvoiPrepare { .. }
            | EnvoiEvent::EnvoiRemis { .. }
            | EnvoiEvent::EnvoiDiffere { .. }
            | EnvoiEvent::EnvoiAbandonne { .. }
            | EnvoiEvent::EnvoiNonRemis { .. }
            | EnvoiEvent::EnvoiSansSuite { .. } => {}
        }
        Ok(())
    }
}

/// An address of somebody that does not exist.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct AdresseEnDefaut {
    /// The envoi that found it out first, since it was last said to work.
    pub envoi: Uuid,
    pub personne: Uuid,
    pub adresse: String,
    pub depuis: DateTime<Utc>,
}

impl Adresses {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notifications.adresses";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// Those of a person, under whichever of his or her fiches each was found out, as the directory
    /// still has them; each once.
    pub async fn de(db: impl PgExecutor<'_>, personne: Uuid) -> sqlx::Result<Vec<AdresseEnDefaut>> {
        sqlx::query_as(concat!(
            "WITH lui (id) AS (
                 SELECT $1::uuid UNION
                 SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
                 WHERE i.fiche = $1)
             SELECT DISTINCT ON (lower(d.adresse)) d.envoi, d.personne, p.courriel AS adresse, d.depuis
             FROM adresse_en_defaut d
             JOIN personne p ON lower(p.courriel) = lower(d.adresse) AND p.id IN (SELECT id FROM lui)
             WHERE d.personne IN (SELECT id FROM lui) AND d.depuis > ",
            retablie!("SELECT id FROM lui", "d.adresse"),
            "
             ORDER BY lower(d.adresse), d.depuis, d.envoi, p.id"
        ))
        .bind(personne)
        .fetch_all(db)
        .await
    }

    /// The addresses that a portal has written to and that do not exist, while the directory still
    /// has them; each once, the newest first.
    pub async fn of(
        db: impl PgExecutor<'_>,
        portail: &str,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<AdresseEnDefaut>> {
        let (depuis, envoi) = after.unzip();
        sqlx::query_as(concat!(
            "SELECT d.envoi, d.personne, d.adresse, d.depuis FROM adresse_en_defaut d
             CROSS JOIN LATERAL (SELECT ",
            retablie!(
                "SELECT d.personne UNION
                 SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
                 WHERE i.fiche = d.personne",
                "d.adresse"
            ),
            ") retablie (le)
             WHERE d.portail = $1 AND ($2::timestamptz IS NULL OR (d.depuis, d.envoi) < ($2, $3))
               AND d.depuis > retablie.le
               AND NOT EXISTS (SELECT FROM adresse_en_defaut plus
                               WHERE plus.personne = d.personne AND lower(plus.adresse) = lower(d.adresse)
                                 AND plus.portail = d.portail AND plus.depuis > retablie.le
                                 AND (plus.depuis, plus.envoi) < (d.depuis, d.envoi))
               AND EXISTS (SELECT FROM (SELECT d.personne UNION
                                        SELECT autre.fiche FROM identite i
                                        JOIN identite autre ON autre.racine = i.racine
                                        WHERE i.fiche = d.personne) lui (id)
                           JOIN personne p ON p.id = lui.id
                           WHERE lower(p.courriel) = lower(d.adresse))
             ORDER BY d.depuis DESC, d.envoi DESC LIMIT $4"
        ))
        .bind(portail)
        .bind(depuis)
        .bind(envoi)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}
