//! Why a pupil is absent.
//!
//! Five motives are legitimate by law (code de l'éducation, art. L131-8, al. 2). An établissement
//! adds its own and says of each what follows from it. A fact keeps the motive as it was then: who
//! changes a motive changes nothing of what was decided under it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A motive, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MotifDAbsence {
    /// What it is known by in the établissement: lower-case letters, digits and `_`.
    pub code: String,
    /// In words.
    pub libelle: String,
    /// Whether it is a good reason for being absent.
    pub legitime: bool,
    /// Whether such absences are counted on the bulletin.
    pub bulletin: bool,
    /// Whether such absences count for thresholds; a legitimate one never does.
    pub alertes: bool,
}

/// Code and words of the motives that are legitimate by law.
pub const MOTIFS_LEGAUX: [(&str, &str); 5] = [
    ("maladie", "Maladie de l'enfant"),
    ("maladie_famille", "Maladie transmissible ou contagieuse d'un membre de la famille"),
    ("reunion_famille", "Réunion solennelle de famille"),
    ("communications", "Empêchement résultant de la difficulté accidentelle des communications"),
    ("responsables_absents", "Absence temporaire des personnes responsables lorsque les enfants les suivent"),
];

/// Longest code, in characters.
const CODE_MAX: usize = 40;

impl MotifDAbsence {
    /// The motives that are legitimate by law.
    pub fn legaux() -> Vec<Self> {
        let of_law = |(code, libelle): (&str, &str)| Self {
            code: code.to_owned(),
            libelle: libelle.to_owned(),
            legitime: true,
            bulletin: true,
            alertes: false,
        };
        MOTIFS_LEGAUX.into_iter().map(of_law).collect()
    }

    /// Whether the code is one of the law's.
    pub fn est_legal(code: &str) -> bool {
        MOTIFS_LEGAUX.iter().any(|(legal, _)| *legal == code)
    }

    /// Whether an absence under this motive counts for thresholds.
    pub fn compte_pour_alertes(&self) -> bool {
        self.alertes && !self.legitime
    }

    pub(super) fn code_est_valide(code: &str) -> bool {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        (1..=CODE_MAX).contains(&code.len()) && code.chars().all(allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_motives_of_the_law_are_legitimate_and_alert_nobody() {
        let legaux = MotifDAbsence::legaux();
        assert_eq!(legaux.len(), 5);
        for motif in legaux {
            assert!(motif.legitime && !motif.compte_pour_alertes() && MotifDAbsence::est_legal(&motif.code));
            assert!(MotifDAbsence::code_est_valide(&motif.code));
        }
    }

    #[test]
    fn a_legitimate_motive_never_alerts_whatever_is_said_of_it() {
        let motif = MotifDAbsence { alertes: true, ..MotifDAbsence::legaux().remove(0) };
        assert!(!motif.compte_pour_alertes());
    }
}
