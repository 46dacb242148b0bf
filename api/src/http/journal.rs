//! The sealed journal of a portal, at the portal's own host (C2SP tlog-tiles).
//!
//! | route | what | who |
//! |---|---|---|
//! | `GET /journal/{annee}/checkpoint` | the signed head of the tree | anybody |
//! | `GET /journal/{annee}/cles` | the keys that verify it, with when each signed | anybody |
//! | `GET /journal/{annee}/tile/{L}/{N}[.p/{W}]` | hashes of the tree | anybody |
//! | `GET /journal/{annee}/tile/entries/{N}[.p/{W}]` | the leaves themselves | an auditor |
//!
//! Hashes tell nothing: every envelope has ids in it that nobody can guess. Entry bundles
//! are made from the record, which holds the leaves byte for byte.

use crate::identity::Identite;
use axum::{
    Extension, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use commands::rights::Action;
use commands::{Commands, rights_of};
use domain::{AnneeScolaire, PortailId};
use ledger::feed::Journal;
use ledger::sealer::Sealer;
use ledger::sealer::store::TileFault;
use ledger::tlog::proof::Tiles;
use ledger::tlog::tile::{Level, Tile, bytes};
use ledger::trouble::stems_from_absence;
use std::sync::Arc;

/// A checkpoint is asked for again after a moment (C2SP tlog-tiles, "Checkpoints").
const FRESH: &str = "public, max-age=2";
/// What a tile holds never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The same where not everybody may read it.
const FOR_EVER_PRIVATE: &str = "private, max-age=31536000, immutable";

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
            .route("/journal/{annee}/tile/{*tile}", get(tile))
            .with_state(self)
    }

    /// The journal of a year, of the portal whose host was asked.
    fn journal(&self, headers: &HeaderMap, annee: &str) -> Result<Journal, Refused> {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).ok_or(Refused::Absent)?;
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let label = name.strip_suffix(&*self.base).and_then(|label| label.strip_suffix('.'));
        let portail: PortailId = label.and_then(|label| label.parse().ok()).ok_or(Refused::Absent)?;
        let number: i16 = annee.parse().map_err(|_| Refused::Absent)?;
        // One journal has one address.
        let same = number.to_string() == annee;
        same.then_some(Journal { portail, annee: AnneeScolaire(number) }).ok_or(Refused::Absent)
    }

    /// How many leaves are sealed.
    async fn size(&self, journal: &Journal) -> Result<u64, Refused> {
        let sealed = self.sealer.checkpoint(journal).await?.ok_or(Refused::Absent)?;
        Ok(sealed.size.unsigned_abs())
    }

    /// Whether who asks may read the leaves of a portal's journals.
    async fn audits(&self, identite: Identite, portail: &PortailId) -> Result<(), Refused> {
        let acteur = self.commands.acteur(identite.compte()).await.map_err(Refused::fault)?;
        let resource = rights_of::portail(portail.clone(), None);
        self.commands.permit(&acteur, Action::AuditerJournal, &resource).map_err(|_| Refused::Absent)?;
        Ok(())
    }
}

async fn checkpoint(
    State(journals): State<Journals>,
    Path(annee): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let journal = journals.journal(&headers, &annee)?;
    let sealed = journals.sealer.checkpoint(&journal).await?.ok_or(Refused::Absent)?;
    Ok(answer("text/plain; charset=utf-8", FRESH, sealed.note.into_bytes()))
}

async fn verifier_keys(
    State(journals): State<Journals>,
    Path(annee): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let journal = journals.journal(&headers, &annee)?;
    let keys = journals.sealer.verifier_keys(&journal);
    let body = serde_json::to_vec(&keys).map_err(Refused::fault)?;
    Ok(answer("application/json", FRESH, body))
}

async fn tile(
    State(journals): State<Journals>,
    Path((annee, path)): Path<(String, String)>,
    Extension(identite): Extension<Identite>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let journal = journals.journal(&headers, &annee)?;
    let tile = Tile::from_path(&path).ok_or(Refused::Absent)?;
    if tile.level == Level::Entries {
        journals.audits(identite, &journal.portail).await?;
    }
    let sealed = Tile::within(journals.size(&journal).await?, tile.level, tile.index);
    if sealed.is_none_or(|sealed| sealed.width < tile.width) {
        return Err(Refused::Absent);
    }
    match tile.level {
        Level::Hashes(_) => {
            let hashes = journals.sealer.tiles().of(&journal).read(tile).await?;
            Ok(answer("application/octet-stream", FOR_EVER, bytes(&hashes)))
        }
        Level::Entries => {
            let bundle = journals.sealer.bundle(&journal, tile).await.map_err(Refused::fault)?;
            let bundle = bundle.ok_or(Refused::Absent)?;
            Ok(answer("application/octet-stream", FOR_EVER_PRIVATE, bundle))
        }
    }
}

fn answer(kind: &'static str, caching: &'static str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, caching),
        // One program answers for many hosts, and bearers see more.
        (header::VARY, "host, authorization"),
    ];
    (headers, body).into_response()
}

/// Why there is no answer. What is forbidden looks like what does not exist.
enum Refused {
    Absent,
    Away,
    Fault,
}

impl Refused {
    fn fault(error: impl std::error::Error + 'static) -> Self {
        if stems_from_absence(&error) {
            return Self::Away;
        }
        tracing::error!(error = &error as &dyn std::error::Error, "a sealed journal cannot be read");
        Self::Fault
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
