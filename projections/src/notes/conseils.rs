//! What teachers and the conseil de classe say of pupils, and where these stand in the socle.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::notes::{
    AppreciationEvent, Appreciations, ConseilDeClasse, ConseilEvent, Cycle, Domaine, Examen as Dit,
    Positionnement as Place, PositionnementEvent, Positionnements,
};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of appreciations, of what the conseil says, and of positionnements.
pub struct Conseils;

#[async_trait]
impl Projection for Conseils {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["appreciation", "examen", "positionnement"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Appreciations::TYPE, ConseilDeClasse::TYPE, Positionnements::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: Appreciations::TYPE,
                sql: "DELETE FROM appreciation WHERE flux = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: ConseilDeClasse::TYPE,
                sql: "DELETE FROM examen WHERE periode = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Positionnements::TYPE,
                sql: "DELETE FROM positionnement WHERE eleve = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        match fact.event() {
            Some(Event::Appreciations(event)) => appreciate(fact, event, tx).await,
            Some(Event::ConseilDeClasse(event)) => examine(fact, event, tx).await,
            Some(Event::Positionnements(event)) => place(fact, event, tx).await,
            Some(_) | None => Ok(()),
        }
    }
}

async fn appreciate(
    fact: &Fact,
    event: &AppreciationEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let AppreciationEvent::AppreciationRedigee { enseignement, periode, eleve, texte } = event;
    sqlx::query(
        "INSERT INTO appreciation (flux, periode, enseignement, eleve, texte, par)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (flux, eleve) DO UPDATE SET texte = excluded.texte, par = excluded.par",
    )
    .bind(stream_uuid(fact)?)
    .bind(periode.0)
    .bind(enseignement.0)
    .bind(eleve.0)
    .bind(texte)
    .bind(author(fact))
    .execute(tx)
    .await?;
    Ok(())
}

async fn examine(fact: &Fact, event: &ConseilEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let (eleve, version, examen) = match event {
        ConseilEvent::EleveExamine { eleve, version, examen, .. } => (eleve, version, examen),
        // What it was given has a view of its own.
        ConseilEvent::AssiduiteDonnee { .. } => return Ok(()),
    };
    sqlx::query(
        "INSERT INTO examen (periode, eleve, version, examen, par) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (periode, eleve)
         DO UPDATE SET version = excluded.version, examen = excluded.examen, par = excluded.par",
    )
    .bind(stream_uuid(fact)?)
    .bind(eleve.0)
    .bind(i64::from(*version))
    .bind(Json(examen))
    .bind(author(fact))
    .execute(tx)
    .await?;
    Ok(())
}

async fn place(
    fact: &Fact,
    event: &PositionnementEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let PositionnementEvent::ElevePositionne { positionnement, .. } = event;
    let Place { cycle, domaine, niveau } = positionnement;
    sqlx::query(
        "INSERT INTO positionnement (eleve, cycle, domaine, niveau, le) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (eleve, cycle, domaine) DO UPDATE SET niveau = excluded.niveau, le = excluded.le",
    )
    .bind(stream_uuid(fact)?)
    .bind(cycle.as_str())
    .bind(domaine.as_str())
    .bind(i16::from(u8::from(*niveau)))
    .bind(fact.envelope.recorded_at)
    .execute(tx)
    .await?;
    Ok(())
}

fn author(fact: &Fact) -> Option<Uuid> {
    fact.envelope.actor.personne.map(|personne| personne.0)
}

/// What a teacher wrote of a pupil.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Appreciation {
    pub enseignement: Uuid,
    pub eleve: Uuid,
    pub texte: String,
    pub par: Option<Uuid>,
}

/// What the conseil says of a pupil.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Examen {
    pub eleve: Uuid,
    pub version: i64,
    #[sqlx(json)]
    pub examen: Dit,
    pub par: Option<Uuid>,
}

/// Where a pupil stands in a domaine.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Positionnement {
    pub eleve: Uuid,
    pub cycle: String,
    pub domaine: String,
    pub niveau: i16,
    pub le: DateTime<Utc>,
}

impl Positionnement {
    /// As the domain has it.
    pub fn place(&self) -> Option<Place> {
        place_nommee(&self.cycle, &self.domaine, self.niveau)
    }
}

/// A place in the socle, from what columns say of it.
pub(super) fn place_nommee(cycle: &str, domaine: &str, niveau: i16) -> Option<Place> {
    let niveau = u8::try_from(niveau).ok()?.try_into().ok()?;
    Some(Place { cycle: Cycle::named(cycle)?, domaine: Domaine::named(domaine)?, niveau })
}

impl Conseils {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notes.conseils";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// What teachers wrote in a period.
    pub async fn appreciations(db: impl PgExecutor<'_>, periode: Uuid) -> sqlx::Result<Vec<Appreciation>> {
        sqlx::query_as(
            "SELECT enseignement, eleve, texte, par FROM appreciation
             WHERE periode = $1 ORDER BY enseignement, eleve",
        )
        .bind(periode)
        .fetch_all(db)
        .await
    }

    /// What the conseil says in a period.
    pub async fn examens(db: impl PgExecutor<'_>, periode: Uuid) -> sqlx::Result<Vec<Examen>> {
        sqlx::query_as("SELECT eleve, version, examen, par FROM examen WHERE periode = $1 ORDER BY eleve")
            .bind(periode)
            .fetch_all(db)
            .await
    }

    /// Where pupils stand in the socle: of each domaine of a cycle the last word, under whichever fiche it
    /// was said. Each of the fiches comes with the one under which its pupil is read.
    pub async fn positionnements(
        db: impl PgExecutor<'_>,
        fiches: &[(Uuid, Uuid)],
    ) -> sqlx::Result<Vec<Positionnement>> {
        sqlx::query_as(
            "SELECT DISTINCT ON (f.lue, p.cycle, p.domaine) f.lue AS eleve, p.cycle, p.domaine, p.niveau, p.le
             FROM unnest($1::uuid[], $2::uuid[]) AS f (fiche, lue) JOIN positionnement p ON p.eleve = f.fiche
             ORDER BY f.lue, p.cycle, p.domaine, p.le DESC",
        )
        .bind(fiches.iter().map(|(fiche, _)| *fiche).collect::<Vec<_>>())
        .bind(fiches.iter().map(|(_, lue)| *lue).collect::<Vec<_>>())
        .fetch_all(db)
        .await
    }

    /// The professeurs principaux of a division, as the directory has them.
    pub async fn principaux(db: impl PgExecutor<'_>, division: Uuid) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT DISTINCT t.personne FROM enseignant t JOIN enseignement n ON n.id = t.enseignement
             WHERE n.division = $1 AND t.principal ORDER BY 1",
        )
        .bind(division)
        .fetch_all(db)
        .await
    }
}
