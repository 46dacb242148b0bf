//! Absences: rolls, as a teacher, the vie scolaire and a family see them; in the files below, what became
//! of absences, what excuses them, what follows from them and by which rules.

mod assiduites;
mod changes;
mod dossiers;
mod excuses;
mod reglements;

pub use assiduites::{Assiduites, Chiffres, SeuilAtteint, Suivi};
pub use dossiers::{Contact, CreneauDeDossier, DossierAbsence, DossierNomme, Dossiers};
pub use excuses::{Ailleurs, Collective, Dispense, Excuses};
pub use reglements::Reglements;

use crate::annuaire::Colonnes;
use crate::page::{Asked, PageOf, Placed, by_page};
use crate::vue::vue;
use changes::Changes;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use domain::EnseignementId;
use domain::absences::Seance;
use domain::annuaire::Auditoire;
use futures::stream::BoxStream;
use sqlx::{FromRow, PgExecutor};
use std::collections::HashMap;
use uuid::Uuid;

vue!(
    /// The view of rolls and their lines.
    Appels = "absences.appels" v 1 of domain::absences::Appel {
        "appel" by "id",
        "appel_ligne" by "appel",
        "appel_incident" by "appel",
        "appel_rappel" by "appel",
    } together
);

/// A roll as it stands.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct Appel {
    pub id: Uuid,
    pub portail: String,
    pub enseignement: Uuid,
    #[sqlx(flatten, try_from = "Colonnes")]
    pub auditoire: Auditoire,
    pub date: NaiveDate,
    pub debut: NaiveTime,
    pub fin: NaiveTime,
    pub enseignant: Uuid,
    pub clos: bool,
    pub absents: i16,
    pub retards: i16,
}

impl Appel {
    /// Of which séance it is.
    pub fn seance(&self) -> Seance {
        Seance {
            enseignement: EnseignementId(self.enseignement),
            auditoire: self.auditoire,
            date: self.date,
            debut: self.debut,
            fin: self.fin,
        }
    }
}

/// A line of a roll: who was absent or late, or was corrected.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct AppelLigne {
    pub appel: Uuid,
    pub eleve: Uuid,
    pub etat: String,
    pub minutes: Option<i16>,
    pub motif: Option<String>,
    pub date: NaiveDate,
}

/// What befell a pupil in a séance.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct AppelIncident {
    pub appel: Uuid,
    pub eleve: Uuid,
    pub nature: String,
    pub heure: Option<NaiveTime>,
    pub motif: Option<String>,
}

/// A span in which a closed roll shows a pupil absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct Absent {
    pub eleve: Uuid,
    pub enseignement: Uuid,
    pub debut: NaiveTime,
    pub fin: NaiveTime,
}

/// A line of the register of a day.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct LigneDeRegistre {
    /// Code of the division, where the séance is of one.
    pub division: Option<String>,
    /// Code of the groupe, where it is of one.
    pub groupe: Option<String>,
    pub debut: NaiveTime,
    pub fin: NaiveTime,
    pub matiere: String,
    pub clos: bool,
    /// None in a roll in which all are there.
    pub nom: Option<String>,
    pub prenom: Option<String>,
    pub etat: Option<String>,
    pub minutes: Option<i16>,
    pub motif: Option<String>,
}

/// An absence or a late arrival as a family sees it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct Absence {
    pub appel: Uuid,
    pub etat: String,
    pub minutes: Option<i16>,
    pub motif: Option<String>,
    pub date: NaiveDate,
    pub debut: NaiveTime,
    pub matiere: Option<String>,
}

/// Whether rolls tell of the absences of pupils ($3) of a division ($2) from a day to a day.
const APPELEES: &str = "
    EXISTS (SELECT FROM appel WHERE division = $2 AND date BETWEEN $4 AND $5 AND clos)
    OR EXISTS (SELECT FROM groupe_declare g JOIN appel a ON a.groupe = g.id
               WHERE g.etablissement = $1 AND $2 = ANY (g.divisions) AND a.date BETWEEN $4 AND $5 AND a.clos)
    OR EXISTS (SELECT FROM dossier_absence
               WHERE etablissement = $1 AND date BETWEEN $4 AND $5 AND etat <> 'retiree'
                 AND origine = 'appels' AND eleve = ANY ($3))";

impl Appels {
    /// The rolls with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Appel>> {
        sqlx::query_as("SELECT * FROM appel WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The rolls of a division or a groupe on a day, in the order of the day.
    pub async fn of_auditoire(
        db: impl PgExecutor<'_>,
        auditoire: Uuid,
        date: NaiveDate,
    ) -> sqlx::Result<Vec<Appel>> {
        sqlx::query_as(
            "SELECT * FROM appel WHERE (division = $1 OR groupe = $1) AND date = $2 ORDER BY debut, id",
        )
        .bind(auditoire)
        .bind(date)
        .fetch_all(db)
        .await
    }

    /// The lines of these rolls.
    pub async fn lines(db: impl PgExecutor<'_>, appels: &[Uuid]) -> sqlx::Result<Vec<AppelLigne>> {
        sqlx::query_as("SELECT * FROM appel_ligne WHERE appel = ANY ($1) ORDER BY appel, eleve")
            .bind(appels)
            .fetch_all(db)
            .await
    }

    /// What befell pupils in these rolls.
    pub async fn incidents(db: impl PgExecutor<'_>, appels: &[Uuid]) -> sqlx::Result<Vec<AppelIncident>> {
        sqlx::query_as("SELECT * FROM appel_incident WHERE appel = ANY ($1) ORDER BY appel, eleve, nature")
            .bind(appels)
            .fetch_all(db)
            .await
    }

    /// The days on which these rolls were reminded of, in order.
    pub async fn rappels(db: impl PgExecutor<'_>, appels: &[Uuid]) -> sqlx::Result<Vec<(Uuid, NaiveDate)>> {
        sqlx::query_as("SELECT appel, le FROM appel_rappel WHERE appel = ANY ($1) ORDER BY appel, le")
            .bind(appels)
            .fetch_all(db)
            .await
    }

    /// The rolls of a day on a portal, open or closed.
    pub async fn du_jour(
        db: impl PgExecutor<'_>,
        portail: &str,
        date: NaiveDate,
    ) -> sqlx::Result<Vec<Appel>> {
        sqlx::query_as("SELECT * FROM appel WHERE portail = $1 AND date = $2 ORDER BY debut, id")
            .bind(portail)
            .bind(date)
            .fetch_all(db)
            .await
    }

    /// The rolls of a day that were opened on a portal and not closed, of séances that are over.
    pub async fn oublies(
        db: impl PgExecutor<'_>,
        portail: &str,
        date: NaiveDate,
        maintenant: NaiveDateTime,
    ) -> sqlx::Result<Vec<Appel>> {
        sqlx::query_as(
            "SELECT * FROM appel WHERE portail = $1 AND date = $2 AND NOT clos AND date + fin <= $3
             ORDER BY debut, id LIMIT 1000",
        )
        .bind(portail)
        .bind(date)
        .bind(maintenant)
        .fetch_all(db)
        .await
    }

    /// When the closed rolls of a day on a portal show pupils absent: for the whole séance, or from
    /// when they left.
    pub async fn absents(
        db: impl PgExecutor<'_>,
        portail: &str,
        date: NaiveDate,
    ) -> sqlx::Result<Vec<Absent>> {
        sqlx::query_as(
            "SELECT l.eleve, a.enseignement, a.debut, a.fin FROM appel a JOIN appel_ligne l ON l.appel = a.id
             WHERE a.portail = $1 AND a.date = $2 AND a.clos AND l.etat = 'absent'
             UNION ALL
             SELECT i.eleve, a.enseignement, i.heure, a.fin FROM appel a JOIN appel_incident i ON i.appel = a.id
             WHERE a.portail = $1 AND a.date = $2 AND a.clos AND i.nature = 'depart_anticipe'
             ORDER BY 1, 3",
        )
        .bind(portail)
        .bind(date)
        .fetch_all(db)
        .await
    }

    /// Whether rolls tell of the absences of these pupils of a division on these days: one of its own is
    /// closed, or of a groupe that comes from it, or an absence of theirs was stated elsewhere.
    pub async fn appelees(
        db: impl PgExecutor<'_>,
        place: (Uuid, Uuid),
        eleves: &[Uuid],
        jours: (NaiveDate, NaiveDate),
    ) -> sqlx::Result<bool> {
        Self::followed(db, APPELEES, place, eleves, jours).await
    }

    /// Whether anybody follows them: rolls do, or the vie scolaire of the établissement, which enters
    /// absences by hand.
    pub async fn suivies(
        db: impl PgExecutor<'_>,
        place: (Uuid, Uuid),
        eleves: &[Uuid],
        jours: (NaiveDate, NaiveDate),
    ) -> sqlx::Result<bool> {
        let how = format!(
            "{APPELEES} OR EXISTS (SELECT FROM dossier_absence
                                   WHERE etablissement = $1 AND date BETWEEN $4 AND $5
                                     AND etat <> 'retiree' AND origine = 'saisie')"
        );
        Self::followed(db, &how, place, eleves, jours).await
    }

    async fn followed(
        db: impl PgExecutor<'_>,
        how: &str,
        (etablissement, division): (Uuid, Uuid),
        eleves: &[Uuid],
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<bool> {
        sqlx::query_scalar(&format!("SELECT {how}"))
            .bind(etablissement)
            .bind(division)
            .bind(eleves)
            .bind(du)
            .bind(au)
            .fetch_one(db)
            .await
    }

    /// In which closed rolls of a portal these pupils came late, from a day to a day.
    pub async fn retards(
        db: impl PgExecutor<'_>,
        portail: &str,
        eleves: &[Uuid],
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
        sqlx::query_as(
            "SELECT l.eleve, l.appel FROM appel_ligne l JOIN appel a ON a.id = l.appel
             WHERE l.eleve = ANY ($2) AND l.date BETWEEN $3 AND $4 AND l.etat = 'en_retard'
               AND a.clos AND a.portail = $1 ORDER BY 1, 2",
        )
        .bind(portail)
        .bind(eleves)
        .bind(du)
        .bind(au)
        .fetch_all(db)
        .await
    }

    /// The register of a day, line by line: each roll with who was not simply there, in all divisions and
    /// groupes, or in one division and in the groupes that come from it.
    pub fn registre<'a>(
        db: impl PgExecutor<'a> + 'a,
        portail: &'a str,
        date: NaiveDate,
        division: Option<Uuid>,
    ) -> BoxStream<'a, sqlx::Result<LigneDeRegistre>> {
        sqlx::query_as(
            "SELECT d.code AS division, g.code AS groupe, a.debut, a.fin, n.matiere_libelle AS matiere,
                    a.clos, p.nom, p.prenom, l.etat, l.minutes, l.motif
             FROM appel a
             LEFT JOIN division d ON d.id = a.division
             LEFT JOIN groupe_declare g ON g.id = a.groupe
             JOIN enseignement n ON n.id = a.enseignement
             LEFT JOIN LATERAL (
                 SELECT l.eleve, l.etat, l.minutes, l.motif FROM appel_ligne l WHERE l.appel = a.id
                 UNION ALL
                 SELECT i.eleve, i.nature, NULL, i.motif FROM appel_incident i WHERE i.appel = a.id) l ON true
             LEFT JOIN personne p ON p.id = l.eleve
             WHERE a.portail = $1 AND a.date = $2
               AND ($3::uuid IS NULL OR a.division = $3 OR $3 = ANY (g.divisions))
             ORDER BY d.code, g.code, a.debut, a.id, p.nom, p.prenom, l.etat",
        )
        .bind(portail)
        .bind(date)
        .bind(division)
        .fetch(db)
    }

    /// The absences and late arrivals of pupils in closed rolls, newest first.
    pub async fn of_pupils(
        db: impl PgExecutor<'_>,
        pages: &[PageOf],
    ) -> sqlx::Result<HashMap<PageOf, Vec<Absence>>> {
        let asked = Asked::of(pages);
        let rows: Vec<Placed<Absence>> = sqlx::query_as(
            "SELECT asked.page, l.appel, l.etat, l.minutes, l.motif, l.date, l.debut,
                    m.matiere_libelle AS matiere
             FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::int8[], $5::uuid[])
                  WITH ORDINALITY AS asked (eleve, day, id, most, dossier, page)
             CROSS JOIN LATERAL (
                 SELECT l.*, a.debut, a.enseignement FROM appel_ligne l JOIN appel a ON a.id = l.appel
                 WHERE l.eleve = asked.eleve AND a.clos AND l.etat <> 'present'
                   AND (asked.day IS NULL OR (l.date, l.appel) < (asked.day, asked.id))
                   AND (asked.dossier IS NULL OR EXISTS (
                       SELECT FROM etablissement x WHERE x.id = asked.dossier AND lower(x.uai) = a.portail))
                 ORDER BY l.date DESC, l.appel DESC LIMIT asked.most
             ) l
             LEFT JOIN enseignement m ON m.id = l.enseignement
             ORDER BY asked.page, l.date DESC, l.appel DESC",
        )
        .bind(asked.of)
        .bind(asked.days)
        .bind(asked.ids)
        .bind(asked.limits)
        .bind(asked.dossiers)
        .fetch_all(db)
        .await?;
        Ok(by_page(pages, rows))
    }
}
