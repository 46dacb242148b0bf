//! A destruction, in two steps.
//!
//! One person asks, and sees the list of what goes; a second one confirms, and what is on
//! the list is gone for good in that very decision. Nothing goes before its time, but at the
//! request of whom it is about (RGPD, art. 17; code de l'éducation, art. R511-13 for a pupil
//! who changes schools), and nothing that is under a legal hold.

use super::{Auteur, Lot, LotExamine};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, CleId, Lacune, Retention, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Lots in one destruction.
const LOTS_MAX: usize = 2_000;

/// By what right something is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fondement {
    /// Its time has come.
    Echeance,
    /// Whom it is about has asked for it.
    DemandeDeLaPersonne,
}

/// What may be asked of a destruction.
#[derive(Debug, Clone)]
pub enum DestructionCommand {
    /// Asks that lots be destroyed.
    DemanderDestruction {
        /// Which, as they stand.
        lots: Vec<LotExamine>,
        /// By what right.
        fondement: Fondement,
        /// Why.
        motif: String,
        /// Who.
        par: Auteur,
        /// Today.
        le: NaiveDate,
    },
    /// Destroys them.
    ConfirmerDestruction {
        /// Keys that exist still.
        existantes: BTreeSet<CleId>,
        /// Keys that are under a hold.
        gelees: BTreeSet<CleId>,
        /// Who.
        par: Auteur,
        /// Today.
        le: NaiveDate,
    },
    /// Gives it up.
    AbandonnerDestruction {
        /// Why.
        motif: String,
        /// Who.
        par: Auteur,
        /// Today.
        le: NaiveDate,
    },
}

events! {
    /// What happens to a destruction.
    pub enum DestructionEvent {
        /// Someone asked for it; nothing is destroyed yet.
        DestructionDemandee = "conservation.destruction.demandee" v 2 Conservation {
            lots: Vec<Lot>, fondement: Fondement, motif: String, par: Auteur, le: NaiveDate,
        },
        /// A second person confirmed it, and the keys are destroyed.
        DestructionExecutee = "conservation.destruction.executee" v 1 Conservation {
            cles: Vec<CleId>, par: Auteur, le: NaiveDate,
        },
        /// It was given up, and nothing is destroyed.
        DestructionAbandonnee = "conservation.destruction.abandonnee" v 1 Conservation {
            motif: String, par: Auteur, le: NaiveDate,
        },
    }
    upcast { "conservation.destruction.demandee" v 1 => since_months }
}

/// Version 1 knew periods of a school year only; they are written as they were.
fn since_months(data: Value) -> Option<Value> {
    Some(data)
}

refusals! {
    /// Why a destruction is refused.
    pub enum RefusDestruction {
        DestructionInexistante = "DESTRUCTION_INEXISTANTE" at "destructionId":
            "Cette destruction n'a pas été demandée.",
        DestructionDejaDemandee = "DESTRUCTION_DEJA_DEMANDEE" at "destruction":
            "Une autre destruction porte déjà cet identifiant : donnez-en un nouveau.",
        DestructionTerminee = "DESTRUCTION_TERMINEE" at "destructionId":
            "Cette destruction est déjà exécutée ou abandonnée.",
        RienADetruire = "RIEN_A_DETRUIRE":
            "Rien de ce qui est désigné ne peut être détruit : tout l'est déjà, ou n'a jamais existé.",
        TropDeLots { lots: usize } = "TROP_DE_LOTS":
            "{lots} lots en une fois sont trop : demandez-en 2000 au plus, puis les suivants.",
        PasEncoreEchu { lots: usize } = "PAS_ENCORE_ECHU":
            "{lots} lots ne sont pas encore arrivés à échéance : attendez, ou dites que la personne le demande.",
        SousGel { lots: usize } = "SOUS_GEL":
            "{lots} lots sont sous gel : faites-le lever d'abord.",
        LotPartage { lots: usize } = "LOT_PARTAGE":
            "{lots} lots servent aussi à d'autres portails : ils attendent leur échéance.",
        PreuvePermanente = "PREUVE_PERMANENTE":
            "Le registre des gels et des destructions est la preuve de ce qui fut détruit : il se garde.",
        MemePersonne = "MEME_PERSONNE":
            "Qui demande une destruction ne la confirme pas : une seconde personne doit relire la liste.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une destruction, ou son abandon, doit dire son motif, en 500 caractères au plus.",
    }
}

/// State of a destruction.
#[derive(Debug, Clone, Default)]
pub struct Destruction {
    demande: Option<Demandee>,
    terminee: bool,
}

#[derive(Debug, Clone)]
struct Demandee {
    lots: Vec<Lot>,
    par: Auteur,
}

impl Aggregate for Destruction {
    const TYPE: &'static str = "conservation.destruction";
    /// Its class is never destroyed.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = DestructionCommand;
    type Event = DestructionEvent;
    type Refus = RefusDestruction;

    fn decide(&self, command: DestructionCommand) -> Result<Vec<DestructionEvent>, RefusDestruction> {
        match command {
            DestructionCommand::DemanderDestruction { lots, fondement, motif, par, le } => {
                self.demander(lots, fondement, &motif, par, le)
            }
            DestructionCommand::ConfirmerDestruction { existantes, gelees, par, le } => {
                self.confirmer(&existantes, &gelees, par, le)
            }
            DestructionCommand::AbandonnerDestruction { motif, par, le } => {
                self.en_attente()?;
                let motif = texte::motif(&motif).ok_or(RefusDestruction::MotifManquant)?;
                Ok(vec![DestructionEvent::DestructionAbandonnee { motif, par, le }])
            }
        }
    }

    fn apply(&mut self, event: DestructionEvent) {
        match event {
            DestructionEvent::DestructionDemandee { lots, par, .. } => {
                self.demande = Some(Demandee { lots, par });
            }
            DestructionEvent::DestructionExecutee { .. } | DestructionEvent::DestructionAbandonnee { .. } => {
                self.terminee = true;
            }
        }
    }
}

impl Destruction {
    /// The lots that it names.
    pub fn lots(&self) -> &[Lot] {
        self.demande.as_ref().map_or(&[], |demande| &demande.lots)
    }

    fn demander(
        &self,
        examines: Vec<LotExamine>,
        fondement: Fondement,
        motif: &str,
        par: Auteur,
        le: NaiveDate,
    ) -> Result<Vec<DestructionEvent>, RefusDestruction> {
        if self.demande.is_some() {
            return Err(RefusDestruction::DestructionDejaDemandee);
        }
        if examines.is_empty() {
            return Err(RefusDestruction::RienADetruire);
        }
        if examines.len() > LOTS_MAX {
            return Err(RefusDestruction::TropDeLots { lots: examines.len() });
        }
        let motif = texte::motif(motif).ok_or(RefusDestruction::MotifManquant)?;
        let count = |wrong: &dyn Fn(&LotExamine) -> bool| examines.iter().filter(|lot| wrong(lot)).count();
        if count(&|examine| examine.lot.classe == Retention::Conservation) > 0 {
            return Err(RefusDestruction::PreuvePermanente);
        }
        match count(&|examine| examine.gele) {
            0 => {}
            lots => return Err(RefusDestruction::SousGel { lots }),
        }
        let early = |examine: &LotExamine| examine.lot.echeance.is_none_or(|echeance| echeance > le);
        match fondement {
            Fondement::Echeance => match count(&early) {
                0 => {}
                lots => return Err(RefusDestruction::PasEncoreEchu { lots }),
            },
            Fondement::DemandeDeLaPersonne => match count(&|examine| examine.partage && early(examine)) {
                0 => {}
                lots => return Err(RefusDestruction::LotPartage { lots }),
            },
        }
        let lots = examines.into_iter().map(|examine| examine.lot).collect();
        Ok(vec![DestructionEvent::DestructionDemandee { lots, fondement, motif, par, le }])
    }

    fn confirmer(
        &self,
        existantes: &BTreeSet<CleId>,
        gelees: &BTreeSet<CleId>,
        par: Auteur,
        le: NaiveDate,
    ) -> Result<Vec<DestructionEvent>, RefusDestruction> {
        let demande = self.en_attente()?;
        if demande.par.is(par) {
            return Err(RefusDestruction::MemePersonne);
        }
        let named = || demande.lots.iter().map(|lot| lot.cle);
        match named().filter(|cle| gelees.contains(cle)).count() {
            0 => {}
            lots => return Err(RefusDestruction::SousGel { lots }),
        }
        let cles: Vec<_> = named().filter(|cle| existantes.contains(cle)).collect();
        if cles.is_empty() {
            return Err(RefusDestruction::RienADetruire);
        }
        Ok(vec![DestructionEvent::DestructionExecutee { cles, par, le }])
    }

    fn en_attente(&self) -> Result<&Demandee, RefusDestruction> {
        match &self.demande {
            None => Err(RefusDestruction::DestructionInexistante),
            Some(_) if self.terminee => Err(RefusDestruction::DestructionTerminee),
            Some(demande) => Ok(demande),
        }
    }
}

#[cfg(test)]
mod tests;
