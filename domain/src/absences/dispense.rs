//! A dispense: a pupil need not be in an enseignement, for a while, on some days of the week or
//! on all. What it stands on is not kept, since it is most often a matter of health. Source: code
//! de l'éducation, art. R312-2 (éducation physique) and L511-1 (assiduité).

use super::Scolarite;
use crate::JourDeSemaine;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, EnseignementId, EtablissementId, Lacune, PersonneId};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// From what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Etendue {
    /// What is taught there.
    pub enseignement: EnseignementId,
    /// First day.
    pub du: NaiveDate,
    /// Last day.
    pub au: NaiveDate,
    /// On which days of the week; on all, if none is said.
    pub jours: BTreeSet<JourDeSemaine>,
}

impl Etendue {
    /// Whether a séance of an enseignement on a day is in it.
    pub fn couvre(&self, enseignement: EnseignementId, jour: NaiveDate) -> bool {
        let of_week = self.jours.is_empty() || self.jours.contains(&JourDeSemaine::de(jour));
        self.enseignement == enseignement && (self.du..=self.au).contains(&jour) && of_week
    }
}

/// What may be asked of it.
#[derive(Debug, Clone)]
pub enum DispenseCommand {
    /// Grants it.
    AccorderDispense {
        /// To whom.
        scolarite: Scolarite,
        /// From what.
        etendue: Etendue,
        /// Whether the pupil is in the division or the groupe of the enseignement on the first day.
        inscrit: bool,
    },
    /// Ends it before its time.
    TerminerDispense {
        /// Last day.
        le: NaiveDate,
    },
}

events! {
    /// What happens to it.
    pub enum DispenseEvent {
        /// A pupil need not be there.
        DispenseAccordee = "absences.dispense.accordee" v 1 Scolarite of eleve {
            eleve: PersonneId, etablissement: EtablissementId, etendue: Etendue,
        },
        /// After that day, the pupil must.
        DispenseTerminee = "absences.dispense.terminee" v 1 Scolarite of eleve { eleve: PersonneId, le: NaiveDate },
    }
}

refusals! {
    /// Why it refuses.
    pub enum RefusDispense {
        DispenseInexistante = "DISPENSE_INEXISTANTE" at "dispenseId":
            "Aucune dispense n'est accordée sous cet identifiant.",
        DispenseDejaAccordee = "DISPENSE_DEJA_ACCORDEE" at "dispense":
            "Une dispense porte déjà cet identifiant : donnez-en un nouveau.",
        DispenseSansDuree = "DISPENSE_SANS_DUREE" at "au":
            "Une dispense se termine au plus tôt le jour où elle commence, et au plus tard un an après.",
        DispenseHorsDivision = "DISPENSE_HORS_DIVISION" at "enseignementId":
            "L'élève ne suit pas cet enseignement au premier jour de la dispense : choisissez un de ses enseignements d'alors.",
        FinDeDispenseInvalide = "FIN_DE_DISPENSE_INVALIDE" at "le":
            "Une dispense ne peut que finir plus tôt que prévu : donnez un jour entre la veille de son début et sa fin.",
    }
}

/// State of it.
#[derive(Debug, Clone, Default)]
pub struct Dispense {
    accordee: Option<(PersonneId, NaiveDate, NaiveDate)>,
}

impl Aggregate for Dispense {
    const TYPE: &'static str = "absences.dispense";
    /// All of it is of one pupil and goes together.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = DispenseCommand;
    type Event = DispenseEvent;
    type Refus = RefusDispense;

    fn decide(&self, command: DispenseCommand) -> Result<Vec<DispenseEvent>, RefusDispense> {
        match command {
            DispenseCommand::AccorderDispense { scolarite, etendue, inscrit } => {
                if self.accordee.is_some() {
                    return Err(RefusDispense::DispenseDejaAccordee);
                }
                if !inscrit {
                    return Err(RefusDispense::DispenseHorsDivision);
                }
                if etendue.au < etendue.du || (etendue.au - etendue.du).num_days() > super::JOURS_MAX {
                    return Err(RefusDispense::DispenseSansDuree);
                }
                let Scolarite { eleve, etablissement } = scolarite;
                Ok(vec![DispenseEvent::DispenseAccordee { eleve, etablissement, etendue }])
            }
            DispenseCommand::TerminerDispense { le } => {
                let (eleve, du, au) = self.accordee.ok_or(RefusDispense::DispenseInexistante)?;
                if le == au {
                    return Ok(vec![]);
                }
                if le > au || du.pred_opt().is_some_and(|before| le < before) {
                    return Err(RefusDispense::FinDeDispenseInvalide);
                }
                Ok(vec![DispenseEvent::DispenseTerminee { eleve, le }])
            }
        }
    }

    fn apply(&mut self, event: DispenseEvent) {
        match event {
            DispenseEvent::DispenseAccordee { eleve, etendue, .. } => {
                self.accordee = Some((eleve, etendue.du, etendue.au));
            }
            DispenseEvent::DispenseTerminee { le, .. } => {
                self.accordee = self.accordee.map(|(eleve, du, _)| (eleve, du, le));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eps() -> EnseignementId {
        EnseignementId::derived(&["EPS"])
    }

    fn etendue(du: &str, au: &str) -> Etendue {
        Etendue { enseignement: eps(), du: day(du), au: day(au), jours: BTreeSet::new() }
    }

    fn scolarite() -> Scolarite {
        let etablissement = EtablissementId::derived(&["collège"]);
        Scolarite { eleve: PersonneId::derived(&["élève"]), etablissement }
    }

    fn accorder(etendue: Etendue, inscrit: bool) -> DispenseCommand {
        DispenseCommand::AccorderDispense { scolarite: scolarite(), etendue, inscrit }
    }

    fn accordee() -> DispenseEvent {
        let Scolarite { eleve, etablissement } = scolarite();
        let etendue = etendue("2026-11-01", "2026-12-18");
        DispenseEvent::DispenseAccordee { eleve, etablissement, etendue }
    }

    #[test]
    fn a_dispense_is_of_one_enseignement_from_a_day_to_a_day() {
        given::<Dispense>([]).when(accorder(etendue("2026-11-01", "2026-12-18"), true)).then([accordee()]);
        let refused = |etendue, inscrit, refus| {
            given::<Dispense>([]).when(accorder(etendue, inscrit)).then_refused(refus);
        };
        refused(etendue("2026-11-02", "2026-11-01"), true, RefusDispense::DispenseSansDuree);
        refused(etendue("2026-11-01", "2028-11-01"), true, RefusDispense::DispenseSansDuree);
        refused(etendue("2026-11-01", "2026-12-18"), false, RefusDispense::DispenseHorsDivision);
    }

    #[test]
    fn it_ends_earlier_and_never_later() {
        let end = |le: &str| DispenseCommand::TerminerDispense { le: day(le) };
        let eleve = scolarite().eleve;
        given::<Dispense>([accordee()])
            .when(end("2026-11-20"))
            .then([DispenseEvent::DispenseTerminee { eleve, le: day("2026-11-20") }]);
        given::<Dispense>([accordee()]).when(end("2026-12-18")).then([]);
        for le in ["2026-12-19", "2026-10-30"] {
            given::<Dispense>([accordee()]).when(end(le)).then_refused(RefusDispense::FinDeDispenseInvalide);
        }
        given::<Dispense>([]).when(end("2026-11-20")).then_refused(RefusDispense::DispenseInexistante);
    }

    #[test]
    fn a_recurrent_one_covers_its_days_of_the_week() {
        let mondays = Etendue { jours: [JourDeSemaine::Lundi].into(), ..etendue("2026-11-01", "2026-12-18") };
        assert!(mondays.couvre(eps(), day("2026-11-23")));
        assert!(!mondays.couvre(eps(), day("2026-11-24")) && !mondays.couvre(eps(), day("2026-12-21")));
        assert!(!mondays.couvre(EnseignementId::derived(&["maths"]), day("2026-11-23")));
        assert!(etendue("2026-11-01", "2026-12-18").couvre(eps(), day("2026-11-24")));
    }
}
