//! How far the journals of a portal are sealed, closed, witnessed and dated: what there is to
//! tell to who answers for them. From the database alone, so of every process alike.

use chrono::{DateTime, NaiveDate, Utc};
use domain::PortailId;
use sqlx::{Acquire, FromRow, PgConnection, Postgres};

/// How far one journal is sealed and dated.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromRow)]
pub struct Health {
    /// Its school year, by the first of its two.
    pub annee: i16,
    /// How many events the last seal covers.
    pub sealed: Option<i64>,
    /// When it was given.
    pub sealed_at: Option<DateTime<Utc>>,
    /// When the oldest event that no seal covers was recorded.
    pub unsealed_since: Option<DateTime<Utc>>,
    /// How many events the last timestamp dates.
    pub dated: Option<i64>,
    /// The date that it gives.
    pub dated_at: Option<DateTime<Utc>>,
    /// Who gave it.
    pub dated_by: Option<String>,
    /// The last clôture of each kind that there is: day, month, year.
    #[sqlx(skip)]
    pub closed: Vec<Closed>,
    /// What each witness saw last.
    #[sqlx(skip)]
    pub witnessed: Vec<Witnessed>,
}

/// A clôture, without what proves it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Closed {
    /// `jour`, `mois` or `annee`.
    pub periode: String,
    /// The first day that it covers.
    pub du: NaiveDate,
    /// How many events were recorded in that time.
    pub events: i64,
    /// The last position of the journal when it ended.
    pub size: i64,
    /// Root of the tree up to there, in hexadecimal.
    pub root: String,
}

/// What a witness saw last of a journal.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Witnessed {
    /// Its name.
    pub witness: String,
    /// How many events the checkpoint covers that it cosigned.
    pub size: i64,
    /// When it did.
    pub cosigned_at: DateTime<Utc>,
    /// Since when there is a checkpoint that it did not cosign.
    pub behind_since: Option<DateTime<Utc>>,
}

/// The journals of a portal, the newest first.
pub async fn health(
    db: impl Acquire<'_, Database = Postgres>,
    portail: &PortailId,
) -> Result<Vec<Health>, sqlx::Error> {
    let mut connection = db.acquire().await?;
    let mut journals = heads(&mut connection, portail).await?;
    for journal in &mut journals {
        journal.closed = closed(&mut connection, portail, journal.annee).await?;
        journal.witnessed = witnessed(&mut connection, portail, journal.annee).await?;
    }
    Ok(journals)
}

/// What dates a journal is the last timestamp over a head of the meta-journal: so far as the
/// last checkpoint of the journal that this head has.
async fn heads(connection: &mut PgConnection, portail: &PortailId) -> Result<Vec<Health>, sqlx::Error> {
    sqlx::query_as(
        "SELECT j.annee, seal.size AS sealed, seal.sealed_at,
                (next.metadata ->> 'recorded_at')::timestamptz AS unsealed_since,
                date.covers AS dated, date.gen_time AS dated_at, date.tsa AS dated_by
         FROM ledger.journal j
         LEFT JOIN LATERAL (
             SELECT c.size, c.sealed_at FROM ledger.checkpoints c
             WHERE (c.portail, c.annee) = (j.portail, j.annee) ORDER BY c.size DESC LIMIT 1) seal ON true
         LEFT JOIN ledger.events next
             ON (next.portail, next.annee, next.position) = (j.portail, j.annee, coalesce(seal.size, 0) + 1)
         LEFT JOIN LATERAL (
             SELECT t.gen_time, t.tsa, m.size AS covers
             FROM (SELECT * FROM ledger.timestamps ORDER BY size DESC LIMIT 1) t
             JOIN ledger.meta m ON m.position <= t.size AND m.periode IS NULL
                 AND (m.portail, m.annee) = (j.portail, j.annee)
             ORDER BY m.size DESC LIMIT 1) date ON true
         WHERE j.portail = $1 ORDER BY j.annee DESC",
    )
    .bind(portail.as_str())
    .fetch_all(connection)
    .await
}

async fn closed(
    connection: &mut PgConnection,
    portail: &PortailId,
    annee: i16,
) -> Result<Vec<Closed>, sqlx::Error> {
    sqlx::query_as(
        "SELECT last.periode, last.du, last.size, last.leaf::jsonb ->> 'racine' AS root,
                (SELECT coalesce(sum(count::bigint), 0)::bigint
                 FROM jsonb_each_text(last.leaf::jsonb -> 'evenements') AS of (kind, count)) AS events
         FROM unnest(ARRAY['jour', 'mois', 'annee']) WITH ORDINALITY AS kind (periode, rank),
             LATERAL (SELECT m.* FROM ledger.meta m
                      WHERE m.portail = $1 AND m.annee = $2 AND m.periode = kind.periode
                      ORDER BY m.du DESC LIMIT 1) last
         ORDER BY kind.rank",
    )
    .bind(portail.as_str())
    .bind(annee)
    .fetch_all(connection)
    .await
}

async fn witnessed(
    connection: &mut PgConnection,
    portail: &PortailId,
    annee: i16,
) -> Result<Vec<Witnessed>, sqlx::Error> {
    sqlx::query_as(
        "SELECT last.*, (SELECT c.sealed_at FROM ledger.checkpoints c
                         WHERE c.portail = $1 AND c.annee = $2 AND c.size > last.size
                         ORDER BY c.size LIMIT 1) AS behind_since
         FROM (SELECT DISTINCT ON (witness) witness, size, cosigned_at FROM ledger.cosignatures
               WHERE portail = $1 AND annee = $2 ORDER BY witness, size DESC) last
         ORDER BY last.witness",
    )
    .bind(portail.as_str())
    .bind(annee)
    .fetch_all(connection)
    .await
}
