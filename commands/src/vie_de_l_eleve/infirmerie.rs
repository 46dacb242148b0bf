//! The infirmerie.

use super::Permise;
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError};
use domain::vie_de_l_eleve::{Orientation, Passage, PassageCommand};
use domain::{PassageId, PersonneId};
use ledger::unit::Recorded;
use projections::vie_de_l_eleve::Infirmeries;

impl Commands {
    /// Receives a pupil at the infirmerie.
    pub async fn ouvrir_passage(
        &self,
        demande: &Demande,
        eleve: PersonneId,
    ) -> Result<(PassageId, Recorded), UseCaseError> {
        let Permise { portail, autorite, par } =
            self.permise_sur(demande, Action::TenirInfirmerie, eleve).await?;
        let command = PassageCommand::AccueillirEleve { eleve, par, arrivee: self.now() };
        let id = PassageId(demande.commande.0);
        let act = self.act(demande, autorite, portail).tell::<Passage>(id, command);
        Ok((id, act.record().await?))
    }

    /// Writes down why a pupil came and what was done.
    pub async fn consigner_soin(
        &self,
        demande: &Demande,
        passage: PassageId,
        motif: String,
        soin: String,
    ) -> Result<Recorded, UseCaseError> {
        let command = |par| PassageCommand::ConsignerSoin { motif, soin, par };
        self.tell_passage(demande, passage, command).await
    }

    /// Lets a pupil go.
    pub async fn clore_passage(
        &self,
        demande: &Demande,
        passage: PassageId,
        orientation: Orientation,
    ) -> Result<Recorded, UseCaseError> {
        let depart = self.now();
        let command = |_| PassageCommand::CloreALInfirmerie { orientation, depart };
        self.tell_passage(demande, passage, command).await
    }

    async fn tell_passage(
        &self,
        demande: &Demande,
        passage: PassageId,
        command: impl FnOnce(PersonneId) -> PassageCommand,
    ) -> Result<Recorded, UseCaseError> {
        let row = Infirmeries::by_id(&self.views, passage.0).await?.ok_or(UseCaseError::Interdit)?;
        let on = (row.eleve, row.portail.as_str());
        let Permise { portail, autorite, par } =
            self.permise_au_portail(demande, Action::TenirInfirmerie, on).await?;
        self.act(demande, autorite, portail).tell::<Passage>(passage, command(par)).record().await
    }
}
