//! The protocol, compiled from `api/proto` (of the public client of EventStoreDB, MIT;
//! `status.proto` and `code.proto` of Google, Apache-2.0).
#![allow(dead_code, missing_docs, clippy::all, clippy::unwrap_used, clippy::disallowed_types)]

mod compiled {
    include!(concat!(env!("OUT_DIR"), "/protocole.rs"));
}

pub use compiled::event_store::client::server_features::*;
pub use compiled::event_store::client::streams::*;
pub use compiled::event_store::client::{Empty, StreamIdentifier, Uuid, uuid};
