//! A passage at the infirmerie.
//!
//! That a pupil was there, from when to when, is life at school: the vie scolaire must know where he
//! is. Why, and what was done, are health data (RGPD, art. 9; code de la santé publique, art. L1110-4
//! and R4312-5): facts of another class, under another key, which only an infirmier writes and reads.

use super::recit;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the pupil goes from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    /// Back to his lesson.
    RetourEnClasse,
    /// Home, with who answers for him.
    RemisALaFamille,
    /// To a hospital.
    Secours,
}

/// What may be asked of a passage.
#[derive(Debug, Clone)]
pub enum PassageCommand {
    /// Receives a pupil.
    AccueillirEleve {
        /// Whom.
        eleve: PersonneId,
        /// Who.
        par: PersonneId,
        /// When.
        arrivee: DateTime<Utc>,
    },
    /// Writes down why he came and what was done.
    ConsignerSoin {
        /// Why.
        motif: String,
        /// What.
        soin: String,
        /// Who.
        par: PersonneId,
    },
    /// Lets him go.
    CloreALInfirmerie {
        /// Where to.
        orientation: Orientation,
        /// When.
        depart: DateTime<Utc>,
    },
}

events! {
    /// What happens at the infirmerie.
    pub enum PassageEvent {
        /// A pupil came.
        PassageOuvert = "vie_de_l_eleve.passage.ouvert" v 1 Scolarite of eleve {
            eleve: PersonneId, par: PersonneId, arrivee: DateTime<Utc>,
        },
        /// Why, and what was done.
        SoinConsigne = "vie_de_l_eleve.passage.soin_consigne" v 1 Sante of eleve {
            eleve: PersonneId, motif: String, soin: String, par: PersonneId,
        },
        /// The pupil left.
        PassageClos = "vie_de_l_eleve.passage.clos" v 1 Scolarite of eleve {
            eleve: PersonneId, orientation: Orientation, depart: DateTime<Utc>,
        },
    }
}

refusals! {
    /// Why a passage refuses.
    pub enum RefusPassage {
        PassageInexistant = "PASSAGE_INEXISTANT" at "passageId": "Ce passage n'existe pas.",
        PassageDejaOuvert = "PASSAGE_DEJA_OUVERT":
            "Un autre passage porte déjà cet identifiant : prenez-en un nouveau.",
        PassageClos = "PASSAGE_CLOS": "L'élève est déjà reparti : ouvrez un nouveau passage s'il revient.",
        SoinInvalide = "SOIN_INVALIDE" at "soin":
            "Dites le motif et le soin, chacun en 2 000 caractères au plus.",
    }
}

/// State of a passage.
#[derive(Debug, Clone, Default)]
pub struct Passage {
    eleve: Option<PersonneId>,
    clos: bool,
}

impl Aggregate for Passage {
    const TYPE: &'static str = "vie_de_l_eleve.passage";
    const LACUNE: Lacune = Lacune::Continue;
    type Command = PassageCommand;
    type Event = PassageEvent;
    type Refus = RefusPassage;

    fn decide(&self, command: PassageCommand) -> Result<Vec<PassageEvent>, RefusPassage> {
        match command {
            PassageCommand::AccueillirEleve { .. } if self.eleve.is_some() => {
                Err(RefusPassage::PassageDejaOuvert)
            }
            PassageCommand::AccueillirEleve { eleve, par, arrivee } => {
                Ok(vec![PassageEvent::PassageOuvert { eleve, par, arrivee }])
            }
            // Care is often written down after the pupil has left.
            PassageCommand::ConsignerSoin { motif, soin, par } => {
                let eleve = self.eleve.ok_or(RefusPassage::PassageInexistant)?;
                let said = recit(&motif).zip(recit(&soin)).ok_or(RefusPassage::SoinInvalide)?;
                Ok(vec![PassageEvent::SoinConsigne { eleve, motif: said.0, soin: said.1, par }])
            }
            PassageCommand::CloreALInfirmerie { orientation, depart } => {
                let eleve = self.eleve.ok_or(RefusPassage::PassageInexistant)?;
                if self.clos {
                    return Err(RefusPassage::PassageClos);
                }
                Ok(vec![PassageEvent::PassageClos { eleve, orientation, depart }])
            }
        }
    }

    fn apply(&mut self, event: PassageEvent) {
        match event {
            PassageEvent::PassageOuvert { eleve, .. } => self.eleve = Some(eleve),
            PassageEvent::SoinConsigne { .. } => {}
            PassageEvent::PassageClos { .. } => self.clos = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;
    use crate::{DomainEvent, Retention};

    fn qui(name: &str) -> PersonneId {
        PersonneId::derived(&[name])
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn ouvert() -> PassageEvent {
        PassageEvent::PassageOuvert {
            eleve: qui("Zoé"),
            par: qui("Florence"),
            arrivee: at("2026-11-23T09:00:00Z"),
        }
    }

    fn clos() -> PassageEvent {
        PassageEvent::PassageClos {
            eleve: qui("Zoé"),
            orientation: Orientation::RetourEnClasse,
            depart: at("2026-11-23T09:20:00Z"),
        }
    }

    fn consigner(soin: &str) -> PassageCommand {
        PassageCommand::ConsignerSoin {
            motif: "Maux de tête".into(),
            soin: soin.into(),
            par: qui("Florence"),
        }
    }

    #[test]
    fn care_may_be_written_down_after_the_pupil_has_left_and_is_health_data() {
        let consigne = PassageEvent::SoinConsigne {
            eleve: qui("Zoé"),
            motif: "Maux de tête".into(),
            soin: "Repos".into(),
            par: qui("Florence"),
        };
        assert_eq!(consigne.spec().retention, Retention::Sante);
        for presence in [ouvert(), clos()] {
            assert_eq!(presence.spec().retention, Retention::Scolarite);
        }
        given::<Passage>([ouvert(), clos()]).when(consigner("Repos")).then([consigne]);
        given::<Passage>([ouvert()]).when(consigner("")).then_refused(RefusPassage::SoinInvalide);
        given::<Passage>([]).when(consigner("Repos")).then_refused(RefusPassage::PassageInexistant);
    }

    #[test]
    fn a_pupil_leaves_once() {
        let clore = PassageCommand::CloreALInfirmerie {
            orientation: Orientation::RetourEnClasse,
            depart: at("2026-11-23T09:20:00Z"),
        };
        given::<Passage>([ouvert()]).when(clore.clone()).then([clos()]);
        given::<Passage>([ouvert(), clos()]).when(clore).then_refused(RefusPassage::PassageClos);
    }
}
