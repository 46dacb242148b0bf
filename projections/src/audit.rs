//! The journal of a portal, as its directeur de publication reads it: who did what,
//! when, on what authority. Envelopes only, so that reading it opens no content.

use crate::{Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use ledger::feed::Fact;
use ledger::seal::hex;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of a portal's journal.
pub struct JournalDuPortail;

#[async_trait]
impl Projection for JournalDuPortail {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["entree"]
    }

    /// Every kind.
    fn hears(&self) -> &'static [&'static str] {
        &[]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let envelope = &fact.envelope;
        sqlx::query(
            "INSERT INTO entree (portail, annee, position, evenement, type, flux_nature, flux_id, enregistre_le,
                                 date_metier, compte, personne, office, politiques, politique_empreinte,
                                 commande, empreinte)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        )
        .bind(fact.position.portail.as_str())
        .bind(fact.position.annee.0)
        .bind(fact.position.position)
        .bind(envelope.event_id.0)
        .bind(&envelope.event_type)
        .bind(&envelope.stream.kind)
        .bind(&envelope.stream.id)
        .bind(envelope.recorded_at)
        .bind(envelope.business_date)
        .bind(envelope.actor.compte.0)
        .bind(envelope.actor.personne.map(|personne| personne.0))
        .bind(&envelope.actor.office)
        .bind(&envelope.authority.policies)
        .bind(&envelope.authority.policy_set)
        .bind(envelope.command_id.0)
        .bind(hex(&fact.leaf_hash))
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// One line of the journal.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Entree {
    pub portail: String,
    pub annee: i16,
    pub position: i64,
    pub evenement: Uuid,
    #[sqlx(rename = "type")]
    pub event_type: String,
    pub flux_nature: String,
    pub flux_id: String,
    pub enregistre_le: DateTime<Utc>,
    pub date_metier: NaiveDate,
    pub compte: Uuid,
    pub personne: Option<Uuid>,
    pub office: String,
    pub politiques: Vec<String>,
    pub politique_empreinte: String,
    pub commande: Uuid,
    /// Hash of the leaf, hexadecimal.
    pub empreinte: String,
}

/// Which lines are wanted; what is absent does not filter.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Filtre {
    /// Beginning of the event type: a context, an aggregate or one type.
    pub nature: Option<String>,
    pub personne: Option<Uuid>,
    /// Objects whose acts tell nobody's name, so that `personne` finds none of them.
    pub anonymes: Vec<String>,
    /// The object's stream id.
    pub objet: Option<String>,
    pub du: Option<DateTime<Utc>>,
    pub au: Option<DateTime<Utc>>,
}

impl JournalDuPortail {
    /// Frozen name of the view.
    pub const NAME: &'static str = "audit.journal";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// Lines of one journal, newest first, before a position.
    pub async fn page(
        db: impl PgExecutor<'_>,
        portail: &str,
        annee: i16,
        filtre: &Filtre,
        before: Option<i64>,
        limit: i64,
    ) -> sqlx::Result<Vec<Entree>> {
        sqlx::query_as(
            "SELECT * FROM entree WHERE portail = $1 AND annee = $2
               AND ($3::bigint IS NULL OR position < $3)
               AND ($4::text IS NULL OR type = $4 OR starts_with(type, $4 || '.'))
               AND ($5::uuid IS NULL OR personne = $5 AND flux_id <> ALL ($10))
               AND ($6::text IS NULL OR flux_id = $6)
               AND ($7::timestamptz IS NULL OR enregistre_le >= $7)
               AND ($8::timestamptz IS NULL OR enregistre_le < $8)
             ORDER BY position DESC LIMIT $9",
        )
        .bind(portail)
        .bind(annee)
        .bind(before)
        .bind(&filtre.nature)
        .bind(filtre.personne)
        .bind(&filtre.objet)
        .bind(filtre.du)
        .bind(filtre.au)
        .bind(limit)
        .bind(&filtre.anonymes)
        .fetch_all(db)
        .await
    }

    /// Lines of one journal after a position, in order: for who follows it.
    pub async fn after(
        db: impl PgExecutor<'_>,
        portail: &str,
        annee: i16,
        position: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<Entree>> {
        sqlx::query_as(
            "SELECT * FROM entree WHERE portail = $1 AND annee = $2 AND position > $3 ORDER BY position LIMIT $4",
        )
        .bind(portail)
        .bind(annee)
        .bind(position)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}
