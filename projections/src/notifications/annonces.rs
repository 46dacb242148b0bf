//! What there is to tell: of absences once a roll is closed, of marks once they are published.
//!
//! A row has the id of the event that it announces, so that a view rebuilt from zero announces
//! nothing twice.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::absences::{Appel, AppelEvent, Presence, Seance};
use domain::notes::{Evaluation, EvaluationEvent};
use domain::notifications::{Annonce, Calme, Choix, Theme};
use domain::{Aggregate, EvaluationId, Event, PersonneId, journee};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use uuid::Uuid;

/// The view of what there is to tell.
pub struct Annonces;

#[async_trait]
impl Projection for Annonces {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["annonce", "annonce_seance"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Appel::TYPE, Evaluation::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: Appel::TYPE, sql: "DELETE FROM annonce WHERE flux = ANY ($1::text[]::uuid[])" },
            Forget {
                kind: Appel::TYPE,
                sql: "DELETE FROM annonce_seance WHERE appel = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Evaluation::TYPE,
                sql: "DELETE FROM annonce WHERE flux = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        match fact.event() {
            Some(Event::Appel(event)) => appel(fact, event, tx).await,
            Some(Event::Evaluation(event)) => evaluation(fact, event, tx).await,
            Some(_) | None => Ok(()),
        }
    }
}

/// Until it is closed a roll is a draft, and nobody is told of it.
async fn appel(fact: &Fact, event: &AppelEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let appel = stream_uuid(fact)?;
    match event {
        AppelEvent::AppelOuvert { seance, .. } => {
            sqlx::query("INSERT INTO annonce_seance (appel, seance) VALUES ($1, $2)")
                .bind(appel)
                .bind(Json(seance))
                .execute(tx)
                .await?;
        }
        AppelEvent::AbsenceConstatee { eleve } => {
            let seance = seance(appel, tx).await?;
            forget_draft(appel, *eleve, tx).await?;
            announce(fact, appel, &absence(*eleve, &seance), false, tx).await?;
        }
        AppelEvent::RetardConstate { eleve, minutes } => {
            let seance = seance(appel, tx).await?;
            forget_draft(appel, *eleve, tx).await?;
            announce(fact, appel, &retard(*eleve, &seance, *minutes), false, tx).await?;
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
            let seance = seance(appel, tx).await?;
            let annonce = match apres {
                Presence::Absent => absence(*eleve, &seance),
                Presence::EnRetard { minutes } => retard(*eleve, &seance, *minutes),
                Presence::Present => {
                    Annonce::Presence { eleve: *eleve, date: seance.date, debut: seance.debut }
                }
            };
            announce(fact, appel, &annonce, true, tx).await?;
        }
        // Of an oubli the carnet tells; of a passage the infirmerie does.
        AppelEvent::IncidentNote { .. }
        | AppelEvent::IncidentRetire { .. }
        | AppelEvent::AppelRappele { .. } => {}
    }
    Ok(())
}

fn absence(eleve: PersonneId, seance: &Seance) -> Annonce {
    Annonce::Absence { eleve, date: seance.date, debut: seance.debut, fin: seance.fin }
}

fn retard(eleve: PersonneId, seance: &Seance, minutes: u16) -> Annonce {
    Annonce::Retard { eleve, date: seance.date, debut: seance.debut, minutes }
}

async fn seance(appel: Uuid, tx: &mut PgConnection) -> Result<Seance, ProjectionError> {
    let found: Json<Seance> = sqlx::query_scalar("SELECT seance FROM annonce_seance WHERE appel = $1")
        .bind(appel)
        .fetch_one(tx)
        .await?;
    Ok(found.0)
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
async fn evaluation(
    fact: &Fact,
    event: &EvaluationEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let evaluation = stream_uuid(fact)?;
    match event {
        EvaluationEvent::EvaluationCreee { .. } => {}
        EvaluationEvent::NoteSaisie { eleve, .. } => {
            forget_draft(evaluation, *eleve, tx).await?;
            let annonce = Annonce::Note { eleve: *eleve, evaluation: EvaluationId(evaluation) };
            announce(fact, evaluation, &annonce, false, tx).await?;
        }
        EvaluationEvent::NoteCorrigee { eleve, .. } => {
            let annonce = Annonce::NoteCorrigee { eleve: *eleve, evaluation: EvaluationId(evaluation) };
            announce(fact, evaluation, &annonce, true, tx).await?;
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

/// Enters what a fact announces; unless it is `known` at once, it waits for what makes it so. A mark
/// that is corrected before families may see it is known when they may.
async fn announce(
    fact: &Fact,
    flux: Uuid,
    annonce: &Annonce,
    known: bool,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO annonce (id, flux, portail, eleve, details, connue_le)
         VALUES ($1, $2, $3, $4, $5,
                 CASE WHEN $6::timestamptz IS NOT NULL
                      THEN greatest($6, (SELECT max(connue_le) FROM annonce WHERE flux = $2)) END)",
    )
    .bind(fact.envelope.event_id.0)
    .bind(flux)
    .bind(fact.position.portail.as_str())
    .bind(annonce.eleve().0)
    .bind(Json(annonce))
    .bind(known.then_some(fact.envelope.recorded_at))
    .execute(tx)
    .await?;
    Ok(())
}

/// Something to tell, and to whom.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct APreparer {
    pub id: Uuid,
    pub portail: String,
    pub connue_le: DateTime<Utc>,
    #[sqlx(json)]
    pub details: Annonce,
    /// Who answers for the pupil with the right to be informed, and the pupil who is of age.
    #[sqlx(json)]
    pub destinataires: Vec<Destinataire>,
}

/// Somebody who is to be told, and how he or she can be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[allow(missing_docs)]
pub struct Destinataire {
    pub personne: PersonneId,
    /// The directory has an address for mail.
    pub courriel: bool,
    /// A telephone is confirmed.
    pub telephone: bool,
    /// What was chosen.
    pub choix: Option<BTreeMap<Theme, Choix>>,
    pub calme: Option<Calme>,
}

/// Who is told of what becomes known of a pupil: the same persons as may read it, whichever of
/// their fiches says so, and no suspended one.
const DESTINATAIRES: &str = "
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'personne', d.personne, 'courriel', d.courriel, 'telephone', f.telephone IS NOT NULL,
               'choix', f.choix, 'calme', f.calme) ORDER BY d.personne), '[]')
    FROM (SELECT coalesce(i.racine, p.id) AS personne, bool_or(p.courriel IS NOT NULL) AS courriel
          FROM personne p LEFT JOIN identite i ON i.fiche = p.id
          WHERE NOT p.suspendue AND (
              p.id IN (SELECT s.responsable FROM responsabilite s
                       WHERE s.eleve = ANY (tous.fiches) AND s.destinataire
                         AND NOT EXISTS (SELECT FROM opposition o WHERE o.eleve = ANY (tous.fiches)))
              OR (p.id = ANY (tous.fiches) AND p.naissance <= $3::date - interval '18 years'))
          GROUP BY 1) d
    LEFT JOIN preference f ON f.personne = d.personne";

impl Annonces {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notifications.annonces";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// What became known in a span of time and for which nothing is prepared yet, oldest first,
    /// after a place in that order. Who is of age is so at its end.
    pub async fn a_preparer(
        db: impl PgExecutor<'_>,
        connues: RangeInclusive<DateTime<Utc>>,
        apres: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<APreparer>> {
        let (after, id) = apres.unzip();
        let sql = format!(
            "SELECT a.id, a.portail, a.connue_le, a.details, ({DESTINATAIRES}) AS destinataires
             FROM annonce a
             CROSS JOIN LATERAL (
                 SELECT array(SELECT a.eleve UNION
                              SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
                              WHERE i.fiche = a.eleve) AS fiches) tous
             WHERE a.connue_le BETWEEN $1 AND $6 AND ($2::timestamptz IS NULL OR (a.connue_le, a.id) > ($2, $4))
               AND NOT EXISTS (SELECT FROM envoi e WHERE e.annonce = a.id)
             ORDER BY a.connue_le, a.id LIMIT $5"
        );
        let (from, to) = connues.into_inner();
        sqlx::query_as(&sql)
            .bind(from)
            .bind(after)
            .bind(journee(to))
            .bind(id)
            .bind(limit)
            .bind(to)
            .fetch_all(db)
            .await
    }
}
