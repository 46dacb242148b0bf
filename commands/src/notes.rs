//! Notes: evaluations and their marks; in the files below, periods, the conseil de classe and
//! bulletins.

mod assiduites;
mod bulletins;
mod carnet;
mod conseil;
mod dits;
mod fiches;
mod import;
mod livrets;
mod moyennes;
mod periodes;

pub use bulletins::Regard;
pub use carnet::{Carnet, LigneDeCarnet};
pub use dits::DitsDuConseil;
pub use import::lignes_de_tableau;
pub use livrets::{Livrets, LivretsLsl, LivretsLsu};
pub use moyennes::Chiffres;
pub use periodes::{Classe, QuellePeriode};

use crate::rights::{Action, Autorite};
use crate::{Commands, Demande, UseCaseError, portail};
use chrono::{DateTime, NaiveDate, Utc};
use domain::annuaire::Auditoire;
use domain::notes::{
    ActeDansLaPeriode, Evaluation, EvaluationCommand, FicheEvaluation, LigneDeCompetence, LigneDeNote,
    Positionnement, Regime, Resultat, Valeur,
};
use domain::{EnseignementId, EvaluationId, PersonneId};
use ledger::unit::Recorded;
use projections::notes::{self as views, Notes};
use std::collections::BTreeSet;
use uuid::Uuid;

/// An evaluation as it is asked for; whom it marks follows from its enseignement.
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
    /// Whether it must be done, or can only help.
    pub regime: Regime,
    /// The part of the matière that it is of.
    pub sous_matiere: Option<String>,
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
        asked: EvaluationDemandee,
    ) -> Result<(EvaluationId, Recorded), UseCaseError> {
        let (enseignement, resource) = self.enseignement(asked.enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::CreerEvaluation, &resource)?;
        let auteur = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let EvaluationDemandee { evaluation, enseignement: id, date, .. } = asked;
        let auditoire = enseignement.auditoire;
        let fiche = FicheEvaluation {
            enseignement: id,
            auditoire,
            titre: asked.titre,
            sous_matiere: asked.sous_matiere,
            date,
            bareme: asked.bareme,
            coefficient: asked.coefficient,
            formative: asked.formative,
            regime: asked.regime,
        };
        // Where some divisions of a groupe are locked the others are still marked: each mark asks its own.
        let divisions = auditoire.division().map(|division| division.0);
        let act = self.act_on(demande, autorite, portail(&enseignement.portail)?, date);
        let recorded = self
            .within(act, ActeDansLaPeriode::Saisir, divisions.as_slice(), date)
            .await?
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
        let lignes = self.lignes_de_note(&row, lignes).await?;
        let eleves: Vec<_> = lignes.iter().map(|ligne| ligne.eleve).collect();
        let divisions = self.divisions_de(&row, &eleves).await?;
        let act = self.act_on(demande, autorite, portail(&row.portail)?, row.date);
        self.within(act, ActeDansLaPeriode::Saisir, &divisions, row.date)
            .await?
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
        let ligne = self.lignes_de_note(&row, &[ligne]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let divisions = self.divisions_de(&row, &[ligne.eleve]).await?;
        let act = self.act(demande, autorite, portail(&row.portail)?);
        self.within(act, ActeDansLaPeriode::Corriger, &divisions, row.date)
            .await?
            .tell::<Evaluation>(evaluation, EvaluationCommand::CorrigerNote { ligne, motif })
            .record()
            .await
    }

    /// Says where pupils stand in the socle, by what they did in an evaluation; why, once families
    /// see it.
    pub async fn positionner_competences(
        &self,
        demande: &Demande,
        evaluation: EvaluationId,
        lignes: &[(PersonneId, Positionnement)],
        motif: Option<String>,
    ) -> Result<Recorded, UseCaseError> {
        let (row, autorite) = self.evaluation(demande, Action::SaisirNotes, evaluation).await?;
        let inscrits = self.inscrits(row.auditoire, &[row.date, self.today()]).await?;
        let eleves: Vec<_> = lignes.iter().map(|(eleve, _)| *eleve).collect();
        let ligne = |&(eleve, positionnement): &(PersonneId, Positionnement)| LigneDeCompetence {
            eleve,
            auditoire: inscrits.contains(&eleve).then_some(row.auditoire),
            positionnement,
        };
        let lignes = lignes.iter().map(ligne).collect();
        let divisions = self.divisions_de(&row, &eleves).await?;
        let act = self.act_on(demande, autorite, portail(&row.portail)?, row.date);
        self.within(act, ActeDansLaPeriode::Saisir, &divisions, row.date)
            .await?
            .tell::<Evaluation>(evaluation, EvaluationCommand::PositionnerCompetences { lignes, motif })
            .record()
            .await
    }

    /// Creates the same evaluation in another enseignement, without its marks.
    pub async fn dupliquer_evaluation(
        &self,
        demande: &Demande,
        evaluation: EvaluationId,
        vers: EnseignementId,
        date: NaiveDate,
    ) -> Result<(EvaluationId, Recorded), UseCaseError> {
        let (row, _) = self.evaluation(demande, Action::LireCarnetDeNotes, evaluation).await?;
        let asked = EvaluationDemandee {
            evaluation: EvaluationId(demande.commande.0),
            enseignement: vers,
            titre: row.titre,
            date,
            bareme: row.bareme.parse().map_err(UseCaseError::fault)?,
            coefficient: row.coefficient.parse().map_err(UseCaseError::fault)?,
            formative: row.formative,
            regime: Regime::named(&row.regime).unwrap_or_default(),
            sous_matiere: row.sous_matiere,
        };
        self.creer_evaluation(demande, asked).await
    }

    /// Lets families see the marks of an evaluation, at once or from an instant on.
    pub async fn publier_evaluation(
        &self,
        demande: &Demande,
        evaluation: EvaluationId,
        visible_des: Option<DateTime<Utc>>,
    ) -> Result<Recorded, UseCaseError> {
        let (row, autorite) = self.evaluation(demande, Action::PublierEvaluation, evaluation).await?;
        self.act(demande, autorite, portail(&row.portail)?)
            .tell::<Evaluation>(
                evaluation,
                EvaluationCommand::PublierEvaluation { visible_des, maintenant: self.now() },
            )
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

    /// The divisions in whose periods an act on the marks of these pupils in an evaluation falls: of a groupe,
    /// those of the pupils.
    async fn divisions_de(
        &self,
        row: &views::Evaluation,
        eleves: &[PersonneId],
    ) -> Result<Vec<Uuid>, UseCaseError> {
        if let Auditoire::Division(division) = row.auditoire {
            return Ok(vec![division.0]);
        }
        let (enseignement, _) = self.enseignement(row.enseignement).await?;
        let divisions = self.divisions_le(enseignement.etablissement, eleves, row.date).await?;
        Ok(divisions.into_values().collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// Adds to each line what the directory knows: whether the pupil is of the division or the groupe, on
    /// the day of the evaluation or today. Who came since may be marked too, and who has left meanwhile.
    async fn lignes_de_note(
        &self,
        row: &views::Evaluation,
        lignes: &[LigneSaisie],
    ) -> Result<Vec<LigneDeNote>, UseCaseError> {
        let inscrits = self.inscrits(row.auditoire, &[row.date, self.today()]).await?;
        Ok(lignes
            .iter()
            .map(|&LigneSaisie { eleve, resultat }| LigneDeNote {
                eleve,
                auditoire: inscrits.contains(&eleve).then_some(row.auditoire),
                resultat,
            })
            .collect())
    }
}
