//! The legal holds of a portal.
//!
//! What a judge, an inquiry or a complaint may still need is not destroyed, though its time
//! has come: a hold says whom it protects, why, who placed it and since when. It is lifted
//! by a decision, never by itself (RGPD, art. 17.3.e and 18.1.c).

use super::{Auteur, Sujet};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, GelId, Lacune, PersonneId, Retention, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a hold protects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Portee {
    /// What is about this person; without one, all that the portal holds.
    pub personne: Option<PersonneId>,
    /// Of these classes; of all if none is named.
    pub classes: BTreeSet<Retention>,
}

impl Portee {
    /// Whether it protects what was written about a subject.
    pub fn protege(&self, sujet: &Sujet, classe: Retention) -> bool {
        let about = match (self.personne, sujet) {
            (None, _) => true,
            (Some(held), Sujet::Personne(personne)) => held == *personne,
            (Some(_), Sujet::Portail(_)) => false,
        };
        about && (self.classes.is_empty() || self.classes.contains(&classe))
    }
}

/// What may be asked of the holds of a portal.
#[derive(Debug, Clone)]
pub enum GelCommand {
    /// Protects something from destruction.
    PoserGel {
        /// Which hold, by an id that who asks has chosen.
        gel: GelId,
        /// What.
        portee: Portee,
        /// Why.
        motif: String,
        /// Who.
        par: Auteur,
        /// Since when.
        le: NaiveDate,
    },
    /// Lets it be destroyed again.
    LeverGel {
        /// Which hold.
        gel: GelId,
        /// Why.
        motif: String,
        /// Who.
        par: Auteur,
        /// From when.
        le: NaiveDate,
    },
}

events! {
    /// What happens to the holds of a portal.
    pub enum GelEvent {
        /// Something is protected from destruction.
        GelPose = "conservation.gel.pose" v 1 Conservation {
            gel: GelId, portee: Portee, motif: String, par: Auteur, le: NaiveDate,
        },
        /// It no longer is.
        GelLeve = "conservation.gel.leve" v 1 Conservation {
            gel: GelId, motif: String, par: Auteur, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why the holds refuse.
    pub enum RefusGel {
        GelDejaPose = "GEL_DEJA_POSE" at "gel":
            "Un autre gel porte déjà cet identifiant : donnez-en un nouveau.",
        GelInexistant = "GEL_INEXISTANT" at "gel":
            "Ce gel n'est pas posé sur ce portail, ou il est déjà levé.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Un gel et sa levée doivent dire leur motif, en 500 caractères au plus.",
    }
}

/// The holds of a portal.
#[derive(Debug, Clone, Default)]
pub struct Gels {
    poses: BTreeMap<GelId, Portee>,
    leves: BTreeSet<GelId>,
}

impl Aggregate for Gels {
    const TYPE: &'static str = "conservation.gel";
    /// Its class is never destroyed.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = GelCommand;
    type Event = GelEvent;
    type Refus = RefusGel;

    fn decide(&self, command: GelCommand) -> Result<Vec<GelEvent>, RefusGel> {
        match command {
            GelCommand::PoserGel { gel, portee, motif, par, le } => {
                if self.poses.contains_key(&gel) || self.leves.contains(&gel) {
                    return Err(RefusGel::GelDejaPose);
                }
                let motif = texte::motif(&motif).ok_or(RefusGel::MotifManquant)?;
                Ok(vec![GelEvent::GelPose { gel, portee, motif, par, le }])
            }
            GelCommand::LeverGel { gel, motif, par, le } => {
                if !self.poses.contains_key(&gel) {
                    return Err(RefusGel::GelInexistant);
                }
                let motif = texte::motif(&motif).ok_or(RefusGel::MotifManquant)?;
                Ok(vec![GelEvent::GelLeve { gel, motif, par, le }])
            }
        }
    }

    fn apply(&mut self, event: GelEvent) {
        match event {
            GelEvent::GelPose { gel, portee, .. } => {
                self.poses.insert(gel, portee);
            }
            GelEvent::GelLeve { gel, .. } => {
                self.poses.remove(&gel);
                self.leves.insert(gel);
            }
        }
    }
}

impl Gels {
    /// Whether a hold protects what was written about a subject.
    pub fn protegent(&self, sujet: &Sujet, classe: Retention) -> bool {
        self.poses.values().any(|portee| portee.protege(sujet, classe))
    }
}

#[cfg(test)]
mod tests;
