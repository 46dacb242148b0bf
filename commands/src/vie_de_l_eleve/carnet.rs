//! The carnet de correspondance.

use super::Permise;
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError};
use domain::vie_de_l_eleve::{Mot, MotCommand, NatureMot};
use domain::{MotId, PersonneId};
use ledger::unit::Recorded;
use projections::vie_de_l_eleve::Carnets;
use std::collections::BTreeSet;

impl Commands {
    /// Writes in the carnet of a pupil: each of those who answer for him is to acknowledge it.
    pub async fn ecrire_mot(
        &self,
        demande: &Demande,
        eleve: PersonneId,
        nature: NatureMot,
        texte: String,
    ) -> Result<(MotId, Recorded), UseCaseError> {
        let permise = self.permise_sur(demande, Action::EcrireAuCarnet, eleve).await?;
        let destinataires = self.responsables(eleve).await?;
        self.tell_mot(demande, permise, (eleve, nature, destinataires), texte).await
    }

    /// Writes to the vie scolaire about one's child.
    pub async fn ecrire_a_l_ecole(
        &self,
        demande: &Demande,
        eleve: PersonneId,
        texte: String,
    ) -> Result<(MotId, Recorded), UseCaseError> {
        let permise = self.permise_sur(demande, Action::EcrireALEcole, eleve).await?;
        self.tell_mot(demande, permise, (eleve, NatureMot::DeLaFamille, BTreeSet::new()), texte).await
    }

    /// Acknowledges a word for oneself.
    pub async fn signer_mot(&self, demande: &Demande, mot: MotId) -> Result<Recorded, UseCaseError> {
        let row = Carnets::by_id(&self.views, mot.0).await?.ok_or(UseCaseError::Interdit)?;
        let on = (row.eleve, row.portail.as_str());
        let Permise { portail, autorite, par } =
            self.permise_au_portail(demande, Action::SignerMot, on).await?;
        // A word was addressed to the fiche that answered for the pupil then.
        let named = Carnets::destinataires(&self.views, &[mot.0]).await?;
        let named = named.iter().map(|one| PersonneId(one.personne)).find(|one| demande.acteur.is(*one));
        let command = MotCommand::SignerMot { par: named.unwrap_or(par), le: self.today() };
        self.act(demande, autorite, portail).tell::<Mot>(mot, command).record().await
    }

    async fn tell_mot(
        &self,
        demande: &Demande,
        permise: Permise,
        (eleve, nature, destinataires): (PersonneId, NatureMot, BTreeSet<PersonneId>),
        texte: String,
    ) -> Result<(MotId, Recorded), UseCaseError> {
        let Permise { portail, autorite, par } = permise;
        let command = MotCommand::EcrireMot { eleve, nature, texte, destinataires, par };
        let id = MotId(demande.commande.0);
        let act = self.act(demande, autorite, portail).tell::<Mot>(id, command);
        Ok((id, act.record().await?))
    }
}
