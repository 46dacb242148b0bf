//! A page is online as long as somebody answers for it: nothing goes online behind a departure, whichever
//! process records it, and what is online all the same is shown to nobody.

use super::cahier::get;
use super::moderation::{AVANT, BROUILLONS, ECRIVAINS, brouillon, paraitre};
use anyhow::Result;
use axum::http::StatusCode;
use domain::portails::{Portail, PortailCommand};
use futures::future::try_join_all;
use recits::{Ecole, exploitant, global, portail, record};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// The first day without a directeur.
const AU: &str = "2026-11-24";

/// Another process records that the directeur leaves, which has not read that anything is online.
async fn quitter(ecole: &Ecole) -> Result<()> {
    let bench = &ecole.maison.bench;
    let context = bench.context(&portail(&ecole.portail), &["quitter"]);
    let command = PortailCommand::QuitterDirection { au: AU.parse()?, pages_en_ligne: false };
    record::<Portail>(&bench.another_process(), context, &ecole.portail, command).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_online_behind_a_departure_whichever_process_records_it() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, bench) = (&ecole.maison, &ecole.maison.bench);
    for number in 0..ECRIVAINS * BROUILLONS {
        brouillon(&ecole, &format!("Sortie {number}")).await?;
    }
    let written: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM publication ORDER BY id").fetch_all(&bench.views).await?;
    let chef = maison.commands.acteur(Some(ecole.principal)).await?;
    let online = Arc::new(AtomicUsize::new(0));
    let writers = written.chunks(BROUILLONS).map(|brouillons| {
        let commands = maison.commands.clone();
        tokio::spawn(paraitre(commands, chef.clone(), brouillons.to_vec(), online.clone()))
    });
    let writers: Vec<_> = writers.collect();
    while online.load(Ordering::SeqCst) < AVANT && !writers.iter().any(JoinHandle::is_finished) {
        tokio::task::yield_now().await;
    }
    quitter(&ecole).await?;
    for refused in try_join_all(writers).await? {
        let refused = refused?;
        assert!([None, Some("DIRECTION_FINIE")].contains(&refused.as_deref()), "{refused:?}");
    }
    let sql = "SELECT event_type FROM ledger.events WHERE portail = $1 AND event_type IN
               ('publications.publication.publiee', 'portails.portail.direction_terminee')
               ORDER BY annee, position";
    let told: Vec<String> = sqlx::query_scalar(sql).bind(&ecole.portail).fetch_all(&bench.owner).await?;
    assert!(told.len() > AVANT, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("portails.portail.direction_terminee"), "{told:?}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_online_where_nobody_directs_is_shown_to_nobody_until_somebody_does() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, bench) = (&ecole.maison, &ecole.maison.bench);
    let id = brouillon(&ecole, "Kermesse").await?;
    let parution = json!({ "publicationId": id, "version": 1, "audience": "PUBLIC" });
    maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    let key: Uuid = sqlx::query_scalar("SELECT id FROM publication").fetch_one(&bench.views).await?;
    let query = "query($p: String!, $id: ID!) {
        publication(id: $id) { titre } mentionsLegales(portail: $p) { portailPublic } }";
    let shown = async || -> Result<(bool, bool, Value)> {
        bench.runner.catch_up().await?;
        let (status, _) = get(&ecole, None, &format!("/actualites/{key}")).await?;
        let told = maison.ask(None, query, json!({ "p": ecole.portail, "id": id })).await?;
        let public = told["mentionsLegales"]["portailPublic"].clone();
        Ok((status == StatusCode::OK, told["publication"].is_object(), public))
    };
    quitter(&ecole).await?;
    assert_eq!(shown().await?, (true, true, json!(true)), "he answers to the last day");
    bench.clock.set(format!("{AU}T08:00:00Z").parse()?);
    assert_eq!(shown().await?, (false, false, json!(false)));
    let direction = json!({ "portail": ecole.portail, "directeurId": global("Personne", ecole.collegue.0),
        "qualite": "principale par intérim", "depuis": AU });
    maison.granted(exploitant(), "prendreDirection", direction, "").await?;
    assert_eq!(shown().await?, (true, true, json!(true)));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_puts_pages_online_for_which_a_successor_will_answer() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let id = brouillon(&ecole, "Kermesse").await?;
    let parution = json!({ "publicationId": id, "version": 1, "audience": "PUBLIC" });
    quitter(&ecole).await?;
    maison.bench.runner.catch_up().await?;
    let refused = maison.refused(ecole.principal, "publierPublication", parution.clone()).await?;
    assert_eq!(refused, "DIRECTION_FINIE");
    let direction = json!({ "portail": ecole.portail, "directeurId": global("Personne", ecole.collegue.0),
        "qualite": "principale par intérim", "depuis": AU });
    maison.granted(exploitant(), "prendreDirection", direction, "").await?;
    maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    ecole.maison.close().await
}
