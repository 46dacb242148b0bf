//! How an établissement treats absences: its policy of half-days and its own motives.
//!
//! Both are the direction's to set (code de l'éducation, art. R421-5 and R421-10: the règlement
//! intérieur). A policy is never changed: another version of it is in force from a day on, and
//! what was counted names the version that counted it.

use super::{MotifDAbsence, PolitiqueDemiJournees};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most slots and holidays of a policy, and most motives of an établissement.
const NOMBRE_MAX: usize = 100;
/// Longest name, in characters.
const TEXTE_MAX: usize = 200;
/// Longest tolerance, in minutes.
const TOLERANCE_MAX: u16 = 240;
/// Longest delay after which a roll is missed, in minutes.
const DELAI_MAX: u16 = 240;

/// What may be asked of it.
#[derive(Debug, Clone)]
pub enum ReglementCommand {
    /// Says how half-days are counted from a day on; the version is given here.
    FixerPolitique {
        /// How.
        politique: PolitiqueDemiJournees,
        /// From when.
        depuis: NaiveDate,
    },
    /// Adds a motive, or says otherwise what follows from it.
    DefinirMotif {
        /// Which one.
        motif: MotifDAbsence,
    },
    /// Takes a motive of the établissement out of use.
    RetirerMotif {
        /// Which one.
        code: String,
    },
}

events! {
    /// What happens to it.
    pub enum ReglementEvent {
        /// Half-days are counted so from that day on.
        PolitiqueFixee = "absences.reglement.politique_fixee" v 1 Scolarite {
            politique: PolitiqueDemiJournees, depuis: NaiveDate,
        },
        /// A motive may be given, and that follows from it.
        MotifDefini = "absences.reglement.motif_defini" v 1 Scolarite { motif: MotifDAbsence },
        /// A motive may be given no longer.
        MotifRetire = "absences.reglement.motif_retire" v 1 Scolarite { code: String },
    }
}

refusals! {
    /// Why it refuses.
    pub enum RefusReglement {
        PolitiqueAnonyme = "POLITIQUE_SANS_NOM" at "nom":
            "Une politique de décompte porte un nom, en une ligne de 1 à 200 caractères.",
        ToleranceExcessive = "TOLERANCE_EXCESSIVE" at "tolerance":
            "La tolérance est de 240 minutes au plus : au-delà, presque aucune demi-journée ne compterait.",
        DelaiDAppelExcessif = "DELAI_D_APPEL_EXCESSIF" at "delaiDAppel":
            "Le délai d'appel est de 240 minutes au plus : au-delà, l'oubli se verrait trop tard.",
        FermetureInvalide = "FERMETURE_INVALIDE" at "fermetures":
            "Une fermeture se termine après son début, et l'on en donne 100 au plus.",
        VacancesInvalides = "VACANCES_INVALIDES" at "vacances":
            "Les vacances se terminent au plus tôt le jour où elles commencent, et l'on en donne 100 au plus.",
        PolitiqueAnterieure { depuis: NaiveDate } = "POLITIQUE_ANTERIEURE" at "depuis":
            "Une politique plus récente est en vigueur depuis le {depuis} : donnez un jour qui ne la précède pas.",
        CodeDeMotifInvalide = "CODE_DE_MOTIF_INVALIDE" at "code":
            "Le code d'un motif compte de 1 à 40 lettres minuscules sans accent, chiffres ou traits bas.",
        MotifLegal = "MOTIF_LEGAL" at "code":
            "Ce motif est fixé par le code de l'éducation (art. L131-8) : donnez un autre code au vôtre.",
        MotifSansLibelle = "MOTIF_SANS_LIBELLE" at "libelle":
            "Un motif porte un libellé, en une ligne de 1 à 200 caractères.",
        TropDeMotifs = "TROP_DE_MOTIFS" at "code":
            "Un établissement a 100 motifs au plus : retirez-en d'abord.",
        MotifInconnu = "MOTIF_INCONNU" at "motif":
            "Ce motif n'est pas en usage dans l'établissement : choisissez dans sa liste.",
    }
}

/// A policy, and the first day on which it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolitiqueEnVigueur {
    /// How half-days are counted.
    pub politique: PolitiqueDemiJournees,
    /// From when.
    pub depuis: NaiveDate,
}

/// How an établissement treats absences.
#[derive(Debug, Clone, Default)]
pub struct Reglement {
    politiques: Vec<PolitiqueEnVigueur>,
    motifs: BTreeMap<String, MotifDAbsence>,
}

impl Aggregate for Reglement {
    const TYPE: &'static str = "absences.reglement";
    /// Each policy and each motive stands for itself.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = ReglementCommand;
    type Event = ReglementEvent;
    type Refus = RefusReglement;

    fn decide(&self, command: ReglementCommand) -> Result<Vec<ReglementEvent>, RefusReglement> {
        match command {
            ReglementCommand::FixerPolitique { politique, depuis } => self.fixer(politique, depuis),
            ReglementCommand::DefinirMotif { motif } => self.definir(motif),
            ReglementCommand::RetirerMotif { code } => self.retirer(code),
        }
    }

    fn apply(&mut self, event: ReglementEvent) {
        match event {
            ReglementEvent::PolitiqueFixee { politique, depuis } => {
                self.politiques.push(PolitiqueEnVigueur { politique, depuis });
            }
            ReglementEvent::MotifDefini { motif } => {
                self.motifs.insert(motif.code.clone(), motif);
            }
            ReglementEvent::MotifRetire { code } => {
                self.motifs.remove(&code);
            }
        }
    }
}

impl Reglement {
    /// The policy that is in force on a day.
    pub fn politique(&self, le: NaiveDate) -> PolitiqueDemiJournees {
        en_vigueur(&self.politiques, le)
    }

    /// A motive that may be given: one of the law's or of the établissement's own.
    pub fn motif(&self, code: &str) -> Result<MotifDAbsence, RefusReglement> {
        let legal = MotifDAbsence::legaux().into_iter().find(|motif| motif.code == code);
        legal.or_else(|| self.motifs.get(code).cloned()).ok_or(RefusReglement::MotifInconnu)
    }

    fn fixer(
        &self,
        mut politique: PolitiqueDemiJournees,
        depuis: NaiveDate,
    ) -> Result<Vec<ReglementEvent>, RefusReglement> {
        politique.nom = texte::line(&politique.nom, TEXTE_MAX).ok_or(RefusReglement::PolitiqueAnonyme)?;
        if politique.tolerance > TOLERANCE_MAX {
            return Err(RefusReglement::ToleranceExcessive);
        }
        if politique.delai_d_appel > DELAI_MAX {
            return Err(RefusReglement::DelaiDAppelExcessif);
        }
        let fermetures = &politique.fermetures;
        let backwards =
            fermetures.iter().any(|slot| matches!((slot.debut, slot.fin), (Some(a), Some(b)) if a >= b));
        if backwards || fermetures.len() > NOMBRE_MAX {
            return Err(RefusReglement::FermetureInvalide);
        }
        let vacances = &politique.vacances;
        if vacances.iter().any(|days| days.au < days.du) || vacances.len() > NOMBRE_MAX {
            return Err(RefusReglement::VacancesInvalides);
        }
        let last = self.politiques.last();
        if let Some(last) = last.filter(|last| depuis < last.depuis) {
            return Err(RefusReglement::PolitiqueAnterieure { depuis: last.depuis });
        }
        let known = last.map_or(0, |last| last.politique.version);
        politique.version = known;
        if last.is_some_and(|last| last.politique == politique) {
            return Ok(vec![]);
        }
        politique.version = known + 1;
        Ok(vec![ReglementEvent::PolitiqueFixee { politique, depuis }])
    }

    fn definir(&self, mut motif: MotifDAbsence) -> Result<Vec<ReglementEvent>, RefusReglement> {
        if !MotifDAbsence::code_est_valide(&motif.code) {
            return Err(RefusReglement::CodeDeMotifInvalide);
        }
        if MotifDAbsence::est_legal(&motif.code) {
            return Err(RefusReglement::MotifLegal);
        }
        motif.libelle = texte::line(&motif.libelle, TEXTE_MAX).ok_or(RefusReglement::MotifSansLibelle)?;
        match self.motifs.get(&motif.code) {
            Some(known) if *known == motif => Ok(vec![]),
            None if self.motifs.len() >= NOMBRE_MAX => Err(RefusReglement::TropDeMotifs),
            _ => Ok(vec![ReglementEvent::MotifDefini { motif }]),
        }
    }

    fn retirer(&self, code: String) -> Result<Vec<ReglementEvent>, RefusReglement> {
        match self.motifs.contains_key(&code) {
            true => Ok(vec![ReglementEvent::MotifRetire { code }]),
            false if MotifDAbsence::est_legal(&code) => Err(RefusReglement::MotifLegal),
            false => Err(RefusReglement::MotifInconnu),
        }
    }
}

/// Of policies in the order in which they were set, the one that is in force on a day.
pub fn en_vigueur(politiques: &[PolitiqueEnVigueur], le: NaiveDate) -> PolitiqueDemiJournees {
    let found = politiques.iter().rev().find(|one| one.depuis <= le);
    found.map(|one| one.politique.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
