//! The journal of a portal, as its directeur de publication reads it: who did what,
//! when, on what authority. Envelopes only, so that reading it opens no content.

mod verification;

pub use verification::{SanteDuJournal, Verifications};

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use ledger::feed::Fact;
use ledger::seal::hex;
use sqlx::types::Json;
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

    /// Envelopes only.
    fn forgets(&self) -> &'static [Forget] {
        &[]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let mut columns = Columns::default();
        for fact in facts {
            columns.push(fact);
        }
        columns.insert(tx).await
    }
}

/// Lines to be inserted together.
#[derive(Default)]
struct Columns<'a> {
    portail: Vec<&'a str>,
    annee: Vec<i16>,
    position: Vec<i64>,
    evenement: Vec<Uuid>,
    event_type: Vec<&'a str>,
    flux_nature: Vec<&'a str>,
    flux_id: Vec<&'a str>,
    enregistre_le: Vec<DateTime<Utc>>,
    date_metier: Vec<NaiveDate>,
    compte: Vec<Uuid>,
    personne: Vec<Option<Uuid>>,
    office: Vec<&'a str>,
    politiques: Vec<Json<&'a [String]>>,
    politique_empreinte: Vec<&'a str>,
    commande: Vec<Uuid>,
    empreinte: Vec<String>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, fact: &'a Fact) {
        let envelope = &fact.envelope;
        self.portail.push(fact.position.portail.as_str());
        self.annee.push(fact.position.annee.0);
        self.position.push(fact.position.position);
        self.evenement.push(envelope.event_id.0);
        self.event_type.push(&envelope.event_type);
        self.flux_nature.push(&envelope.stream.kind);
        self.flux_id.push(&envelope.stream.id);
        self.enregistre_le.push(envelope.recorded_at);
        self.date_metier.push(envelope.business_date);
        self.compte.push(envelope.actor.compte.0);
        self.personne.push(envelope.actor.personne.map(|personne| personne.0));
        self.office.push(&envelope.actor.office);
        self.politiques.push(Json(&envelope.authority.policies));
        self.politique_empreinte.push(&envelope.authority.policy_set);
        self.commande.push(envelope.command_id.0);
        self.empreinte.push(hex(&fact.leaf_hash));
    }

    /// The policies come as JSON: `unnest` would flatten an array of arrays.
    async fn insert(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        sqlx::query(
            "INSERT INTO entree (portail, annee, position, evenement, type, flux_nature, flux_id, enregistre_le,
                                 date_metier, compte, personne, office, politique_empreinte, commande,
                                 empreinte, politiques)
             SELECT l.portail, l.annee, l.position, l.evenement, l.type, l.nature, l.flux, l.le, l.jour, l.compte,
                    l.personne, l.office, l.politique_empreinte, l.commande, l.empreinte,
                    ARRAY(SELECT jsonb_array_elements_text(l.politiques))
             FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::uuid[], $5::text[], $6::text[],
                         $7::text[], $8::timestamptz[], $9::date[], $10::uuid[], $11::uuid[], $12::text[],
                         $13::text[], $14::uuid[], $15::text[], $16::jsonb[])
                  AS l (portail, annee, position, evenement, type, nature, flux, le, jour, compte,
                        personne, office, politique_empreinte, commande, empreinte, politiques)",
        )
        .bind(self.portail)
        .bind(self.annee)
        .bind(self.position)
        .bind(self.evenement)
        .bind(self.event_type)
        .bind(self.flux_nature)
        .bind(self.flux_id)
        .bind(self.enregistre_le)
        .bind(self.date_metier)
        .bind(self.compte)
        .bind(self.personne)
        .bind(self.office)
        .bind(self.politique_empreinte)
        .bind(self.commande)
        .bind(self.empreinte)
        .bind(self.politiques)
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
