//! The cahier of an enseignement as a whole: who has seen it, and how far.
//!
//! Source: circulaire n° 2010-136 du 6 septembre 2010 (the cahier de textes numérique is at the
//! disposal of the chef d'établissement, who puts his visa on it, and of the corps d'inspection).

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, EnseignementId, Lacune, PersonneId};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// In which capacity someone has seen a cahier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QualiteDuVisa {
    /// The chef d'établissement, or who stands by him.
    Direction,
    /// Of the corps d'inspection, under an habilitation.
    Inspection,
}

/// What may be asked of a cahier.
#[derive(Debug, Clone)]
pub enum CahierCommand {
    /// States that it was seen up to a day.
    ViserCahier {
        /// Of what.
        enseignement: EnseignementId,
        /// By whom.
        par: PersonneId,
        /// In which capacity.
        qualite: QualiteDuVisa,
        /// Last day that was seen.
        jusqu_au: NaiveDate,
        /// Today.
        aujourd_hui: NaiveDate,
    },
}

events! {
    /// What happens to a cahier.
    pub enum CahierEvent {
        /// It was seen up to a day.
        CahierVise = "cahier_de_textes.cahier.vise" v 1 Scolarite {
            enseignement: EnseignementId, par: PersonneId, qualite: QualiteDuVisa, jusqu_au: NaiveDate,
        },
    }
}

refusals! {
    /// Why a cahier refuses.
    pub enum RefusCahier {
        VisaDAvance = "VISA_D_AVANCE" at "jusquAu":
            "On ne vise que ce qui a eu lieu : donnez aujourd'hui ou un jour passé.",
    }
}

/// How far it was seen, by capacity.
#[derive(Debug, Clone, Default)]
pub struct Cahier(BTreeMap<QualiteDuVisa, NaiveDate>);

impl Aggregate for Cahier {
    const TYPE: &'static str = "cahier_de_textes.cahier";
    /// A visa of which nothing is left is put again.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = CahierCommand;
    type Event = CahierEvent;
    type Refus = RefusCahier;

    fn decide(&self, command: CahierCommand) -> Result<Vec<CahierEvent>, RefusCahier> {
        let CahierCommand::ViserCahier { enseignement, par, qualite, jusqu_au, aujourd_hui } = command;
        if jusqu_au > aujourd_hui {
            return Err(RefusCahier::VisaDAvance);
        }
        let new = self.0.get(&qualite).is_none_or(|known| *known < jusqu_au);
        let seen = CahierEvent::CahierVise { enseignement, par, qualite, jusqu_au };
        Ok(new.then_some(seen).into_iter().collect())
    }

    fn apply(&mut self, event: CahierEvent) {
        let CahierEvent::CahierVise { qualite, jusqu_au, .. } = event;
        self.0.insert(qualite, jusqu_au);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn viser(jusqu_au: &str) -> CahierCommand {
        CahierCommand::ViserCahier {
            enseignement: EnseignementId::derived(&["maths"]),
            par: PersonneId::derived(&["Marie"]),
            qualite: QualiteDuVisa::Direction,
            jusqu_au: jusqu_au.parse().unwrap(),
            aujourd_hui: "2026-12-01".parse().unwrap(),
        }
    }

    fn vise(jusqu_au: &str) -> CahierEvent {
        CahierEvent::CahierVise {
            enseignement: EnseignementId::derived(&["maths"]),
            par: PersonneId::derived(&["Marie"]),
            qualite: QualiteDuVisa::Direction,
            jusqu_au: jusqu_au.parse().unwrap(),
        }
    }

    #[test]
    fn a_visa_goes_on_from_the_last_one() {
        given::<Cahier>([]).when(viser("2026-11-01")).then([vise("2026-11-01")]);
        given::<Cahier>([vise("2026-11-01")]).when(viser("2026-12-01")).then([vise("2026-12-01")]);
        given::<Cahier>([vise("2026-11-01")]).when(viser("2026-10-01")).then([]);
    }

    #[test]
    fn what_is_to_come_has_no_visa() {
        given::<Cahier>([]).when(viser("2026-12-02")).then_refused(RefusCahier::VisaDAvance);
    }
}
