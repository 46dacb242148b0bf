//! A punition scolaire: what a teacher or the vie scolaire answers at once to a small fault. It is
//! no sanction, enters no administrative file and needs no procedure (circulaire n° 2014-059 of
//! 27 May 2014, II). Work is never set as a line to copy, nor a mark lowered: those are not kinds.

use super::recit;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, IncidentId, Lacune, PersonneId};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest retenue, in minutes: an afternoon.
const MINUTES_MAX: u16 = 240;

/// A kind of punition (circulaire n° 2014-059).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NaturePunition {
    /// Kept in, to do a task under supervision.
    Retenue {
        /// When.
        le: NaiveDate,
        /// How long.
        minutes: u16,
        /// What is to be done meanwhile.
        travail: String,
    },
    /// To be done and handed in.
    TravailSupplementaire {
        /// By when.
        pour_le: NaiveDate,
        /// What.
        travail: String,
    },
    /// Sent out of a lesson to the vie scolaire, with work: exceptional, and reported.
    ExclusionDeCours {
        /// From which day's lesson.
        le: NaiveDate,
        /// What is to be done meanwhile.
        travail: String,
    },
}

impl NaturePunition {
    /// The day on which, or by which, it is done.
    pub const fn jour(&self) -> NaiveDate {
        match self {
            Self::Retenue { le, .. } | Self::ExclusionDeCours { le, .. } => *le,
            Self::TravailSupplementaire { pour_le, .. } => *pour_le,
        }
    }

    /// The same with its work as it is kept; nothing where none is set.
    fn proposee(self) -> Option<Self> {
        Some(match self {
            Self::Retenue { le, minutes, travail } => {
                Self::Retenue { le, minutes, travail: recit(&travail)? }
            }
            Self::TravailSupplementaire { pour_le, travail } => {
                Self::TravailSupplementaire { pour_le, travail: recit(&travail)? }
            }
            Self::ExclusionDeCours { le, travail } => {
                Self::ExclusionDeCours { le, travail: recit(&travail)? }
            }
        })
    }
}

/// What may be asked of a punition.
#[derive(Debug, Clone)]
pub enum PunitionCommand {
    /// Gives it.
    DonnerPunition {
        /// To whom.
        eleve: PersonneId,
        /// Which.
        nature: NaturePunition,
        /// What for: the family reads it.
        motif: String,
        /// After which incident, if one was reported.
        incident: Option<IncidentId>,
        /// Who.
        par: PersonneId,
        /// Today.
        aujourdhui: NaiveDate,
    },
    /// Puts it off to another day.
    ReporterPunition {
        /// To which.
        au: NaiveDate,
        /// Today.
        aujourdhui: NaiveDate,
    },
    /// Says whether it was done.
    ConclurePunition {
        /// Whether it was.
        faite: bool,
    },
}

events! {
    /// What happens to a punition.
    pub enum PunitionEvent {
        /// It was given.
        PunitionDonnee = "vie_de_l_eleve.punition.donnee" v 1 Scolarite of eleve {
            eleve: PersonneId, nature: NaturePunition, motif: String, incident: Option<IncidentId>,
            par: PersonneId,
        },
        /// It was put off.
        PunitionReportee = "vie_de_l_eleve.punition.reportee" v 1 Scolarite of eleve {
            eleve: PersonneId, au: NaiveDate,
        },
        /// It was done.
        PunitionFaite = "vie_de_l_eleve.punition.faite" v 1 Scolarite of eleve { eleve: PersonneId },
        /// It was not.
        PunitionNonFaite = "vie_de_l_eleve.punition.non_faite" v 1 Scolarite of eleve { eleve: PersonneId },
    }
}

refusals! {
    /// Why a punition refuses.
    pub enum RefusPunition {
        PunitionInexistante = "PUNITION_INEXISTANTE" at "punitionId": "Cette punition n'existe pas.",
        PunitionDejaDonnee = "PUNITION_DEJA_DONNEE":
            "Une autre punition porte déjà cet identifiant : prenez-en un nouveau.",
        PunitionConclue = "PUNITION_CONCLUE": "Cette punition est déjà faite : donnez-en une autre s'il y a lieu.",
        PunitionPassee = "PUNITION_PASSEE" at "le":
            "Une retenue ou un travail se fait aujourd'hui ou plus tard : corrigez le jour.",
        RetenueTropLongue = "RETENUE_TROP_LONGUE" at "minutes": "Une retenue dure de 1 à 240 minutes.",
        MotifInvalide = "MOTIF_INVALIDE" at "motif": "Dites pourquoi, en 2 000 caractères au plus.",
        TravailManquant = "TRAVAIL_MANQUANT" at "travail":
            "Une punition a une valeur éducative : dites le travail à faire, en 2 000 caractères au plus.",
    }
}

/// State of a punition.
#[derive(Debug, Clone, Default)]
pub struct Punition {
    eleve: Option<PersonneId>,
    faite: bool,
}

impl Aggregate for Punition {
    const TYPE: &'static str = "vie_de_l_eleve.punition";
    const LACUNE: Lacune = Lacune::Continue;
    type Command = PunitionCommand;
    type Event = PunitionEvent;
    type Refus = RefusPunition;

    fn decide(&self, command: PunitionCommand) -> Result<Vec<PunitionEvent>, RefusPunition> {
        if let PunitionCommand::DonnerPunition { eleve, nature, motif, incident, par, aujourdhui } = command {
            if self.eleve.is_some() {
                return Err(RefusPunition::PunitionDejaDonnee);
            }
            let (nature, motif) = checked(nature, &motif, aujourdhui)?;
            return Ok(vec![PunitionEvent::PunitionDonnee { eleve, nature, motif, incident, par }]);
        }
        let eleve = self.eleve.ok_or(RefusPunition::PunitionInexistante)?;
        if self.faite {
            return Err(RefusPunition::PunitionConclue);
        }
        match command {
            PunitionCommand::DonnerPunition { .. } => Err(RefusPunition::PunitionDejaDonnee),
            PunitionCommand::ReporterPunition { au, aujourdhui } if au < aujourdhui => {
                Err(RefusPunition::PunitionPassee)
            }
            PunitionCommand::ReporterPunition { au, .. } => {
                Ok(vec![PunitionEvent::PunitionReportee { eleve, au }])
            }
            PunitionCommand::ConclurePunition { faite: true } => {
                Ok(vec![PunitionEvent::PunitionFaite { eleve }])
            }
            PunitionCommand::ConclurePunition { faite: false } => {
                Ok(vec![PunitionEvent::PunitionNonFaite { eleve }])
            }
        }
    }

    fn apply(&mut self, event: PunitionEvent) {
        match event {
            PunitionEvent::PunitionDonnee { eleve, .. } => self.eleve = Some(eleve),
            PunitionEvent::PunitionReportee { .. } | PunitionEvent::PunitionNonFaite { .. } => {}
            PunitionEvent::PunitionFaite { .. } => self.faite = true,
        }
    }
}

fn checked(
    nature: NaturePunition,
    motif: &str,
    aujourdhui: NaiveDate,
) -> Result<(NaturePunition, String), RefusPunition> {
    match nature {
        NaturePunition::Retenue { minutes, .. } if !(1..=MINUTES_MAX).contains(&minutes) => {
            return Err(RefusPunition::RetenueTropLongue);
        }
        NaturePunition::Retenue { le: jour, .. }
        | NaturePunition::TravailSupplementaire { pour_le: jour, .. }
            if jour < aujourdhui =>
        {
            return Err(RefusPunition::PunitionPassee);
        }
        // A lesson from which a pupil was sent out is over when it is written down.
        NaturePunition::Retenue { .. }
        | NaturePunition::TravailSupplementaire { .. }
        | NaturePunition::ExclusionDeCours { .. } => {}
    }
    let nature = nature.proposee().ok_or(RefusPunition::TravailManquant)?;
    let motif = recit(motif).ok_or(RefusPunition::MotifInvalide)?;
    Ok((nature, motif))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn zoe() -> PersonneId {
        PersonneId::derived(&["Zoé"])
    }

    fn retenue(le: &str, minutes: u16, travail: &str) -> NaturePunition {
        NaturePunition::Retenue { le: day(le), minutes, travail: travail.into() }
    }

    fn donner(nature: NaturePunition) -> PunitionCommand {
        PunitionCommand::DonnerPunition {
            eleve: zoe(),
            nature,
            motif: "Travail non fait.".into(),
            incident: None,
            par: PersonneId::derived(&["Ada"]),
            aujourdhui: day("2026-11-23"),
        }
    }

    fn donnee() -> PunitionEvent {
        PunitionEvent::PunitionDonnee {
            eleve: zoe(),
            nature: retenue("2026-11-25", 60, "Exercice 4"),
            motif: "Travail non fait.".into(),
            incident: None,
            par: PersonneId::derived(&["Ada"]),
        }
    }

    #[test]
    fn a_retenue_is_given_with_its_work() {
        given::<Punition>([]).when(donner(retenue("2026-11-25", 60, "Exercice 4"))).then([donnee()]);
    }

    #[test]
    fn a_punition_without_work_of_an_impossible_length_or_in_the_past_is_refused() {
        for (nature, refus) in [
            (retenue("2026-11-25", 60, " "), RefusPunition::TravailManquant),
            (retenue("2026-11-25", 0, "Exercice 4"), RefusPunition::RetenueTropLongue),
            (retenue("2026-11-25", 241, "Exercice 4"), RefusPunition::RetenueTropLongue),
            (retenue("2026-11-22", 60, "Exercice 4"), RefusPunition::PunitionPassee),
        ] {
            given::<Punition>([]).when(donner(nature)).then_refused(refus);
        }
    }

    #[test]
    fn a_lesson_from_which_a_pupil_was_sent_out_may_be_over() {
        let nature = NaturePunition::ExclusionDeCours { le: day("2026-11-20"), travail: "Lecture".into() };
        let granted = Punition::default().decide(donner(nature));
        assert!(granted.is_ok());
    }

    #[test]
    fn what_was_not_done_may_be_put_off_and_done() {
        let not_done = PunitionEvent::PunitionNonFaite { eleve: zoe() };
        let au = day("2026-12-02");
        given::<Punition>([donnee(), not_done])
            .when(PunitionCommand::ReporterPunition { au, aujourdhui: day("2026-11-26") })
            .then([PunitionEvent::PunitionReportee { eleve: zoe(), au }]);
        let done = PunitionEvent::PunitionFaite { eleve: zoe() };
        given::<Punition>([donnee()])
            .when(PunitionCommand::ConclurePunition { faite: true })
            .then([done.clone()]);
        given::<Punition>([donnee(), done])
            .when(PunitionCommand::ConclurePunition { faite: false })
            .then_refused(RefusPunition::PunitionConclue);
    }
}
