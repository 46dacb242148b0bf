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
        if !delegations.is_empty() {
            let in_force = delegations.iter().find(|delegation| delegation.runs_on(today));
            return self.office(compte, in_force).await;
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

    /// An office's compte, with the delegation that runs today, if one does.
    async fn office(
        &self,
        compte: CompteId,
        delegation: Option<&Delegation>,
    ) -> Result<Acteur, UseCaseError> {
        let bare = Acteur { compte: Some(compte), compte_d_office: true, ..Acteur::default() };
        let Some(delegation) = delegation else { return Ok(bare) };
        let holder = Annuaire::relations(&self.views, delegation.administrateur).await?;
        Ok(Acteur {
            personne: Some(PersonneId(delegation.administrateur)),
            administrateur_de: delegation.portail.parse::<PortailId>().into_iter().collect(),
            suspendu: holder.is_none_or(|holder| holder.suspendue),
            ..bare
        })
    }
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
