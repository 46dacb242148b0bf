//! Choices as views store them: by the word of the record, which the domain reads.

use super::context::fault;
use async_graphql::Result;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A choice in the words of the schema. A word that the domain does not know is a fault, and no
/// other choice.
pub fn stored<D: DeserializeOwned, G: From<D>>(word: &str) -> Result<G> {
    serde_json::from_value::<D>(Value::String(word.to_owned())).map(G::from).map_err(fault)
}
