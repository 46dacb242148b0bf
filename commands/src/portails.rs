//! Portals: opening them, and their offices.

use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, rights_of};
use chrono::NaiveDate;
use domain::portails::{NaturePortail, Portail, PortailCommand};
use domain::{CompteId, DelegationId, PersonneId, PortailId};
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;
use projections::portails::Portails;

/// The delegation of the administration of a portal, as it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct DelegationDemandee {
    /// Its id, chosen by who asks.
    pub delegation: DelegationId,
    /// The compte of the office, not the personal one.
    pub compte: CompteId,
    /// Who will hold it.
    pub administrateur: PersonneId,
    /// First day.
    pub du: NaiveDate,
    /// First day without it, if an end is known.
    pub au: Option<NaiveDate>,
}

impl Commands {
    /// Opens a portal.
    pub async fn ouvrir_portail(
        &self,
        demande: &Demande,
        portail: PortailId,
        nature: NaturePortail,
        nom: String,
    ) -> Result<Recorded, UseCaseError> {
        let command = PortailCommand::OuvrirPortail { portail: portail.clone(), nature, nom };
        self.tell_portail(demande, Action::OuvrirPortail, portail, command).await
    }

    /// Names the directeur de publication from a day on.
    pub async fn prendre_direction(
        &self,
        demande: &Demande,
        portail: PortailId,
        directeur: PersonneId,
        qualite: String,
        depuis: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let command = PortailCommand::PrendreDirection { directeur, qualite, depuis, delegant: None };
        self.tell_portail(demande, Action::PrendreDirection, portail, command).await
    }

    /// Delegates the administration of a portal.
    pub async fn accorder_delegation(
        &self,
        demande: &Demande,
        portail: PortailId,
        asked: DelegationDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let DelegationDemandee { delegation, compte, administrateur, du, au } = asked;
        let (compte_libre, rattache) =
            (self.is_free(compte, &portail).await?, self.belongs(administrateur, &portail).await?);
        let command = PortailCommand::AccorderDelegation {
            delegation,
            compte,
            compte_libre,
            administrateur,
            rattache,
            par,
            du,
            au,
        };
        self.tell_portail(demande, Action::AccorderDelegation, portail, command).await
    }

    /// Ends a delegation.
    pub async fn revoquer_delegation(
        &self,
        demande: &Demande,
        portail: PortailId,
        delegation: DelegationId,
        motif: String,
        le: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let command = PortailCommand::RevoquerDelegation { delegation, motif, le };
        self.tell_portail(demande, Action::RevoquerDelegation, portail, command).await
    }

    /// Whether a compte is no person's, no operator's and no other portal's: an office must
    /// not take over the compte of somebody else.
    async fn is_free(&self, compte: CompteId, portail: &PortailId) -> Result<bool, UseCaseError> {
        let personne = Annuaire::personnes(&self.views, &[compte.0]).await?;
        let elsewhere = Portails::delegations_of(&self.views, compte.0).await?;
        let elsewhere = elsewhere.iter().any(|delegation| delegation.portail != portail.as_str());
        Ok(personne.is_empty() && !elsewhere && !self.exploitants.contains(&compte))
    }

    /// Whether someone is attached to a portal's établissement; a partner's portal has none.
    async fn belongs(&self, personne: PersonneId, portail: &PortailId) -> Result<bool, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let Some(etablissement) = row.and_then(|row| row.etablissement) else { return Ok(true) };
        let attached = Annuaire::rattachements(&self.views, &[personne.0]).await?;
        Ok(attached.iter().any(|row| row.etablissement == etablissement && row.profil != "eleve"))
    }

    async fn tell_portail(
        &self,
        demande: &Demande,
        action: Action,
        portail: PortailId,
        command: PortailCommand,
    ) -> Result<Recorded, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let resource = rights_of::portail(portail.clone(), row.as_ref());
        let autorite = self.permit(&demande.acteur, action, &resource)?;
        self.act(demande, autorite, portail.clone()).tell::<Portail>(portail, command).record().await
    }
}
