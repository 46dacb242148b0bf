//! Which files accompany what.
//!
//! That a file was joined to something stays; what accompanies it now is the list that its own stream
//! says last.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::absences::{DossierAbsence, DossierAbsenceEvent};
use domain::cahier_de_textes::{Copie, CopieEvent, Seance, SeanceEvent, Travail, TravailEvent};
use domain::pieces::{FicheDePiece, Objet, Piece, PieceEvent};
use domain::{Aggregate, CopieId, DossierAbsenceId, Event, PieceId, SeanceId, TravailId};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of files.
pub struct Pieces;

#[async_trait]
impl Projection for Pieces {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["piece", "piece_liste"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Piece::TYPE, Copie::TYPE, Seance::TYPE, Travail::TYPE, DossierAbsence::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: Piece::TYPE, sql: "DELETE FROM piece WHERE id = ANY ($1::text[]::uuid[])" },
            Forget {
                kind: Copie::TYPE,
                sql: "DELETE FROM piece_liste WHERE nature = 'copie' AND objet = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Seance::TYPE,
                sql: "DELETE FROM piece_liste WHERE nature = 'seance' AND objet = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Travail::TYPE,
                sql: "DELETE FROM piece_liste WHERE nature = 'travail' AND objet = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: DossierAbsence::TYPE,
                sql: "DELETE FROM piece_liste
                      WHERE nature = 'dossier_absence' AND objet = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        match fact.event() {
            Some(Event::Piece(event)) => piece(fact, event, tx).await,
            Some(Event::Copie(event)) => copie(event, tx).await,
            Some(Event::Seance(event)) => seance(fact, event, tx).await,
            Some(Event::Travail(event)) => travail(fact, event, tx).await,
            Some(Event::DossierAbsence(event)) => dossier(fact, event, tx).await,
            Some(_) | None => Ok(()),
        }
    }
}

async fn piece(fact: &Fact, event: &PieceEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let PieceEvent::PieceJointe { personne, objet, fiche } = event;
    sqlx::query(
        "INSERT INTO piece (id, personne, nature, objet, fiche, jointe_le) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(crate::stream_uuid(fact)?)
    .bind(personne.0)
    .bind(objet.nature())
    .bind(objet.id())
    .bind(Json(fiche))
    .bind(fact.envelope.recorded_at)
    .execute(tx)
    .await?;
    Ok(())
}

async fn copie(event: &CopieEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let objet = |travail, eleve| Objet::Copie { copie: CopieId::de(travail, eleve) };
    match event {
        CopieEvent::CopieDeposee { travail, eleve, pieces } => {
            accompagne(objet(*travail, *eleve), pieces, tx).await
        }
        CopieEvent::CopieRendue { travail, eleve, .. } => accompagne(objet(*travail, *eleve), &[], tx).await,
        CopieEvent::TravailFait { .. }
        | CopieEvent::TravailRepris { .. }
        | CopieEvent::CopieAnnotee { .. } => Ok(()),
    }
}

async fn seance(fact: &Fact, event: &SeanceEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    match event {
        SeanceEvent::SeanceDocumentee { pieces } => {
            let seance = SeanceId(crate::stream_uuid(fact)?);
            accompagne(Objet::Seance { seance }, pieces, tx).await
        }
        SeanceEvent::SeanceRedigee { .. }
        | SeanceEvent::SeanceModifiee { .. }
        | SeanceEvent::SeancePubliee {} => Ok(()),
    }
}

async fn travail(fact: &Fact, event: &TravailEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    match event {
        TravailEvent::TravailDocumente { pieces } => {
            let travail = TravailId(crate::stream_uuid(fact)?);
            accompagne(Objet::Travail { travail }, pieces, tx).await
        }
        TravailEvent::TravailDonne { .. }
        | TravailEvent::TravailModifie { .. }
        | TravailEvent::TravailPublie {}
        | TravailEvent::TravailAnnule {} => Ok(()),
    }
}

async fn dossier(
    fact: &Fact,
    event: &DossierAbsenceEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    match event {
        DossierAbsenceEvent::AbsenceAnnoncee { justification, .. }
        | DossierAbsenceEvent::AbsenceJustifiee { justification, .. } => {
            let dossier = DossierAbsenceId(crate::stream_uuid(fact)?);
            accompagne(Objet::DossierAbsence { dossier }, &justification.pieces, tx).await
        }
        DossierAbsenceEvent::AbsenceConstatee { .. }
        | DossierAbsenceEvent::FamilleContactee { .. }
        | DossierAbsenceEvent::AbsenceReglee { .. } => Ok(()),
    }
}

/// These files accompany something from now on, and no others.
async fn accompagne(objet: Objet, pieces: &[PieceId], tx: &mut PgConnection) -> Result<(), ProjectionError> {
    if pieces.is_empty() {
        let sql = "DELETE FROM piece_liste WHERE nature = $1 AND objet = $2";
        sqlx::query(sql).bind(objet.nature()).bind(objet.id()).execute(tx).await?;
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO piece_liste (nature, objet, pieces) VALUES ($1, $2, $3)
         ON CONFLICT (nature, objet) DO UPDATE SET pieces = excluded.pieces",
    )
    .bind(objet.nature())
    .bind(objet.id())
    .bind(pieces.iter().map(|piece| piece.0).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// A file that was joined to something.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct PieceJointe {
    pub id: Uuid,
    /// Whose it is.
    pub personne: Uuid,
    pub nature: String,
    pub objet: Uuid,
    #[sqlx(json)]
    pub fiche: FicheDePiece,
    pub jointe_le: DateTime<Utc>,
}

impl PieceJointe {
    /// What it accompanies.
    pub fn objet(&self) -> Option<Objet> {
        Objet::named(&self.nature, self.objet)
    }
}

const COLUMNS: &str = "p.id, p.personne, p.nature, p.objet, p.fiche, p.jointe_le";
/// What accompanies something now.
const NOW: &str = "piece_liste l JOIN piece p
                       ON p.nature = l.nature AND p.objet = l.objet AND p.id = ANY (l.pieces)";

impl Pieces {
    /// Frozen name of the view.
    pub const NAME: &'static str = "pieces.pieces";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// A file, as long as it accompanies something.
    pub async fn jointe(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<PieceJointe>> {
        sqlx::query_as(&format!("SELECT {COLUMNS} FROM {NOW} WHERE p.id = $1"))
            .bind(id)
            .fetch_optional(db)
            .await
    }

    /// The files that accompany each of these, in their order.
    pub async fn jointes(db: impl PgExecutor<'_>, objets: &[Objet]) -> sqlx::Result<Vec<PieceJointe>> {
        let (natures, ids): (Vec<_>, Vec<_>) =
            objets.iter().map(|objet| (objet.nature(), objet.id())).unzip();
        let sql = format!(
            "SELECT {COLUMNS} FROM unnest($1::text[], $2::uuid[]) AS o (nature, objet)
             JOIN ({NOW}) ON l.nature = o.nature AND l.objet = o.objet
             ORDER BY l.nature, l.objet, array_position(l.pieces, p.id)"
        );
        sqlx::query_as(&sql).bind(natures).bind(ids).fetch_all(db).await
    }

    /// All files that were ever joined and are of one of these fiches, after one of them.
    pub async fn de(
        db: impl PgExecutor<'_>,
        fiches: &[Uuid],
        after: Option<Uuid>,
        limit: i64,
    ) -> sqlx::Result<Vec<PieceJointe>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM piece p WHERE p.personne = ANY ($1) AND ($2::uuid IS NULL OR p.id > $2)
             ORDER BY p.id LIMIT $3"
        );
        sqlx::query_as(&sql).bind(fiches).bind(after).bind(limit).fetch_all(db).await
    }
}
