//! Bulletins as they were frozen, and who has read them for the first time when.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::notes::{Bulletin as Told, BulletinEvent, ContenuBulletin};
use domain::{Aggregate, Event, PersonneId};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of bulletins.
pub struct Bulletins;

#[async_trait]
impl Projection for Bulletins {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["bulletin", "lecture_de_bulletin"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Told::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: Told::TYPE, sql: "DELETE FROM bulletin WHERE id = ANY ($1::text[]::uuid[])" },
            Forget {
                kind: Told::TYPE,
                sql: "DELETE FROM lecture_de_bulletin WHERE bulletin = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Bulletin(event)) = fact.event() else { return Ok(()) };
        let id = stream_uuid(fact)?;
        match event {
            BulletinEvent::BulletinFige { eleve, contenu, empreinte } => {
                freeze(fact, id, *eleve, contenu, empreinte.as_str(), tx).await
            }
            BulletinEvent::BulletinPublie { visible_des, .. } => {
                sqlx::query("UPDATE bulletin SET visible_des = $2 WHERE id = $1")
                    .bind(id)
                    .bind(visible_des)
                    .execute(tx)
                    .await?;
                Ok(())
            }
            BulletinEvent::BulletinLu { par, le, .. } => {
                sqlx::query(
                    "INSERT INTO lecture_de_bulletin (bulletin, lecteur, le) VALUES ($1, $2, $3)
                     ON CONFLICT (bulletin, lecteur) DO NOTHING",
                )
                .bind(id)
                .bind(par.0)
                .bind(le)
                .execute(tx)
                .await?;
                Ok(())
            }
        }
    }
}

async fn freeze(
    fact: &Fact,
    id: Uuid,
    eleve: PersonneId,
    contenu: &ContenuBulletin,
    empreinte: &str,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let rang = i16::try_from(contenu.periode.rang)
        .map_err(|_| ProjectionError::Unfit("the period's rank is out of range".to_owned()))?;
    sqlx::query(
        "INSERT INTO bulletin (id, eleve, portail, periode, annee, rang, contenu, empreinte, fige_le)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(eleve.0)
    .bind(fact.position.portail.as_str())
    .bind(contenu.periode.periode().0)
    .bind(contenu.periode.annee.0)
    .bind(rang)
    .bind(Json(contenu))
    .bind(empreinte)
    .bind(fact.envelope.recorded_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// A bulletin.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Bulletin {
    pub id: Uuid,
    pub eleve: Uuid,
    pub portail: String,
    pub periode: Uuid,
    #[sqlx(json)]
    pub contenu: ContenuBulletin,
    pub empreinte: String,
    pub fige_le: DateTime<Utc>,
    pub visible_des: Option<DateTime<Utc>>,
}

impl Bulletin {
    /// Whether families may read it.
    pub fn is_visible(&self, le: DateTime<Utc>) -> bool {
        self.visible_des.is_some_and(|visible_des| visible_des <= le)
    }
}

/// Who read a bulletin for the first time, and when.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Lecture {
    pub bulletin: Uuid,
    pub lecteur: Uuid,
    pub le: DateTime<Utc>,
}

impl Bulletins {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notes.bulletins";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The bulletins with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Bulletin>> {
        sqlx::query_as(
            "SELECT id, eleve, portail, periode, contenu, empreinte, fige_le, visible_des
             FROM bulletin WHERE id = ANY ($1)",
        )
        .bind(ids)
        .fetch_all(db)
        .await
    }

    /// The bulletins of the fiches of one pupil, newest first.
    pub async fn of_pupil(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Bulletin>> {
        sqlx::query_as(
            "SELECT id, eleve, portail, periode, contenu, empreinte, fige_le, visible_des
             FROM bulletin WHERE eleve = ANY ($1) ORDER BY annee DESC, rang DESC, id",
        )
        .bind(fiches)
        .fetch_all(db)
        .await
    }

    /// The bulletins of periods, in the order of pupils and ranks.
    pub async fn of_periodes(db: impl PgExecutor<'_>, periodes: &[Uuid]) -> sqlx::Result<Vec<Bulletin>> {
        sqlx::query_as(
            "SELECT id, eleve, portail, periode, contenu, empreinte, fige_le, visible_des
             FROM bulletin WHERE periode = ANY ($1) ORDER BY eleve, rang",
        )
        .bind(periodes)
        .fetch_all(db)
        .await
    }

    /// When the first bulletin of a period was frozen.
    pub async fn fige_le(db: impl PgExecutor<'_>, periode: Uuid) -> sqlx::Result<Option<DateTime<Utc>>> {
        sqlx::query_scalar("SELECT min(fige_le) FROM bulletin WHERE periode = $1")
            .bind(periode)
            .fetch_one(db)
            .await
    }

    /// Who has read these bulletins, in the order in which they did.
    pub async fn lectures(db: impl PgExecutor<'_>, bulletins: &[Uuid]) -> sqlx::Result<Vec<Lecture>> {
        sqlx::query_as(
            "SELECT bulletin, lecteur, le FROM lecture_de_bulletin
             WHERE bulletin = ANY ($1) ORDER BY bulletin, le, lecteur",
        )
        .bind(bulletins)
        .fetch_all(db)
        .await
    }
}
