//! Who reads, and which portal: the user of Basic authentication (RFC 7617) is the portal, the
//! password the token of an auditor, for clients of this protocol send nothing else.
//!
//! A reading is put on the portal's record before anything is shown
//! ([`Commands::auditer_journal`]).

use crate::identity::{IdentityError, Jeton, Verifier};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use commands::{Commands, UseCaseError};
use domain::PortailId;
use domain::journal::{NatureConsultation, Portee};
use tonic::Status;
use tonic::metadata::MetadataMap;

const OBJET: &str = "le journal entier, sans ses contenus, par la porte EventStoreDB";

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
        let acteur = commands.acteur_identifie(Some(self.jeton.identifie())).await?;
        let portee = Portee { nature: NatureConsultation::Suivi, annee: None, objet: OBJET.to_owned() };
        commands.auditer_journal(acteur, self.portail.clone(), portee).await
    }
}

fn credentials(headers: &MetadataMap) -> Option<(PortailId, String)> {
    let (scheme, encoded) = headers.get("authorization")?.to_str().ok()?.split_once(' ')?;
    let basic = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
    let (user, password) = std::str::from_utf8(&basic).ok()?.split_once(':')?;
    Some((user.parse().ok()?, password.to_owned()))
}
