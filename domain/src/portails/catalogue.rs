//! The catalogue of a portal: which bricks are open there, and to whom.
//!
//! Every brick is open to every profil from the adhésion on; the directeur and the
//! administrateur close and open them, per profil, from a day on. The last decision counts
//! from its day on, and takes the place of what had been planned for later.

use super::ServiceEnt;
use crate::annuaire::Profil;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, texte};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What may be asked of a catalogue.
#[derive(Debug, Clone)]
pub enum CatalogueCommand {
    /// Opens a brick to some profils.
    OuvrirServiceEnt(Bascule),
    /// Closes it to them.
    FermerServiceEnt(Bascule),
}

/// A brick to be switched.
#[derive(Debug, Clone)]
pub struct Bascule {
    /// Which one.
    pub service_ent: ServiceEnt,
    /// To whom.
    pub profils: BTreeSet<Profil>,
    /// Why.
    pub motif: String,
    /// From which day on.
    pub le: NaiveDate,
    /// Today.
    pub aujourd_hui: NaiveDate,
}

events! {
    /// What happens to a catalogue.
    pub enum CatalogueEvent {
        /// The brick is open to these profils, from that day.
        ServiceEntOuvert = "portails.catalogue.service_ouvert" v 1 Office {
            service_ent: ServiceEnt, profils: BTreeSet<Profil>, motif: String, le: NaiveDate,
        },
        /// It is closed to them, from that day.
        ServiceEntFerme = "portails.catalogue.service_ferme" v 1 Office {
            service_ent: ServiceEnt, profils: BTreeSet<Profil>, motif: String, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why a catalogue refuses.
    pub enum RefusCatalogue {
        ProfilManquant = "PROFIL_MANQUANT" at "profils":
            "Dites à quels profils le service est ouvert ou fermé.",
        BasculeRetroactive = "BASCULE_RETROACTIVE" at "le":
            "Un service ne s'ouvre ni ne se ferme pour un jour passé : choisissez aujourd'hui ou plus tard.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "L'ouverture ou la fermeture d'un service doit dire son motif, en 500 caractères au plus.",
        /// Not of a decision of the catalogue: of what is asked of a brick that it closed.
        ServiceEntFerme { libelle: &'static str } = "SERVICE_FERME":
            "Le service « {libelle} » est fermé à votre profil sur ce portail : demandez au directeur de la publication ou à l'administrateur ENT de l'ouvrir.",
        /// Nor this one: of what is asked of a portal after its adhésion.
        AdhesionTerminee = "ADHESION_TERMINEE":
            "L'adhésion de cet établissement a pris fin : ce qui y fut inscrit se consulte encore, mais rien ne s'y ajoute. L'exploitant inscrit une nouvelle convention.",
    }
}

/// State of a catalogue: for each brick and profil, whether it is closed from a day on.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    bascules: BTreeMap<(ServiceEnt, Profil), BTreeMap<NaiveDate, bool>>,
}

impl Aggregate for Catalogue {
    const TYPE: &'static str = "portails.catalogue";
    /// Its contents are the portal's, kept as long as it.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = CatalogueCommand;
    type Event = CatalogueEvent;
    type Refus = RefusCatalogue;

    fn decide(&self, command: CatalogueCommand) -> Result<Vec<CatalogueEvent>, RefusCatalogue> {
        let (asked, closed) = match command {
            CatalogueCommand::OuvrirServiceEnt(asked) => (asked, false),
            CatalogueCommand::FermerServiceEnt(asked) => (asked, true),
        };
        let Bascule { service_ent, profils, motif, le, aujourd_hui } = asked;
        let motif = texte::motif(&motif).ok_or(RefusCatalogue::MotifManquant)?;
        if profils.is_empty() {
            return Err(RefusCatalogue::ProfilManquant);
        }
        if le < aujourd_hui {
            return Err(RefusCatalogue::BasculeRetroactive);
        }
        let profils: BTreeSet<_> =
            profils.into_iter().filter(|profil| !self.stays(service_ent, *profil, le, closed)).collect();
        Ok(match (profils.is_empty(), closed) {
            (true, _) => vec![],
            (false, true) => vec![CatalogueEvent::ServiceEntFerme { service_ent, profils, motif, le }],
            (false, false) => vec![CatalogueEvent::ServiceEntOuvert { service_ent, profils, motif, le }],
        })
    }

    fn apply(&mut self, event: CatalogueEvent) {
        let (service_ent, profils, le, closed) = match event {
            CatalogueEvent::ServiceEntOuvert { service_ent, profils, le, .. } => {
                (service_ent, profils, le, false)
            }
            CatalogueEvent::ServiceEntFerme { service_ent, profils, le, .. } => {
                (service_ent, profils, le, true)
            }
        };
        for profil in profils {
            let bascules = self.bascules.entry((service_ent, profil)).or_default();
            bascules.retain(|day, _| *day < le);
            bascules.insert(le, closed);
        }
    }
}

impl Catalogue {
    /// Whether a brick is closed to a profil on a day.
    pub fn is_closed(&self, service_ent: ServiceEnt, profil: Profil, le: NaiveDate) -> bool {
        let bascules = self.bascules.get(&(service_ent, profil));
        bascules.and_then(|bascules| bascules.range(..=le).next_back()).is_some_and(|(_, closed)| *closed)
    }

    /// Whether it is so already from a day on, whatever comes later.
    fn stays(&self, service_ent: ServiceEnt, profil: Profil, le: NaiveDate, closed: bool) -> bool {
        let bascules = self.bascules.get(&(service_ent, profil));
        let later = bascules.into_iter().flat_map(|bascules| bascules.range(le..));
        self.is_closed(service_ent, profil, le) == closed
            && later.into_iter().all(|(_, other)| *other == closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn bascule(profils: &[Profil], le: &str) -> Bascule {
        Bascule {
            service_ent: ServiceEnt::Notes,
            profils: profils.iter().copied().collect(),
            motif: "conseils de classe".to_owned(),
            le: day(le),
            aujourd_hui: day("2026-11-23"),
        }
    }

    fn fermer(profils: &[Profil], le: &str) -> CatalogueCommand {
        CatalogueCommand::FermerServiceEnt(bascule(profils, le))
    }

    fn ouvrir(profils: &[Profil], le: &str) -> CatalogueCommand {
        CatalogueCommand::OuvrirServiceEnt(bascule(profils, le))
    }

    fn ferme(profils: &[Profil], le: &str) -> CatalogueEvent {
        let Bascule { service_ent, profils, motif, le, .. } = bascule(profils, le);
        CatalogueEvent::ServiceEntFerme { service_ent, profils, motif, le }
    }

    fn ouvert(profils: &[Profil], le: &str) -> CatalogueEvent {
        let Bascule { service_ent, profils, motif, le, .. } = bascule(profils, le);
        CatalogueEvent::ServiceEntOuvert { service_ent, profils, motif, le }
    }

    const FAMILLES: &[Profil] = &[Profil::Eleve, Profil::Responsable];

    #[test]
    fn everything_is_open_until_it_is_closed() {
        given::<Catalogue>([]).when(ouvrir(FAMILLES, "2026-11-23")).then([]);
        given::<Catalogue>([]).when(fermer(FAMILLES, "2026-11-23")).then([ferme(FAMILLES, "2026-11-23")]);
    }

    #[test]
    fn only_the_profils_that_change_are_switched() {
        given::<Catalogue>([ferme(&[Profil::Eleve], "2026-11-23")])
            .when(fermer(FAMILLES, "2026-11-24"))
            .then([ferme(&[Profil::Responsable], "2026-11-24")]);
    }

    #[test]
    fn what_is_closed_opens_again_from_a_day_on() {
        let closed = ferme(FAMILLES, "2026-11-23");
        given::<Catalogue>([closed.clone()])
            .when(ouvrir(FAMILLES, "2026-12-18"))
            .then([ouvert(FAMILLES, "2026-12-18")]);
        let mut catalogue = Catalogue::default();
        catalogue.apply(closed);
        catalogue.apply(ouvert(FAMILLES, "2026-12-18"));
        let closed_on = |le| catalogue.is_closed(ServiceEnt::Notes, Profil::Eleve, day(le));
        assert!(!closed_on("2026-11-22") && closed_on("2026-11-23"));
        assert!(closed_on("2026-12-17") && !closed_on("2026-12-18"));
        assert!(!catalogue.is_closed(ServiceEnt::Notes, Profil::Enseignant, day("2026-12-01")));
        assert!(!catalogue.is_closed(ServiceEnt::Absences, Profil::Eleve, day("2026-12-01")));
    }

    #[test]
    fn to_close_again_takes_the_place_of_a_planned_opening() {
        given::<Catalogue>([ferme(FAMILLES, "2026-11-23"), ouvert(FAMILLES, "2026-12-18")])
            .when(fermer(FAMILLES, "2026-12-01"))
            .then([ferme(FAMILLES, "2026-12-01")]);
    }

    #[test]
    fn nothing_is_switched_for_a_day_that_is_past_nor_for_nobody_nor_without_a_reason() {
        given::<Catalogue>([])
            .when(fermer(FAMILLES, "2026-11-22"))
            .then_refused(RefusCatalogue::BasculeRetroactive);
        given::<Catalogue>([]).when(fermer(&[], "2026-11-23")).then_refused(RefusCatalogue::ProfilManquant);
        let mute = Bascule { motif: " ".to_owned(), ..bascule(FAMILLES, "2026-11-23") };
        given::<Catalogue>([])
            .when(CatalogueCommand::FermerServiceEnt(mute))
            .then_refused(RefusCatalogue::MotifManquant);
    }

    proptest! {
        /// From the day of the last decision on, it is so for ever.
        #[test]
        fn the_last_decision_counts(asked in prop::collection::vec((0u64..40, any::<bool>()), 1..12)) {
            let start = day("2026-11-23");
            let mut catalogue = Catalogue::default();
            for (offset, closed) in asked {
                let le = start + chrono::Days::new(offset);
                let asked = bascule(&[Profil::Eleve], &le.to_string());
                let command = if closed {
                    CatalogueCommand::FermerServiceEnt(asked)
                } else {
                    CatalogueCommand::OuvrirServiceEnt(asked)
                };
                catalogue.decide(command).unwrap().into_iter().for_each(|event| catalogue.apply(event));
                for later in le.iter_days().take(60) {
                    prop_assert_eq!(catalogue.is_closed(ServiceEnt::Notes, Profil::Eleve, later), closed);
                }
            }
        }
    }
}
