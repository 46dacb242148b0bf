//! Where a pupil is enrolled, when he or she leaves one établissement for another.
//!
//! The établissement that is left strikes the pupil off its list on a day and says where to; the
//! other one takes the pupil in from a day, which is not before. Each keeps its own record of the
//! pupil, and reads nothing of the other's. Both are found to have happened: a day to come is
//! refused. In another académie the pupil has another fiche, and so other enrolments: that he or she
//! was sent is then said from outside, and serves until this one has taken him or her in. Source: code
//! de l'éducation, art. D332-2 and D211-10 (assignment); the *exeat* is the certificate of being
//! struck off.

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, EtablissementId, Lacune, PersonneId, texte};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What may be asked of the enrolments of a pupil.
#[derive(Debug, Clone)]
pub enum InscriptionCommand {
    /// Strikes the pupil off the list of an établissement.
    RadierEleve {
        /// Who.
        eleve: PersonneId,
        /// Which établissement.
        etablissement: EtablissementId,
        /// Whether the directory attaches the pupil to it.
        inscrit: bool,
        /// First day on which the pupil is no longer there.
        le: NaiveDate,
        /// Today.
        aujourd_hui: NaiveDate,
        /// Where to, if it is known.
        destination: Option<EtablissementId>,
        /// Why.
        motif: String,
    },
    /// Takes in a pupil whom another établissement has struck off for this one.
    AccueillirEleve {
        /// Who.
        eleve: PersonneId,
        /// Which établissement.
        etablissement: EtablissementId,
        /// First day.
        le: NaiveDate,
        /// Today.
        aujourd_hui: NaiveDate,
        /// Since when an établissement of another académie has struck the pupil off for this one.
        exeat: Option<NaiveDate>,
    },
}

events! {
    /// What happens to the enrolments of a pupil.
    pub enum InscriptionEvent {
        /// The pupil is no longer on the list of the établissement, from that day.
        EleveRadie = "annuaire.inscription.eleve_radie" v 1 Annuaire of eleve {
            eleve: PersonneId, etablissement: EtablissementId, le: NaiveDate,
            destination: Option<EtablissementId>, motif: String,
        },
        /// The pupil is on the list of the établissement, from that day.
        EleveAccueilli = "annuaire.inscription.eleve_accueilli" v 1 Annuaire of eleve {
            eleve: PersonneId, etablissement: EtablissementId, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why an enrolment refuses.
    pub enum RefusInscription {
        EleveNonInscrit = "ELEVE_NON_INSCRIT" at "eleveId":
            "Cette personne n'est pas élève de l'établissement, ou en est déjà radiée.",
        DateAVenir = "DATE_A_VENIR" at "le":
            "Un départ et une arrivée se constatent : donnez un jour passé, ou aujourd'hui.",
        DestinationIdentique = "DESTINATION_IDENTIQUE" at "destination":
            "Un élève n'est pas radié d'un établissement pour y entrer : donnez un autre établissement, ou aucun.",
        SansExeat = "SANS_EXEAT" at "eleveId":
            "Aucun établissement n'a radié cet élève pour le vôtre : demandez au sien de le radier avec le vôtre pour destination.",
        AccueilAvantDepart { le: NaiveDate } = "ACCUEIL_AVANT_DEPART" at "le":
            "L'élève a quitté son établissement le {le} : l'accueil ne peut commencer avant.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une radiation doit dire son motif, en 500 caractères au plus.",
    }
}

/// A pupil's being struck off.
#[derive(Debug, Clone, Copy)]
struct Radiation {
    le: NaiveDate,
    /// Who may take the pupil in, and has not yet.
    destination: Option<EtablissementId>,
}

/// The enrolments of a pupil that have changed by these acts.
#[derive(Debug, Clone, Default)]
pub struct Inscription {
    radiations: BTreeMap<EtablissementId, Radiation>,
    /// Where the pupil was taken in, and is still.
    accueilli: BTreeSet<EtablissementId>,
}

impl Aggregate for Inscription {
    const TYPE: &'static str = "annuaire.inscription";
    /// What is left of it stands for itself.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = InscriptionCommand;
    type Event = InscriptionEvent;
    type Refus = RefusInscription;

    fn decide(&self, command: InscriptionCommand) -> Result<Vec<InscriptionEvent>, RefusInscription> {
        match command {
            InscriptionCommand::RadierEleve {
                eleve,
                etablissement,
                inscrit,
                le,
                aujourd_hui,
                destination,
                motif,
            } => {
                if !inscrit || self.radiations.contains_key(&etablissement) {
                    return Err(RefusInscription::EleveNonInscrit);
                }
                if le > aujourd_hui {
                    return Err(RefusInscription::DateAVenir);
                }
                if destination == Some(etablissement) {
                    return Err(RefusInscription::DestinationIdentique);
                }
                let motif = texte::motif(&motif).ok_or(RefusInscription::MotifManquant)?;
                Ok(vec![InscriptionEvent::EleveRadie { eleve, etablissement, le, destination, motif }])
            }
            InscriptionCommand::AccueillirEleve { eleve, etablissement, le, aujourd_hui, exeat } => {
                let sent = self.sent_to(etablissement, exeat).ok_or(RefusInscription::SansExeat)?;
                if le > aujourd_hui {
                    return Err(RefusInscription::DateAVenir);
                }
                if le < sent {
                    return Err(RefusInscription::AccueilAvantDepart { le: sent });
                }
                Ok(vec![InscriptionEvent::EleveAccueilli { eleve, etablissement, le }])
            }
        }
    }

    fn apply(&mut self, event: InscriptionEvent) {
        match event {
            InscriptionEvent::EleveRadie { etablissement, le, destination, .. } => {
                self.accueilli.remove(&etablissement);
                self.radiations.insert(etablissement, Radiation { le, destination });
            }
            InscriptionEvent::EleveAccueilli { etablissement, .. } => {
                // Who comes back is enrolled there again; an exeat serves once.
                self.accueilli.insert(etablissement);
                self.radiations.remove(&etablissement);
                for radiation in self.radiations.values_mut() {
                    if radiation.destination == Some(etablissement) {
                        radiation.destination = None;
                    }
                }
            }
        }
    }
}

impl Inscription {
    /// Since when the pupil may be taken in by an établissement, if he or she may. Who was struck off
    /// there may come back without anybody's leave, but from no day before the last departure.
    fn sent_to(&self, etablissement: EtablissementId, exeat: Option<NaiveDate>) -> Option<NaiveDate> {
        let sent = || self.radiations.values().find(|radiation| radiation.destination == Some(etablissement));
        let here = self.radiations.get(&etablissement).or_else(sent).map(|radiation| radiation.le);
        here.max(exeat.filter(|_| !self.accueilli.contains(&etablissement)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eleve() -> PersonneId {
        PersonneId::derived(&["Zoé"])
    }

    fn ecole(name: &str) -> EtablissementId {
        EtablissementId::derived(&[name])
    }

    fn radier(le: &str, destination: Option<&str>) -> InscriptionCommand {
        InscriptionCommand::RadierEleve {
            eleve: eleve(),
            etablissement: ecole("A"),
            inscrit: true,
            le: day(le),
            aujourd_hui: day("2026-11-23"),
            destination: destination.map(ecole),
            motif: "Déménagement".into(),
        }
    }

    fn radie(le: &str, destination: Option<&str>) -> InscriptionEvent {
        InscriptionEvent::EleveRadie {
            eleve: eleve(),
            etablissement: ecole("A"),
            le: day(le),
            destination: destination.map(ecole),
            motif: "Déménagement".into(),
        }
    }

    fn accueillir(name: &str, le: &str) -> InscriptionCommand {
        envoye(name, le, None)
    }

    /// The same, of a pupil whom another académie may have struck off for it.
    fn envoye(name: &str, le: &str, exeat: Option<&str>) -> InscriptionCommand {
        InscriptionCommand::AccueillirEleve {
            eleve: eleve(),
            etablissement: ecole(name),
            le: day(le),
            aujourd_hui: day("2026-11-23"),
            exeat: exeat.map(day),
        }
    }

    fn accueilli(name: &str, le: &str) -> InscriptionEvent {
        InscriptionEvent::EleveAccueilli { eleve: eleve(), etablissement: ecole(name), le: day(le) }
    }

    #[test]
    fn a_pupil_leaves_for_another_etablissement_on_a_day() {
        given::<Inscription>([]).when(radier("2026-11-20", Some("B"))).then([radie("2026-11-20", Some("B"))]);
    }

    #[test]
    fn who_was_struck_off_here_may_come_back_without_anybodys_leave() {
        given::<Inscription>([radie("2026-11-10", None)])
            .when(accueillir("A", "2026-11-20"))
            .then([accueilli("A", "2026-11-20")]);
        given::<Inscription>([radie("2026-11-10", None)])
            .when(accueillir("C", "2026-11-20"))
            .then_refused(RefusInscription::SansExeat);
    }

    #[test]
    fn a_pupil_leaves_once() {
        given::<Inscription>([radie("2026-11-20", None)])
            .when(radier("2026-11-20", None))
            .then_refused(RefusInscription::EleveNonInscrit);
    }

    #[test]
    fn a_departure_is_found_to_have_happened() {
        given::<Inscription>([]).when(radier("2026-11-24", None)).then_refused(RefusInscription::DateAVenir);
        given::<Inscription>([])
            .when(radier("2026-11-23", Some("A")))
            .then_refused(RefusInscription::DestinationIdentique);
    }

    #[test]
    fn only_the_etablissement_that_is_named_takes_the_pupil_in_and_once() {
        let sent = radie("2026-11-20", Some("B"));
        given::<Inscription>([sent.clone()])
            .when(accueillir("C", "2026-11-23"))
            .then_refused(RefusInscription::SansExeat);
        given::<Inscription>([sent.clone()])
            .when(accueillir("B", "2026-11-23"))
            .then([accueilli("B", "2026-11-23")]);
        given::<Inscription>([sent, accueilli("B", "2026-11-23")])
            .when(accueillir("B", "2026-11-23"))
            .then_refused(RefusInscription::SansExeat);
    }

    #[test]
    fn what_another_academie_says_lets_a_pupil_in_once() {
        let sent = || envoye("B", "2026-11-22", Some("2026-11-20"));
        given::<Inscription>([]).when(sent()).then([accueilli("B", "2026-11-22")]);
        given::<Inscription>([accueilli("B", "2026-11-22")])
            .when(sent())
            .then_refused(RefusInscription::SansExeat);
        given::<Inscription>([])
            .when(envoye("B", "2026-11-19", Some("2026-11-20")))
            .then_refused(RefusInscription::AccueilAvantDepart { le: day("2026-11-20") });
    }

    #[test]
    fn who_left_again_comes_back_after_that_day_whatever_was_said_before() {
        let radie = InscriptionEvent::EleveRadie {
            eleve: eleve(),
            etablissement: ecole("B"),
            le: day("2026-11-22"),
            destination: None,
            motif: "Retour".into(),
        };
        let before = [accueilli("B", "2026-11-20"), radie];
        given::<Inscription>(before.clone())
            .when(envoye("B", "2026-11-21", Some("2026-11-19")))
            .then_refused(RefusInscription::AccueilAvantDepart { le: day("2026-11-22") });
        // Nor is he or she back before the other académie has let go.
        given::<Inscription>(before)
            .when(envoye("B", "2026-11-22", Some("2026-11-23")))
            .then_refused(RefusInscription::AccueilAvantDepart { le: day("2026-11-23") });
    }

    #[test]
    fn nobody_arrives_before_leaving() {
        given::<Inscription>([radie("2026-11-20", Some("B"))])
            .when(accueillir("B", "2026-11-19"))
            .then_refused(RefusInscription::AccueilAvantDepart { le: day("2026-11-20") });
    }

    #[test]
    fn who_comes_back_may_leave_again() {
        let back = InscriptionEvent::EleveRadie {
            eleve: eleve(),
            etablissement: ecole("B"),
            le: day("2026-11-22"),
            destination: Some(ecole("A")),
            motif: "Retour".into(),
        };
        let before = [
            radie("2026-11-20", Some("B")),
            accueilli("B", "2026-11-21"),
            back,
            accueilli("A", "2026-11-22"),
        ];
        given::<Inscription>(before).when(radier("2026-11-23", None)).then([radie("2026-11-23", None)]);
    }
}
