//! The files of absences.

use crate::vue::vue;
use crate::{ProjectionError, stream_uuid};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::absences::{
    Creneau, Decision, DossierAbsence as Aggregat, DossierAbsenceEvent, Justification, MotifDAbsence,
    OrigineDAbsence, ValeurAuBulletin, est_justifiee,
};
use domain::{EtablissementId, Event, PersonneId};
use futures::stream::BoxStream;
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of files.
    Dossiers = "absences.dossiers" of Aggregat {
        "dossier_absence" by "id",
        "dossier_creneau" by "dossier",
        "dossier_contact" by "dossier",
    }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::DossierAbsence(event)) = fact.event() else { return Ok(()) };
    let dossier = stream_uuid(fact)?;
    match event {
        DossierAbsenceEvent::AbsenceConstatee { eleve, etablissement, creneaux, origine } => {
            let seen = Seen { fact, dossier, eleve: *eleve, etablissement: *etablissement };
            seen.stated(creneaux, *origine, tx).await
        }
        DossierAbsenceEvent::AbsenceAnnoncee { eleve, etablissement, creneau, justification } => {
            let seen = Seen { fact, dossier, eleve: *eleve, etablissement: *etablissement };
            seen.write(&[*creneau], "annonce", "annoncee", tx).await?;
            justify(dossier, justification, "annoncee", tx).await
        }
        DossierAbsenceEvent::FamilleContactee { moyen, resume, par, le, .. } => {
            sqlx::query("INSERT INTO dossier_contact VALUES ($1, $2, $3, $4, $5, $6)")
                .bind(dossier)
                .bind(i64::try_from(fact.envelope.sequence).unwrap_or(i64::MAX))
                .bind(le)
                .bind(moyen.as_str())
                .bind(resume)
                .bind(par.0)
                .execute(tx)
                .await?;
            Ok(())
        }
        DossierAbsenceEvent::AbsenceJustifiee { justification, .. } => {
            justify(dossier, justification, "justifiee", tx).await
        }
        DossierAbsenceEvent::AbsenceReglee { decision, le, .. } => {
            let sql =
                "UPDATE dossier_absence SET etat = 'reglee', decision = $2, reglee_le = $3 WHERE id = $1";
            sqlx::query(sql).bind(dossier).bind(Json(decision)).bind(le).execute(tx).await?;
            Ok(())
        }
    }
}

/// A file that is stated or announced.
struct Seen<'a> {
    fact: &'a Fact,
    dossier: Uuid,
    eleve: PersonneId,
    etablissement: EtablissementId,
}

impl Seen<'_> {
    /// What is stated anew is to be settled again; what the family said stands.
    async fn stated(
        &self,
        creneaux: &[Creneau],
        origine: OrigineDAbsence,
        tx: &mut PgConnection,
    ) -> Result<(), ProjectionError> {
        if creneaux.is_empty() {
            let sql = "UPDATE dossier_absence SET etat = 'retiree', decision = NULL, reglee_le = NULL WHERE id = $1";
            sqlx::query(sql).bind(self.dossier).execute(&mut *tx).await?;
            let sql = "DELETE FROM dossier_creneau WHERE dossier = $1";
            sqlx::query(sql).bind(self.dossier).execute(tx).await?;
            return Ok(());
        }
        self.write(creneaux, origine.as_str(), "constatee", tx).await
    }

    async fn write(
        &self,
        creneaux: &[Creneau],
        origine: &str,
        etat: &str,
        tx: &mut PgConnection,
    ) -> Result<(), ProjectionError> {
        let debut = creneaux.iter().map(|creneau| creneau.debut).min();
        let fin = creneaux.iter().map(|creneau| creneau.fin).max();
        let (Some(debut), Some(fin)) = (debut, fin) else { return Ok(()) };
        sqlx::query(
            "INSERT INTO dossier_absence (id, portail, etablissement, eleve, origine, etat, date, debut, fin)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (id) DO UPDATE
             SET origine = excluded.origine, date = excluded.date, debut = excluded.debut, fin = excluded.fin,
                 etat = CASE WHEN dossier_absence.justification IS NULL THEN excluded.etat ELSE 'justifiee' END,
                 decision = NULL, reglee_le = NULL",
        )
        .bind(self.dossier)
        .bind(self.fact.position.portail.as_str())
        .bind(self.etablissement.0)
        .bind(self.eleve.0)
        .bind(origine)
        .bind(etat)
        .bind(debut.date())
        .bind(debut)
        .bind(fin)
        .execute(&mut *tx)
        .await?;
        let sql = "DELETE FROM dossier_creneau WHERE dossier = $1";
        sqlx::query(sql).bind(self.dossier).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO dossier_creneau SELECT $1, * FROM unnest($2::timestamp[], $3::timestamp[])")
            .bind(self.dossier)
            .bind(creneaux.iter().map(|creneau| creneau.debut).collect::<Vec<_>>())
            .bind(creneaux.iter().map(|creneau| creneau.fin).collect::<Vec<_>>())
            .execute(tx)
            .await?;
        Ok(())
    }
}

/// What a family says is to be judged, also where it comes after the absence was settled.
async fn justify(
    dossier: Uuid,
    justification: &Justification,
    etat: &str,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let sql = "UPDATE dossier_absence SET etat = $2, justification = $3, decision = NULL, reglee_le = NULL
               WHERE id = $1";
    sqlx::query(sql).bind(dossier).bind(etat).bind(Json(justification)).execute(tx).await?;
    Ok(())
}

/// The file of an absence.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct DossierAbsence {
    pub id: Uuid,
    pub portail: String,
    pub etablissement: Uuid,
    pub eleve: Uuid,
    pub origine: String,
    pub etat: String,
    /// Its first day.
    pub date: NaiveDate,
    pub debut: NaiveDateTime,
    pub fin: NaiveDateTime,
    pub justification: Option<Json<Justification>>,
    pub decision: Option<Json<Decision>>,
    pub reglee_le: Option<NaiveDate>,
}

impl DossierAbsence {
    /// Whether it excuses what happens in its spans: it was settled under a legitimate motive.
    pub fn excuse(&self) -> bool {
        let settled = self.decision.as_ref().filter(|decision| decision.recevable);
        settled.and_then(|decision| decision.motif.as_ref()).is_some_and(|motif| motif.legitime)
    }

    /// Whether it is stated, and not only announced.
    pub fn est_constatee(&self) -> bool {
        self.origine != "annonce"
    }

    /// What it is on a bulletin.
    pub fn valeur_au_bulletin(&self) -> ValeurAuBulletin {
        ValeurAuBulletin::de(self.motif_dit(), self.decision.as_deref())
    }

    /// Whether it has a legitimate motive, which may wait to be judged.
    pub fn est_justifiee(&self) -> bool {
        est_justifiee(self.motif_dit(), self.decision.as_deref())
    }

    fn motif_dit(&self) -> Option<&MotifDAbsence> {
        self.justification.as_ref().map(|justification| &justification.motif)
    }

    /// Whether its spans count for thresholds: nobody said why, or what was said was refused, or
    /// the motive that was kept is one that alerts. What a family said and nobody has judged yet
    /// does not count; what is announced only counts once it is stated.
    pub fn alerte(&self) -> bool {
        match &self.decision {
            Some(decision) if decision.recevable => {
                decision.motif.as_ref().is_some_and(|motif| motif.compte_pour_alertes())
            }
            Some(_) => true,
            None => self.etat == "constatee",
        }
    }
}

/// The file of an absence, and whose it is.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct DossierNomme {
    #[sqlx(flatten)]
    pub dossier: DossierAbsence,
    pub nom: String,
    pub prenom: String,
}

/// A contact with a family.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Contact {
    pub dossier: Uuid,
    pub le: DateTime<Utc>,
    pub moyen: String,
    pub resume: Option<String>,
    pub par: Uuid,
}

/// A span of a file.
#[derive(Debug, Clone, Copy, FromRow)]
#[allow(missing_docs)]
pub struct CreneauDeDossier {
    pub dossier: Uuid,
    pub debut: NaiveDateTime,
    pub fin: NaiveDateTime,
}

impl Dossiers {
    /// The months of a span of days in which établissements have a file, by their UAI, each by its first
    /// day.
    pub async fn mois(
        db: impl PgExecutor<'_>,
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<(String, NaiveDate)>> {
        sqlx::query_as(
            "SELECT DISTINCT e.uai, mois::date
             FROM dossier_absence d JOIN etablissement e ON e.id = d.etablissement
             CROSS JOIN generate_series(date_trunc('month', greatest(d.debut, $1::date::timestamp)),
                                        least(d.fin, $2::date::timestamp), interval '1 month') mois
             WHERE d.etat <> 'retiree' AND d.debut < $2::date + 1 AND d.fin > $1::date
             ORDER BY 1, 2",
        )
        .bind(du)
        .bind(au)
        .fetch_all(db)
        .await
    }

    /// The files with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<DossierAbsence>> {
        sqlx::query_as("SELECT * FROM dossier_absence WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The files of an établissement in these states, newest first.
    pub async fn of_etablissement(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        etats: &[&str],
        after: Option<(NaiveDate, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<DossierAbsence>> {
        let (day, id) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM dossier_absence WHERE etablissement = $1 AND etat = ANY ($2)
             AND ($3::date IS NULL OR (date, id) < ($3, $4))
             ORDER BY date DESC, id DESC LIMIT $5",
        )
        .bind(etablissement)
        .bind(etats)
        .bind(day)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// The files of an établissement that touch these days, of these pupils or of all, in order.
    pub async fn between(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        eleves: Option<&[Uuid]>,
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<DossierAbsence>> {
        sqlx::query_as(
            "SELECT * FROM dossier_absence WHERE etablissement = $1 AND ($2::uuid[] IS NULL OR eleve = ANY ($2))
             AND etat <> 'retiree' AND debut < $4::date + 1 AND fin > $3::date ORDER BY debut, id",
        )
        .bind(etablissement)
        .bind(eleves)
        .bind(du)
        .bind(au)
        .fetch_all(db)
        .await
    }

    /// The files of an établissement that touch these days, one by one in order, each with its pupil's
    /// name.
    pub fn nommes<'a>(
        db: impl PgExecutor<'a> + 'a,
        etablissement: Uuid,
        (du, au): (NaiveDate, NaiveDate),
    ) -> BoxStream<'a, sqlx::Result<DossierNomme>> {
        sqlx::query_as(
            "SELECT d.*, p.nom, p.prenom FROM dossier_absence d JOIN personne p ON p.id = d.eleve
             WHERE d.etablissement = $1 AND d.etat <> 'retiree'
               AND d.debut < $3::date + 1 AND d.fin > $2::date
             ORDER BY d.debut, d.id",
        )
        .bind(etablissement)
        .bind(du)
        .bind(au)
        .fetch(db)
    }

    /// The pupils of whom the rolls of a day have made a file.
    pub async fn by_rolls(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        date: NaiveDate,
    ) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT eleve FROM dossier_absence
             WHERE etablissement = $1 AND date = $2 AND origine = 'appels' AND etat <> 'retiree'",
        )
        .bind(etablissement)
        .bind(date)
        .fetch_all(db)
        .await
    }

    /// The spans of these files, in order.
    pub async fn creneaux(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<CreneauDeDossier>> {
        sqlx::query_as("SELECT * FROM dossier_creneau WHERE dossier = ANY ($1) ORDER BY dossier, debut")
            .bind(ids)
            .fetch_all(db)
            .await
    }

    /// The contacts with the families of these files, in order.
    pub async fn contacts(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Contact>> {
        sqlx::query_as(
            "SELECT dossier, le, moyen, resume, par FROM dossier_contact
             WHERE dossier = ANY ($1) ORDER BY dossier, rang",
        )
        .bind(ids)
        .fetch_all(db)
        .await
    }
}
