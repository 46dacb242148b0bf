//! GraphQL, identity, imports, and what the program `ent` runs on.

pub mod config;
pub mod demo;
pub mod envois;
pub mod eventstore;
pub mod fichiers;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod importer;
pub mod pages;
pub mod postgres;
mod proces_verbal;
pub mod program;
