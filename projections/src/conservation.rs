//! What is held and what was destroyed, and what is due.

mod echeances;
mod proces_verbal;
mod restes;
mod sorties;

pub use echeances::{Cle, Place};
pub use proces_verbal::{Constat, ConstatFault, Moyens, ProcesVerbal, VuePurgee};
pub use restes::{Octets, PieceEffacee};

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::conservation::{
    Auteur, Destruction as Destructions, DestructionEvent, Fondement, GelEvent, Gels, Lot,
};
use domain::{Aggregate, Event, annuaire};
use ledger::feed::Fact;
use sorties::Sorties;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of holds and destructions, and of who has left the directory.
pub struct Registre;

#[async_trait]
impl Projection for Registre {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["gel", "destruction", "sortie"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Gels::TYPE, Destructions::TYPE, annuaire::Personne::TYPE]
    }

    /// Holds and destructions are never erased, and of persons it keeps what envelopes say.
    fn forgets(&self) -> &'static [Forget] {
        &[]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    /// Holds and destructions are few, and written one by one; persons are a million in an import.
    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let mut sorties = Sorties::default();
        for fact in facts {
            match fact.event() {
                Some(Event::Gels(event)) => gel(fact, event, &mut *tx).await?,
                Some(Event::Destruction(event)) => destruction(fact, event, &mut *tx).await?,
                Some(_) | None => sorties.hear(fact)?,
            }
        }
        sorties.write(tx).await
    }
}

async fn gel(fact: &Fact, event: &GelEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let query = match event {
        GelEvent::GelPose { gel, portee, motif, par, le } => sqlx::query(
            "INSERT INTO gel (portail, id, personne, classes, motif, pose_par, pose_le)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(fact.position.portail.as_str())
        .bind(gel.0)
        .bind(portee.personne.map(|personne| personne.0))
        .bind(portee.classes.iter().map(|classe| classe.as_str()).collect::<Vec<_>>())
        .bind(motif)
        .bind(Json(par))
        .bind(le),
        GelEvent::GelLeve { gel, motif, par, le } => sqlx::query(
            "UPDATE gel SET motif_de_levee = $3, leve_par = $4, leve_le = $5 WHERE portail = $1 AND id = $2",
        )
        .bind(fact.position.portail.as_str())
        .bind(gel.0)
        .bind(motif)
        .bind(Json(par))
        .bind(le),
    };
    query.execute(tx).await?;
    Ok(())
}

async fn destruction(
    fact: &Fact,
    event: &DestructionEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let query = match event {
        DestructionEvent::DestructionDemandee { lots, fondement, motif, par, le } => sqlx::query(
            "INSERT INTO destruction (id, portail, fondement, motif, lots, demandee_par, demandee_le, etat, cles)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'demandee', '{}')",
        )
        .bind(id)
        .bind(fact.position.portail.as_str())
        .bind(fondement_word(*fondement))
        .bind(motif)
        .bind(Json(lots))
        .bind(Json(par))
        .bind(le),
        DestructionEvent::DestructionExecutee { cles, par, le } => sqlx::query(
            "UPDATE destruction SET etat = 'executee', cles = $2, terminee_par = $3, terminee_le = $4,
                                    annee = $5, position = $6
             WHERE id = $1",
        )
        .bind(id)
        .bind(cles.iter().map(|cle| cle.0).collect::<Vec<_>>())
        .bind(Json(par))
        .bind(le)
        .bind(fact.position.annee.0)
        .bind(fact.position.position),
        DestructionEvent::DestructionAbandonnee { motif, par, le } => sqlx::query(
            "UPDATE destruction SET etat = 'abandonnee', motif_d_abandon = $2, terminee_par = $3, terminee_le = $4
             WHERE id = $1",
        )
        .bind(id)
        .bind(motif)
        .bind(Json(par))
        .bind(le),
    };
    query.execute(tx).await?;
    Ok(())
}

fn fondement_word(fondement: Fondement) -> &'static str {
    match fondement {
        Fondement::Echeance => "echeance",
        Fondement::DemandeDeLaPersonne => "demande_de_la_personne",
    }
}

/// A legal hold.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Gel {
    pub portail: String,
    pub id: Uuid,
    pub personne: Option<Uuid>,
    pub classes: Vec<String>,
    pub motif: String,
    #[sqlx(json)]
    pub pose_par: Auteur,
    pub pose_le: NaiveDate,
    #[sqlx(json(nullable))]
    pub leve_par: Option<Auteur>,
    pub leve_le: Option<NaiveDate>,
    pub motif_de_levee: Option<String>,
}

/// A destruction as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Destruction {
    pub id: Uuid,
    pub portail: String,
    pub fondement: String,
    pub motif: String,
    #[sqlx(json)]
    pub lots: Vec<Lot>,
    #[sqlx(json)]
    pub demandee_par: Auteur,
    pub demandee_le: NaiveDate,
    pub etat: String,
    /// The keys that were destroyed.
    pub cles: Vec<Uuid>,
    #[sqlx(json(nullable))]
    pub terminee_par: Option<Auteur>,
    pub terminee_le: Option<NaiveDate>,
    pub motif_d_abandon: Option<String>,
    /// Where the journal says that it was done.
    pub annee: Option<i16>,
    pub position: Option<i64>,
}

impl Registre {
    /// Frozen name of the view.
    pub const NAME: &'static str = "conservation.registre";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// All holds of a portal, the newest first.
    pub async fn gels(db: impl PgExecutor<'_>, portail: &str) -> sqlx::Result<Vec<Gel>> {
        sqlx::query_as("SELECT * FROM gel WHERE portail = $1 ORDER BY pose_le DESC, id DESC")
            .bind(portail)
            .fetch_all(db)
            .await
    }

    /// The hold of a portal with this id.
    pub async fn gel(db: impl PgExecutor<'_>, portail: &str, id: Uuid) -> sqlx::Result<Option<Gel>> {
        sqlx::query_as("SELECT * FROM gel WHERE portail = $1 AND id = $2")
            .bind(portail)
            .bind(id)
            .fetch_optional(db)
            .await
    }

    /// The holds that stand on these persons, whichever portal placed them.
    pub async fn gels_of(db: impl PgExecutor<'_>, personnes: &[Uuid]) -> sqlx::Result<Vec<Gel>> {
        sqlx::query_as("SELECT * FROM gel WHERE personne = ANY ($1) AND leve_le IS NULL")
            .bind(personnes)
            .fetch_all(db)
            .await
    }

    /// The destructions with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Destruction>> {
        sqlx::query_as("SELECT * FROM destruction WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The destructions of a portal, newest first, after a place given by the (demandee_le,
    /// destruction) of the last one seen.
    pub async fn destructions(
        db: impl PgExecutor<'_>,
        portail: &str,
        after: Option<(NaiveDate, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Destruction>> {
        let (le, id) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM destruction
             WHERE portail = $1 AND ($2::date IS NULL OR (demandee_le, id) < ($2, $3))
             ORDER BY demandee_le DESC, id DESC LIMIT $4",
        )
        .bind(portail)
        .bind(le)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}
