//! Adhésions, catalogues and looks of portals.

use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, rights_of};
use chrono::NaiveDate;
use domain::annuaire::Profil;
use domain::portails::{
    Adhesion, AdhesionCommand, Apparence, Bascule, Catalogue, CatalogueCommand, ServiceEnt, Theme,
    ThemeCommand,
};
use domain::{Aggregate, PortailId, journee};
use ledger::unit::Recorded;
use projections::portails::Portails;
use std::collections::BTreeSet;

/// How a brick is to be switched.
#[derive(Debug, Clone)]
pub struct BasculeDemandee {
    /// Which one.
    pub service_ent: ServiceEnt,
    /// Open, or closed.
    pub ouvert: bool,
    /// To whom.
    pub profils: BTreeSet<Profil>,
    /// Why.
    pub motif: String,
    /// From which day on; today, if nothing else is said.
    pub le: Option<NaiveDate>,
}

impl Commands {
    /// Records the convention by which an établissement adheres.
    pub async fn conclure_adhesion(
        &self,
        demande: &Demande,
        portail: PortailId,
        convention: String,
        du: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let etablissement = row.is_some_and(|row| row.etablissement.is_some());
        let command = AdhesionCommand::ConclureAdhesion { etablissement, convention, du };
        self.tell_maison::<Adhesion>(demande, Action::ConclureAdhesion, portail, command).await
    }

    /// Ends an adhésion: the house closes, and keeps what it holds.
    pub async fn terminer_adhesion(
        &self,
        demande: &Demande,
        portail: PortailId,
        motif: String,
        au: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let command = AdhesionCommand::TerminerAdhesion { motif, au };
        self.tell_maison::<Adhesion>(demande, Action::TerminerAdhesion, portail, command).await
    }

    /// Opens a brick to some profils, or closes it to them.
    pub async fn basculer_service_ent(
        &self,
        demande: &Demande,
        portail: PortailId,
        asked: BasculeDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let aujourd_hui = journee(self.now());
        let BasculeDemandee { service_ent, ouvert, profils, motif, le } = asked;
        let bascule = Bascule { service_ent, profils, motif, le: le.unwrap_or(aujourd_hui), aujourd_hui };
        let (action, command) = if ouvert {
            (Action::OuvrirServiceEnt, CatalogueCommand::OuvrirServiceEnt(bascule))
        } else {
            (Action::FermerServiceEnt, CatalogueCommand::FermerServiceEnt(bascule))
        };
        self.tell_maison::<Catalogue>(demande, action, portail, command).await
    }

    /// Gives a portal its look.
    pub async fn definir_theme(
        &self,
        demande: &Demande,
        portail: PortailId,
        apparence: Apparence,
    ) -> Result<Recorded, UseCaseError> {
        let command = ThemeCommand::DefinirTheme { apparence };
        self.tell_maison::<Theme>(demande, Action::DefinirTheme, portail, command).await
    }

    /// Tells what a portal has one of.
    async fn tell_maison<A: Aggregate>(
        &self,
        demande: &Demande,
        action: Action,
        portail: PortailId,
        command: A::Command,
    ) -> Result<Recorded, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let row = row.ok_or(UseCaseError::Interdit)?;
        let autorite =
            self.permit(&demande.acteur, action, &rights_of::portail(portail.clone(), Some(&row)))?;
        self.act(demande, autorite, portail.clone()).tell::<A>(portail, command).record().await
    }
}
