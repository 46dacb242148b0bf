//! Spaces of portals, and how what is proposed in them is moderated.

use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, rights_of};
use chrono::{DateTime, Utc};
use domain::PortailId;
use domain::publications::{Audience, EspaceCommand, Espaces, ModeDeModeration};
use ledger::unit::Recorded;
use projections::portails::Portails;
use projections::publications::Espaces as Modes;

impl Commands {
    /// Fixes how a space of a portal is moderated, from now on.
    pub async fn fixer_mode_de_moderation(
        &self,
        demande: &Demande,
        portail: PortailId,
        espace: Audience,
        mode: ModeDeModeration,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let row = row.ok_or(UseCaseError::Interdit)?;
        let resource = rights_of::portail(portail.clone(), Some(&row));
        let autorite = self.permit(&demande.acteur, Action::FixerModeDeModeration, &resource)?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let command = EspaceCommand::FixerModeDeModeration { espace, mode, motif, par, le: self.now() };
        self.act(demande, autorite, portail.clone()).tell::<Espaces>(portail, command).record().await
    }

    /// How a space is moderated at an instant, as the views know it.
    pub(super) async fn mode_de_moderation(
        &self,
        portail: &str,
        espace: Audience,
        le: DateTime<Utc>,
    ) -> Result<ModeDeModeration, UseCaseError> {
        let modes = Modes::modes_at(&self.views, portail, le).await?;
        let fixed = modes.into_iter().find(|fixed| fixed.espace == espace.as_str());
        Ok(fixed.and_then(|fixed| ModeDeModeration::named(&fixed.mode)).unwrap_or_default())
    }
}
