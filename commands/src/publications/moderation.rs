//! Moderation: notices, who learns of them, and what is decided (DSA, art. 16 and 17).

use super::Permise;
use crate::rights::Action;
use crate::{Act, Commands, Demande, UseCaseError, portail, rights_of};
use domain::publications::{
    ContenuSignale, Decision, MotifSignalement, MotifsDeDecision, OfficeModeration, Publication,
    PublicationCommand, Signalement, SignalementCommand,
};
use domain::{PersonneId, PortailId, PublicationId, SignalementId};
use ledger::unit::Recorded;
use projections::publications::{self as views, Signalements};

/// A notice as it is given.
#[derive(Debug, Clone)]
pub struct SignalementDemande {
    /// The version that was seen.
    pub version: u32,
    /// What the content is blamed for.
    pub motif: MotifSignalement,
    /// Why.
    pub explication: String,
    /// Given in good faith.
    pub bonne_foi: bool,
}

/// A moderator at work on a notice.
struct Moderation {
    /// The act, in which nothing is told yet.
    act: Act,
    signalement: views::Signalement,
    par: PersonneId,
    office: OfficeModeration,
}

impl Commands {
    /// Gives notice of what is online of a publication. The id follows from the version seen
    /// and from who reports it: one person reports one content once.
    pub async fn signaler_contenu(
        &self,
        demande: &Demande,
        publication: PublicationId,
        asked: SignalementDemande,
    ) -> Result<(SignalementId, Recorded), UseCaseError> {
        let Permise { row, portail, autorite, par } =
            self.permise(demande, Action::SignalerContenu, publication).await?;
        let contenu = seen(&row, portail.clone())?;
        let SignalementDemande { version, motif, explication, bonne_foi } = asked;
        // Not derived from who reports: an id that can be computed back would tell who did.
        let id = SignalementId::derived(&[&demande.commande.to_string()]);
        let number = i32::try_from(version).unwrap_or(i32::MAX);
        let deja_signale = Signalements::has_another(&self.views, id.0, publication.0, number, par.0).await?;
        let command = SignalementCommand::SignalerContenu {
            contenu,
            version,
            signalant: par,
            deja_signale,
            motif,
            explication,
            bonne_foi,
            maintenant: self.now(),
        };
        let act = self.act(demande, autorite, portail);
        Ok((id, act.tell::<Signalement>(id, command).record().await?))
    }

    /// Records that an office knows of a notice: its clock starts (DSA, art. 16 §3).
    pub async fn prendre_connaissance(
        &self,
        demande: &Demande,
        signalement: SignalementId,
    ) -> Result<Recorded, UseCaseError> {
        let Moderation { act, par, office, .. } =
            self.moderation(demande, Action::PrendreConnaissance, signalement).await?;
        let command = SignalementCommand::PrendreConnaissance { par, office, le: self.now() };
        act.tell::<Signalement>(signalement, command).record().await
    }

    /// Decides on a notice and does to the publication what was decided, in one act.
    pub async fn rendre_decision(
        &self,
        demande: &Demande,
        signalement: SignalementId,
        decision: Decision,
        motifs: MotifsDeDecision,
    ) -> Result<Recorded, UseCaseError> {
        let Moderation { act, signalement: row, par, office } =
            self.moderation(demande, Action::RendreDecision, signalement).await?;
        let decided = SignalementCommand::RendreDecision { par, office, decision, motifs, le: self.now() };
        let applied = PublicationCommand::AppliquerDecision { par, decision, signalement };
        act.tell::<Signalement>(signalement, decided)
            .tell::<Publication>(row.publication, applied)
            .record()
            .await
    }

    async fn moderation(
        &self,
        demande: &Demande,
        action: Action,
        signalement: SignalementId,
    ) -> Result<Moderation, UseCaseError> {
        let found = Signalements::by_ids(&self.views, &[signalement.0]).await?.pop();
        let signalement = found.ok_or(UseCaseError::Interdit)?;
        let portail = portail(&signalement.portail)?;
        let resource = rights_of::signalement(&signalement, portail.clone());
        let autorite = self.permit(&demande.acteur, action, &resource)?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let office = if demande.acteur.directeur_de.contains(&portail) {
            OfficeModeration::Directeur
        } else {
            OfficeModeration::Moderateur
        };
        Ok(Moderation { act: self.act(demande, autorite, portail), signalement, par, office })
    }
}

/// The exact content that readers see now (DSA, art. 16 §2 b).
fn seen(row: &views::Publication, portail: PortailId) -> Result<ContenuSignale, UseCaseError> {
    let online = row.paru_version.zip(row.paru_empreinte.as_deref()).zip(row.paru_auteur);
    let ((version, empreinte), auteur) = online.ok_or(UseCaseError::Interdit)?;
    Ok(ContenuSignale {
        publication: PublicationId(row.id),
        version: u32::try_from(version).map_err(UseCaseError::fault)?,
        empreinte: empreinte.parse().map_err(UseCaseError::fault)?,
        portail,
        auteur: PersonneId(auteur),
    })
}
