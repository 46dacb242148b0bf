//! A token for some parts of the ENT, through the real door: it opens these to who has rights there, and
//! no other.

use anyhow::{Context, Result, ensure};
use api::identity::{JwksSource, Verifier, VerifierConfig};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use domain::CompteId;
use http_body_util::BodyExt;
use ledger::clock::Clock;
use recits::faults::{ISSUER, Issuer};
use recits::{Ecole, global};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

/// A school, and a door of it for the tokens of an issuer that narrows them.
struct Porte {
    ecole: Ecole,
    issuer: Issuer,
    router: Router,
    _keys: TempDir,
}

impl Porte {
    async fn ouvrir() -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let keys = tempfile::tempdir()?;
        let jwks = keys.path().join("jwks.json");
        let issuer = Issuer::new(&jwks)?;
        let config = VerifierConfig {
            issuer: ISSUER.to_owned(),
            audience: "ent".to_owned(),
            jwks: JwksSource::File(jwks),
            leeway: TimeDelta::zero(),
        };
        let clock = ecole.maison.bench.clock.clone();
        let verifier = Verifier::new(config, Arc::new(move || clock.now()))?;
        let router = ecole.maison.porte(verifier);
        Ok(Self { ecole, issuer, router, _keys: keys })
    }

    /// Asks with a token of this scope.
    async fn ask(&self, who: CompteId, scope: &str, query: &str, variables: Value) -> Result<Value> {
        let token = self.issuer.token_for(who, scope, self.ecole.maison.bench.clock.now())?;
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(json!({ "query": query, "variables": variables }).to_string()))?;
        let response = self.router.clone().oneshot(request).await?;
        let bytes = response.into_body().collect().await?.to_bytes();
        let mut answer: Value = serde_json::from_slice(&bytes)?;
        ensure!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        Ok(answer["data"].take())
    }

    /// What the teacher is refused with a token of this scope who opens a roll, and who makes an
    /// evaluation; nothing, where it is granted.
    async fn refus(&self, scope: &str) -> Result<[Value; 2]> {
        let enseignement = global("Enseignement", self.ecole.enseignement);
        let appel = json!({ "enseignementId": enseignement, "date": "2026-11-23",
            "debut": "08:00:00", "fin": "09:00:00" });
        let evaluation = json!({ "enseignementId": enseignement, "titre": "Fractions",
            "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
        let code = async |mutation: &str, kind: &str, input: Value| -> Result<Value> {
            let query = format!(
                "mutation($input: {kind}!) {{ told: {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
            );
            let told = self.ask(self.ecole.enseignante, scope, &query, json!({ "input": input })).await?;
            let refused = told["told"]["userErrors"].as_array().context(format!("{told:#}"))?;
            Ok(refused.first().map_or(Value::Null, |refus| refus["code"].clone()))
        };
        Ok([
            code("ouvrirAppel", "OuvrirAppelInput", appel).await?,
            code("creerEvaluation", "CreerEvaluationInput", evaluation).await?,
        ])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_writes_in_the_parts_that_its_scope_names_and_in_no_other() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let interdit = || json!("INTERDIT");
    assert_eq!(porte.refus("openid profile").await?, [interdit(), interdit()]);
    assert_eq!(porte.refus("openid absences").await?, [Value::Null, interdit()]);
    assert_eq!(porte.refus("notes").await?, [interdit(), Value::Null]);
    porte.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reads_in_the_parts_that_its_scope_names_and_in_no_other() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let query = "query($id: ID!) { eleve(id: $id) { absences(first: 1) { nodes { debut } }
        notes(first: 1) { nodes { titre } } } }";
    let asked = json!({ "id": global("Eleve", porte.ecole.eleves[0]) });
    let empty = || json!({ "nodes": [] });
    for (scope, shown) in [
        ("absences notes", json!({ "absences": empty(), "notes": empty() })),
        ("absences", json!({ "absences": empty(), "notes": null })),
        ("openid notes", json!({ "absences": null, "notes": empty() })),
        ("openid publications", Value::Null),
    ] {
        let told = porte.ask(porte.ecole.parent, scope, query, asked.clone()).await?;
        assert_eq!(told["eleve"], shown, "{scope}");
    }
    porte.ecole.maison.close().await
}
