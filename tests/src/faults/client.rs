//! One client of the real GraphQL door, which knows how a command ended: or that it
//! cannot know.

use super::issuer::Issuer;
use anyhow::Result;
use chrono::{DateTime, Utc};
use domain::CompteId;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A command, ready to be sent again under the same id.
#[derive(Debug, Clone)]
pub struct Command {
    /// Its `clientMutationId`.
    pub id: Uuid,
    /// Who asks.
    pub compte: CompteId,
    /// Which mutation.
    pub mutation: &'static str,
    /// Its input, the id included.
    pub input: Value,
    /// What is asked of its payload besides.
    pub fields: &'static str,
}

/// How a command ended, as far as its client can tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was answered with a place in a journal.
    Acknowledged {
        /// The place: `portail/annee/position`.
        position: String,
        /// The payload.
        payload: Value,
    },
    /// It was refused: it left nothing.
    Refused(String),
    /// No answer, or one that leaves open what became of it; said in a few words.
    Unknown(String),
}

/// See the module.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    tokens: HashMap<CompteId, String>,
}

impl Client {
    /// A client that has a token of each of these comptes.
    pub fn new(issuer: &Issuer, comptes: impl Iterator<Item = CompteId>, now: DateTime<Utc>) -> Result<Self> {
        let tokens = comptes.map(|compte| Ok((compte, issuer.token(compte, now)?)));
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { http, tokens: tokens.collect::<Result<_>>()? })
    }

    /// Sends a command to a door (the URL of `/graphql`).
    pub async fn send(&self, door: &str, command: &Command) -> Outcome {
        match self.ask(door, command).await {
            Ok((status, answer)) => read(command, status, &answer),
            Err(error) if error.is_timeout() => Outcome::Unknown("no answer in time".to_owned()),
            Err(_) => Outcome::Unknown("connection lost".to_owned()),
        }
    }

    async fn ask(&self, door: &str, command: &Command) -> reqwest::Result<(u16, Value)> {
        let mutation = command.mutation;
        let kind = mutation[..1].to_uppercase() + &mutation[1..] + "Input";
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{
                position userErrors {{ code }} {} }} }}",
            command.fields
        );
        let body = json!({ "query": query, "variables": { "input": command.input } });
        let token = self.tokens.get(&command.compte).map(String::as_str).unwrap_or_default();
        let answer = self.http.post(door).bearer_auth(token).json(&body).send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await?))
    }
}

/// An answer with a place is an acknowledgement, whatever else failed in it; one with
/// refusals is a refusal; everything else leaves the question open.
fn read(command: &Command, status: u16, answer: &Value) -> Outcome {
    let payload = &answer["data"][command.mutation];
    if let Some(position) = payload["position"].as_str() {
        return Outcome::Acknowledged { position: position.to_owned(), payload: payload.clone() };
    }
    if let Some(code) = payload["userErrors"][0]["code"].as_str() {
        return Outcome::Refused(code.to_owned());
    }
    let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("without a code");
    Outcome::Unknown(format!("{status} {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let (id, compte) = (Uuid::nil(), CompteId::NONE);
        Command { id, compte, mutation: "cloreAppel", input: json!({}), fields: "" }
    }

    #[test]
    fn an_answer_without_a_place_or_a_refusal_leaves_the_question_open() {
        let internal = json!({ "data": { "cloreAppel": null }, "errors": [
            { "message": "…", "extensions": { "code": "INDISPONIBLE" } } ] });
        assert_eq!(read(&command(), 200, &internal), Outcome::Unknown("200 INDISPONIBLE".to_owned()));
        let refused =
            json!({ "data": { "cloreAppel": { "position": null, "userErrors": [{ "code": "CONFLIT" }] } } });
        assert_eq!(read(&command(), 200, &refused), Outcome::Refused("CONFLIT".to_owned()));
        let told = json!({ "data": { "cloreAppel": { "position": "p/2026/3", "userErrors": [] } } });
        assert!(
            matches!(read(&command(), 200, &told), Outcome::Acknowledged { position, .. } if position == "p/2026/3")
        );
    }
}
