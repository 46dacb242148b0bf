//! The carnet de correspondance: a word about a pupil, and who has seen it.
//!
//! Each responsable who has the right to be informed acknowledges a word for himself: parents who
//! live apart are both told (code civil, art. 373-2-1; code de l'éducation, art. D111-2 and D111-3).

use super::recit;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NatureMot {
    /// Something to know.
    Information,
    /// Something that went wrong.
    Observation,
    /// Something that went well.
    Encouragement,
    /// From who answers for the pupil to the vie scolaire.
    DeLaFamille,
}

/// What may be asked of a word.
#[derive(Debug, Clone)]
pub enum MotCommand {
    /// Writes it.
    EcrireMot {
        /// About whom.
        eleve: PersonneId,
        /// What it is.
        nature: NatureMot,
        /// What it says.
        texte: String,
        /// Who is to acknowledge it: who answers for the pupil and has the right to be informed.
        destinataires: BTreeSet<PersonneId>,
        /// Who writes.
        par: PersonneId,
    },
    /// Acknowledges it.
    SignerMot {
        /// Who.
        par: PersonneId,
        /// When.
        le: NaiveDate,
    },
}

events! {
    /// What happens to a word.
    pub enum MotEvent {
        /// It was written.
        MotEcrit = "vie_de_l_eleve.mot.ecrit" v 1 Scolarite of eleve {
            eleve: PersonneId, nature: NatureMot, texte: String, destinataires: BTreeSet<PersonneId>,
            par: PersonneId,
        },
        /// Somebody acknowledged it.
        MotSigne = "vie_de_l_eleve.mot.signe" v 1 Scolarite of eleve {
            eleve: PersonneId, par: PersonneId, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why a word refuses.
    pub enum RefusMot {
        MotInexistant = "MOT_INEXISTANT" at "motId": "Ce mot n'existe pas.",
        MotDejaEcrit = "MOT_DEJA_ECRIT": "Un autre mot porte déjà cet identifiant : prenez-en un nouveau.",
        MotVide = "MOT_VIDE" at "texte": "Un mot a de 1 à 2 000 caractères.",
        PasDestinataire = "PAS_DESTINATAIRE":
            "Ce mot ne vous est pas adressé : seul un destinataire en accuse réception.",
    }
}

/// State of a word.
#[derive(Debug, Clone, Default)]
pub struct Mot {
    eleve: Option<PersonneId>,
    destinataires: BTreeSet<PersonneId>,
    signataires: BTreeSet<PersonneId>,
}

impl Aggregate for Mot {
    const TYPE: &'static str = "vie_de_l_eleve.mot";
    const LACUNE: Lacune = Lacune::Continue;
    type Command = MotCommand;
    type Event = MotEvent;
    type Refus = RefusMot;

    fn decide(&self, command: MotCommand) -> Result<Vec<MotEvent>, RefusMot> {
        match command {
            MotCommand::EcrireMot { .. } if self.eleve.is_some() => Err(RefusMot::MotDejaEcrit),
            MotCommand::EcrireMot { eleve, nature, texte, destinataires, par } => {
                let texte = recit(&texte).ok_or(RefusMot::MotVide)?;
                Ok(vec![MotEvent::MotEcrit { eleve, nature, texte, destinataires, par }])
            }
            MotCommand::SignerMot { par, le } => {
                let eleve = self.eleve.ok_or(RefusMot::MotInexistant)?;
                if !self.destinataires.contains(&par) {
                    return Err(RefusMot::PasDestinataire);
                }
                let first = !self.signataires.contains(&par);
                Ok(first.then_some(MotEvent::MotSigne { eleve, par, le }).into_iter().collect())
            }
        }
    }

    fn apply(&mut self, event: MotEvent) {
        match event {
            MotEvent::MotEcrit { eleve, destinataires, .. } => {
                self.eleve = Some(eleve);
                self.destinataires = destinataires;
            }
            MotEvent::MotSigne { par, .. } => {
                self.signataires.insert(par);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn qui(name: &str) -> PersonneId {
        PersonneId::derived(&[name])
    }

    fn parents() -> BTreeSet<PersonneId> {
        [qui("père"), qui("mère")].into()
    }

    fn ecrit() -> MotEvent {
        MotEvent::MotEcrit {
            eleve: qui("Zoé"),
            nature: NatureMot::Encouragement,
            texte: "Beau progrès.".into(),
            destinataires: parents(),
            par: qui("Ada"),
        }
    }

    fn signer(name: &str) -> MotCommand {
        MotCommand::SignerMot { par: qui(name), le: "2026-11-24".parse().unwrap() }
    }

    fn signe(name: &str) -> MotEvent {
        MotEvent::MotSigne { eleve: qui("Zoé"), par: qui(name), le: "2026-11-24".parse().unwrap() }
    }

    #[test]
    fn each_parent_acknowledges_for_himself_and_once() {
        given::<Mot>([ecrit()]).when(signer("père")).then([signe("père")]);
        given::<Mot>([ecrit(), signe("père")]).when(signer("mère")).then([signe("mère")]);
        given::<Mot>([ecrit(), signe("père")]).when(signer("père")).then([]);
    }

    #[test]
    fn nobody_acknowledges_for_another() {
        given::<Mot>([ecrit()]).when(signer("oncle")).then_refused(RefusMot::PasDestinataire);
        given::<Mot>([]).when(signer("père")).then_refused(RefusMot::MotInexistant);
    }

    #[test]
    fn a_word_says_something() {
        let vide = MotCommand::EcrireMot {
            eleve: qui("Zoé"),
            nature: NatureMot::Information,
            texte: " \n".into(),
            destinataires: parents(),
            par: qui("Ada"),
        };
        given::<Mot>([]).when(vide).then_refused(RefusMot::MotVide);
    }
}
