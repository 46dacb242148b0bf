//! Which contents tell of somebody's health (RGPD, art. 4.15 and 9): they are read by who has that
//! right, and leave the house only when they are asked for.
//!
//! What was done at the infirmerie is of a class of its own. That a pupil was there is of another,
//! since families and the vie scolaire are told; in a file of a whole year it tells of health too.

use crate::vie_de_l_eleve::Passage;
use crate::{Aggregate, Retention, catalogue};
use std::collections::BTreeSet;

/// The frozen names of the event types whose contents are health data.
pub fn types_de_sante() -> BTreeSet<&'static str> {
    let all = catalogue().into_iter();
    let all = all.flat_map(|(kind, specs, _)| specs.iter().map(move |spec| (kind, spec)));
    let health = all.filter(|(kind, spec)| *kind == Passage::TYPE || spec.retention == Retention::Sante);
    health.map(|(_, spec)| spec.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_infirmerie_writes_is_health_and_a_roll_is_not() {
        let found = types_de_sante();
        for name in ["vie_de_l_eleve.passage.ouvert", "vie_de_l_eleve.passage.soin_consigne"] {
            assert!(found.contains(name), "{name}: {found:?}");
        }
        assert!(!found.contains("absences.appel.absence_constatee"));
        let of_class = catalogue().into_iter().flat_map(|(_, specs, _)| specs);
        let mut of_class = of_class.filter(|spec| spec.retention == Retention::Sante);
        assert!(of_class.all(|spec| found.contains(spec.name)));
    }
}
