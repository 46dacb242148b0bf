//! Absences: the roll, and what becomes of an absence.

mod decompte;
mod dossiers;
mod oublis;
mod statistiques;
mod suivi;
mod vie_scolaire;

pub use decompte::DecompteDuMois;
pub use dossiers::{RaisonDonnee, ReglementDemande};

use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, portail};
use chrono::NaiveDate;
use domain::absences::{Appel, AppelCommand, Incident, NatureDIncident, Pointage, Presence, Seance};
use domain::annuaire::Auditoire;
use domain::{AppelId, DivisionId, EnseignementId, PersonneId};
use ledger::unit::Recorded;
use projections::absences::{self as views, Appels};
use projections::annuaire::Annuaire;

/// A line of a roll as it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ligne {
    /// Whom it is about.
    pub eleve: PersonneId,
    /// How the pupil is seen.
    pub presence: Presence,
}

/// A séance as it is asked for; who should be there follows from its enseignement.
#[derive(Debug, Clone, Copy)]
pub struct SeanceDemandee {
    /// What is taught.
    pub enseignement: EnseignementId,
    /// School day.
    pub date: NaiveDate,
    /// Start, local time.
    pub debut: chrono::NaiveTime,
    /// End, local time.
    pub fin: chrono::NaiveTime,
}

impl Commands {
    /// Opens the roll of a séance.
    pub async fn ouvrir_appel(
        &self,
        demande: &Demande,
        seance: SeanceDemandee,
    ) -> Result<(AppelId, Recorded), UseCaseError> {
        let (enseignement, resource) = self.enseignement(seance.enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::OuvrirAppel, &resource)?;
        let enseignant = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let auditoire = enseignement.auditoire;
        let SeanceDemandee { enseignement: id, date, debut, fin } = seance;
        let seance = Seance { enseignement: id, auditoire, date, debut, fin };
        let command = AppelCommand::OuvrirAppel { seance, enseignant, maintenant: self.now() };
        let recorded = self
            .act_on(demande, autorite, portail(&enseignement.portail)?, date)
            .tell::<Appel>(seance.appel(), command)
            .record()
            .await?;
        Ok((seance.appel(), recorded))
    }

    /// Enters lines of an open roll.
    pub async fn pointer_eleves(
        &self,
        demande: &Demande,
        appel: AppelId,
        lignes: &[Ligne],
    ) -> Result<Recorded, UseCaseError> {
        let row = self.appel(appel).await?;
        let pointages = self.pointages(&row, lignes).await?;
        self.tell_row(demande, Action::PointerEleves, &row, AppelCommand::PointerEleves { pointages }).await
    }

    /// Ends a roll.
    pub async fn clore_appel(&self, demande: &Demande, appel: AppelId) -> Result<Recorded, UseCaseError> {
        self.tell_appel(demande, Action::CloreAppel, appel, AppelCommand::CloreAppel).await
    }

    /// Changes a line of a closed roll.
    pub async fn corriger_appel(
        &self,
        demande: &Demande,
        appel: AppelId,
        ligne: Ligne,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let Ligne { eleve, presence } = ligne;
        let pointage = Pointage { eleve, auditoire: self.attendu(appel, eleve).await?, presence };
        self.tell_appel(
            demande,
            Action::CorrigerAppel,
            appel,
            AppelCommand::CorrigerAppel { pointage, motif },
        )
        .await
    }

    /// Notes what befell a pupil in a séance; a closed roll asks for a motive.
    pub async fn noter_incident(
        &self,
        demande: &Demande,
        appel: AppelId,
        (eleve, incident): (PersonneId, Incident),
        motif: Option<String>,
    ) -> Result<Recorded, UseCaseError> {
        let auditoire = self.attendu(appel, eleve).await?;
        let command = AppelCommand::NoterIncident { eleve, auditoire, incident, motif };
        self.tell_appel(demande, Action::NoterIncident, appel, command).await
    }

    /// Takes such a note back.
    pub async fn retirer_incident(
        &self,
        demande: &Demande,
        appel: AppelId,
        (eleve, nature): (PersonneId, NatureDIncident),
        motif: Option<String>,
    ) -> Result<Recorded, UseCaseError> {
        let command = AppelCommand::RetirerIncident { eleve, nature, motif };
        self.tell_appel(demande, Action::NoterIncident, appel, command).await
    }

    /// Reminds who opened a roll that it is not closed.
    pub async fn rappeler_appel(&self, demande: &Demande, appel: AppelId) -> Result<Recorded, UseCaseError> {
        let command = AppelCommand::RappelerAppel { maintenant: self.now() };
        self.tell_appel(demande, Action::RappelerAppel, appel, command).await
    }

    async fn tell_appel(
        &self,
        demande: &Demande,
        action: Action,
        appel: AppelId,
        command: AppelCommand,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.appel(appel).await?;
        self.tell_row(demande, action, &row, command).await
    }

    async fn tell_row(
        &self,
        demande: &Demande,
        action: Action,
        row: &views::Appel,
        command: AppelCommand,
    ) -> Result<Recorded, UseCaseError> {
        let (_, resource) = self.enseignement(row.enseignement).await?;
        let autorite = self.permit(&demande.acteur, action, &resource)?;
        self.act_on(demande, autorite, portail(&row.portail)?, row.date)
            .tell::<Appel>(AppelId(row.id), command)
            .record()
            .await
    }

    async fn appel(&self, appel: AppelId) -> Result<views::Appel, UseCaseError> {
        let found = Appels::by_ids(&self.views, &[appel.0]).await?.pop();
        found.ok_or(UseCaseError::Interdit)
    }

    /// The division or the groupe of a roll, if the pupil is of it: on the day of the roll, or today.
    async fn attendu(&self, appel: AppelId, eleve: PersonneId) -> Result<Option<Auditoire>, UseCaseError> {
        let row = self.appel(appel).await?;
        let inscrits = self.inscrits(row.auditoire, &[row.date, self.today()]).await?;
        Ok(inscrits.contains(&eleve).then_some(row.auditoire))
    }

    /// Adds to each line what the directory knows: whether the pupil is of the division or of the groupe on
    /// the day of the roll. Most rolls are called on their day, and by all classes at once: then the present
    /// is looked at, which costs least.
    async fn pointages(&self, appel: &views::Appel, lignes: &[Ligne]) -> Result<Vec<Pointage>, UseCaseError> {
        let eleves: Vec<_> = lignes.iter().map(|ligne| ligne.eleve).collect();
        let inscrits = if appel.date == self.today() {
            self.presents(appel.auditoire, &eleves).await?
        } else {
            self.inscrits(appel.auditoire, &[appel.date]).await?
        };
        Ok(lignes
            .iter()
            .map(|&Ligne { eleve, presence }| Pointage {
                eleve,
                auditoire: inscrits.contains(&eleve).then_some(appel.auditoire),
                presence,
            })
            .collect())
    }

    /// The division to which the directory affects each of these pupils.
    pub(crate) async fn divisions_of(
        &self,
        eleves: &[uuid::Uuid],
    ) -> Result<std::collections::BTreeMap<PersonneId, DivisionId>, UseCaseError> {
        let rows = Annuaire::rattachements(&self.views, eleves).await?;
        let affected = |row: projections::annuaire::Rattachement| {
            Some((PersonneId(row.personne), DivisionId(row.division?)))
        };
        Ok(rows.into_iter().filter_map(affected).collect())
    }
}
