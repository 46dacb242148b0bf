//! Punitions.

use super::Permise;
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError};
use chrono::NaiveDate;
use domain::vie_de_l_eleve::{NaturePunition, Punition, PunitionCommand};
use domain::{IncidentId, PersonneId, PunitionId};
use ledger::unit::Recorded;
use projections::vie_de_l_eleve::Punitions;

/// A punition as it is given.
#[derive(Debug, Clone)]
pub struct PunitionDemandee {
    /// To whom.
    pub eleve: PersonneId,
    /// Which.
    pub nature: NaturePunition,
    /// What for.
    pub motif: String,
    /// After which incident.
    pub incident: Option<IncidentId>,
}

impl Commands {
    /// Gives a punition.
    pub async fn donner_punition(
        &self,
        demande: &Demande,
        punition: PunitionDemandee,
    ) -> Result<(PunitionId, Recorded), UseCaseError> {
        let PunitionDemandee { eleve, nature, motif, incident } = punition;
        let Permise { portail, autorite, par } =
            self.permise_sur(demande, Action::DonnerPunition, eleve).await?;
        let aujourdhui = self.today();
        let command = PunitionCommand::DonnerPunition { eleve, nature, motif, incident, par, aujourdhui };
        let id = PunitionId(demande.commande.0);
        let act = self.act(demande, autorite, portail).tell::<Punition>(id, command);
        Ok((id, act.record().await?))
    }

    /// Puts a punition off.
    pub async fn reporter_punition(
        &self,
        demande: &Demande,
        punition: PunitionId,
        au: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let aujourdhui = self.today();
        self.tell_punition(demande, punition, PunitionCommand::ReporterPunition { au, aujourdhui }).await
    }

    /// Says whether a punition was done.
    pub async fn conclure_punition(
        &self,
        demande: &Demande,
        punition: PunitionId,
        faite: bool,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_punition(demande, punition, PunitionCommand::ConclurePunition { faite }).await
    }

    async fn tell_punition(
        &self,
        demande: &Demande,
        punition: PunitionId,
        command: PunitionCommand,
    ) -> Result<Recorded, UseCaseError> {
        let row = Punitions::by_id(&self.views, punition.0).await?.ok_or(UseCaseError::Interdit)?;
        let on = (row.id, row.auteur, row.portail.as_str());
        let Permise { portail, autorite, .. } =
            self.permise_sur_constat(demande, Action::ConclurePunition, on).await?;
        self.act(demande, autorite, portail).tell::<Punition>(punition, command).record().await
    }
}
