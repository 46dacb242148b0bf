//! The verifications of a portal's journal, as its directeur is told of them.
//!
//! The program re-reads a journal from its origin and puts what it found on the record: when,
//! how far, and the first fault. Each verification stands for itself. It does not replace the
//! auditor's own, which trusts no program that writes.

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, Lacune, texte};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The first thing that is wrong in a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FauteDuJournal {
    /// Where.
    pub position: i64,
    /// What.
    pub nature: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConstatDeVerification {
    /// In the journal of which school year.
    pub annee: AnneeScolaire,
    /// How many events were found good.
    pub evenements: u64,
    /// The first thing wrong, if anything is.
    pub faute: Option<FauteDuJournal>,
}

/// What may be asked of the verifications of a portal.
#[derive(Debug, Clone)]
pub enum VerificationCommand {
    /// Puts one on the record.
    InscrireVerification {
        /// What it found.
        constat: ConstatDeVerification,
    },
}

events! {
    /// What happens of verifications.
    pub enum VerificationEvent {
        /// A journal was re-read from its origin.
        VerificationFaite = "journal.verification.faite" v 1 Office { constat: ConstatDeVerification },
    }
}

refusals! {
    /// Why a verification is not recorded.
    pub enum RefusVerification {
        ConstatInvalide = "CONSTAT_INVALIDE" at "faute":
            "Une faute du journal se dit en une ligne de 1 à 200 caractères.",
    }
}

/// Longest name of a fault, in characters.
const NATURE_MAX: usize = 200;

/// State of the verifications of a portal: each stands for itself.
#[derive(Debug, Clone, Default)]
pub struct Verification;

impl Aggregate for Verification {
    const TYPE: &'static str = "journal.verification";
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = VerificationCommand;
    type Event = VerificationEvent;
    type Refus = RefusVerification;

    fn decide(&self, command: VerificationCommand) -> Result<Vec<VerificationEvent>, RefusVerification> {
        let VerificationCommand::InscrireVerification { constat } = command;
        let said = |faute: &FauteDuJournal| texte::line(&faute.nature, NATURE_MAX).is_some();
        if constat.faute.as_ref().is_none_or(said) {
            Ok(vec![VerificationEvent::VerificationFaite { constat }])
        } else {
            Err(RefusVerification::ConstatInvalide)
        }
    }

    fn apply(&mut self, event: VerificationEvent) {
        match event {
            VerificationEvent::VerificationFaite { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn constat(nature: Option<&str>) -> ConstatDeVerification {
        let faute = nature.map(|nature| FauteDuJournal { position: 3, nature: nature.to_owned() });
        ConstatDeVerification { annee: AnneeScolaire(2026), evenements: 2, faute }
    }

    fn inscrire(nature: Option<&str>) -> VerificationCommand {
        VerificationCommand::InscrireVerification { constat: constat(nature) }
    }

    #[test]
    fn each_verification_is_recorded_the_same_as_the_one_before_too() {
        let faite = VerificationEvent::VerificationFaite { constat: constat(None) };
        given::<Verification>([faite.clone()]).when(inscrire(None)).then([faite]);
    }

    #[test]
    fn a_fault_is_said_in_one_line() {
        let faite = VerificationEvent::VerificationFaite { constat: constat(Some("empreinte")) };
        given::<Verification>([]).when(inscrire(Some("empreinte"))).then([faite]);
        given::<Verification>([]).when(inscrire(Some(" "))).then_refused(RefusVerification::ConstatInvalide);
    }
}
