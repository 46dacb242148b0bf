//! Absences and lates of a period that the établissement counts in another program, and gives to the
//! conseil de classe.
//!
//! The livret tells them whoever has counted (code de l'éducation, art. D311-7; arrêté du 31 décembre
//! 2015). Where the house follows the absences of the division it counts them itself, and nobody types them.

use super::{ASSIDUITE_MAX, Assiduite, ConseilDeClasse, ConseilEvent, RefusConseil};
use crate::notes::FichePeriode;
use crate::{DivisionId, PersonneId};
use std::collections::BTreeSet;

/// The assiduité of a pupil as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LigneDAssiduite {
    /// Of whom.
    pub eleve: PersonneId,
    /// The division to which the directory affects this pupil, if any.
    pub division: Option<DivisionId>,
    /// What was counted.
    pub assiduite: Assiduite,
}

impl ConseilDeClasse {
    /// All lines or none are taken.
    pub(super) fn donner(
        &self,
        periode: &FichePeriode,
        lignes: Vec<LigneDAssiduite>,
    ) -> Result<Vec<ConseilEvent>, RefusConseil> {
        let (mut seen, mut events) = (BTreeSet::new(), Vec::new());
        for LigneDAssiduite { eleve, division, assiduite } in lignes {
            if !seen.insert(eleve) {
                return Err(RefusConseil::EleveEnDouble { eleve });
            }
            if division != Some(periode.division) {
                return Err(RefusConseil::EleveHorsDivision { eleve });
            }
            if !est_vraisemblable(assiduite) {
                return Err(RefusConseil::AssiduiteInvraisemblable { eleve });
            }
            let assiduite = Assiduite { donnee: true, ..assiduite };
            if self.assiduites.get(&eleve) != Some(&assiduite) {
                let periode = periode.periode();
                events.push(ConseilEvent::AssiduiteDonnee { periode, eleve, assiduite });
            }
        }
        Ok(events)
    }
}

fn est_vraisemblable(it: Assiduite) -> bool {
    it.demi_journees <= ASSIDUITE_MAX && it.injustifiees <= it.demi_journees && it.retards <= ASSIDUITE_MAX
}
