//! What a resource is to somebody who has several fiches: each of them is himself or herself.
//!
//! A merge changes no record and no id (see `domain::annuaire::Identite`): whoever asks brings
//! all of his or her fiches, and here, just before the policies are asked, what a resource says
//! of one of them is said of the principal one. The policies know one person.

use super::{Acteur, Resource};
use domain::PersonneId;
use std::borrow::Cow;
use std::collections::BTreeSet;

impl Acteur {
    /// The resource as it is to this actor.
    pub(super) fn sees<'a>(&self, resource: &'a Resource) -> Cow<'a, Resource> {
        let Some(personne) = self.personne.filter(|_| !self.fiches.is_empty()) else {
            return Cow::Borrowed(resource);
        };
        let one = |id: &PersonneId| if self.fiches.contains(id) { personne } else { *id };
        let all = |ids: &BTreeSet<PersonneId>| ids.iter().map(one).collect::<BTreeSet<_>>();
        let mut seen = resource.clone();
        match &mut seen {
            Resource::Personne { id, .. } => *id = one(id),
            Resource::Groupe { encadrants, .. } => *encadrants = all(encadrants),
            Resource::Enseignement { enseignants, absents, .. } => {
                *enseignants = all(enseignants);
                *absents = all(absents);
            }
            Resource::Conseil { enseignants, principaux, .. } => {
                *enseignants = all(enseignants);
                *principaux = all(principaux);
            }
            Resource::Eleve { personne, .. } => *personne = one(personne),
            Resource::DossierEleve { personne, principaux, .. } => {
                *personne = one(personne);
                *principaux = all(principaux);
            }
            Resource::Constat { auteur, .. } => *auteur = one(auteur),
            Resource::Publication { auteur, .. } => *auteur = one(auteur),
            Resource::Signalement { auteur_du_contenu, signalant, .. } => {
                *auteur_du_contenu = one(auteur_du_contenu);
                *signalant = one(signalant);
            }
            Resource::Acces { titulaire, .. } => *titulaire = titulaire.as_ref().map(one),
            Resource::Etablissement { .. }
            | Resource::Division { .. }
            | Resource::Portail { .. }
            | Resource::Plateforme => {}
        }
        Cow::Owned(seen)
    }
}
