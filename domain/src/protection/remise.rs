//! The handing over of a person's data, to that person or to who answers for a child.
//!
//! It is asked for, then fetched within some days: both are facts, and a fetch says what was
//! handed over, by the digest of the file. Source: RGPD, art. 15 (access) and 20 (portability);
//! art. 12.3 gives the controller a month, which is why a demand does not end at once.

use super::Demandeur;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId};
use chrono::{Days, NaiveDate};

/// For how many days what was asked for can be fetched.
const JOURS: u64 = 31;
/// How often.
const FOIS: u32 = 10;

/// What may be asked of a handing over.
#[derive(Debug, Clone)]
pub enum RemiseCommand {
    /// Asks for all that is held about a person.
    DemanderDonnees {
        /// Who asks, and about whom.
        demandeur: Demandeur,
    },
    /// Hands it over; to who asked in a child's place, as long as the child is one.
    RemettreDonnees {
        /// When the person was born, if the directory knows.
        naissance: Option<NaiveDate>,
        /// On which day.
        le: NaiveDate,
        /// How many facts.
        faits: u64,
        /// Digest of the file, in hexadecimal.
        empreinte: String,
    },
}

events! {
    /// What happens to a handing over.
    pub enum RemiseEvent {
        /// Someone asked for all that is held about a person.
        DonneesDemandees = "protection.remise.demandee" v 1 Annuaire of personne {
            personne: PersonneId, par: PersonneId, le: NaiveDate, jusque: NaiveDate,
        },
        /// It was handed over.
        DonneesRemises = "protection.remise.faite" v 1 Annuaire of personne {
            personne: PersonneId, le: NaiveDate, faits: u64, empreinte: String,
        },
    }
}

refusals! {
    /// Why a handing over refuses.
    pub enum RefusRemise {
        RemiseInconnue = "REMISE_INCONNUE" at "remiseId":
            "Ces données n'ont pas été demandées : demandez-les d'abord.",
        RemiseDejaDemandee = "REMISE_DEJA_DEMANDEE" at "remise":
            "Une autre demande porte déjà cet identifiant : donnez-en un nouveau.",
        RemiseExpiree { jusque: NaiveDate } = "REMISE_EXPIREE" at "remiseId":
            "Ces données pouvaient être retirées jusqu'au {jusque} : demandez-les de nouveau.",
        RemisesEpuisees = "REMISES_EPUISEES" at "remiseId":
            "Ces données ont déjà été retirées dix fois : demandez-les de nouveau.",
        PersonneMajeure = "PERSONNE_MAJEURE" at "personneId":
            "Cette personne est majeure : c'est à elle de faire cette demande.",
    }
}

/// A demand.
#[derive(Debug, Clone, Copy)]
struct Demande {
    personne: PersonneId,
    par: PersonneId,
    jusque: NaiveDate,
    remises: u32,
}

/// A handing over, from its demand on.
#[derive(Debug, Clone, Default)]
pub struct Remise(Option<Demande>);

impl Aggregate for Remise {
    const TYPE: &'static str = "protection.remise";
    /// Without its demand there is nothing to hand over.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = RemiseCommand;
    type Event = RemiseEvent;
    type Refus = RefusRemise;

    fn decide(&self, command: RemiseCommand) -> Result<Vec<RemiseEvent>, RefusRemise> {
        match command {
            RemiseCommand::DemanderDonnees { demandeur } => {
                if self.0.is_some() {
                    return Err(RefusRemise::RemiseDejaDemandee);
                }
                if demandeur.trop_tard() {
                    return Err(RefusRemise::PersonneMajeure);
                }
                let Demandeur { personne, par, le, .. } = demandeur;
                let jusque = le.checked_add_days(Days::new(JOURS)).unwrap_or(le);
                Ok(vec![RemiseEvent::DonneesDemandees { personne, par, le, jusque }])
            }
            RemiseCommand::RemettreDonnees { naissance, le, faits, empreinte } => {
                let Demande { personne, par, .. } = self.disponible(le)?;
                if (Demandeur { personne, par, naissance, le }).trop_tard() {
                    return Err(RefusRemise::PersonneMajeure);
                }
                Ok(vec![RemiseEvent::DonneesRemises { personne, le, faits, empreinte }])
            }
        }
    }

    fn apply(&mut self, event: RemiseEvent) {
        match event {
            RemiseEvent::DonneesDemandees { personne, par, jusque, .. } => {
                self.0 = Some(Demande { personne, par, jusque, remises: 0 });
            }
            RemiseEvent::DonneesRemises { .. } => {
                if let Some(demande) = &mut self.0 {
                    demande.remises += 1;
                }
            }
        }
    }
}

impl Remise {
    fn disponible(&self, le: NaiveDate) -> Result<Demande, RefusRemise> {
        let demande = self.0.ok_or(RefusRemise::RemiseInconnue)?;
        if le > demande.jusque {
            return Err(RefusRemise::RemiseExpiree { jusque: demande.jusque });
        }
        if demande.remises >= FOIS {
            return Err(RefusRemise::RemisesEpuisees);
        }
        Ok(demande)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn personne(name: &str) -> PersonneId {
        PersonneId::derived(&[name])
    }

    fn demander(par: &str, naissance: Option<&str>) -> RemiseCommand {
        let demandeur = Demandeur {
            personne: personne("Zoé"),
            par: personne(par),
            naissance: naissance.map(day),
            le: day("2026-11-23"),
        };
        RemiseCommand::DemanderDonnees { demandeur }
    }

    fn demandee(par: &str) -> RemiseEvent {
        RemiseEvent::DonneesDemandees {
            personne: personne("Zoé"),
            par: personne(par),
            le: day("2026-11-23"),
            jusque: day("2026-12-24"),
        }
    }

    fn remettre(le: &str) -> RemiseCommand {
        remettre_ne_le(le, None)
    }

    fn remettre_ne_le(le: &str, naissance: Option<&str>) -> RemiseCommand {
        let (le, naissance) = (day(le), naissance.map(day));
        RemiseCommand::RemettreDonnees { naissance, le, faits: 12, empreinte: "ab".repeat(32) }
    }

    fn remise(le: &str) -> RemiseEvent {
        let empreinte = "ab".repeat(32);
        RemiseEvent::DonneesRemises { personne: personne("Zoé"), le: day(le), faits: 12, empreinte }
    }

    #[test]
    fn data_are_asked_for_and_handed_over() {
        given::<Remise>([]).when(demander("Zoé", None)).then([demandee("Zoé")]);
        given::<Remise>([demandee("Zoé")]).when(remettre("2026-12-24")).then([remise("2026-12-24")]);
    }

    #[test]
    fn who_answers_for_a_child_asks_until_the_child_is_of_age() {
        given::<Remise>([]).when(demander("mère", Some("2008-11-24"))).then([demandee("mère")]);
        given::<Remise>([])
            .when(demander("mère", Some("2008-11-23")))
            .then_refused(RefusRemise::PersonneMajeure);
        given::<Remise>([]).when(demander("Zoé", Some("2008-11-23"))).then([demandee("Zoé")]);
    }

    #[test]
    fn what_was_asked_for_in_a_childs_place_is_handed_over_until_the_child_is_of_age() {
        let ne_le = Some("2008-12-01");
        given::<Remise>([demandee("mère")])
            .when(remettre_ne_le("2026-11-30", ne_le))
            .then([remise("2026-11-30")]);
        given::<Remise>([demandee("mère")])
            .when(remettre_ne_le("2026-12-01", ne_le))
            .then_refused(RefusRemise::PersonneMajeure);
        given::<Remise>([demandee("Zoé")])
            .when(remettre_ne_le("2026-12-01", ne_le))
            .then([remise("2026-12-01")]);
    }

    #[test]
    fn nothing_is_handed_over_that_was_not_asked_for_or_too_late() {
        given::<Remise>([]).when(remettre("2026-11-23")).then_refused(RefusRemise::RemiseInconnue);
        given::<Remise>([demandee("Zoé")])
            .when(remettre("2026-12-25"))
            .then_refused(RefusRemise::RemiseExpiree { jusque: day("2026-12-24") });
    }

    #[test]
    fn one_demand_is_fetched_ten_times() {
        let fetched = std::iter::once(demandee("Zoé")).chain((0..10).map(|_| remise("2026-11-23")));
        given::<Remise>(fetched).when(remettre("2026-11-23")).then_refused(RefusRemise::RemisesEpuisees);
        given::<Remise>([demandee("Zoé")])
            .when(demander("Zoé", None))
            .then_refused(RefusRemise::RemiseDejaDemandee);
    }
}
