//! Notes: evaluations and their marks.

use crate::rights::{Action, Autorite};
use crate::{Commands, Demande, UseCaseError, portail};
use chrono::NaiveDate;
use domain::notes::{Evaluation, EvaluationCommand, FicheEvaluation, LigneDeNote, Resultat, Valeur};
use domain::{DivisionId, EnseignementId, EvaluationId, PersonneId};
use ledger::unit::Recorded;
use projections::notes::{self as views, Notes};

/// An evaluation as it is asked for; its division follows from its enseignement.
#[derive(Debug, Clone)]
pub struct EvaluationDemandee {
    /// Which id it will have: the same asked twice is one evaluation.
    pub evaluation: EvaluationId,
    /// What is taught.
    pub enseignement: EnseignementId,
    /// What it is called.
    pub titre: String,
    /// School day.
    pub date: NaiveDate,
    /// The best mark.
    pub bareme: Valeur,
    /// Its weight in the average.
    pub coefficient: Valeur,
    /// Whether it helps to learn and does not count.
    pub formative: bool,
}

/// A line of marks as it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct LigneSaisie {
    /// Whom it is about.
    pub eleve: PersonneId,
    /// What the pupil gets.
    pub resultat: Resultat,
}

impl Commands {
    /// Creates an evaluation.
    pub async fn creer_evaluation(
        &self,
        demande: &Demande,
        evaluation: EvaluationDemandee,
    ) -> Result<(EvaluationId, Recorded), UseCaseError> {
        let (enseignement, resource) = self.enseignement(evaluation.enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::CreerEvaluation, &resource)?;
        let auteur = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let EvaluationDemandee { evaluation, enseignement: id, titre, date, bareme, coefficient, formative } =
            evaluation;
        let division = DivisionId(enseignement.division);
        let fiche =
            FicheEvaluation { enseignement: id, division, titre, date, bareme, coefficient, formative };
        let recorded = self
            .act_on(demande, autorite, portail(&enseignement.portail)?, date)
            .tell::<Evaluation>(evaluation, EvaluationCommand::CreerEvaluation { fiche, auteur })
            .record()
            .await?;
        Ok((evaluation, recorded))
    }

    /// Enters marks of an evaluation that families do not see yet.
    pub async fn saisir_notes(
        &self,
        demande: &Demande,
        evaluation: EvaluationId,
        lignes: &[LigneSaisie],
    ) -> Result<Recorded, UseCaseError> {
        let (row, autorite) = self.evaluation(demande, Action::SaisirNotes, evaluation).await?;
        let lignes = self.lignes_de_note(lignes).await?;
        self.act_on(demande, autorite, portail(&row.portail)?, row.date)
            .tell::<Evaluation>(evaluation, EvaluationCommand::SaisirNotes { lignes })
            .record()
            .await
    }

    /// Changes a published mark.
    pub async fn corriger_note(
        &self,
        demande: &Demande,
        evaluation: EvaluationId,
        ligne: LigneSaisie,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let (row, autorite) = self.evaluation(demande, Action::CorrigerNote, evaluation).await?;
        let ligne = self.lignes_de_note(&[ligne]).await?.pop().ok_or(UseCaseError::Interdit)?;
        self.act(demande, autorite, portail(&row.portail)?)
            .tell::<Evaluation>(evaluation, EvaluationCommand::CorrigerNote { ligne, motif })
            .record()
            .await
    }

    /// Lets families see the marks of an evaluation.
    pub async fn publier_evaluation(
        &self,
        demande: &Demande,
        evaluation: EvaluationId,
    ) -> Result<Recorded, UseCaseError> {
        let (row, autorite) = self.evaluation(demande, Action::PublierEvaluation, evaluation).await?;
        self.act(demande, autorite, portail(&row.portail)?)
            .tell::<Evaluation>(evaluation, EvaluationCommand::PublierEvaluation)
            .record()
            .await
    }

    /// The evaluation of an act, for who may do this to it.
    async fn evaluation(
        &self,
        demande: &Demande,
        action: Action,
        evaluation: EvaluationId,
    ) -> Result<(views::Evaluation, Autorite), UseCaseError> {
        let found = Notes::by_ids(&self.views, &[evaluation.0]).await?.pop();
        let row = found.ok_or(UseCaseError::Interdit)?;
        let (_, resource) = self.enseignement(row.enseignement).await?;
        let autorite = self.permit(&demande.acteur, action, &resource)?;
        Ok((row, autorite))
    }

    /// Adds to each line what the directory knows: the pupil's division.
    async fn lignes_de_note(&self, lignes: &[LigneSaisie]) -> Result<Vec<LigneDeNote>, UseCaseError> {
        let eleves: Vec<_> = lignes.iter().map(|ligne| ligne.eleve.0).collect();
        let affectations = self.divisions_of(&eleves).await?;
        Ok(lignes
            .iter()
            .map(|&LigneSaisie { eleve, resultat }| LigneDeNote {
                eleve,
                division: affectations.get(&eleve).copied(),
                resultat,
            })
            .collect())
    }
}
