//! Which contents tell of somebody's health (RGPD, art. 4.15 and 9): they are read by who has that
//! right, and leave the house only when they are asked for.
//!
//! What was done at the infirmerie is of a class of its own. That a pupil was there is of another,
//! since families and the vie scolaire are told, and so is what a roll notes of who went there; in a file
//! of a whole year it tells of health too. So does why a pupil was away, since what tells that somebody
//! was ill is health data (RGPD, cons. 35): the first motive of the law is an illness, an établissement
//! adds its own, and families write what they want. A dispense is most often one by a physician, and a
//! file is called after what it says: a justificatif after the illness or the physician. That somebody was
//! away, and when, tells nothing yet.

use crate::absences::Dispense;
use crate::pieces::Piece;
use crate::vie_de_l_eleve::Passage;
use crate::{Aggregate, Retention, catalogue};
use std::collections::BTreeSet;

/// What a roll notes, of the infirmerie and of other things: a content is sealed whole.
const NOTES_A_L_APPEL: [&str; 2] = ["absences.appel.incident_note", "absences.appel.incident_retire"];

/// Why a pupil was away, whichever motive it is: that some are sealed would tell which.
const RAISONS_D_ABSENCE: [&str; 4] = [
    "absences.dossier.annoncee",
    "absences.dossier.famille_contactee",
    "absences.dossier.justifiee",
    "absences.dossier.reglee",
];

/// The frozen names of the event types whose contents are health data.
pub fn types_de_sante() -> BTreeSet<&'static str> {
    let all = catalogue().into_iter();
    let all = all.flat_map(|(kind, specs, _)| specs.iter().map(move |spec| (kind, spec)));
    let health = all.filter(|(kind, spec)| {
        [Passage::TYPE, Dispense::TYPE, Piece::TYPE].contains(kind)
            || spec.retention == Retention::Sante
            || NOTES_A_L_APPEL.contains(&spec.name)
            || RAISONS_D_ABSENCE.contains(&spec.name)
    });
    health.map(|(_, spec)| spec.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_at_the_infirmerie_and_why_who_was_away_is_health_and_that_somebody_was_is_not() {
        let found = types_de_sante();
        let named = [
            "vie_de_l_eleve.passage.ouvert",
            "vie_de_l_eleve.passage.soin_consigne",
            "absences.dispense.accordee",
            "pieces.piece.jointe",
        ];
        for name in named.into_iter().chain(NOTES_A_L_APPEL).chain(RAISONS_D_ABSENCE) {
            assert!(found.contains(name), "{name}: {found:?}");
        }
        for name in ["absences.appel.absence_constatee", "absences.dossier.constatee"] {
            assert!(!found.contains(name), "{name}");
        }
        let names: BTreeSet<_> =
            catalogue().into_iter().flat_map(|(_, specs, _)| specs).map(|spec| spec.name).collect();
        assert!(found.is_subset(&names), "each is a type of the catalogue");
        let of_class = catalogue().into_iter().flat_map(|(_, specs, _)| specs);
        let mut of_class = of_class.filter(|spec| spec.retention == Retention::Sante);
        assert!(of_class.all(|spec| found.contains(spec.name)));
    }
}
