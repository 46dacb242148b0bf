//! A reading of a portal's journal.
//!
//! Who reads the record of what others did is on the record too: who, why, how far, and also
//! who was refused (RGPD, art. 5.2 and 32; CNIL, recommandation of 14 October 2021 on logging:
//! the traceability of consultations). A consultation happens once: its stream has one event.

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, Lacune, texte};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a journal is consulted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NatureConsultation {
    /// A page of it is read.
    Lecture,
    /// It is followed as it grows.
    Suivi,
    /// The portal is looked at as it was on a past date.
    Retrospective,
    /// It is carried away.
    Export,
}

/// How far a consultation reaches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Portee {
    /// How.
    pub nature: NatureConsultation,
    /// Of which school year, where it is of one.
    pub annee: Option<AnneeScolaire>,
    /// Which part: the filter, the date, the positions.
    pub objet: String,
}

/// What may be asked of a consultation.
#[derive(Debug, Clone)]
pub enum ConsultationCommand {
    /// Puts it on the record.
    Consulter {
        /// How far it reaches.
        portee: Portee,
        /// Why.
        motif: String,
        /// Whether it was permitted.
        permise: bool,
    },
}

events! {
    /// What happens of a consultation.
    pub enum ConsultationEvent {
        /// It was permitted.
        ConsultationFaite = "journal.consultation.faite" v 1 Office { portee: Portee, motif: String },
        /// It was refused; nothing was shown.
        ConsultationRefusee = "journal.consultation.refusee" v 1 Office { portee: Portee, motif: String },
    }
}

refusals! {
    /// Why a consultation is not even considered.
    pub enum RefusConsultation {
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Dites pourquoi vous consultez le journal, en 500 caractères au plus : la consultation y est inscrite.",
        ObjetInvalide = "OBJET_INVALIDE" at "objet":
            "Ce qui est consulté se dit en une ligne de 1 à 500 caractères.",
    }
}

/// Longest description of what is consulted, in characters.
const OBJET_MAX: usize = 500;

/// State of a consultation.
#[derive(Debug, Clone, Default)]
pub struct Consultation {
    inscrite: bool,
}

impl Aggregate for Consultation {
    const TYPE: &'static str = "journal.consultation";
    // It happens once: nothing more is ever asked of it.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = ConsultationCommand;
    type Event = ConsultationEvent;
    type Refus = RefusConsultation;

    fn decide(&self, command: ConsultationCommand) -> Result<Vec<ConsultationEvent>, RefusConsultation> {
        let ConsultationCommand::Consulter { portee, motif, permise } = command;
        let motif = texte::motif(&motif).ok_or(RefusConsultation::MotifManquant)?;
        let objet = texte::line(&portee.objet, OBJET_MAX).ok_or(RefusConsultation::ObjetInvalide)?;
        let portee = Portee { objet, ..portee };
        Ok(match (self.inscrite, permise) {
            (true, _) => vec![],
            (false, true) => vec![ConsultationEvent::ConsultationFaite { portee, motif }],
            (false, false) => vec![ConsultationEvent::ConsultationRefusee { portee, motif }],
        })
    }

    fn apply(&mut self, event: ConsultationEvent) {
        match event {
            ConsultationEvent::ConsultationFaite { .. } | ConsultationEvent::ConsultationRefusee { .. } => {
                self.inscrite = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn portee() -> Portee {
        let annee = Some(AnneeScolaire(2026));
        Portee { nature: NatureConsultation::Lecture, annee, objet: "tout".to_owned() }
    }

    fn consulter(motif: &str, permise: bool) -> ConsultationCommand {
        ConsultationCommand::Consulter { portee: portee(), motif: motif.to_owned(), permise }
    }

    fn faite() -> ConsultationEvent {
        ConsultationEvent::ConsultationFaite { portee: portee(), motif: "plainte".to_owned() }
    }

    #[test]
    fn a_consultation_is_recorded_with_its_motive() {
        given::<Consultation>([]).when(consulter(" plainte ", true)).then([faite()]);
    }

    #[test]
    fn a_refused_consultation_is_recorded_too() {
        let refusee =
            ConsultationEvent::ConsultationRefusee { portee: portee(), motif: "curiosité".to_owned() };
        given::<Consultation>([]).when(consulter("curiosité", false)).then([refusee]);
    }

    #[test]
    fn a_consultation_without_a_motive_is_refused() {
        given::<Consultation>([]).when(consulter("  ", true)).then_refused(RefusConsultation::MotifManquant);
        let long = "é".repeat(501);
        given::<Consultation>([]).when(consulter(&long, true)).then_refused(RefusConsultation::MotifManquant);
    }

    #[test]
    fn what_is_consulted_is_said_in_one_line() {
        let portee = Portee { objet: "a\nb".to_owned(), ..portee() };
        let command = ConsultationCommand::Consulter { portee, motif: "plainte".to_owned(), permise: true };
        given::<Consultation>([]).when(command).then_refused(RefusConsultation::ObjetInvalide);
    }

    #[test]
    fn a_consultation_is_recorded_once() {
        given::<Consultation>([faite()]).when(consulter("plainte", true)).then([]);
    }
}
