//! What administrateurs told directeurs, and what became of it.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::portails::{Gravite, MiseEnGardeEvent};
use domain::{Aggregate, Event, portails};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of mises en garde.
pub struct MisesEnGarde;

#[async_trait]
impl Projection for MisesEnGarde {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["mise_en_garde"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[portails::MiseEnGarde::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: portails::MiseEnGarde::TYPE,
            sql: "DELETE FROM mise_en_garde WHERE id = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::MiseEnGarde(event)) = fact.event() else { return Ok(()) };
        let id = stream_uuid(fact)?;
        let query = match event {
            MiseEnGardeEvent::MiseEnGardeAdressee { portail, par, directeur, gravite, objet, texte } => {
                sqlx::query(
                    "INSERT INTO mise_en_garde
                         (id, portail, par, directeur, gravite, objet, texte, adressee_le)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(id)
                .bind(portail.as_str())
                .bind(par.0)
                .bind(directeur.0)
                .bind(word(*gravite))
                .bind(objet)
                .bind(texte)
                .bind(fact.envelope.recorded_at)
            }
            MiseEnGardeEvent::MiseEnGardeLue { par, le } => {
                sqlx::query("UPDATE mise_en_garde SET lue_par = $2, lue_le = $3 WHERE id = $1")
                    .bind(id)
                    .bind(par.0)
                    .bind(le)
            }
            MiseEnGardeEvent::MiseEnGardeRepondue { par, reponse, le } => sqlx::query(
                "UPDATE mise_en_garde SET repondue_par = $2, reponse = $3, repondue_le = $4 WHERE id = $1",
            )
            .bind(id)
            .bind(par.0)
            .bind(reponse)
            .bind(le),
        };
        query.execute(tx).await?;
        Ok(())
    }
}

fn word(gravite: Gravite) -> &'static str {
    match gravite {
        Gravite::Conseil => "conseil",
        Gravite::Information => "information",
        Gravite::Recommandation => "recommandation",
        Gravite::Alerte => "alerte",
        Gravite::MiseEnGarde => "mise_en_garde",
    }
}

/// A mise en garde as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct MiseEnGarde {
    pub id: Uuid,
    pub portail: String,
    pub par: Uuid,
    pub directeur: Uuid,
    pub gravite: String,
    pub objet: String,
    pub texte: String,
    pub adressee_le: DateTime<Utc>,
    pub lue_par: Option<Uuid>,
    pub lue_le: Option<DateTime<Utc>>,
    pub reponse: Option<String>,
    pub repondue_par: Option<Uuid>,
    pub repondue_le: Option<DateTime<Utc>>,
}

impl MisesEnGarde {
    /// Frozen name of the view.
    pub const NAME: &'static str = "portails.mises_en_garde";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The mises en garde with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<MiseEnGarde>> {
        sqlx::query_as("SELECT * FROM mise_en_garde WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// Those of a portal, newest first, after a place given by the (adressee_le, mise en garde)
    /// of the last one seen.
    pub async fn of_portail(
        db: impl PgExecutor<'_>,
        portail: &str,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<MiseEnGarde>> {
        let (le, id) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM mise_en_garde
             WHERE portail = $1 AND ($2::timestamptz IS NULL OR (adressee_le, id) < ($2, $3))
             ORDER BY adressee_le DESC, id DESC LIMIT $4",
        )
        .bind(portail)
        .bind(le)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}
