//! Who a compte is to the school, at the instant of the request.

use crate::rights::Acteur;
use crate::{Commands, UseCaseError};
use domain::{CompteId, DivisionId, EtablissementId, PersonneId, PortailId, journee};
use projections::annuaire::{Annuaire, Relations};
use projections::portails::{Delegation, Portails};
use std::collections::BTreeSet;

impl Commands {
    /// Loads the actor behind a compte; `None` is a visitor who has not signed in.
    ///
    /// A compte that was ever delegated an office is that office's alone: outside its
    /// delegations it may do nothing, and it never has its holder's own relations.
    pub async fn acteur(&self, compte: Option<CompteId>) -> Result<Acteur, UseCaseError> {
        let Some(compte) = compte else { return Ok(Acteur::anonyme()) };
        let today = journee(self.now());
        if self.exploitants.contains(&compte) {
            return Ok(Acteur { compte: Some(compte), exploitant: true, ..Acteur::default() });
        }
        let delegations = Portails::delegations_of(&self.views, compte.0).await?;
        if let Some(first) = delegations.first() {
            let holder = PersonneId(first.administrateur);
            let in_force = delegations.iter().filter(|delegation| delegation.runs_on(today));
            return Ok(Acteur {
                compte: Some(compte),
                personne: Some(holder),
                administrateur_de: in_force.filter_map(portal_of).collect(),
                ..Acteur::default()
            });
        }
        let personne = PersonneId(compte.0);
        let Some(relations) = Annuaire::relations(&self.views, personne.0).await? else {
            // Signed in by the issuer, unknown to the directory: identified, and nothing more.
            return Ok(Acteur { compte: Some(compte), ..Acteur::default() });
        };
        let directed = Portails::directed_by(&self.views, personne.0, today).await?;
        let directeur_de = directed.iter().filter_map(|label| label.parse().ok()).collect();
        Ok(Acteur { directeur_de, ..personal(personne, &relations) })
    }
}

fn portal_of(delegation: &Delegation) -> Option<PortailId> {
    delegation.portail.parse().ok()
}

fn personal(personne: PersonneId, relations: &Relations) -> Acteur {
    let attached_as = |wanted: &str| -> BTreeSet<EtablissementId> {
        let pairs = relations.etablissements.iter().zip(&relations.profils);
        pairs.filter(|(_, profil)| *profil == wanted).map(|(id, _)| EtablissementId(*id)).collect()
    };
    Acteur {
        etablissements: relations.etablissements.iter().copied().map(EtablissementId).collect(),
        divisions: relations.divisions.iter().copied().map(DivisionId).collect(),
        enfants: relations.enfants.iter().copied().map(PersonneId).collect(),
        direction_de: attached_as("direction"),
        vie_scolaire_de: attached_as("vie_scolaire"),
        enseigne_dans: attached_as("enseignant"),
        administratif_de: attached_as("administratif"),
        suspendu: relations.suspendue,
        ..Acteur::personnel(personne)
    }
}
