//! Who reads, which portal, and why: the user of Basic authentication (RFC 7617) is the portal, and
//! after a blank the reason if one is given; the password is the token of an auditor. Clients of
//! this protocol send nothing else.
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
        let Presente { portail, motif, token } = presented(headers)
            .ok_or_else(|| Status::unauthenticated("the portal as user, an auditor's token as password"))?;
        let jeton = verifier.verify(&token).await.map_err(|error| match error {
            // Who follows comes again, and need not think that his token is bad.
            IdentityError::ClesIndisponibles => Status::unavailable(error.code()),
            _ => Status::unauthenticated(error.code()),
        })?;
        let acces = Self { portail, jeton };
        acces.inscrire(commands, motif).await.map_err(|error| match error {
            UseCaseError::Interdit => Status::permission_denied("an auditor reads the record"),
            // Of all that is recorded of a reading, the reason alone is the client's.
            UseCaseError::Refused(_) => Status::invalid_argument("a reason has 1 to 500 characters"),
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "a consultation is not recorded");
                Status::unavailable("the consultation cannot be recorded")
            }
        })?;
        Ok(acces)
    }

    async fn inscrire(&self, commands: &Commands, motif: Option<String>) -> Result<(), UseCaseError> {
        let acteur = commands.acteur_identifie(Some(self.jeton.identifie())).await?;
        let portee = Portee { nature: NatureConsultation::Suivi, annee: None, objet: OBJET.to_owned() };
        commands.auditer_journal(acteur, self.portail.clone(), portee, motif).await
    }
}

/// What a client says of who reads.
struct Presente {
    portail: PortailId,
    motif: Option<String>,
    token: String,
}

fn presented(headers: &MetadataMap) -> Option<Presente> {
    let (scheme, encoded) = headers.get("authorization")?.to_str().ok()?.split_once(' ')?;
    let basic = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
    // The last colon: a reason may have some, and no token has any.
    let (user, password) = std::str::from_utf8(&basic).ok()?.rsplit_once(':')?;
    let (portail, motif) = match user.split_once(' ') {
        Some((portail, motif)) => (portail, Some(motif.to_owned())),
        None => (user, None),
    };
    Some(Presente { portail: portail.parse().ok()?, motif, token: password.to_owned() })
}
