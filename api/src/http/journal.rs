//! The sealed journal of a portal, at the portal's own host (C2SP tlog-tiles).
//!
//! | route | what | who |
//! |---|---|---|
//! | `GET /journal/{annee}/checkpoint` | the signed head of the tree | anybody |
//! | `GET /journal/{annee}/cles` | the keys that verify it, with when each signed | anybody |
//! | `GET /journal/{annee}/consigne` | the newest head that the meta-journal has, with the proof | anybody |
//! | `GET /journal/{annee}/tile/{L}/{N}[.p/{W}]` | hashes of the tree | anybody |
//! | `GET /journal/{annee}/tile/entries/{N}[.p/{W}]` | the leaves themselves | an auditor |
//!
//! The same without a year, at the base domain itself, are those of the meta-journal; what dates
//! it dates a journal as far as the head that it has of it.
//!
//! Its timestamps are beside them: see [`horodatages`].
//!
//! Hashes tell nothing: every envelope has ids in it that nobody can guess. Entry bundles
//! are made from the record, which holds the leaves byte for byte. Who reads one, or is refused,
//! is on the record of the portal first ([`Commands::auditer_journal`]).

use super::horodatages;
use crate::identity::Identite;
use axum::{
    Extension, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use commands::{Commands, UseCaseError};
use domain::journal::{NatureConsultation, Portee};
use domain::{AnneeScolaire, PortailId};
use ledger::feed::Journal;
use ledger::sealer::Sealer;
use ledger::sealer::log::Log;
use ledger::sealer::proofs::Consigned;
use ledger::sealer::store::TileFault;
use ledger::tlog::proof::Tiles;
use ledger::tlog::tile::{Level, Tile, bytes};
use ledger::trouble::stems_from_absence;
use std::sync::Arc;

/// A checkpoint is asked for again after a moment (C2SP tlog-tiles, "Checkpoints").
pub(super) const FRESH: &str = "public, max-age=2";
/// What a tile holds never changes.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The same where not everybody may read it.
const FOR_EVER_PRIVATE: &str = "private, max-age=31536000, immutable";
/// What is read of a journal, as the record says it: who has one bundle may ask for all.
const FEUILLES: &str = "les feuilles, sans leurs contenus, par leur adresse HTTP";
/// The same of the meta-journal.
const FEUILLES_DU_META: &str = "les feuilles du méta-journal, par leur adresse HTTP";

/// A file of a log, or why there is none.
pub(super) type Answer = Result<Response, Refused>;

/// What these routes stand on.
#[derive(Clone)]
pub struct Journals {
    sealer: Sealer,
    commands: Commands,
    base: Arc<str>,
}

impl Journals {
    /// The journals of the portals under a base domain.
    pub fn new(sealer: Sealer, commands: Commands, base: &str) -> Self {
        Self { sealer, commands, base: base.into() }
    }

    /// The routes.
    pub fn routes(self) -> Router {
        Router::new()
            .route("/journal/{annee}/checkpoint", get(checkpoint))
            .route("/journal/{annee}/cles", get(verifier_keys))
            .route("/journal/{annee}/consigne", get(consigned))
            .route("/journal/{annee}/tile/{*tile}", get(tile))
            .route("/journal/checkpoint", get(meta_checkpoint))
            .route("/journal/cles", get(meta_verifier_keys))
            .route("/journal/tile/{*tile}", get(meta_tile))
            .route("/journal/horodatages", get(horodatages::list))
            .route("/journal/horodatages/{file}", get(horodatages::one))
            .with_state(self)
    }

    /// The journal of a year, of the portal whose host was asked.
    fn journal(&self, headers: &HeaderMap, annee: &str) -> Result<Log, Refused> {
        let label = self.under_base(headers)?.and_then(|label| label.strip_suffix('.'));
        let portail: PortailId = label.and_then(|label| label.parse().ok()).ok_or(Refused::Absent)?;
        let number: i16 = annee.parse().map_err(|_| Refused::Absent)?;
        // One journal has one address.
        let same = number.to_string() == annee;
        let journal = Journal { portail, annee: AnneeScolaire(number) };
        same.then_some(Log::Journal(journal)).ok_or(Refused::Absent)
    }

    /// The meta-journal, which is at the base domain itself.
    pub(super) fn meta(&self, headers: &HeaderMap) -> Result<Log, Refused> {
        let here = self.under_base(headers)?.is_some_and(str::is_empty);
        here.then_some(Log::Meta).ok_or(Refused::Absent)
    }

    /// What has sealed them.
    pub(super) fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// What the host that was asked has before the base domain.
    fn under_base<'a>(&self, headers: &'a HeaderMap) -> Result<Option<&'a str>, Refused> {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).ok_or(Refused::Absent)?;
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        Ok(name.strip_suffix(&*self.base))
    }

    /// How many leaves are sealed.
    async fn size(&self, log: &Log) -> Result<u64, Refused> {
        let sealed = self.sealer.checkpoint(log).await?.ok_or(Refused::Absent)?;
        Ok(sealed.size.unsigned_abs())
    }

    async fn checkpoint(&self, log: &Log) -> Answer {
        let sealed = self.sealer.published(log).await?.ok_or(Refused::Absent)?;
        Ok(answer("text/plain; charset=utf-8", FRESH, sealed.note.into_bytes()))
    }

    fn verifier_keys(&self, log: &Log) -> Answer {
        let body = serde_json::to_vec(&self.sealer.verifier_keys(log)).map_err(Refused::fault)?;
        Ok(answer("application/json", FRESH, body))
    }

    async fn tile(&self, log: &Log, path: &str, identite: Identite) -> Answer {
        let tile = Tile::from_path(path).ok_or(Refused::Absent)?;
        let sealed = Tile::within(self.size(log).await?, tile.level, tile.index);
        if sealed.is_none_or(|sealed| sealed.width < tile.width) {
            return Err(Refused::Absent);
        }
        match tile.level {
            Level::Hashes(_) => {
                let hashes = self.sealer.tiles().of(log).read(tile).await?;
                Ok(answer("application/octet-stream", FOR_EVER, bytes(&hashes)))
            }
            Level::Entries => {
                // What is not there was read by nobody, and is asked for on no record.
                self.audits(identite, log).await?;
                let bundle = self.sealer.bundle(log, tile).await.map_err(Refused::fault)?;
                Ok(answer("application/octet-stream", FOR_EVER_PRIVATE, bundle.ok_or(Refused::Absent)?))
            }
        }
    }

    /// Lets in who may read the leaves of a log, once that is on the record.
    async fn audits(&self, identite: Identite, log: &Log) -> Result<(), Refused> {
        let acteur = self.commands.acteur_identifie(identite.identifie()).await?;
        let (portail, annee, objet) = match log {
            Log::Journal(Journal { portail, annee }) => (portail.clone(), Some(*annee), FEUILLES),
            // It is of all portals, as the Région is, and holds no events of its own.
            Log::Meta => (PortailId::region(), None, FEUILLES_DU_META),
        };
        let portee = Portee { nature: NatureConsultation::Lecture, annee, objet: objet.to_owned() };
        self.commands.auditer_journal(acteur, portail, portee, None).await?;
        Ok(())
    }
}

async fn checkpoint(
    State(journals): State<Journals>,
    Path(annee): Path<String>,
    headers: HeaderMap,
) -> Answer {
    journals.checkpoint(&journals.journal(&headers, &annee)?).await
}

async fn verifier_keys(
    State(journals): State<Journals>,
    Path(annee): Path<String>,
    headers: HeaderMap,
) -> Answer {
    journals.verifier_keys(&journals.journal(&headers, &annee)?)
}

async fn consigned(
    State(journals): State<Journals>,
    Path(annee): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let Log::Journal(journal) = journals.journal(&headers, &annee)? else { return Err(Refused::Absent) };
    let found = journals.sealer.consigned(&journal).await.map_err(Refused::fault)?;
    let Consigned { checkpoint, proof } = found.ok_or(Refused::Absent)?;
    let body = serde_json::json!({ "sceau": checkpoint, "preuve": proof.to_string() });
    Ok(answer("application/json", FRESH, body.to_string().into_bytes()))
}

async fn tile(
    State(journals): State<Journals>,
    Path((annee, path)): Path<(String, String)>,
    Extension(identite): Extension<Identite>,
    headers: HeaderMap,
) -> Answer {
    journals.tile(&journals.journal(&headers, &annee)?, &path, identite).await
}

async fn meta_checkpoint(State(journals): State<Journals>, headers: HeaderMap) -> Answer {
    journals.checkpoint(&journals.meta(&headers)?).await
}

async fn meta_verifier_keys(State(journals): State<Journals>, headers: HeaderMap) -> Answer {
    journals.verifier_keys(&journals.meta(&headers)?)
}

async fn meta_tile(
    State(journals): State<Journals>,
    Path(path): Path<String>,
    Extension(identite): Extension<Identite>,
    headers: HeaderMap,
) -> Answer {
    journals.tile(&journals.meta(&headers)?, &path, identite).await
}

pub(super) fn answer(kind: &'static str, caching: &'static str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, caching),
        // One program answers for many hosts, and bearers see more.
        (header::VARY, "host, authorization"),
    ];
    (headers, body).into_response()
}

/// Why there is no answer. What is forbidden looks like what does not exist.
pub(super) enum Refused {
    Absent,
    Away,
    Fault,
}

impl Refused {
    pub(super) fn fault(error: impl std::error::Error + 'static) -> Self {
        if stems_from_absence(&error) {
            return Self::Away;
        }
        tracing::error!(error = &error as &dyn std::error::Error, "a sealed journal cannot be read");
        Self::Fault
    }
}

impl From<UseCaseError> for Refused {
    fn from(error: UseCaseError) -> Self {
        match error {
            UseCaseError::Interdit => Self::Absent,
            UseCaseError::Unavailable => Self::Away,
            error => Self::fault(error),
        }
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::fault(error)
    }
}

impl From<TileFault> for Refused {
    fn from(fault: TileFault) -> Self {
        match fault {
            TileFault::Absent(_) => Self::Absent,
            fault => Self::fault(fault),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Absent => (StatusCode::NOT_FOUND, "Il n'y a rien à cette adresse.\n"),
            Self::Away => {
                (StatusCode::SERVICE_UNAVAILABLE, "Le journal ne répond pas : réessayez dans un instant.\n")
            }
            Self::Fault => (StatusCode::INTERNAL_SERVER_ERROR, "Le journal ne peut pas être lu.\n"),
        };
        (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
    }
}
