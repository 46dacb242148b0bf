//! The assiduité of pupils: thresholds reached, and follow-ups.

use crate::vue::vue;
use crate::{ProjectionError, stream_uuid};
use chrono::NaiveDate;
use domain::Event;
use domain::absences::{Assiduite, AssiduiteEvent};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of it.
    Assiduites = "absences.assiduites" of Assiduite {
        "seuil_atteint" by "assiduite",
        "suivi" by "assiduite",
    }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Assiduite(event)) = fact.event() else { return Ok(()) };
    let assiduite = stream_uuid(fact)?;
    match event {
        AssiduiteEvent::SeuilAtteint { eleve, etablissement, suite, regle, seuil, decompte, le } => {
            sqlx::query("INSERT INTO seuil_atteint VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
                .bind(assiduite)
                .bind(eleve.0)
                .bind(etablissement.0)
                .bind(decompte.mois.debut())
                .bind(suite.as_str())
                .bind(i32::try_from(*regle).unwrap_or(i32::MAX))
                .bind(i16::try_from(*seuil).unwrap_or(i16::MAX))
                .bind(i16::try_from(decompte.demi_journees).unwrap_or(i16::MAX))
                .bind(&decompte.politique)
                .bind(i32::try_from(decompte.version).unwrap_or(i32::MAX))
                .bind(le)
                .execute(tx)
                .await?;
        }
        AssiduiteEvent::SuiviOuvert { eleve, referent, objectif, le } => {
            sqlx::query("INSERT INTO suivi VALUES ($1, $2, $3, $4, $5, $6)")
                .bind(assiduite)
                .bind(i64::try_from(fact.envelope.sequence).unwrap_or(i64::MAX))
                .bind(eleve.0)
                .bind(referent.0)
                .bind(objectif)
                .bind(le)
                .execute(tx)
                .await?;
        }
        AssiduiteEvent::SuiviClos { bilan, le, .. } => {
            sqlx::query("UPDATE suivi SET bilan = $2, clos_le = $3 WHERE assiduite = $1 AND clos_le IS NULL")
                .bind(assiduite)
                .bind(bilan)
                .bind(le)
                .execute(tx)
                .await?;
        }
    }
    Ok(())
}

/// A threshold that was reached.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct SeuilAtteint {
    pub assiduite: Uuid,
    pub eleve: Uuid,
    pub etablissement: Uuid,
    /// First day of the month.
    pub mois: NaiveDate,
    pub suite: String,
    /// Version of the rule.
    pub regle: i32,
    pub seuil: i16,
    pub demi_journees: i16,
    pub politique: String,
    /// Version of the policy.
    pub version: i32,
    pub le: NaiveDate,
}

/// A reinforced follow-up.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Suivi {
    pub assiduite: Uuid,
    pub eleve: Uuid,
    pub referent: Uuid,
    pub objectif: String,
    pub le: NaiveDate,
    pub bilan: Option<String>,
    pub clos_le: Option<NaiveDate>,
}

/// Figures of an établissement in a month, without a name.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Chiffres {
    pub etablissement: Uuid,
    pub uai: String,
    pub nom: String,
    /// Pupils who reached the threshold of a signalement.
    pub signalements: i64,
    /// Pupils who reached that of a reinforced follow-up.
    pub suivis: i64,
}

impl Assiduites {
    /// The thresholds that these pupils have reached in an établissement, newest first.
    pub async fn seuils_of(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        eleves: &[Uuid],
    ) -> sqlx::Result<Vec<SeuilAtteint>> {
        sqlx::query_as(
            "SELECT * FROM seuil_atteint WHERE etablissement = $1 AND eleve = ANY ($2)
             ORDER BY mois DESC, suite, eleve",
        )
        .bind(etablissement)
        .bind(eleves)
        .fetch_all(db)
        .await
    }

    /// The thresholds that were reached in an établissement in a month, by what follows from them;
    /// each is the only one of its pupil.
    pub async fn seuils_du_mois(
        db: impl PgExecutor<'_>,
        (etablissement, mois): (Uuid, NaiveDate),
        after: Option<(String, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<SeuilAtteint>> {
        let (suite, eleve) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM seuil_atteint
             WHERE etablissement = $1 AND mois = $2 AND ($3::text IS NULL OR (suite, eleve) > ($3, $4))
             ORDER BY suite, eleve LIMIT $5",
        )
        .bind(etablissement)
        .bind(mois)
        .bind(suite)
        .bind(eleve)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// The follow-ups in these assiduités, newest first.
    pub async fn suivis(db: impl PgExecutor<'_>, assiduites: &[Uuid]) -> sqlx::Result<Vec<Suivi>> {
        sqlx::query_as(
            "SELECT assiduite, eleve, referent, objectif, le, bilan, clos_le FROM suivi
             WHERE assiduite = ANY ($1) ORDER BY rang DESC",
        )
        .bind(assiduites)
        .fetch_all(db)
        .await
    }

    /// The figures of each établissement of an académie in a month.
    pub async fn chiffres(
        db: impl PgExecutor<'_>,
        academie: &str,
        mois: NaiveDate,
    ) -> sqlx::Result<Vec<Chiffres>> {
        sqlx::query_as(
            "SELECT e.id AS etablissement, e.uai, e.nom,
                    count(DISTINCT s.eleve) FILTER (WHERE s.suite = 'signalement') AS signalements,
                    count(DISTINCT s.eleve) FILTER (WHERE s.suite = 'suivi_renforce') AS suivis
             FROM etablissement e LEFT JOIN seuil_atteint s ON s.etablissement = e.id AND s.mois = $2
             WHERE e.portail = $1 GROUP BY e.id, e.uai, e.nom ORDER BY e.uai",
        )
        .bind(academie)
        .bind(mois)
        .fetch_all(db)
        .await
    }
}
