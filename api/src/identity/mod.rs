//! Who is asking.
//!
//! Programs bring bearer tokens (RFC 6750, RFC 9068) of one issuer, whose published keys (JWKS)
//! verify them; what is taken from a token is the compte, its expiry and its scope, never a name
//! nor a right: rights are decided from the record.
//!
//! Browsers have a session, which they open by way of an identity provider: over [`oidc`] or
//! [`cas`], as the file of [`fournisseur`]s says. The program holds no password.

pub mod cas;
mod client;
pub mod demo;
pub mod fournisseur;
mod keys;
pub mod oidc;
pub mod secret;
pub mod sessions;
mod token;
mod verifier;

pub use keys::JwksSource;
pub use verifier::{ConfigError, Verifier, VerifierConfig};

use chrono::{DateTime, Utc};
use commands::rights::Portees;
use commands::{Choix, Identifie};
use domain::CompteId;
use sessions::Session;
use std::sync::Arc;

/// What tells the time. Expiry is judged by it, never by the system's clock.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A token that was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jeton {
    /// The compte that it speaks for.
    pub compte: CompteId,
    /// From when on it says nothing any more.
    pub expire: DateTime<Utc>,
    /// For which parts of the ENT.
    pub portees: Portees,
}

impl Jeton {
    /// Whom it identifies: a program does not choose a profil, and has all of them.
    pub fn identifie(self) -> Identifie {
        Identifie { compte: self.compte, choix: Choix::Tous, portees: self.portees }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identite {
    /// Nobody in particular: the public part of the schema.
    Anonyme,
    /// The bearer of a verified token.
    Compte(Jeton),
    /// The user of a browser's session.
    Session(Session),
}

impl Identite {
    /// The compte that asks, if one does.
    pub fn compte(&self) -> Option<CompteId> {
        match self {
            Self::Anonyme => None,
            Self::Compte(jeton) => Some(jeton.compte),
            Self::Session(session) => Some(session.compte),
        }
    }

    /// The same, with how far its token or its session let it go.
    pub fn identifie(&self) -> Option<Identifie> {
        match self {
            Self::Anonyme => None,
            Self::Compte(jeton) => Some(jeton.identifie()),
            Self::Session(Session { compte, choix, .. }) => {
                Some(Identifie { compte: *compte, choix: *choix, portees: Portees::default() })
            }
        }
    }

    /// The session, if it is one's.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Session(session) => Some(session),
            Self::Anonyme | Self::Compte(_) => None,
        }
    }
}

/// Why a token was refused. `Display` is for the user; the code is for the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The header is there without a bearer token in it.
    #[error("L'en-tête Authorization ne porte pas de jeton. Envoyez « Bearer », une espace, puis le jeton.")]
    Absent,
    /// Not a JWT, or one that misses a mandatory claim.
    #[error("Ce jeton est illisible. Reconnectez-vous pour en obtenir un nouveau.")]
    Illisible,
    /// Longer than any honest token.
    #[error("Ce jeton est trop long. Reconnectez-vous pour en obtenir un nouveau.")]
    TropLong,
    /// HS*, none, or anything that the key wasn't made for.
    #[error("Ce jeton est signé par un procédé qui n'est pas admis.")]
    AlgorithmeRefuse,
    /// No published key has this id.
    #[error("Ce jeton est signé par une clé que l'émetteur ne publie pas. Reconnectez-vous.")]
    CleInconnue,
    /// The signature is not of this content.
    #[error("La signature de ce jeton est fausse.")]
    SignatureFausse,
    /// `iss` is not ours.
    #[error("Ce jeton vient d'un autre émetteur que celui de cet ENT.")]
    AutreEmetteur,
    /// `aud` doesn't name us.
    #[error("Ce jeton est destiné à un autre service.")]
    AutreDestinataire,
    /// `exp` is past.
    #[error("Ce jeton a expiré. Reconnectez-vous.")]
    Expire,
    /// `nbf` is to come.
    #[error("Ce jeton n'est pas encore valable.")]
    PasEncoreValable,
    /// `sub` is missing or is not the id of a compte.
    #[error("Ce jeton ne désigne aucun compte de l'ENT.")]
    SansCompte,
    /// The issuer's keys can't be had now: the token is neither good nor bad.
    #[error("Les clés de l'émetteur sont indisponibles pour l'instant. Réessayez dans une minute.")]
    ClesIndisponibles,
}

impl IdentityError {
    /// The frozen code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => "JETON_ABSENT",
            Self::Illisible => "JETON_ILLISIBLE",
            Self::TropLong => "JETON_TROP_LONG",
            Self::AlgorithmeRefuse => "JETON_ALGORITHME_REFUSE",
            Self::CleInconnue => "JETON_CLE_INCONNUE",
            Self::SignatureFausse => "JETON_SIGNATURE_FAUSSE",
            Self::AutreEmetteur => "JETON_AUTRE_EMETTEUR",
            Self::AutreDestinataire => "JETON_AUTRE_DESTINATAIRE",
            Self::Expire => "JETON_EXPIRE",
            Self::PasEncoreValable => "JETON_PAS_ENCORE_VALABLE",
            Self::SansCompte => "JETON_SANS_COMPTE",
            Self::ClesIndisponibles => "CLES_INDISPONIBLES",
        }
    }
}
