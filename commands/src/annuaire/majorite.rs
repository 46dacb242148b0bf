//! What a pupil of age decides for himself.

use crate::rights::{Action, Resource};
use crate::{Commands, Demande, UseCaseError, portail};
use domain::annuaire::{Personne, PersonneCommand};
use domain::journee;
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;

impl Commands {
    /// Objects, or no longer objects, to those who answered for him being informed.
    pub async fn opposer_information(
        &self,
        demande: &Demande,
        opposee: bool,
    ) -> Result<Recorded, UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let eleve = Annuaire::eleves(&self.views, &[personne.0]).await?.pop();
        let enrolled =
            eleve.and_then(|eleve| eleve.dossiers.first().copied()).ok_or(UseCaseError::Interdit)?;
        let etablissement = Annuaire::etablissements(&self.views, &[enrolled]).await?.pop();
        let etablissement = etablissement.ok_or(UseCaseError::Interdit)?;
        let on = Resource::Eleve { personne, etablissement: Some(domain::EtablissementId(enrolled)) };
        let autorite = self.permit(&demande.acteur, Action::OpposerInformation, &on)?;
        let command = match opposee {
            true => PersonneCommand::OpposerInformation { le: journee(self.now()) },
            false => PersonneCommand::LeverOpposition,
        };
        let act = self.act(demande, autorite, portail(&etablissement.portail)?);
        act.tell::<Personne>(personne, command).record().await
    }
}
