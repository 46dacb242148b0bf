//! Portals: opening them, and their offices; in the files below, houses, mises en garde and
//! interventions.

mod intervention;
mod maison;
mod mise_en_garde;

pub use intervention::{HabilitationDemandee, InterventionDemandee};
pub use maison::BasculeDemandee;
pub use mise_en_garde::MiseEnGardeDemandee;

use crate::rights::{Action, Autorite};
use crate::{Commands, Demande, UseCaseError, rights_of};
use chrono::NaiveDate;
use domain::portails::{Attribution, NaturePortail, PARTENAIRES, Portail, PortailCommand};
use domain::{CommandeId, CompteId, DelegationId, PersonneId, PortailId, journee, minuit};
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;
use projections::portails::{Interventions, Portails};
use projections::publications::Publications;
use std::collections::BTreeSet;

/// The delegation of the administration of a portal, as it is asked for.
#[derive(Debug, Clone)]
pub struct DelegationDemandee {
    /// Its id, chosen by who asks.
    pub delegation: DelegationId,
    /// The compte of the office, not the personal one.
    pub compte: CompteId,
    /// Who will hold it.
    pub administrateur: PersonneId,
    /// What it entrusts.
    pub attributions: BTreeSet<Attribution>,
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

    /// Opens the portals of the partners that are not open yet; of each, whether it was opened
    /// now. One demand is asked of each portal: they have a journal each.
    pub async fn ouvrir_portails_partenaires(
        &self,
        demande: &Demande,
    ) -> Result<Vec<(PortailId, bool)>, UseCaseError> {
        let mut opened = Vec::with_capacity(PARTENAIRES.len());
        for partenaire in &PARTENAIRES {
            let commande = CommandeId::derived(&[&demande.commande.to_string(), partenaire.hote]);
            let demande = Demande { commande, ..demande.clone() };
            let (portail, nom) = (PortailId::from(partenaire), partenaire.nom.to_owned());
            let recorded = self.ouvrir_portail(&demande, portail.clone(), partenaire.nature, nom).await?;
            opened.push((portail, recorded.first > 0));
        }
        Ok(opened)
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

    /// Ends the term of a directeur who has no successor; never while a page is online.
    pub async fn quitter_direction(
        &self,
        demande: &Demande,
        portail: PortailId,
        au: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let pages_en_ligne = Publications::any_online_from(&self.views, portail.as_str(), minuit(au)).await?;
        let command = PortailCommand::QuitterDirection { au, pages_en_ligne };
        self.tell_portail(demande, Action::QuitterDirection, portail, command).await
    }

    /// Delegates the administration of a portal.
    pub async fn accorder_delegation(
        &self,
        demande: &Demande,
        portail: PortailId,
        asked: DelegationDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let DelegationDemandee { delegation, compte, administrateur, attributions, du, au } = asked;
        // Whichever of his or her fiches the term is under, the directeur is one person.
        let directeur = self.directeur_au(&portail, du).await?.filter(|fiche| demande.acteur.is(*fiche));
        let par = directeur.or(demande.acteur.personne).ok_or(UseCaseError::Interdit)?;
        let (compte_libre, rattache) =
            (self.is_free(compte, &portail).await?, self.belongs(administrateur, &portail).await?);
        let command = PortailCommand::AccorderDelegation {
            delegation,
            compte,
            compte_libre,
            administrateur,
            rattache,
            par,
            attributions,
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
        let habilitated = !Interventions::habilitations_of(&self.views, compte.0).await?.is_empty();
        Ok(personne.is_empty() && !elsewhere && !habilitated && !self.exploitants.contains(&compte))
    }

    /// Whether someone is attached to a portal's établissement; a partner's portal has none.
    async fn belongs(&self, personne: PersonneId, portail: &PortailId) -> Result<bool, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let Some(etablissement) = row.and_then(|row| row.etablissement) else { return Ok(true) };
        let attached = Annuaire::rattachements(&self.views, &[personne.0]).await?;
        Ok(attached.iter().any(|row| row.etablissement == etablissement && row.profil != "eleve"))
    }

    /// Decides a right on a portal.
    pub(crate) async fn permit_on(
        &self,
        demande: &Demande,
        action: Action,
        portail: &PortailId,
    ) -> Result<Autorite, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let row = row.ok_or(UseCaseError::Interdit)?;
        self.permit(&demande.acteur, action, &rights_of::portail(portail.clone(), Some(&row)))
    }

    /// The directeur in office today.
    async fn directeur(&self, portail: &PortailId) -> Result<Option<PersonneId>, UseCaseError> {
        self.directeur_au(portail, journee(self.now())).await
    }

    /// The directeur in office on a day.
    async fn directeur_au(
        &self,
        portail: &PortailId,
        jour: NaiveDate,
    ) -> Result<Option<PersonneId>, UseCaseError> {
        let ids = [portail.to_string()];
        let in_office = Portails::directions_on(&self.views, &ids, jour).await?.pop();
        Ok(in_office.map(|direction| PersonneId(direction.directeur)))
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
