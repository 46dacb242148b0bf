//! The assiduité of a pupil in an établissement, in a school year: the thresholds reached, and the
//! reinforced follow-up by a référent.
//!
//! That a threshold was reached is stated once for a pupil, a month and what follows, and stays
//! a fact whatever is settled later: what was done then was done for a reason. Source: code de
//! l'éducation, art. R131-6 and R131-7; circulaire n° 2014-159.

use super::{MoisCivil, RegleDeSeuil, Suite};
use crate::AnneeScolaire;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AssiduiteId, EtablissementId, Lacune, PersonneId, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Longest text on a follow-up, in characters.
const TEXTE_MAX: usize = 2000;

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scolarite {
    /// The pupil.
    pub eleve: PersonneId,
    /// Where.
    pub etablissement: EtablissementId,
}

impl Scolarite {
    /// A pupil has one assiduité in an établissement and a school year.
    pub fn assiduite(&self, annee: AnneeScolaire) -> AssiduiteId {
        AssiduiteId::derived(&[&self.eleve.to_string(), &self.etablissement.to_string(), &annee.to_string()])
    }
}

/// Half-days of a month, and what counted them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decompte {
    /// Which month.
    pub mois: MoisCivil,
    /// Half-days without a legitimate motive.
    pub demi_journees: u16,
    /// Name of the policy by which they were counted.
    pub politique: String,
    /// Its version.
    pub version: u32,
}

/// What may be asked of it.
#[derive(Debug, Clone)]
pub enum AssiduiteCommand {
    /// States which thresholds a month has reached.
    ConstaterSeuils {
        /// Whose.
        scolarite: Scolarite,
        /// What was counted.
        decompte: Decompte,
        /// On which day.
        le: NaiveDate,
    },
    /// Begins a follow-up.
    OuvrirSuivi {
        /// Who follows the pupil.
        referent: PersonneId,
        /// Whether the référent belongs to the établissement.
        du_personnel: bool,
        /// What is agreed with the family.
        objectif: String,
        /// On which day.
        le: NaiveDate,
    },
    /// Ends it.
    CloreSuivi {
        /// What came of it.
        bilan: String,
        /// On which day.
        le: NaiveDate,
    },
}

events! {
    /// What happens to it.
    pub enum AssiduiteEvent {
        /// A month has reached a threshold, by that rule and that policy.
        SeuilAtteint = "absences.assiduite.seuil_atteint" v 1 Scolarite of eleve {
            eleve: PersonneId, etablissement: EtablissementId, suite: Suite, regle: u32, seuil: u16,
            decompte: Decompte, le: NaiveDate,
        },
        /// A référent follows the pupil.
        SuiviOuvert = "absences.assiduite.suivi_ouvert" v 1 Scolarite of eleve {
            eleve: PersonneId, referent: PersonneId, objectif: String, le: NaiveDate,
        },
        /// No longer.
        SuiviClos = "absences.assiduite.suivi_clos" v 1 Scolarite of eleve {
            eleve: PersonneId, bilan: String, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why it refuses.
    pub enum RefusAssiduite {
        SeuilNonAtteint = "SEUIL_NON_ATTEINT" at "eleveId":
            "Aucun seuil n'est atteint cette année : constatez-en un avant d'ouvrir un suivi.",
        SuiviDejaOuvert = "SUIVI_DEJA_OUVERT" at "eleveId":
            "Un suivi est déjà ouvert : closez-le avant d'en ouvrir un autre.",
        SuiviNonOuvert = "SUIVI_NON_OUVERT" at "eleveId":
            "Aucun suivi n'est ouvert pour cet élève : ouvrez-en un d'abord.",
        ReferentEtranger = "REFERENT_ETRANGER" at "referentId":
            "Le référent est un personnel de l'établissement : choisissez-le parmi eux.",
        ObjectifManquant = "OBJECTIF_MANQUANT" at "objectif":
            "Un suivi dit ce qui est convenu, en 2000 caractères au plus.",
        BilanManquant = "BILAN_MANQUANT" at "bilan":
            "La fin d'un suivi dit ce qui en est résulté, en 2000 caractères au plus.",
    }
}

/// State of it.
#[derive(Debug, Clone, Default)]
pub struct Assiduite {
    eleve: Option<PersonneId>,
    atteints: BTreeSet<(MoisCivil, Suite)>,
    suivi: bool,
}

impl Aggregate for Assiduite {
    const TYPE: &'static str = "absences.assiduite";
    /// All of it is of one pupil and goes together.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = AssiduiteCommand;
    type Event = AssiduiteEvent;
    type Refus = RefusAssiduite;

    fn decide(&self, command: AssiduiteCommand) -> Result<Vec<AssiduiteEvent>, RefusAssiduite> {
        match command {
            AssiduiteCommand::ConstaterSeuils { scolarite, decompte, le } => {
                Ok(self.constater(scolarite, &decompte, le))
            }
            AssiduiteCommand::OuvrirSuivi { referent, du_personnel, objectif, le } => {
                let eleve = self.eleve.ok_or(RefusAssiduite::SeuilNonAtteint)?;
                if self.suivi {
                    return Err(RefusAssiduite::SuiviDejaOuvert);
                }
                if !du_personnel {
                    return Err(RefusAssiduite::ReferentEtranger);
                }
                let objectif =
                    texte::paragraphs(&objectif, TEXTE_MAX).ok_or(RefusAssiduite::ObjectifManquant)?;
                Ok(vec![AssiduiteEvent::SuiviOuvert { eleve, referent, objectif, le }])
            }
            AssiduiteCommand::CloreSuivi { bilan, le } => {
                let eleve = self.eleve.filter(|_| self.suivi).ok_or(RefusAssiduite::SuiviNonOuvert)?;
                let bilan = texte::paragraphs(&bilan, TEXTE_MAX).ok_or(RefusAssiduite::BilanManquant)?;
                Ok(vec![AssiduiteEvent::SuiviClos { eleve, bilan, le }])
            }
        }
    }

    fn apply(&mut self, event: AssiduiteEvent) {
        match event {
            AssiduiteEvent::SeuilAtteint { eleve, suite, decompte, .. } => {
                self.eleve = Some(eleve);
                self.atteints.insert((decompte.mois, suite));
            }
            AssiduiteEvent::SuiviOuvert { eleve, .. } => {
                self.eleve = Some(eleve);
                self.suivi = true;
            }
            AssiduiteEvent::SuiviClos { .. } => self.suivi = false,
        }
    }
}

impl Assiduite {
    fn constater(&self, scolarite: Scolarite, decompte: &Decompte, le: NaiveDate) -> Vec<AssiduiteEvent> {
        let Scolarite { eleve, etablissement } = scolarite;
        RegleDeSeuil::en_vigueur(decompte.mois.fin())
            .into_iter()
            .filter(|rule| decompte.demi_journees >= rule.demi_journees)
            .filter(|rule| !self.atteints.contains(&(decompte.mois, rule.suite)))
            .map(|rule| AssiduiteEvent::SeuilAtteint {
                eleve,
                etablissement,
                suite: rule.suite,
                regle: rule.version,
                seuil: rule.demi_journees,
                decompte: decompte.clone(),
                le,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
