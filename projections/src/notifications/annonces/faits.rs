//! Which facts announce what.

use crate::annuaire::Colonnes;
use crate::{ProjectionError, stream_uuid};
use chrono::{DateTime, NaiveDate, Utc};
use domain::absences::{AppelEvent, AssiduiteEvent, Presence, Seance};
use domain::annuaire::Auditoire;
use domain::cahier_de_textes::TravailEvent;
use domain::notes::{BulletinEvent, EvaluationEvent};
use domain::notifications::Annonce;
use domain::vie_de_l_eleve::{MotEvent, Orientation, PassageEvent, SanctionEvent};
use domain::{EnseignementId, EvaluationId, PersonneId};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// Until it is closed a roll is a draft, and nobody is told of it.
pub(super) async fn appel(
    fact: &Fact,
    event: &AppelEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let appel = stream_uuid(fact)?;
    match event {
        AppelEvent::AppelOuvert { seance, enseignant } => {
            sqlx::query("INSERT INTO annonce_seance (appel, seance, enseignant) VALUES ($1, $2, $3)")
                .bind(appel)
                .bind(Json(seance))
                .bind(enseignant.0)
                .execute(tx)
                .await?;
        }
        AppelEvent::AbsenceConstatee { eleve } => {
            let Some((seance, _)) = ouvert(appel, tx).await? else { return Ok(()) };
            forget_draft(appel, *eleve, tx).await?;
            announce(fact, appel, &absence(*eleve, &seance), None, tx).await?;
        }
        AppelEvent::RetardConstate { eleve, minutes } => {
            let Some((seance, _)) = ouvert(appel, tx).await? else { return Ok(()) };
            forget_draft(appel, *eleve, tx).await?;
            announce(fact, appel, &retard(*eleve, &seance, *minutes), None, tx).await?;
        }
        AppelEvent::PresenceRetablie { eleve } => forget_draft(appel, *eleve, tx).await?,
        AppelEvent::AppelClos { .. } => {
            sqlx::query("UPDATE annonce SET connue_le = $2 WHERE flux = $1 AND connue_le IS NULL")
                .bind(appel)
                .bind(fact.envelope.recorded_at)
                .execute(tx)
                .await?;
        }
        AppelEvent::AppelCorrige { eleve, apres, .. } => {
            let Some((seance, _)) = ouvert(appel, tx).await? else { return Ok(()) };
            let annonce = match apres {
                Presence::Absent => absence(*eleve, &seance),
                Presence::EnRetard { minutes } => retard(*eleve, &seance, *minutes),
                Presence::Present => {
                    Annonce::Presence { eleve: *eleve, date: seance.date, debut: seance.debut }
                }
            };
            announce(fact, appel, &annonce, Some(fact.envelope.recorded_at), tx).await?;
        }
        AppelEvent::AppelRappele { .. } => {
            let Some((seance, enseignant)) = ouvert(appel, tx).await? else { return Ok(()) };
            let Seance { enseignement, date, debut, .. } = seance;
            let annonce = Annonce::AppelNonClos { enseignant, enseignement, date, debut };
            announce(fact, appel, &annonce, Some(fact.envelope.recorded_at), tx).await?;
        }
        // Of an oubli the carnet tells; of a passage the infirmerie does.
        AppelEvent::IncidentNote { .. } | AppelEvent::IncidentRetire { .. } => {}
    }
    Ok(())
}

/// A threshold is told to who follows absences; of the follow-up itself the family is met.
pub(super) async fn assiduite(
    fact: &Fact,
    event: &AssiduiteEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    match event {
        AssiduiteEvent::SeuilAtteint { eleve, etablissement, suite, decompte, .. } => {
            let (eleve, etablissement, suite) = (*eleve, *etablissement, *suite);
            let annonce = Annonce::Seuil { eleve, etablissement, suite, mois: decompte.mois };
            let known = Some(fact.envelope.recorded_at);
            announce(fact, stream_uuid(fact)?, &annonce, known, tx).await
        }
        AssiduiteEvent::SuiviOuvert { .. } | AssiduiteEvent::SuiviClos { .. } => Ok(()),
    }
}

fn absence(eleve: PersonneId, seance: &Seance) -> Annonce {
    Annonce::Absence { eleve, date: seance.date, debut: seance.debut, fin: seance.fin }
}

fn retard(eleve: PersonneId, seance: &Seance, minutes: u16) -> Annonce {
    Annonce::Retard { eleve, date: seance.date, debut: seance.debut, minutes }
}

/// The séance of a roll, and who opened it; none once that was erased, and then nothing of it is told.
async fn ouvert(appel: Uuid, tx: &mut PgConnection) -> Result<Option<(Seance, PersonneId)>, ProjectionError> {
    let found: Option<(Json<Seance>, Uuid)> =
        sqlx::query_as("SELECT seance, enseignant FROM annonce_seance WHERE appel = $1")
            .bind(appel)
            .fetch_optional(tx)
            .await?;
    Ok(found.map(|(Json(seance), enseignant)| (seance, PersonneId(enseignant))))
}

async fn forget_draft(appel: Uuid, eleve: PersonneId, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    sqlx::query("DELETE FROM annonce WHERE flux = $1 AND eleve = $2 AND connue_le IS NULL")
        .bind(appel)
        .bind(eleve.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// Of a mark families are told when they may see it; of its value, in the ENT only.
pub(super) async fn evaluation(
    fact: &Fact,
    event: &EvaluationEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let evaluation = stream_uuid(fact)?;
    match event {
        EvaluationEvent::EvaluationCreee { .. } => {}
        EvaluationEvent::CompetencePositionnee { eleve, .. } => {
            positionnee(fact, evaluation, *eleve, tx).await?;
        }
        EvaluationEvent::NoteSaisie { eleve, .. } => {
            forget_draft(evaluation, *eleve, tx).await?;
            let annonce = Annonce::Note { eleve: *eleve, evaluation: EvaluationId(evaluation) };
            announce(fact, evaluation, &annonce, None, tx).await?;
        }
        EvaluationEvent::NoteCorrigee { eleve, .. } => {
            let annonce = Annonce::NoteCorrigee { eleve: *eleve, evaluation: EvaluationId(evaluation) };
            announce(fact, evaluation, &annonce, Some(fact.envelope.recorded_at), tx).await?;
        }
        EvaluationEvent::EvaluationPubliee { visible_des } => {
            let known =
                visible_des.map_or(fact.envelope.recorded_at, |des| des.max(fact.envelope.recorded_at));
            sqlx::query("UPDATE annonce SET connue_le = $2 WHERE flux = $1 AND connue_le IS NULL")
                .bind(evaluation)
                .bind(known)
                .execute(tx)
                .await?;
        }
    }
    Ok(())
}

/// What a family may read of the socle it is told with the mark, and by itself where there is none: once for
/// a pupil, whatever is shown. Where others were told, families see the evaluation already.
async fn positionnee(
    fact: &Fact,
    evaluation: Uuid,
    eleve: PersonneId,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let (told, seen): (bool, bool) = sqlx::query_as(
        "SELECT coalesce(bool_or(eleve = $2), false), coalesce(bool_or(connue_le IS NOT NULL), false)
         FROM annonce WHERE flux = $1",
    )
    .bind(evaluation)
    .bind(eleve.0)
    .fetch_one(&mut *tx)
    .await?;
    if told {
        return Ok(());
    }
    let annonce = Annonce::Competences { eleve, evaluation: EvaluationId(evaluation) };
    let known = seen.then_some(fact.envelope.recorded_at);
    announce(fact, evaluation, &annonce, known, tx).await
}

/// A bulletin is announced for when it may be read.
pub(super) async fn bulletin(
    fact: &Fact,
    event: &BulletinEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    match event {
        BulletinEvent::BulletinPublie { eleve, visible_des } => {
            let known = fact.envelope.recorded_at.max(*visible_des);
            announce(fact, stream_uuid(fact)?, &Annonce::Bulletin { eleve: *eleve }, Some(known), tx).await
        }
        BulletinEvent::BulletinFige { .. } | BulletinEvent::BulletinLu { .. } => Ok(()),
    }
}

/// A word that the family is to acknowledge; what a parent writes is not told to parents.
pub(super) async fn mot(fact: &Fact, event: &MotEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    match event {
        MotEvent::MotEcrit { eleve, destinataires, .. } if !destinataires.is_empty() => {
            courrier(fact, *eleve, tx).await
        }
        MotEvent::MotEcrit { .. } | MotEvent::MotSigne { .. } => Ok(()),
    }
}

/// That a procedure begins, and what is decided: the mail says that a letter waits, and no more.
pub(super) async fn sanction(
    fact: &Fact,
    event: &SanctionEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    match event {
        SanctionEvent::EleveInforme { eleve, .. }
        | SanctionEvent::AvertissementPrononce { eleve, .. }
        | SanctionEvent::BlamePrononce { eleve, .. }
        | SanctionEvent::ResponsabilisationPrononcee { eleve, .. }
        | SanctionEvent::ExclusionTemporairePrononcee { eleve, .. }
        | SanctionEvent::ExclusionDefinitivePrononcee { eleve, .. }
        | SanctionEvent::SursisRevoque { eleve, .. }
        | SanctionEvent::SanctionAnnulee { eleve, .. } => courrier(fact, *eleve, tx).await,
        SanctionEvent::ProcedureEngagee { .. }
        | SanctionEvent::DefenseRecueillie { .. }
        | SanctionEvent::ProcedureClassee { .. }
        | SanctionEvent::SanctionNotifiee { .. }
        | SanctionEvent::SanctionExecutee { .. }
        | SanctionEvent::RecoursNote { .. }
        | SanctionEvent::EffacementDemande { .. }
        | SanctionEvent::SanctionEffacee { .. } => Ok(()),
    }
}

/// Of a passage that does not end in class the family is told; why is health, and in no mail.
pub(super) async fn passage(
    fact: &Fact,
    event: &PassageEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    match event {
        PassageEvent::PassageClos { orientation: Orientation::RetourEnClasse, .. }
        | PassageEvent::PassageOuvert { .. }
        | PassageEvent::SoinConsigne { .. } => Ok(()),
        PassageEvent::PassageClos { eleve, .. } => courrier(fact, *eleve, tx).await,
    }
}

/// A travail is told to its division or its groupe once it may be read, and so is what becomes of it then.
pub(super) async fn travail(
    fact: &Fact,
    event: &TravailEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let travail = stream_uuid(fact)?;
    let query = match event {
        TravailEvent::TravailDonne { fiche, .. } | TravailEvent::TravailModifie { fiche } => {
            let Colonnes { division, groupe } = fiche.auditoire.into();
            sqlx::query(
                "INSERT INTO annonce_travail (travail, division, groupe, enseignement, pour_le, publie)
                 VALUES ($1, $2, $3, $4, $5, false)
                 ON CONFLICT (travail) DO UPDATE SET pour_le = excluded.pour_le",
            )
            .bind(travail)
            .bind(division)
            .bind(groupe)
            .bind(fiche.enseignement.0)
            .bind(fiche.pour_le)
        }
        TravailEvent::TravailPublie {} | TravailEvent::TravailAnnule {} => {
            sqlx::query("UPDATE annonce_travail SET publie = publie OR $2 WHERE travail = $1")
                .bind(travail)
                .bind(matches!(event, TravailEvent::TravailPublie {}))
        }
        // What is to be done has not changed.
        TravailEvent::TravailDocumente { .. } => return Ok(()),
    };
    query.execute(&mut *tx).await?;
    let Some(annonce) = du_travail(travail, event, tx).await? else { return Ok(()) };
    announce(fact, travail, &annonce, Some(fact.envelope.recorded_at), tx).await
}

/// A travail that may be read.
#[derive(FromRow)]
struct Publie {
    #[sqlx(flatten, try_from = "Colonnes")]
    auditoire: Auditoire,
    enseignement: Uuid,
    pour_le: NaiveDate,
}

/// What a fact announces of a travail; nothing while it is a draft.
async fn du_travail(
    travail: Uuid,
    event: &TravailEvent,
    tx: &mut PgConnection,
) -> Result<Option<Annonce>, ProjectionError> {
    let published: Option<Publie> = sqlx::query_as(
        "SELECT division, groupe, enseignement, pour_le FROM annonce_travail WHERE travail = $1 AND publie",
    )
    .bind(travail)
    .fetch_optional(tx)
    .await?;
    let Some(Publie { auditoire, enseignement, pour_le }) = published else { return Ok(None) };
    let enseignement = EnseignementId(enseignement);
    Ok(match event {
        TravailEvent::TravailDonne { .. } | TravailEvent::TravailDocumente { .. } => None,
        TravailEvent::TravailPublie {} => Some(Annonce::Travail { auditoire, enseignement, pour_le }),
        TravailEvent::TravailModifie { .. } => {
            Some(Annonce::TravailModifie { auditoire, enseignement, pour_le })
        }
        TravailEvent::TravailAnnule {} => Some(Annonce::TravailAnnule { auditoire, enseignement, pour_le }),
    })
}

async fn courrier(fact: &Fact, eleve: PersonneId, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let known = Some(fact.envelope.recorded_at);
    announce(fact, stream_uuid(fact)?, &Annonce::Courrier { eleve }, known, tx).await
}

/// Enters what a fact announces; unless it is `known` from an instant on, it waits for what makes it so. A mark
/// that is corrected before families may see it is known when they may.
async fn announce(
    fact: &Fact,
    flux: Uuid,
    annonce: &Annonce,
    known: Option<DateTime<Utc>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO annonce (id, flux, portail, eleve, division, details, connue_le, personnel,
                              etablissement, groupe)
         VALUES ($1, $2, $3, $4, $5, $6,
                 CASE WHEN $7::timestamptz IS NOT NULL
                      THEN greatest($7, (SELECT max(connue_le) FROM annonce WHERE flux = $2)) END,
                 $8, $9, $10)",
    )
    .bind(fact.envelope.event_id.0)
    .bind(flux)
    .bind(fact.position.portail.as_str())
    .bind(annonce.eleve().map(|eleve| eleve.0))
    .bind(annonce.auditoire().and_then(Auditoire::division).map(|division| division.0))
    .bind(Json(annonce))
    .bind(known)
    .bind(annonce.personnel().map(|personne| personne.0))
    .bind(annonce.etablissement().map(|etablissement| etablissement.0))
    .bind(annonce.auditoire().and_then(Auditoire::groupe).map(|groupe| groupe.0))
    .execute(tx)
    .await?;
    Ok(())
}
