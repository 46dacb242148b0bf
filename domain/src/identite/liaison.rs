//! An external identity, and the compte that it opens.
//!
//! Its stream is named by a keyed digest of the provider and the key, so that the rule that one
//! identity opens one compte fits in one stream, and the record tells nothing of the key. The key
//! itself is personal data: it lies in the content, under the key of whose compte it opens.
//! A compte of an office is never opened by what designates a person (see [`Designation`]).
//!
//! [`Designation`]: super::Designation

use super::{CleExterne, Designation, FournisseurId};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, CompteId, Lacune, PersonneId, texte};

/// What may be asked of an external identity.
#[derive(Debug, Clone)]
pub enum LiaisonCommand {
    /// It signs in, and what it opens is known from the directory or from before.
    ReconnaitreIdentite {
        /// Who vouches for it.
        fournisseur: FournisseurId,
        /// Its key.
        cle: CleExterne,
        /// What it opens.
        compte: CompteId,
        /// Whose compte that is.
        personne: PersonneId,
    },
    /// Somebody says what it opens.
    LierIdentite {
        /// Who vouches for it.
        fournisseur: FournisseurId,
        /// Its key.
        cle: CleExterne,
        /// What it opens.
        compte: CompteId,
        /// Whose compte that is: of an office's, who holds the office.
        personne: PersonneId,
        /// Whom the directory knows by the key, if anybody.
        designee: Option<PersonneId>,
    },
    /// It opens nothing any more.
    RompreLiaison {
        /// Why.
        motif: String,
    },
}

events! {
    /// What happens to an external identity.
    pub enum LiaisonEvent {
        /// It opens a compte.
        LiaisonEtablie = "identite.liaison.etablie" v 1 Annuaire of personne {
            personne: PersonneId, compte: CompteId, fournisseur: FournisseurId, cle: CleExterne,
        },
        /// It opens nothing any more.
        LiaisonRompue = "identite.liaison.rompue" v 1 Annuaire of personne { personne: PersonneId, motif: String },
    }
}

refusals! {
    /// Why an external identity refuses.
    pub enum RefusLiaison {
        LiaisonInexistante = "LIAISON_INEXISTANTE" at "liaisonId":
            "Cette identité n'ouvre aucun compte : il n'y a rien à rompre.",
        IdentiteDetachee = "IDENTITE_DETACHEE":
            "Cette identité a été détachée de son compte : demandez à l'administrateur ENT de votre établissement de la lier à nouveau.",
        IdentiteDUnAutreCompte = "IDENTITE_D_UN_AUTRE_COMPTE" at "cle":
            "Cette identité ouvre déjà un autre compte : rompez d'abord cette liaison.",
        IdentitePersonnelle = "IDENTITE_PERSONNELLE" at "cle":
            "Cette clé désigne une personne : elle n'ouvre que son compte personnel, jamais celui d'une fonction ni d'une autre personne.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Rompre une liaison demande un motif, en 500 caractères au plus.",
    }
}

/// What it opens, or opened.
#[derive(Debug, Clone, Copy)]
struct Lien {
    compte: CompteId,
    personne: PersonneId,
    rompu: bool,
}

/// State of an external identity.
#[derive(Debug, Clone, Default)]
pub struct Liaison {
    lien: Option<Lien>,
}

impl Aggregate for Liaison {
    const TYPE: &'static str = "identite.liaison";
    // Somebody erased who comes back is known anew.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = LiaisonCommand;
    type Event = LiaisonEvent;
    type Refus = RefusLiaison;

    fn decide(&self, command: LiaisonCommand) -> Result<Vec<LiaisonEvent>, RefusLiaison> {
        match command {
            LiaisonCommand::ReconnaitreIdentite { fournisseur, cle, compte, personne } => match self.lien {
                Some(Lien { rompu: true, .. }) => Err(RefusLiaison::IdentiteDetachee),
                Some(_) | None => self.etablir(fournisseur, cle, compte, personne),
            },
            LiaisonCommand::LierIdentite { fournisseur, cle, compte, personne, designee } => {
                if matches!(cle.designe(), Designation::Jointure { .. }) && designee != Some(personne) {
                    return Err(RefusLiaison::IdentitePersonnelle);
                }
                self.etablir(fournisseur, cle, compte, personne)
            }
            LiaisonCommand::RompreLiaison { motif } => self.rompre(&motif),
        }
    }

    fn apply(&mut self, event: LiaisonEvent) {
        match event {
            LiaisonEvent::LiaisonEtablie { compte, personne, .. } => {
                self.lien = Some(Lien { compte, personne, rompu: false });
            }
            LiaisonEvent::LiaisonRompue { .. } => {
                if let Some(lien) = &mut self.lien {
                    lien.rompu = true;
                }
            }
        }
    }
}

impl Liaison {
    fn etablir(
        &self,
        fournisseur: FournisseurId,
        cle: CleExterne,
        compte: CompteId,
        personne: PersonneId,
    ) -> Result<Vec<LiaisonEvent>, RefusLiaison> {
        let may_open = match cle.designe() {
            // Whom it designates, the directory has said; nobody's office is designated so.
            Designation::Jointure { .. } | Designation::Vecteur(_) => compte == CompteId::personnel(personne),
            Designation::Aucune => true,
        };
        if !may_open {
            return Err(RefusLiaison::IdentitePersonnelle);
        }
        match self.lien {
            Some(lien) if !lien.rompu && lien.compte != compte => Err(RefusLiaison::IdentiteDUnAutreCompte),
            Some(lien) if !lien.rompu => Ok(vec![]),
            Some(_) | None => Ok(vec![LiaisonEvent::LiaisonEtablie { personne, compte, fournisseur, cle }]),
        }
    }

    fn rompre(&self, motif: &str) -> Result<Vec<LiaisonEvent>, RefusLiaison> {
        let motif = texte::motif(motif).ok_or(RefusLiaison::MotifManquant)?;
        match self.lien {
            None => Err(RefusLiaison::LiaisonInexistante),
            Some(Lien { rompu: true, .. }) => Ok(vec![]),
            Some(Lien { personne, .. }) => Ok(vec![LiaisonEvent::LiaisonRompue { personne, motif }]),
        }
    }
}

#[cfg(test)]
mod tests;
