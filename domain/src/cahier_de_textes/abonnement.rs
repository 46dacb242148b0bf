//! The private address at which a person's agenda is read by a calendar program.
//!
//! The address is a secret: who has it reads the agenda without signing in. Only the hash of the
//! secret is kept, one address is open at a time, and whoever suspects that his is known opens
//! another or closes it. Source: RGPD, art. 25 and 32.

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId};

/// What may be asked of a person's subscription.
#[derive(Debug, Clone)]
pub enum AbonnementCommand {
    /// Opens an address, in place of the one that was open.
    OuvrirAbonnement {
        /// Whose agenda.
        personne: PersonneId,
        /// SHA-256 of the secret, in lower-case hexadecimal.
        empreinte: String,
    },
    /// Closes the address that is open.
    RevoquerAbonnement {
        /// Whose agenda.
        personne: PersonneId,
    },
}

events! {
    /// What happens to a person's subscription.
    pub enum AbonnementEvent {
        /// An address was opened.
        AbonnementOuvert = "cahier_de_textes.abonnement.ouvert" v 1 Scolarite of personne {
            personne: PersonneId, empreinte: String,
        },
        /// It was closed.
        AbonnementRevoque = "cahier_de_textes.abonnement.revoque" v 1 Scolarite of personne {
            personne: PersonneId, empreinte: String,
        },
    }
}

refusals! {
    /// Why a subscription refuses.
    pub enum RefusAbonnement {
        EmpreinteInvalide = "EMPREINTE_INVALIDE":
            "L'empreinte de l'adresse n'est pas un SHA-256 : demandez une nouvelle adresse.",
    }
}

/// The hash of the secret of the address that is open.
#[derive(Debug, Clone, Default)]
pub struct Abonnement(Option<String>);

impl Aggregate for Abonnement {
    const TYPE: &'static str = "cahier_de_textes.abonnement";
    /// An address of which nothing is left is closed.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = AbonnementCommand;
    type Event = AbonnementEvent;
    type Refus = RefusAbonnement;

    fn decide(&self, command: AbonnementCommand) -> Result<Vec<AbonnementEvent>, RefusAbonnement> {
        let (personne, wanted) = match command {
            AbonnementCommand::OuvrirAbonnement { personne, empreinte } => (personne, Some(empreinte)),
            AbonnementCommand::RevoquerAbonnement { personne } => (personne, None),
        };
        if wanted.as_deref().is_some_and(|text| !is_sha256(text)) {
            return Err(RefusAbonnement::EmpreinteInvalide);
        }
        if wanted == self.0 {
            return Ok(vec![]);
        }
        let closed =
            self.0.clone().map(|empreinte| AbonnementEvent::AbonnementRevoque { personne, empreinte });
        let opened = wanted.map(|empreinte| AbonnementEvent::AbonnementOuvert { personne, empreinte });
        Ok(closed.into_iter().chain(opened).collect())
    }

    fn apply(&mut self, event: AbonnementEvent) {
        self.0 = match event {
            AbonnementEvent::AbonnementOuvert { empreinte, .. } => Some(empreinte),
            AbonnementEvent::AbonnementRevoque { .. } => None,
        };
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn ada() -> PersonneId {
        PersonneId::derived(&["Ada"])
    }

    fn ouverte(empreinte: &str) -> AbonnementEvent {
        AbonnementEvent::AbonnementOuvert { personne: ada(), empreinte: empreinte.repeat(64) }
    }

    fn revoquee(empreinte: &str) -> AbonnementEvent {
        AbonnementEvent::AbonnementRevoque { personne: ada(), empreinte: empreinte.repeat(64) }
    }

    fn ouvrir(empreinte: &str) -> AbonnementCommand {
        AbonnementCommand::OuvrirAbonnement { personne: ada(), empreinte: empreinte.repeat(64) }
    }

    #[test]
    fn one_address_is_open_at_a_time() {
        given::<Abonnement>([]).when(ouvrir("a")).then([ouverte("a")]);
        given::<Abonnement>([ouverte("a")]).when(ouvrir("b")).then([revoquee("a"), ouverte("b")]);
        given::<Abonnement>([ouverte("a")]).when(ouvrir("a")).then([]);
    }

    #[test]
    fn a_closed_address_stays_closed() {
        let close = || AbonnementCommand::RevoquerAbonnement { personne: ada() };
        given::<Abonnement>([ouverte("a")]).when(close()).then([revoquee("a")]);
        given::<Abonnement>([ouverte("a"), revoquee("a")]).when(close()).then([]);
    }

    #[test]
    fn only_a_hash_is_kept() {
        for text in ["", "g", "A"] {
            given::<Abonnement>([]).when(ouvrir(text)).then_refused(RefusAbonnement::EmpreinteInvalide);
        }
    }
}
