//! Who is who when one person has several fiches.
//!
//! Ids never change hands: a merge is a fact that says that one fiche is read as another, and
//! what was recorded under either stays under it. A fiche is read as a principal one, which is
//! read as itself: the two are told together, so that no chain and no circle can come about
//! however many decide at once. Undone, each is read as itself again. A merge joins rights, so
//! it is decided by somebody to whom it gives none. Source: RGPD, art. 5.1.d (exactness).

use super::{Portrait, ressemblants};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId, texte};
use std::collections::BTreeSet;

/// Who can take back what only a hand says of who answers for a pupil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaisieDeResponsables {
    /// Who asks for the merge.
    DIci,
    /// The établissement that has struck the pupil off, once it has the pupil on its list again: who
    /// takes him or her in elsewhere cannot.
    DuDepart,
}

/// What may be asked of the identity of a fiche.
#[derive(Debug, Clone)]
pub enum IdentiteCommand {
    /// Reads this fiche as another one.
    FondreFiche {
        /// This fiche.
        fiche: PersonneId,
        /// As which one.
        dans: PersonneId,
        /// Why both are of one person.
        motif: String,
        /// As what each is compared with the other one.
        portraits: Box<(Portrait, Portrait)>,
        /// Whether both are of whom the one who decides answers for, and of nobody else's.
        d_ici: bool,
        /// Whose it is, where one of them was only entered by hand and says who answers for a pupil.
        saisie_de_responsables: Option<SaisieDeResponsables>,
        /// Whether one of them is his or her own, who decides, or of his or her child.
        interesse: bool,
    },
    /// Has another fiche read as this one.
    AbsorberFiche {
        /// This fiche.
        fiche: PersonneId,
        /// The other one.
        absorbee: PersonneId,
    },
    /// Reads this fiche as itself again.
    SeparerFiche {
        /// This fiche.
        fiche: PersonneId,
        /// As which one it was read.
        de: PersonneId,
        /// Why.
        motif: String,
        /// Whether one of them is his or her own, who decides.
        interesse: bool,
    },
    /// No longer has another fiche read as this one.
    RendreFiche {
        /// This fiche.
        fiche: PersonneId,
        /// The other one.
        rendue: PersonneId,
    },
}

events! {
    /// What happens to the identity of a fiche.
    pub enum IdentiteEvent {
        /// This fiche is read as another one.
        FicheFondue = "annuaire.identite.fondue" v 1 Annuaire of fiche {
            fiche: PersonneId, dans: PersonneId, motif: String,
        },
        /// Another one is read as this fiche.
        FicheAbsorbee = "annuaire.identite.absorbee" v 1 Annuaire of fiche {
            fiche: PersonneId, absorbee: PersonneId,
        },
        /// This fiche is read as itself again.
        FicheSeparee = "annuaire.identite.separee" v 1 Annuaire of fiche {
            fiche: PersonneId, de: PersonneId, motif: String,
        },
        /// Another one is no longer read as this fiche.
        FicheRendue = "annuaire.identite.rendue" v 1 Annuaire of fiche {
            fiche: PersonneId, rendue: PersonneId,
        },
    }
}

refusals! {
    /// Why an identity refuses.
    pub enum RefusIdentite {
        MemeFiche = "MEME_FICHE" at "dansId":
            "Une fiche ne se fond pas dans elle-même : donnez-en deux.",
        FicheDejaFondue = "FICHE_DEJA_FONDUE" at "ficheId":
            "Une de ces fiches est déjà lue comme une autre : séparez-les d'abord, ou prenez la fiche principale.",
        FichePrincipale = "FICHE_PRINCIPALE" at "ficheId":
            "D'autres fiches sont lues comme celle-ci : fondez l'autre dans celle-ci, ou séparez-les d'abord.",
        FichesDAilleurs = "FICHES_D_AILLEURS" at "ficheId":
            "Une de ces fiches n'est pas rattachée à votre établissement : demandez à l'académie de les rapprocher.",
        DecideurInteresse = "DECIDEUR_INTERESSE" at "ficheId":
            "Une de ces fiches est la vôtre ou celle de votre enfant : une autre personne doit en décider.",
        FichesDissemblables = "FICHES_DISSEMBLABLES" at "ficheId":
            "Ces fiches ne se ressemblent pas assez, ou leurs dates de naissance diffèrent : faites d'abord rectifier celle qui se trompe.",
        ResponsablesSaisis = "RESPONSABLES_SAISIS" at "ficheId":
            "Une de ces fiches n'existe que par une saisie et dit qui répond d'un élève : retirez d'abord ces responsables.",
        ResponsablesSaisisAuDepart = "RESPONSABLES_SAISIS_AU_DEPART" at "eleveId":
            "L'établissement de départ ne connaît cet élève que par une saisie, qui dit qui en répond : demandez-lui de l'accueillir de nouveau, de retirer ces responsables, puis de le radier avec le vôtre pour destination.",
        FicheNonFondue = "FICHE_NON_FONDUE" at "ficheId":
            "Cette fiche n'est pas lue comme celle-là : il n'y a rien à séparer.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Dites en 500 caractères au plus à quoi vous voyez que ces fiches sont d'une seule personne, ou de deux.",
    }
}

/// The identity of a fiche.
#[derive(Debug, Clone, Default)]
pub struct Identite {
    lue_comme: Option<PersonneId>,
    absorbees: BTreeSet<PersonneId>,
}

impl Aggregate for Identite {
    const TYPE: &'static str = "annuaire.identite";
    /// A fiche of which nothing is left is read as itself.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = IdentiteCommand;
    type Event = IdentiteEvent;
    type Refus = RefusIdentite;

    fn decide(&self, command: IdentiteCommand) -> Result<Vec<IdentiteEvent>, RefusIdentite> {
        match command {
            IdentiteCommand::FondreFiche {
                fiche,
                dans,
                motif,
                portraits,
                d_ici,
                saisie_de_responsables,
                interesse,
            } => {
                self.fondable(fiche, dans, d_ici, interesse)?;
                match saisie_de_responsables {
                    Some(SaisieDeResponsables::DIci) => return Err(RefusIdentite::ResponsablesSaisis),
                    Some(SaisieDeResponsables::DuDepart) => {
                        return Err(RefusIdentite::ResponsablesSaisisAuDepart);
                    }
                    None => {}
                }
                if !ressemblants(&portraits.0, &portraits.1) {
                    return Err(RefusIdentite::FichesDissemblables);
                }
                let motif = texte::motif(&motif).ok_or(RefusIdentite::MotifManquant)?;
                Ok(vec![IdentiteEvent::FicheFondue { fiche, dans, motif }])
            }
            IdentiteCommand::AbsorberFiche { fiche, absorbee } => match self.lue_comme {
                None => Ok(vec![IdentiteEvent::FicheAbsorbee { fiche, absorbee }]),
                Some(_) => Err(RefusIdentite::FicheDejaFondue),
            },
            IdentiteCommand::SeparerFiche { fiche, de, motif, interesse } => {
                if self.lue_comme != Some(de) {
                    return Err(RefusIdentite::FicheNonFondue);
                }
                if interesse {
                    return Err(RefusIdentite::DecideurInteresse);
                }
                let motif = texte::motif(&motif).ok_or(RefusIdentite::MotifManquant)?;
                Ok(vec![IdentiteEvent::FicheSeparee { fiche, de, motif }])
            }
            IdentiteCommand::RendreFiche { fiche, rendue } => {
                let absorbed = self.absorbees.contains(&rendue);
                Ok(absorbed.then_some(IdentiteEvent::FicheRendue { fiche, rendue }).into_iter().collect())
            }
        }
    }

    fn apply(&mut self, event: IdentiteEvent) {
        match event {
            IdentiteEvent::FicheFondue { dans, .. } => self.lue_comme = Some(dans),
            IdentiteEvent::FicheSeparee { .. } => self.lue_comme = None,
            IdentiteEvent::FicheAbsorbee { absorbee, .. } => {
                self.absorbees.insert(absorbee);
            }
            IdentiteEvent::FicheRendue { rendue, .. } => {
                self.absorbees.remove(&rendue);
            }
        }
    }
}

impl Identite {
    /// As which other fiche this one is read, if it is.
    pub fn lue_comme(&self) -> Option<PersonneId> {
        self.lue_comme
    }

    fn fondable(
        &self,
        fiche: PersonneId,
        dans: PersonneId,
        d_ici: bool,
        interesse: bool,
    ) -> Result<(), RefusIdentite> {
        if fiche == dans {
            return Err(RefusIdentite::MemeFiche);
        }
        if !d_ici {
            return Err(RefusIdentite::FichesDAilleurs);
        }
        if interesse {
            return Err(RefusIdentite::DecideurInteresse);
        }
        if self.lue_comme.is_some() {
            return Err(RefusIdentite::FicheDejaFondue);
        }
        if !self.absorbees.is_empty() {
            return Err(RefusIdentite::FichePrincipale);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
