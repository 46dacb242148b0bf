//! Publications: writing, putting online, withdrawing. How that is moderated is in
//! [`espaces`](self::espaces), what follows from a notice in [`moderation`](self::moderation).

mod espaces;
mod moderation;

pub use moderation::SignalementDemande;

use crate::rights::{Action, Autorite};
use crate::{Commands, Demande, UseCaseError, portail, rights_of};
use chrono::{DateTime, Utc};
use domain::portails::{Portail, PortailCommand};
use domain::publications::{
    Audience, Contenu, EspaceCommand, Espaces, ModeDeModeration, Parution, Publication, PublicationCommand,
};
use domain::{PersonneId, PortailId, PublicationId, journee};
use ledger::unit::Recorded;
use projections::portails::Portails;
use projections::publications::{self as views, Publications};

/// How a publication is to be put online.
#[derive(Debug, Clone, Copy)]
pub struct ParutionDemandee {
    /// The version that the directeur read.
    pub version: u32,
    /// Who may read it.
    pub audience: Audience,
    /// From when; now, if nothing else is said.
    pub du: Option<DateTime<Utc>>,
    /// Until when, if an end is known.
    pub au: Option<DateTime<Utc>>,
}

/// A publication that its actor may act on.
struct Permise {
    row: views::Publication,
    portail: PortailId,
    autorite: Autorite,
    /// Who acts.
    par: PersonneId,
}

impl Commands {
    /// Writes an actualité. The id follows from the command, so that a retry writes the
    /// same one.
    pub async fn rediger_actualite(
        &self,
        demande: &Demande,
        publication: PublicationId,
        portail: PortailId,
        contenu: Contenu,
    ) -> Result<Recorded, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let resource = rights_of::portail(portail.clone(), row.as_ref());
        let autorite = self.permit(&demande.acteur, Action::RedigerActualite, &resource)?;
        let auteur = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let command = PublicationCommand::RedigerActualite { portail: portail.clone(), auteur, contenu };
        self.act(demande, autorite, portail).tell::<Publication>(publication, command).record().await
    }

    /// Writes a new version; what is online does not change.
    pub async fn modifier_publication(
        &self,
        demande: &Demande,
        publication: PublicationId,
        contenu: Contenu,
    ) -> Result<Recorded, UseCaseError> {
        let permise = self.permise(demande, Action::ModifierPublication, publication).await?;
        let command = PublicationCommand::ModifierPublication { auteur: permise.par, contenu };
        self.tell_publication(demande, permise, command).await
    }

    /// Asks the directeur to publish the newest version.
    pub async fn soumettre_publication(
        &self,
        demande: &Demande,
        publication: PublicationId,
    ) -> Result<Recorded, UseCaseError> {
        let permise = self.permise(demande, Action::SoumettrePublication, publication).await?;
        self.tell_publication(demande, permise, PublicationCommand::SoumettrePublication).await
    }

    /// Puts the newest version online, if it is the one that was read, in the name of the directeur in
    /// office today: he or she does it, or, in a space that is moderated a posteriori, who wrote it.
    pub async fn publier_publication(
        &self,
        demande: &Demande,
        publication: PublicationId,
        asked: ParutionDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let maintenant = self.now();
        let row = self.ecrite(publication).await?;
        let mode = self.mode_de_moderation(&row.portail, asked.audience, maintenant).await?;
        let action = match mode {
            ModeDeModeration::APosteriori if row.paru_version.is_none() => Action::DiffuserPublication,
            // What was put online once, be it for a day to come, its author does not put another version
            // in the place of: that would undo what the directeur or a moderator has decided.
            ModeDeModeration::APriori | ModeDeModeration::APosteriori => Action::PublierPublication,
        };
        let Permise { row, portail, autorite, par } = self.permise_de(demande, action, row).await?;
        let ids = std::slice::from_ref(&row.portail);
        let in_office = Portails::directions_on(&self.views, ids, journee(maintenant)).await?.pop();
        let directeur = in_office.map(|direction| PersonneId(direction.directeur));
        let ParutionDemandee { version, audience, du, au } = asked;
        let parution = Parution {
            version,
            directeur,
            audience,
            mode,
            par,
            premiere: action == Action::DiffuserPublication,
            du: du.unwrap_or(maintenant),
            au,
            maintenant,
        };
        // The mode and the directeur were read from views: the record says whether the one is in force
        // still and the other answers to the end, and nothing goes online once it is not so.
        let act = self
            .act(demande, autorite, portail.clone())
            .ask::<Espaces>(&portail, EspaceCommand::AdmettreParution { espace: audience, mode });
        let act = match directeur {
            Some(directeur) => {
                let le = journee(maintenant);
                act.ask::<Portail>(&portail, PortailCommand::Repondre { directeur, le, au })
            }
            None => act,
        };
        act.tell::<Publication>(row.id, PublicationCommand::PublierPublication(parution)).record().await
    }

    /// Withdraws a publication for good.
    pub async fn retirer_publication(
        &self,
        demande: &Demande,
        publication: PublicationId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let permise = self.permise(demande, Action::RetirerPublication, publication).await?;
        let command = PublicationCommand::RetirerPublication { par: permise.par, motif };
        self.tell_publication(demande, permise, command).await
    }

    async fn tell_publication(
        &self,
        demande: &Demande,
        permise: Permise,
        command: PublicationCommand,
    ) -> Result<Recorded, UseCaseError> {
        let Permise { row, portail, autorite, .. } = permise;
        self.act(demande, autorite, portail).tell::<Publication>(row.id, command).record().await
    }

    async fn permise(
        &self,
        demande: &Demande,
        action: Action,
        publication: PublicationId,
    ) -> Result<Permise, UseCaseError> {
        self.permise_de(demande, action, self.ecrite(publication).await?).await
    }

    async fn ecrite(&self, publication: PublicationId) -> Result<views::Publication, UseCaseError> {
        let found = Publications::by_ids(&self.views, &[publication.0]).await?.pop();
        found.ok_or(UseCaseError::Interdit)
    }

    async fn permise_de(
        &self,
        demande: &Demande,
        action: Action,
        row: views::Publication,
    ) -> Result<Permise, UseCaseError> {
        let carrier = Portails::by_ids(&self.views, std::slice::from_ref(&row.portail)).await?.pop();
        let portail = portail(&row.portail)?;
        let online = row.is_online(self.now());
        let resource = rights_of::publication(&row, portail.clone(), carrier.as_ref(), online);
        let autorite = self.permit(&demande.acteur, action, &resource)?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        Ok(Permise { row, portail, autorite, par })
    }
}
