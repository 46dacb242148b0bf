//! The journal: every reading of it is put on the record first, also one that is refused.

use crate::rights::{Acteur, Action, Autorite};
use crate::{Commands, Demande, UseCaseError, rights_of};
use domain::journal::{
    ConstatDeVerification, Consultation, ConsultationCommand, Portee, Verification, VerificationCommand,
};
use domain::{CommandeId, CompteId, ConsultationId, PortailId};
use ledger::unit::Recorded;
use projections::portails::Portails;

/// The office of who was refused: none.
const AUCUN: &str = "aucun";
/// Why an auditor reads who gives no reason: most protocols by which he does have no place for one.
const AUDIT: &str = "Audit du journal.";

impl Commands {
    /// Puts a consultation of a portal's journal on the record, and says whether it is
    /// permitted: what is shown afterwards was recorded before. Of who is refused again and
    /// again one refusal a minute is kept, or anybody could fill a journal; of who has not
    /// signed in none is, for there is nobody to name.
    pub async fn consulter_journal(
        &self,
        demande: &Demande,
        action: Action,
        portail: PortailId,
        portee: Portee,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        // The Région's journal is there whether its portal is open or not.
        let known = row.is_some() || portail == PortailId::region();
        let resource = rights_of::portail(portail.clone(), row.as_ref());
        match self.permit(&demande.acteur, action, &resource) {
            Ok(autorite) => self.inscrire(demande, autorite, portail, portee, motif, true).await,
            Err(interdit) => {
                if let (Some(compte), true) = (demande.acteur.compte, known) {
                    let refused = self.refusal(demande, compte, &portail);
                    self.inscrire(&refused, self.no_authority(), portail, portee, motif, false).await?;
                }
                Err(interdit)
            }
        }
    }

    /// Puts on the record that an auditor reads the leaves of a portal's journal, by whichever
    /// door, and says whether it is permitted: once an hour for the same reach and reason, so that
    /// who reads page by page fills no journal.
    pub async fn auditer_journal(
        &self,
        acteur: Acteur,
        portail: PortailId,
        portee: Portee,
        motif: Option<String>,
    ) -> Result<(), UseCaseError> {
        let motif = motif.unwrap_or_else(|| AUDIT.to_owned());
        let compte = acteur.compte.unwrap_or(CompteId::NONE).to_string();
        let annee = portee.annee.map_or_else(String::new, |annee| annee.0.to_string());
        let hour = self.now().format("%Y-%m-%dT%H").to_string();
        let commande =
            CommandeId::derived(&["audit", &compte, portail.as_str(), &annee, &portee.objet, &motif, &hour]);
        let demande = Demande { acteur, commande, corps: Vec::new(), cause: None };
        self.consulter_journal(&demande, Action::AuditerJournal, portail, portee, motif).await?;
        Ok(())
    }

    /// Puts what a verification of a portal's journal found on its record.
    pub async fn inscrire_verification(
        &self,
        demande: &Demande,
        portail: PortailId,
        constat: ConstatDeVerification,
    ) -> Result<Recorded, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let resource = rights_of::portail(portail.clone(), row.as_ref());
        let autorite = self.permit(&demande.acteur, Action::InscrireVerification, &resource)?;
        let command = VerificationCommand::InscrireVerification { constat };
        let act = self.act(demande, autorite, portail.clone());
        act.tell::<Verification>(portail, command).record().await
    }

    async fn inscrire(
        &self,
        demande: &Demande,
        autorite: Autorite,
        portail: PortailId,
        portee: Portee,
        motif: String,
        permise: bool,
    ) -> Result<Recorded, UseCaseError> {
        let id = ConsultationId::derived(&[&demande.commande.to_string()]);
        let command = ConsultationCommand::Consulter { portee, motif, permise };
        self.act(demande, autorite, portail).tell::<Consultation>(id, command).record().await
    }

    /// The same wish, under an id that the next ones of this minute have too.
    fn refusal(&self, demande: &Demande, compte: CompteId, portail: &PortailId) -> Demande {
        let minute = self.now().format("%Y-%m-%dT%H:%M").to_string();
        let commande = CommandeId::derived(&["consultation", &compte.to_string(), portail.as_str(), &minute]);
        Demande { commande, corps: Vec::new(), ..demande.clone() }
    }

    /// Of what is recorded though nobody was permitted it.
    pub(crate) fn no_authority(&self) -> Autorite {
        let empreinte = self.rights.empreinte().to_owned();
        Autorite { office: AUCUN.to_owned(), politiques: Vec::new(), articles: Vec::new(), empreinte }
    }
}
