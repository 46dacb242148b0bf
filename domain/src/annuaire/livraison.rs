//! The deliveries of one source: in which order they come.
//!
//! A delivery says how things stand on its day. An older one after a newer one would bring back
//! what is no longer so, and a delta (what changed since the delivery before) means nothing
//! without the complete one on which it stands. The same delivery again is no fault: an import
//! that was interrupted is begun again.

use super::Origine;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AlimentationId, AnneeScolaire, Lacune};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a delivery says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NatureDeLivraison {
    /// Everything.
    Complete,
    /// What changed since the delivery before.
    Delta,
}

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Livraison {
    /// Of what kind of source.
    pub origine: Origine,
    /// Whose source it is: an académie, or the number of an établissement.
    pub portee: String,
    /// How much it says.
    pub nature: NatureDeLivraison,
    /// The day of which it speaks.
    pub du: NaiveDate,
    /// The school year of which it speaks, where it says so: one of July may be of the year to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annee: Option<AnneeScolaire>,
}

impl Livraison {
    /// The school year of which it speaks; that of its day, where it does not say.
    pub fn annee_scolaire(&self) -> AnneeScolaire {
        self.annee.unwrap_or_else(|| AnneeScolaire::of(self.du))
    }

    /// The stream of all deliveries of its source.
    pub fn alimentation(&self) -> AlimentationId {
        AlimentationId::derived(&[self.origine.as_str(), &self.portee])
    }
}

/// What may be asked of the deliveries of a source.
#[derive(Debug, Clone)]
pub enum AlimentationCommand {
    /// Begins to take a delivery.
    CommencerLivraison {
        /// Which one.
        livraison: Livraison,
        /// The school day on which it is taken.
        aujourd_hui: NaiveDate,
        /// Whether the school year that it names has yet to begin where it is taken.
        anticipee: bool,
    },
    /// A delivery was taken to its end.
    AcheverLivraison {
        /// Which one.
        livraison: Livraison,
    },
}

events! {
    /// What happens to the deliveries of a source.
    pub enum AlimentationEvent {
        /// A delivery began to be taken.
        LivraisonCommencee = "annuaire.alimentation.livraison_commencee" v 1 Annuaire { livraison: Livraison },
        /// A delivery was taken to its end.
        LivraisonAchevee = "annuaire.alimentation.livraison_achevee" v 1 Annuaire { livraison: Livraison },
    }
}

refusals! {
    /// Why a delivery is refused.
    pub enum RefusAlimentation {
        LivraisonPerimee { du: NaiveDate, derniere: NaiveDate } = "LIVRAISON_PERIMEE":
            "La livraison du {du} est plus ancienne que celle du {derniere}, déjà prise : importez une livraison plus récente.",
        LivraisonFuture { du: NaiveDate, aujourd_hui: NaiveDate } = "LIVRAISON_FUTURE":
            "La livraison se dit du {du}, et nous sommes le {aujourd_hui} : donnez le jour où elle a été faite.",
        LivraisonAnticipee { annee: AnneeScolaire } = "LIVRAISON_ANTICIPEE":
            "La livraison prépare l'année scolaire {annee}, qui n'a pas commencé dans l'établissement : importez-la après la bascule vers cette année ou, si aucune n'est préparée, à partir du 1er août {annee}.",
        DeltaSansComplete = "DELTA_SANS_COMPLETE":
            "Cette source n'a encore livré aucune livraison complète : importez-en une avant la différentielle.",
        LivraisonInachevee { du: NaiveDate } = "LIVRAISON_INACHEVEE":
            "La livraison du {du} n'a pas été importée jusqu'à sa fin : relancez-la avant la différentielle.",
        LivraisonNonCommencee = "LIVRAISON_NON_COMMENCEE":
            "Cette livraison n'est pas en cours : commencez-la d'abord.",
    }
}

/// State of the deliveries of a source.
#[derive(Debug, Clone, Default)]
pub struct Alimentation {
    derniere: Option<NaiveDate>,
    en_cours: Option<Livraison>,
    /// A complete one was taken to its end.
    complete: bool,
}

impl Aggregate for Alimentation {
    const TYPE: &'static str = "annuaire.alimentation";
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = AlimentationCommand;
    type Event = AlimentationEvent;
    type Refus = RefusAlimentation;

    fn decide(&self, command: AlimentationCommand) -> Result<Vec<AlimentationEvent>, RefusAlimentation> {
        match command {
            AlimentationCommand::CommencerLivraison { livraison, anticipee: true, .. } => {
                Err(RefusAlimentation::LivraisonAnticipee { annee: livraison.annee_scolaire() })
            }
            AlimentationCommand::CommencerLivraison { livraison, aujourd_hui, anticipee: false } => {
                self.commencer(livraison, aujourd_hui)
            }
            AlimentationCommand::AcheverLivraison { livraison } => {
                if self.en_cours.as_ref() != Some(&livraison) {
                    return Err(RefusAlimentation::LivraisonNonCommencee);
                }
                Ok(vec![AlimentationEvent::LivraisonAchevee { livraison }])
            }
        }
    }

    fn apply(&mut self, event: AlimentationEvent) {
        match event {
            AlimentationEvent::LivraisonCommencee { livraison } => {
                self.derniere = Some(livraison.du);
                self.en_cours = Some(livraison);
            }
            AlimentationEvent::LivraisonAchevee { livraison } => {
                self.complete |= livraison.nature == NatureDeLivraison::Complete;
                self.en_cours = None;
            }
        }
    }
}

impl Alimentation {
    fn commencer(
        &self,
        livraison: Livraison,
        aujourd_hui: NaiveDate,
    ) -> Result<Vec<AlimentationEvent>, RefusAlimentation> {
        let du = livraison.du;
        // All that come before that day would be refused.
        if du > aujourd_hui {
            return Err(RefusAlimentation::LivraisonFuture { du, aujourd_hui });
        }
        if let Some(derniere) = self.derniere.filter(|derniere| du < *derniere) {
            return Err(RefusAlimentation::LivraisonPerimee { du, derniere });
        }
        if self.en_cours.as_ref() == Some(&livraison) {
            return Ok(vec![]);
        }
        // A complete one says all that those before it left unsaid.
        if livraison.nature == NatureDeLivraison::Delta {
            if let Some(inachevee) = &self.en_cours {
                return Err(RefusAlimentation::LivraisonInachevee { du: inachevee.du });
            }
            if !self.complete {
                return Err(RefusAlimentation::DeltaSansComplete);
            }
        }
        Ok(vec![AlimentationEvent::LivraisonCommencee { livraison }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;
    use NatureDeLivraison::{Complete, Delta};

    fn livraison(nature: NatureDeLivraison, du: &str) -> Livraison {
        let du = du.parse().unwrap();
        Livraison { origine: Origine::Aaf, portee: "Lyon".into(), nature, du, annee: None }
    }

    fn commencer(nature: NatureDeLivraison, du: &str) -> AlimentationCommand {
        let aujourd_hui = "2026-09-30".parse().unwrap();
        let livraison = livraison(nature, du);
        AlimentationCommand::CommencerLivraison { livraison, aujourd_hui, anticipee: false }
    }

    fn commencee(nature: NatureDeLivraison, du: &str) -> AlimentationEvent {
        AlimentationEvent::LivraisonCommencee { livraison: livraison(nature, du) }
    }

    fn achevee(nature: NatureDeLivraison, du: &str) -> AlimentationEvent {
        AlimentationEvent::LivraisonAchevee { livraison: livraison(nature, du) }
    }

    #[test]
    fn yesterdays_delivery_is_refused_after_todays() {
        given::<Alimentation>([commencee(Complete, "2026-09-21"), achevee(Complete, "2026-09-21")])
            .when(commencer(Complete, "2026-09-20"))
            .then_refused(RefusAlimentation::LivraisonPerimee {
                du: "2026-09-20".parse().unwrap(),
                derniere: "2026-09-21".parse().unwrap(),
            });
    }

    #[test]
    fn a_delivery_of_a_day_to_come_locks_nothing() {
        given::<Alimentation>([]).when(commencer(Complete, "2026-10-01")).then_refused(
            RefusAlimentation::LivraisonFuture {
                du: "2026-10-01".parse().unwrap(),
                aujourd_hui: "2026-09-30".parse().unwrap(),
            },
        );
        given::<Alimentation>([])
            .when(commencer(Complete, "2026-09-30"))
            .then([commencee(Complete, "2026-09-30")]);
    }

    #[test]
    fn the_day_of_a_delivery_that_was_only_begun_counts_too() {
        given::<Alimentation>([commencee(Complete, "2026-09-21")])
            .when(commencer(Complete, "2026-09-20"))
            .then_refused(RefusAlimentation::LivraisonPerimee {
                du: "2026-09-20".parse().unwrap(),
                derniere: "2026-09-21".parse().unwrap(),
            });
    }

    #[test]
    fn the_same_delivery_is_taken_again() {
        let before = [commencee(Complete, "2026-09-21"), achevee(Complete, "2026-09-21")];
        given::<Alimentation>(before)
            .when(commencer(Complete, "2026-09-21"))
            .then([commencee(Complete, "2026-09-21")]);
        given::<Alimentation>([commencee(Complete, "2026-09-21")])
            .when(commencer(Complete, "2026-09-21"))
            .then([]);
    }

    #[test]
    fn a_delta_waits_for_its_complete_delivery() {
        given::<Alimentation>([])
            .when(commencer(Delta, "2026-09-22"))
            .then_refused(RefusAlimentation::DeltaSansComplete);
        given::<Alimentation>([commencee(Complete, "2026-09-21")])
            .when(commencer(Delta, "2026-09-22"))
            .then_refused(RefusAlimentation::LivraisonInachevee { du: "2026-09-21".parse().unwrap() });
        let before = [commencee(Complete, "2026-09-21"), achevee(Complete, "2026-09-21")];
        given::<Alimentation>(before.clone())
            .when(commencer(Delta, "2026-09-22"))
            .then([commencee(Delta, "2026-09-22")]);
    }

    #[test]
    fn a_delta_that_was_interrupted_is_taken_to_its_end_before_the_next_and_a_complete_one_needs_none() {
        let before = [
            commencee(Complete, "2026-09-21"),
            achevee(Complete, "2026-09-21"),
            commencee(Delta, "2026-09-22"),
        ];
        given::<Alimentation>(before.clone()).when(commencer(Delta, "2026-09-22")).then([]);
        given::<Alimentation>(before.clone())
            .when(commencer(Delta, "2026-09-23"))
            .then_refused(RefusAlimentation::LivraisonInachevee { du: "2026-09-22".parse().unwrap() });
        given::<Alimentation>(before)
            .when(commencer(Complete, "2026-09-23"))
            .then([commencee(Complete, "2026-09-23")]);
    }

    #[test]
    fn a_delivery_is_of_the_school_year_that_it_names_or_else_of_its_day() {
        let de_juillet = livraison(Complete, "2027-07-06");
        assert_eq!(de_juillet.annee_scolaire(), AnneeScolaire(2026));
        let preparee = Livraison { annee: Some(AnneeScolaire(2027)), ..de_juillet };
        assert_eq!(preparee.annee_scolaire(), AnneeScolaire(2027));
    }

    #[test]
    fn what_prepares_a_year_that_has_not_begun_is_refused_and_locks_nothing() {
        let annee = Some(AnneeScolaire(2027));
        let livraison = Livraison { annee, ..livraison(Complete, "2027-07-06") };
        let commencer = AlimentationCommand::CommencerLivraison {
            livraison,
            aujourd_hui: "2027-07-06".parse().unwrap(),
            anticipee: true,
        };
        given::<Alimentation>([])
            .when(commencer)
            .then_refused(RefusAlimentation::LivraisonAnticipee { annee: AnneeScolaire(2027) });
    }

    #[test]
    fn only_what_was_begun_is_brought_to_its_end() {
        let achever = AlimentationCommand::AcheverLivraison { livraison: livraison(Complete, "2026-09-21") };
        given::<Alimentation>([])
            .when(achever.clone())
            .then_refused(RefusAlimentation::LivraisonNonCommencee);
        given::<Alimentation>([commencee(Complete, "2026-09-21")])
            .when(achever)
            .then([achevee(Complete, "2026-09-21")]);
    }
}
