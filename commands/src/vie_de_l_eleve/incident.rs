//! Incidents.

use super::Permise;
use crate::rights::{Action, Resource};
use crate::{Commands, Demande, UseCaseError};
use domain::vie_de_l_eleve::{
    FicheIncident, Incident, IncidentCommand, Instance, Protagoniste, RoleIncident, SuiteIncident,
};
use domain::{EtablissementId, IncidentId, PersonneId};
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;
use projections::vie_de_l_eleve::Incidents;

/// Someone who was in an incident, as it is reported.
#[derive(Debug, Clone)]
pub struct ProtagonisteDemande {
    /// Who.
    pub personne: PersonneId,
    /// As what.
    pub role: RoleIncident,
    /// What he or she did, suffered or saw.
    pub recit: Option<String>,
}

/// An incident as it is reported.
#[derive(Debug, Clone)]
pub struct IncidentDemande {
    /// Where.
    pub etablissement: EtablissementId,
    /// What is known.
    pub fiche: FicheIncident,
    /// Who was in it.
    pub protagonistes: Vec<ProtagonisteDemande>,
}

impl Commands {
    /// Reports an incident. Only people of the établissement can be named in it.
    pub async fn signaler_incident(
        &self,
        demande: &Demande,
        incident: IncidentDemande,
    ) -> Result<(IncidentId, Recorded), UseCaseError> {
        let IncidentDemande { etablissement, fiche, protagonistes } = incident;
        let resource = Resource::Etablissement { id: etablissement };
        let autorite = self.permit(&demande.acteur, Action::SignalerIncident, &resource)?;
        let Permise { portail, autorite, par } = self.permise_a(demande, etablissement.0, autorite).await?;
        let named: Vec<_> = protagonistes.iter().map(|one| one.personne.0).collect();
        let there = Annuaire::rattachements(&self.views, &named).await?;
        let is_there =
            |id| there.iter().any(|row| row.personne == id && row.etablissement == etablissement.0);
        if !named.iter().all(|id| is_there(*id)) {
            return Err(UseCaseError::Interdit);
        }
        let staff = self.personnels(etablissement, &named).await?;
        let known = |ProtagonisteDemande { personne, role, recit }| Protagoniste {
            personne,
            role,
            personnel: staff.contains(&personne.0),
            recit,
        };
        let command = IncidentCommand::SignalerIncident {
            fiche,
            protagonistes: protagonistes.into_iter().map(known).collect(),
            par,
            aujourdhui: self.today(),
        };
        let id = IncidentId(demande.commande.0);
        let act = self.act(demande, autorite, portail).tell::<Incident>(id, command);
        Ok((id, act.record().await?))
    }

    /// Writes down what is done with one of those in an incident.
    pub async fn suivre_protagoniste(
        &self,
        demande: &Demande,
        incident: IncidentId,
        personne: PersonneId,
        texte: String,
    ) -> Result<Recorded, UseCaseError> {
        let command = |par| IncidentCommand::SuivreProtagoniste { personne, texte, par };
        self.traiter_incident(demande, incident, command).await
    }

    /// Says that an instance was warned of an incident today.
    pub async fn avertir_instance(
        &self,
        demande: &Demande,
        incident: IncidentId,
        instance: Instance,
    ) -> Result<Recorded, UseCaseError> {
        let le = self.today();
        self.traiter_incident(demande, incident, |_| IncidentCommand::AvertirInstance { instance, le }).await
    }

    /// Closes an incident.
    pub async fn clore_incident(
        &self,
        demande: &Demande,
        incident: IncidentId,
        suite: SuiteIncident,
    ) -> Result<Recorded, UseCaseError> {
        self.traiter_incident(demande, incident, |_| IncidentCommand::CloreIncident { suite }).await
    }

    async fn traiter_incident(
        &self,
        demande: &Demande,
        incident: IncidentId,
        command: impl FnOnce(PersonneId) -> IncidentCommand,
    ) -> Result<Recorded, UseCaseError> {
        let row = Incidents::by_id(&self.views, incident.0).await?.ok_or(UseCaseError::Interdit)?;
        let on = (row.id, row.rapporteur, row.portail.as_str());
        let Permise { portail, autorite, par } =
            self.permise_sur_constat(demande, Action::TraiterIncident, on).await?;
        self.act(demande, autorite, portail).tell::<Incident>(incident, command(par)).record().await
    }
}
