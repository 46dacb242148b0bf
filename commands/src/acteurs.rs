//! Who a compte is to the school, at the instant of the request.

use crate::rights::Acteur;
use crate::{Commands, UseCaseError};
use domain::{CompteId, DivisionId, EtablissementId, GroupeId, PersonneId, PortailId, journee};
use projections::annuaire::{Annuaire, Compte, DelegationEnCours, Relations};
use std::collections::BTreeSet;

impl Commands {
    /// Loads the actor behind a compte; `None` is a visitor who has not signed in.
    ///
    /// A compte that was ever delegated an office is that office's alone: outside its
    /// delegations it may do nothing, and it never has its holder's own relations.
    pub async fn acteur(&self, compte: Option<CompteId>) -> Result<Acteur, UseCaseError> {
        let Some(compte) = compte else { return Ok(Acteur::anonyme()) };
        if self.exploitants.contains(&compte) {
            return Ok(Acteur { compte: Some(compte), exploitant: true, ..Acteur::default() });
        }
        if self.auditeurs.contains(&compte) {
            return Ok(Acteur { compte: Some(compte), auditeur: true, ..Acteur::default() });
        }
        let known = Annuaire::compte(&self.views, compte.0, journee(self.now())).await?;
        Ok(match known {
            Compte { d_office: true, delegation, relations } => office(compte, delegation, relations),
            Compte { relations: Some(relations), .. } => personal(compte, &relations),
            // Signed in by the issuer, unknown to the directory: identified, and nothing more.
            Compte { relations: None, .. } => Acteur { compte: Some(compte), ..Acteur::default() },
        })
    }
}

/// An office's compte, with the delegation that runs today, if one does, and what its
/// holder is.
fn office(compte: CompteId, delegation: Option<DelegationEnCours>, holder: Option<Relations>) -> Acteur {
    let bare = Acteur { compte: Some(compte), compte_d_office: true, ..Acteur::default() };
    let Some(delegation) = delegation else { return bare };
    let fiches = holder.iter().flat_map(others).collect();
    Acteur {
        personne: Some(PersonneId(holder.as_ref().map_or(delegation.administrateur, |it| it.personne))),
        fiches,
        administrateur_de: delegation.portail.parse::<PortailId>().into_iter().collect(),
        suspendu: holder.is_none_or(|holder| holder.suspendue),
        ..bare
    }
}

/// The fiches of the same person besides the principal one.
fn others(relations: &Relations) -> impl Iterator<Item = PersonneId> {
    relations.fiches.iter().filter(|fiche| **fiche != relations.personne).copied().map(PersonneId)
}

fn personal(compte: CompteId, relations: &Relations) -> Acteur {
    let attached_as = |wanted: &str| -> BTreeSet<EtablissementId> {
        let pairs = relations.etablissements.iter().zip(&relations.profils);
        pairs.filter(|(_, profil)| *profil == wanted).map(|(id, _)| EtablissementId(*id)).collect()
    };
    Acteur {
        compte: Some(compte),
        personne: Some(PersonneId(relations.personne)),
        fiches: others(relations).collect(),
        etablissements: relations.etablissements.iter().copied().map(EtablissementId).collect(),
        divisions: relations.divisions.iter().copied().map(DivisionId).collect(),
        groupes: relations.groupes.iter().copied().map(GroupeId).collect(),
        enfants: relations.enfants.iter().copied().map(PersonneId).collect(),
        direction_de: attached_as("direction"),
        vie_scolaire_de: attached_as("vie_scolaire"),
        enseigne_dans: attached_as("enseignant"),
        administratif_de: attached_as("administratif"),
        directeur_de: relations.dirige.iter().filter_map(|label| label.parse().ok()).collect(),
        suspendu: relations.suspendue,
        ..Acteur::default()
    }
}
