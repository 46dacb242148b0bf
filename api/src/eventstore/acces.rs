//! Who reads, and which portal: the user of Basic authentication (RFC 7617) is the portal, the
//! password the token of an auditor, for clients of this protocol send nothing else.
//!
//! A reading is put on the portal's record before anything is shown, once an hour for an
//! auditor: one who reads page by page fills no journal.

use crate::identity::{IdentityError, Jeton, Verifier};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use commands::rights::Action;
use commands::{Commands, Demande, UseCaseError};
use domain::journal::{NatureConsultation, Portee};
use domain::{CommandeId, PortailId};
use tonic::Status;
use tonic::metadata::MetadataMap;

const OBJET: &str = "le journal entier, sans ses contenus, par la porte EventStoreDB";
const MOTIF: &str = "Audit du journal.";

/// Who reads which portal's record.
pub struct Acces {
    /// The portal.
    pub portail: PortailId,
    /// The auditor's token.
    pub jeton: Jeton,
}

impl Acces {
    /// Lets in who may read, and records it.
    pub async fn open(
        verifier: &Verifier,
        commands: &Commands,
        headers: &MetadataMap,
    ) -> Result<Self, Status> {
        let (portail, token) = credentials(headers)
            .ok_or_else(|| Status::unauthenticated("the portal as user, an auditor's token as password"))?;
        let jeton = verifier.verify(&token).await.map_err(|error| match error {
            // Who follows comes again, and need not think that his token is bad.
            IdentityError::ClesIndisponibles => Status::unavailable(error.code()),
            _ => Status::unauthenticated(error.code()),
        })?;
        let acces = Self { portail, jeton };
        acces.inscrire(commands).await.map_err(|error| match error {
            UseCaseError::Interdit => Status::permission_denied("an auditor reads the record"),
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "a consultation is not recorded");
                Status::unavailable("the consultation cannot be recorded")
            }
        })?;
        Ok(acces)
    }

    async fn inscrire(&self, commands: &Commands) -> Result<(), UseCaseError> {
        let Jeton { compte, .. } = self.jeton;
        let hour = commands.now().format("%Y-%m-%dT%H").to_string();
        let commande = CommandeId::derived(&["flux", &compte.to_string(), self.portail.as_str(), &hour]);
        let acteur = commands.acteur_identifie(Some(self.jeton.identifie())).await?;
        let demande = Demande { acteur, commande, corps: Vec::new(), cause: None };
        let portee = Portee { nature: NatureConsultation::Suivi, annee: None, objet: OBJET.to_owned() };
        let portail = self.portail.clone();
        commands
            .consulter_journal(&demande, Action::AuditerJournal, portail, portee, MOTIF.to_owned())
            .await?;
        Ok(())
    }
}

fn credentials(headers: &MetadataMap) -> Option<(PortailId, String)> {
    let (scheme, encoded) = headers.get("authorization")?.to_str().ok()?.split_once(' ')?;
    let basic = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
    let (user, password) = std::str::from_utf8(&basic).ok()?.split_once(':')?;
    Some((user.parse().ok()?, password.to_owned()))
}
