//! What administrateurs tell directeurs.

use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, portail};
use domain::portails::{Gravite, MiseEnGarde, MiseEnGardeCommand};
use domain::{MiseEnGardeId, PersonneId, PortailId};
use ledger::unit::Recorded;
use projections::portails::MisesEnGarde;

/// A mise en garde as it is addressed.
#[derive(Debug, Clone)]
pub struct MiseEnGardeDemandee {
    /// Its id, chosen by who asks.
    pub mise_en_garde: MiseEnGardeId,
    /// How grave it is.
    pub gravite: Gravite,
    /// What it is about.
    pub objet: String,
    /// What it says.
    pub texte: String,
}

impl Commands {
    /// Warns the directeur in office.
    pub async fn mettre_en_garde(
        &self,
        demande: &Demande,
        portail: PortailId,
        asked: MiseEnGardeDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.permit_on(demande, Action::MettreEnGarde, &portail).await?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let directeur = self.directeur(&portail).await?;
        let MiseEnGardeDemandee { mise_en_garde, gravite, objet, texte } = asked;
        let command = MiseEnGardeCommand::MettreEnGarde {
            portail: portail.clone(),
            par,
            directeur,
            gravite,
            objet,
            texte,
        };
        self.act(demande, autorite, portail).tell::<MiseEnGarde>(mise_en_garde, command).record().await
    }

    /// Records that the directeur reads what he or she is about to be shown.
    pub async fn lire_mise_en_garde(
        &self,
        demande: &Demande,
        mise_en_garde: MiseEnGardeId,
    ) -> Result<Recorded, UseCaseError> {
        let le = self.now();
        self.tell_mise_en_garde(demande, mise_en_garde, |par| MiseEnGardeCommand::LireMiseEnGarde { par, le })
            .await
    }

    /// Answers it.
    pub async fn repondre_mise_en_garde(
        &self,
        demande: &Demande,
        mise_en_garde: MiseEnGardeId,
        reponse: String,
    ) -> Result<Recorded, UseCaseError> {
        let le = self.now();
        let command = |par| MiseEnGardeCommand::RepondreMiseEnGarde { par, reponse, le };
        self.tell_mise_en_garde(demande, mise_en_garde, command).await
    }

    async fn tell_mise_en_garde(
        &self,
        demande: &Demande,
        id: MiseEnGardeId,
        command: impl FnOnce(PersonneId) -> MiseEnGardeCommand,
    ) -> Result<Recorded, UseCaseError> {
        let row = MisesEnGarde::by_ids(&self.views, &[id.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let portail = portail(&row.portail)?;
        let autorite = self.permit_on(demande, Action::RepondreMiseEnGarde, &portail).await?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        self.act(demande, autorite, portail).tell::<MiseEnGarde>(id, command(par)).record().await
    }
}
