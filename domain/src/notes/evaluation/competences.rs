//! Where pupils stand in domaines of the socle, by what they did in an evaluation.
//!
//! As with marks, the last word counts until families see the evaluation; afterwards what stood
//! before is kept, and why it was changed.

use super::{Evaluation, EvaluationEvent, RefusEvaluation, check_inscrit};
use crate::annuaire::Auditoire;
use crate::notes::Positionnement;
use crate::{PersonneId, texte};
use std::collections::BTreeSet;

/// One line of compétences as it is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LigneDeCompetence {
    /// Whom it is about.
    pub eleve: PersonneId,
    /// The division or the groupe of the evaluation, if the directory has this pupil in it.
    pub auditoire: Option<Auditoire>,
    /// Where the pupil stands.
    pub positionnement: Positionnement,
}

impl Evaluation {
    /// All lines or none are taken.
    pub(super) fn positionner(
        &self,
        lignes: &[LigneDeCompetence],
        motif: Option<&str>,
    ) -> Result<Vec<EvaluationEvent>, RefusEvaluation> {
        let fiche = self.fiche()?;
        let motif = motif.map(|text| texte::motif(text).ok_or(RefusEvaluation::MotifManquant)).transpose()?;
        if self.publiee && motif.is_none() {
            return Err(RefusEvaluation::MotifManquant);
        }
        let mut seen = BTreeSet::new();
        let mut events = Vec::new();
        for LigneDeCompetence { eleve, auditoire, positionnement } in lignes.iter().copied() {
            let place = (eleve, positionnement.cycle, positionnement.domaine);
            if !seen.insert(place) {
                return Err(RefusEvaluation::CompetenceEnDouble { eleve });
            }
            let avant = self.competences.get(&place).copied();
            if avant.is_none() {
                check_inscrit(fiche, eleve, auditoire)?;
            }
            if avant != Some(positionnement.niveau) {
                let motif = motif.clone();
                events.push(EvaluationEvent::CompetencePositionnee { eleve, positionnement, avant, motif });
            }
        }
        Ok(events)
    }
}
