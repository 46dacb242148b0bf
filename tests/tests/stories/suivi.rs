//! Subscriptions: what is followed arrives, and only for who may.

use anyhow::{Context, Result, bail};
use api::graphql::Api;
use api::identity::{Identite, Jeton};
use async_graphql::{Executor, Request, Response, Variables};
use chrono::TimeDelta;
use commands::rights::Portees;
use domain::CompteId;
use futures::StreamExt;
use futures::stream::BoxStream;
use ledger::clock::Clock;
use recits::{Ecole, global};
use serde_json::{Value, json};
use std::time::Duration;

fn follow(ecole: &Ecole, who: CompteId, query: &str, variables: Value) -> BoxStream<'static, Response> {
    let maison = &ecole.maison;
    let api = Api::new(maison.commands.clone(), maison.bench.runner.progress().clone());
    let expire = maison.bench.clock.now() + TimeDelta::hours(1);
    let identite = Identite::Compte(Jeton { compte: who, expire, portees: Portees::default() });
    let request = Request::new(query).variables(Variables::from_json(variables)).data(identite);
    api.execute_stream(request, None)
}

async fn next(stream: &mut BoxStream<'static, Response>) -> Result<Value> {
    let next = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.context("nothing came")?;
    let Some(response) = next else { bail!("the stream ended") };
    if !response.errors.is_empty() {
        bail!("{:?}", response.errors);
    }
    Ok(response.data.into_json()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vie_scolaire_follows_the_rolls_of_a_division() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let query = "subscription($d: ID!) { appelsDeLaDivision(divisionId: $d, date: \"2026-11-23\") { appels { clos absents lignes { minutes } } } }";
    let variables = json!({ "d": global("Division", ecole.division) });
    let mut rolls = follow(&ecole, ecole.cpe, query, variables.clone());
    assert_eq!(next(&mut rolls).await?["appelsDeLaDivision"]["appels"], json!([]));
    let seance = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
                         "date": "2026-11-23", "debut": "08:00:00", "fin": "08:55:00" });
    let ouvert = maison.granted(ecole.enseignante, "ouvrirAppel", seance, "appel { id }").await?;
    assert_eq!(
        next(&mut rolls).await?["appelsDeLaDivision"]["appels"],
        json!([{ "clos": false, "absents": 0, "lignes": [] }])
    );
    let appel = ouvert["appel"]["id"].clone();
    let retard = |minutes: u16| json!({ "eleveId": global("Eleve", ecole.eleves[0]), "etat": "EN_RETARD", "minutes": minutes });
    let pointage = json!({ "appelId": appel, "pointages": [retard(7)] });
    maison.granted(ecole.enseignante, "pointerEleves", pointage, "").await?;
    assert_eq!(
        next(&mut rolls).await?["appelsDeLaDivision"]["appels"],
        json!([{ "clos": false, "absents": 0, "lignes": [{ "minutes": 7 }] }])
    );
    maison.granted(ecole.enseignante, "cloreAppel", json!({ "appelId": appel }), "").await?;
    assert_eq!(next(&mut rolls).await?["appelsDeLaDivision"]["appels"][0]["clos"], true);
    // The counts stay as they were: only a line says otherwise.
    let correction = json!({ "appelId": appel, "motif": "Vu à la loge", "pointage": retard(20) });
    maison.granted(ecole.cpe, "corrigerAppel", correction, "").await?;
    assert_eq!(
        next(&mut rolls).await?["appelsDeLaDivision"]["appels"],
        json!([{ "clos": true, "absents": 0, "lignes": [{ "minutes": 20 }] }])
    );
    let mut forbidden = follow(&ecole, ecole.parent, query, variables);
    assert!(forbidden.next().await.is_none(), "the stream ends for who may not read the division");
    let unknown = json!({ "d": global("Division", ecole.eleves[0]) });
    assert!(follow(&ecole, ecole.cpe, query, unknown).next().await.is_none(), "no such division");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directeur_follows_his_journal_and_nobody_else_does() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let query = "subscription($p: String!, $depuis: Position) { journal(portail: $p, depuis: $depuis, motif: \"contrôle\") { position type } }";
    let from_start = format!("{}/2026/0", ecole.portail);
    let mut journal =
        follow(&ecole, ecole.principal, query, json!({ "p": ecole.portail, "depuis": from_start }));
    for position in 1..=3 {
        assert_eq!(next(&mut journal).await?["journal"]["position"], position);
    }
    assert_eq!(
        next(&mut journal).await?["journal"],
        json!({ "position": 4, "type": "journal.consultation.faite" }),
        "to follow is on the record too"
    );
    let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
    maison.granted(ecole.enseignante, "redigerActualite", redaction, "").await?;
    assert_eq!(
        next(&mut journal).await?["journal"],
        json!({ "position": 5, "type": "publications.publication.redigee" })
    );
    // A place in a year that has ended: the next year follows.
    let from_last_year = json!({ "p": ecole.portail, "depuis": format!("{}/2025/0", ecole.portail) });
    let mut journal = follow(&ecole, ecole.principal, query, from_last_year);
    assert_eq!(next(&mut journal).await?["journal"]["position"], 1);
    let elsewhere = json!({ "p": ecole.portail, "depuis": "ac-lyon/2026/0" });
    let refused = follow(&ecole, ecole.principal, query, elsewhere).next().await.context("no answer")?;
    assert!(format!("{:?}", refused.errors).contains("SAISIE_INVALIDE"), "{refused:?}");
    let mut forbidden = follow(&ecole, ecole.cpe, query, json!({ "p": ecole.portail, "depuis": from_start }));
    assert!(forbidden.next().await.is_none(), "the stream ends for who may not");
    ecole.maison.close().await
}
