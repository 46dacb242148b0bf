//! A sign-in that failed before anybody's compte was known. It happens once: its stream has one
//! event.

use super::{FournisseurId, MotifDEchec};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune};
use std::net::IpAddr;

/// What may be asked of an attempt.
#[derive(Debug, Clone)]
pub enum TentativeCommand {
    /// Puts its failure on the record.
    InscrireTentative {
        /// By which provider.
        fournisseur: FournisseurId,
        /// Why it failed.
        motif: MotifDEchec,
        /// From where, as far as it is known.
        adresse: Option<IpAddr>,
    },
}

events! {
    /// What happens of an attempt.
    pub enum TentativeEvent {
        /// It failed.
        TentativeEchouee = "identite.tentative.echouee" v 1 Connexion {
            fournisseur: FournisseurId, motif: MotifDEchec, adresse: Option<IpAddr>,
        },
    }
}

refusals! {
    /// Why an attempt fails: what who tried is told.
    pub enum RefusTentative {
        RetourRefuse = "RETOUR_REFUSE":
            "Cette connexion a trop tardé, ou a déjà servi : recommencez-la depuis l'ENT.",
        ReponseRefusee = "REPONSE_REFUSEE":
            "La réponse du fournisseur d'identité n'est pas valable : recommencez ; si cela se répète, prévenez l'administrateur ENT de votre établissement.",
        CleIllisible = "CLE_ILLISIBLE":
            "Le fournisseur d'identité ne dit pas qui vous êtes d'une façon que l'ENT sache lire : prévenez l'administrateur ENT de votre établissement.",
        IdentiteInconnue = "IDENTITE_INCONNUE":
            "Votre identité est reconnue, mais l'ENT ne vous connaît pas encore : demandez à l'administrateur ENT de votre établissement de vérifier votre inscription.",
        IdentiteAmbigue = "IDENTITE_AMBIGUE":
            "Plusieurs personnes de l'ENT répondent à votre identité : demandez à l'administrateur ENT de votre établissement de lier votre compte.",
    }
}

/// State of an attempt.
#[derive(Debug, Clone, Default)]
pub struct Tentative {
    inscrite: bool,
}

impl Aggregate for Tentative {
    const TYPE: &'static str = "identite.tentative";
    const LACUNE: Lacune = Lacune::Fige;
    type Command = TentativeCommand;
    type Event = TentativeEvent;
    type Refus = RefusTentative;

    fn decide(&self, command: TentativeCommand) -> Result<Vec<TentativeEvent>, RefusTentative> {
        let TentativeCommand::InscrireTentative { fournisseur, motif, adresse } = command;
        let echouee = TentativeEvent::TentativeEchouee { fournisseur, motif, adresse };
        Ok(if self.inscrite { vec![] } else { vec![echouee] })
    }

    fn apply(&mut self, event: TentativeEvent) {
        match event {
            TentativeEvent::TentativeEchouee { .. } => self.inscrite = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    #[test]
    fn a_failed_attempt_is_recorded_once() {
        let fournisseur: FournisseurId = "educonnect".parse().unwrap();
        let (motif, adresse) = (MotifDEchec::IdentiteInconnue, "192.0.2.7".parse().ok());
        let inscrire =
            || TentativeCommand::InscrireTentative { fournisseur: fournisseur.clone(), motif, adresse };
        let echouee =
            || TentativeEvent::TentativeEchouee { fournisseur: fournisseur.clone(), motif, adresse };
        given::<Tentative>([]).when(inscrire()).then([echouee()]);
        given::<Tentative>([echouee()]).when(inscrire()).then([]);
    }
}
