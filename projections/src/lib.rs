//! Read models: what the faces query, rebuilt from the record at any time.
//!
//! One module per context, one file per view: its tables, its `apply`, its typed
//! queries. Tables are named without their schema in SQL: a view's *place* is the
//! search path of the connection. On the pool that is the live schema of each context
//! ([`SEARCH_PATH`]); a [`rebuild`] fills its next version in a schema that stands before
//! them; in a [`replay::Scratch`] temporary tables shadow them, and the same code shows a
//! view as of any date, beside the living one.

pub mod absences;
pub mod annuaire;
pub mod audit;
pub mod cahier_de_textes;
pub mod conservation;
pub mod identite;
mod lieux;
pub mod notes;
pub mod notifications;
mod page;
pub mod pieces;
pub mod portails;
pub mod protection;
pub mod publications;
pub mod vie_de_l_eleve;

pub mod aside;
pub mod progress;
mod projection;
pub mod rebuild;
pub mod replay;
pub mod runner;
pub mod staleness;
mod vue;

pub use page::PageOf;
pub use projection::{Forget, Projection, ProjectionError, all};

use sqlx::postgres::PgConnectOptions;

/// Where the live tables of all views are found; their names are unique across contexts.
pub const SEARCH_PATH: &str = "annuaire,portails,absences,notes,cahier_de_textes,vie_de_l_eleve,pieces,publications,audit,conservation,protection,identite,notifications,projections";

/// Options of a connection that reads or writes live views.
pub fn in_live_place(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("search_path", SEARCH_PATH)])
}

/// The id of a fact's stream, where streams are named by UUIDs.
pub(crate) fn stream_uuid(fact: &ledger::feed::Fact) -> Result<uuid::Uuid, ProjectionError> {
    uuid::Uuid::parse_str(&fact.envelope.stream.id)
        .map_err(|_| ProjectionError::Unfit("the stream's id is not a UUID".to_owned()))
}
