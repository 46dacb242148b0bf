//! What came back: reports of relays are read from the mailbox to which they go, and what they say is
//! recorded of the envois that were in the message.
//!
//! A mailbox may be read again: what is known is not recorded twice.

mod boite;
mod rapport;

pub use rapport::{Rebond, lire};

use anyhow::Context;
use commands::rights::Acteur;
use commands::{Commands, Demande, UseCaseError};
use domain::{CommandeId, EnvoiId, PortailId};
use projections::notifications::Envois;
use std::fmt;
use std::path::Path;

/// What reading a mailbox has brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bilan {
    /// Mails that were read.
    pub courriels: usize,
    /// Messages of this ENT that came back.
    pub revenus: usize,
    /// Reports of which no message is known: of another ENT, or erased.
    pub inconnus: usize,
}

impl fmt::Display for Bilan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { courriels, revenus, inconnus } = self;
        write!(
            f,
            "{courriels} courriel(s) lu(s) : {revenus} message(s) revenu(s), {inconnus} dont on ne sait rien"
        )
    }
}

/// Reads the mailbox in a file or a folder.
pub async fn relever(commands: &Commands, base: &str, chemin: &Path) -> anyhow::Result<Bilan> {
    let (mut bilan, mut rebonds) = (Bilan::default(), Vec::new());
    boite::ouvrir(chemin, |mail| {
        bilan.courriels += 1;
        rebonds.extend(lire(mail, base));
    })?;
    for rebond in &rebonds {
        match inscrire(commands, rebond).await.context("a report cannot be recorded")? {
            true => bilan.revenus += 1,
            false => bilan.inconnus += 1,
        }
    }
    Ok(bilan)
}

/// Records a report; says whether it is of a message that is known.
async fn inscrire(commands: &Commands, rebond: &Rebond) -> anyhow::Result<bool> {
    let plis = Envois::du_message(commands.views(), &rebond.message).await?;
    let Some(first) = plis.first() else { return Ok(false) };
    let portail: PortailId = first.portail.parse()?;
    let envois: Vec<_> = plis.iter().map(|pli| EnvoiId(pli.id)).collect();
    // Of any other address a report says nothing that we know. Whoever got the message can forge one of
    // it: it then speaks against his own address alone, which he, or the vie scolaire, restores.
    let same = |adresse: &&String| {
        rebond.adresse.as_ref().is_some_and(|reported| reported.eq_ignore_ascii_case(adresse))
    };
    let adresse = first.adresse.as_ref().filter(same).cloned();
    let commande = CommandeId::derived(&["rebond", &rebond.message, &rebond.statut]);
    let demande = Demande { acteur: Acteur::console(), commande, corps: Vec::new(), cause: None };
    let recorded = commands.constater_non_remise(&demande, &portail, &envois, &rebond.statut, adresse).await;
    match recorded {
        // What left before this program kept it, or what was erased, has nothing to come back to.
        Err(UseCaseError::Refused(_)) => Ok(false),
        recorded => Ok(recorded.map(|_| true)?),
    }
}
