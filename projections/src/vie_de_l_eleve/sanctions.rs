//! Procedures and sanctions, as the pupil's file shows them.
//!
//! From the day of its effacement on, a sanction is in no file, though its contents may not be
//! destroyed yet; nor is one that was annulled, nor a procedure that was given up (code de
//! l'éducation, art. R511-13, IV). Nothing outlasts secondary schooling.

use super::{vue, word};
use crate::ProjectionError;
use chrono::NaiveDate;
use domain::Event;
use domain::vie_de_l_eleve::{self as domaine, DecisionDeSanction, Defense, SanctionEvent};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of procedures and sanctions.
    Sanctions = "vie_de_l_eleve.sanctions" of domaine::Sanction {
        "sanction" by "id",
        "sanction_notification" by "sanction",
    }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Sanction(event)) = fact.event() else { return Ok(()) };
    let id = crate::stream_uuid(fact)?;
    if let Some((eleve, decision, le, effacement)) = event.prononce() {
        return prononcer((id, eleve.0), fact, decision, (le, effacement), tx).await;
    }
    let dated = |column: &'static str, le: &NaiveDate| sqlx::query(column).bind(id).bind(*le);
    let change = match event {
        SanctionEvent::ProcedureEngagee { eleve, griefs, cas, incident, le, .. } => sqlx::query(
            "INSERT INTO sanction (id, portail, eleve, griefs, cas, incident, engagee_le)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id)
        .bind(fact.position.portail.as_str())
        .bind(eleve.0)
        .bind(griefs)
        .bind(cas.as_ref().map(word).transpose()?)
        .bind(incident.map(|incident| incident.0))
        .bind(*le),
        SanctionEvent::EleveInforme { fin, conseil_le, .. } => {
            dated("UPDATE sanction SET fin_du_delai = $2, conseil_le = $3 WHERE id = $1", fin)
                .bind(*conseil_le)
        }
        SanctionEvent::DefenseRecueillie { defense, .. } => {
            sqlx::query("UPDATE sanction SET defense = $2 WHERE id = $1").bind(id).bind(Json(defense))
        }
        SanctionEvent::ProcedureClassee { le, .. } => {
            dated("UPDATE sanction SET classee_le = $2 WHERE id = $1", le)
        }
        SanctionEvent::SanctionNotifiee { destinataire, voie, le, .. } => sqlx::query(
            "INSERT INTO sanction_notification (sanction, destinataire, voie, le) VALUES ($1, $2, $3, $4)
             ON CONFLICT (sanction, destinataire) DO UPDATE SET voie = excluded.voie, le = excluded.le",
        )
        .bind(id)
        .bind(destinataire.0)
        .bind(word(voie)?)
        .bind(*le),
        SanctionEvent::SanctionExecutee { du, .. } => {
            dated("UPDATE sanction SET executee_du = $2 WHERE id = $1", du)
        }
        SanctionEvent::SursisRevoque { le, .. } => {
            dated("UPDATE sanction SET sursis_revoque_le = $2 WHERE id = $1", le)
        }
        SanctionEvent::RecoursNote { nature, le, .. } => {
            dated("UPDATE sanction SET recours_le = $2, recours = $3 WHERE id = $1", le).bind(word(nature)?)
        }
        SanctionEvent::SanctionAnnulee { le, .. } => {
            dated("UPDATE sanction SET annulee_le = $2 WHERE id = $1", le)
        }
        SanctionEvent::EffacementDemande { le, .. } => {
            dated("UPDATE sanction SET effacement_demande_le = $2 WHERE id = $1", le)
        }
        SanctionEvent::SanctionEffacee { le, .. } => {
            dated("UPDATE sanction SET effacee_le = $2 WHERE id = $1", le)
        }
        SanctionEvent::AvertissementPrononce { .. }
        | SanctionEvent::BlamePrononce { .. }
        | SanctionEvent::ResponsabilisationPrononcee { .. }
        | SanctionEvent::ExclusionTemporairePrononcee { .. }
        | SanctionEvent::ExclusionDefinitivePrononcee { .. } => return Ok(()),
    };
    change.execute(tx).await?;
    Ok(())
}

/// The pieces of the procedure may be erased before: the decision makes its row where there is none.
async fn prononcer(
    (id, eleve): (Uuid, Uuid),
    fact: &Fact,
    decision: &DecisionDeSanction,
    (le, effacement): (NaiveDate, Option<NaiveDate>),
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO sanction (id, portail, eleve, degre, decision, prononcee_le, effacement)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE
         SET degre = excluded.degre, decision = excluded.decision, prononcee_le = excluded.prononcee_le,
             effacement = excluded.effacement, annulee_le = NULL",
    )
    .bind(id)
    .bind(fact.position.portail.as_str())
    .bind(eleve)
    .bind(word(&decision.nature.degre())?)
    .bind(Json(decision))
    .bind(le)
    .bind(effacement)
    .execute(tx)
    .await?;
    Ok(())
}

/// A procedure, and the sanction in which it ended, if it did.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Sanction {
    pub id: Uuid,
    pub portail: String,
    pub eleve: Uuid,
    /// Erased before the decision is.
    pub griefs: Option<String>,
    pub cas: Option<String>,
    pub incident: Option<Uuid>,
    pub engagee_le: Option<NaiveDate>,
    pub fin_du_delai: Option<NaiveDate>,
    pub conseil_le: Option<NaiveDate>,
    #[sqlx(json(nullable))]
    pub defense: Option<Defense>,
    #[sqlx(json(nullable))]
    pub decision: Option<DecisionDeSanction>,
    pub prononcee_le: Option<NaiveDate>,
    pub effacement: Option<NaiveDate>,
    pub sursis_revoque_le: Option<NaiveDate>,
    pub executee_du: Option<NaiveDate>,
    pub recours: Option<String>,
    pub recours_le: Option<NaiveDate>,
    pub effacement_demande_le: Option<NaiveDate>,
}

impl Sanction {
    /// The day of which it is in the order of the file: when it was pronounced; until then, when the
    /// procedure began.
    pub fn jour(&self) -> NaiveDate {
        self.prononcee_le.or(self.engagee_le).unwrap_or_default()
    }
}

/// The same, in the words of the database.
const JOUR: &str = "coalesce(prononcee_le, engagee_le, date '1970-01-01')";

/// What a file shows on a day, `$1`: neither what was dropped, annulled or erased, nor what is to be.
const AU_DOSSIER: &str = "effacee_le IS NULL AND annulee_le IS NULL AND classee_le IS NULL
     AND (effacement IS NULL OR effacement > $1)
     AND NOT EXISTS (SELECT FROM sortie x WHERE x.personne = s.eleve AND x.le <= $1)";

/// Who was notified of a sanction.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct NotificationDeSanction {
    pub sanction: Uuid,
    pub destinataire: Uuid,
    pub voie: String,
    pub le: NaiveDate,
}

impl Sanctions {
    /// A procedure, in the file or not: for who has something to do with it.
    pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Sanction>> {
        sqlx::query_as("SELECT * FROM sanction WHERE id = $1").bind(id).fetch_optional(db).await
    }

    /// A procedure that is in the file of its pupil on a day.
    pub async fn au_dossier(
        db: impl PgExecutor<'_>,
        id: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<Option<Sanction>> {
        let sql = format!("SELECT * FROM sanction s WHERE id = $2 AND {AU_DOSSIER}");
        sqlx::query_as(&sql).bind(le).bind(id).fetch_optional(db).await
    }

    /// What is in the file of a pupil on a day, that these portals have recorded, newest first, after a
    /// place in that order.
    pub async fn of_eleve(
        db: impl PgExecutor<'_>,
        (fiches, portails): (&[Uuid], &[String]),
        le: NaiveDate,
        after: Option<(NaiveDate, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Sanction>> {
        let (day, id) = after.unzip();
        let sql = format!(
            "SELECT * FROM sanction s WHERE eleve = ANY ($2) AND portail = ANY ($3) AND {AU_DOSSIER}
             AND ($4::date IS NULL OR ({JOUR}, id) < ($4, $5))
             ORDER BY {JOUR} DESC, id DESC LIMIT $6"
        );
        sqlx::query_as(&sql)
            .bind(le)
            .bind(fiches)
            .bind(portails)
            .bind(day)
            .bind(id)
            .bind(limit)
            .fetch_all(db)
            .await
    }

    /// Who was notified of these.
    pub async fn notifications(
        db: impl PgExecutor<'_>,
        sanctions: &[Uuid],
    ) -> sqlx::Result<Vec<NotificationDeSanction>> {
        sqlx::query_as(
            "SELECT sanction, destinataire, voie, le FROM sanction_notification
             WHERE sanction = ANY ($1) ORDER BY sanction, le, destinataire",
        )
        .bind(sanctions)
        .fetch_all(db)
        .await
    }

    /// The day on which a person left the directory, if he or she did.
    pub async fn terme(db: impl PgExecutor<'_>, eleve: Uuid) -> sqlx::Result<Option<NaiveDate>> {
        sqlx::query_scalar("SELECT le FROM sortie WHERE personne = $1").bind(eleve).fetch_optional(db).await
    }
}
