//! How a use case ends when it does not succeed.

use domain::Refusal;
use ledger::blobs::BlobFault;
use ledger::unit::AppendError;
use std::error::Error;

/// A refusal of the domain as data: what the faces show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Frozen code.
    pub code: &'static str,
    /// The input field at fault, where there is one.
    pub field: Option<&'static str>,
    /// French sentence that says what to do.
    pub message: String,
}

impl Refused {
    /// The data of a refusal.
    pub fn of(refus: &impl Refusal) -> Self {
        let spec = refus.spec();
        Self { code: spec.code, field: spec.field, message: refus.to_string() }
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum UseCaseError {
    /// The domain says no.
    #[error("{}", .0.message)]
    Refused(Refused),
    /// Not permitted, or there is no such thing: the two look the same from outside.
    #[error("Cette action ne vous est pas permise, ou l'objet n'existe pas.")]
    Interdit,
    /// Others kept changing the same thing.
    #[error("D'autres modifient le même objet en ce moment : réessayez.")]
    Conflict,
    /// The command id was used for another command.
    #[error("Cet identifiant de commande a déjà servi à une autre demande : prenez-en un nouveau.")]
    CommandReused,
    /// The record did not answer in time.
    #[error("Le journal ne répond pas : réessayez avec le même identifiant de commande.")]
    Unavailable,
    /// A fault; its cause chain is for the log.
    #[error("fault in a use case")]
    Fault(#[source] Box<dyn Error + Send + Sync>),
}

impl UseCaseError {
    /// Frozen code of what clients may rely on; a fault has none.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refused) => Some(refused.code),
            Self::Interdit => Some("INTERDIT"),
            Self::Conflict => Some("CONFLIT"),
            Self::CommandReused => Some("COMMANDE_REUTILISEE"),
            Self::Unavailable => Some("INDISPONIBLE"),
            Self::Fault(_) => None,
        }
    }

    /// Wraps a fault, unless it is that the database is away.
    pub fn fault(error: impl Error + Send + Sync + 'static) -> Self {
        Self::caused_by(Box::new(error))
    }

    /// The same for a fault in a box.
    pub fn caused_by(error: Box<dyn Error + Send + Sync>) -> Self {
        if ledger::trouble::stems_from_absence(&*error) { Self::Unavailable } else { Self::Fault(error) }
    }
}

impl From<AppendError> for UseCaseError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict | AppendError::KeyDestroyed => Self::Conflict,
            AppendError::OtherBody => Self::CommandReused,
            AppendError::Unavailable | AppendError::Closed => Self::Unavailable,
            AppendError::Seal(_) | AppendError::Fault(_) => Self::fault(error),
        }
    }
}

impl From<BlobFault> for UseCaseError {
    fn from(error: BlobFault) -> Self {
        Self::fault(error)
    }
}

impl From<sqlx::Error> for UseCaseError {
    fn from(error: sqlx::Error) -> Self {
        Self::fault(error)
    }
}
