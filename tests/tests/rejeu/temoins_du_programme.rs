//! The real program with its tiles in a bucket, and two witnesses, one of which we did not write:
//! what it seals it has cosigned by both, and publishes so.

use super::juges::temoins::Tiers;
use super::juges::{juges, verifier_key};
use super::prouver::{Dossier, said};
use super::rotation::redige;
use super::seau::{SEAU, Seau};
use super::temoin_reel::Reel;
use crate::horodatage::now;
use anyhow::{Context, Result};
use chrono::TimeDelta;
use ledger::sealer::log::Log;
use ledger::sealer::store::TileStore;
use ledger::tlog::policy::Policy;
use recits::faults::{Ent, Issuer, environment, wait};
use recits::{Bench, DOMAINE, PORTAIL};
use reqwest::header::HOST;
use std::fs;
use std::net::TcpListener;
use std::time::Duration;

/// How long what must happen may take: witnesses are asked every ten seconds.
const PATIENCE: Duration = Duration::from_secs(90);

/// The head of a log of so many leaves at least, as the program publishes it once it is cosigned
/// by all whom the policy asks for.
async fn cosigned(ent: &Ent, (host, path): (&str, &str), leaves: u64, policy: &Policy) -> Result<String> {
    let client = reqwest::Client::new();
    wait::until("a head that both cosigned", PATIENCE, async || {
        let answer = client.get(ent.url(path)).header(HOST, host).send().await?;
        let note = answer.error_for_status()?.text().await?;
        let size: u64 = note.lines().nth(1).context("no size")?.parse()?;
        Ok((size >= leaves && policy.reached(&note)).then_some(note))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn ent_publishes_what_two_witnesses_cosign_and_tells_of_one_that_is_away() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let seau = Seau::open(&juges, address).await?;
    let bench = Bench::open_at(now() - TimeDelta::days(2)).await?;
    redige(&bench, "Samedi à 9 h.").await?;
    let (journal, _) = bench.journals().await?.remove(0);
    let mut dossier = Dossier::of(bench, "publication", "publications.publication").await?;
    dossier.sealer = dossier.bench.sealer_over(TileStore::in_bucket(SEAU, seau.environment())?)?;
    dossier.clos(&now().to_rfc3339()).await?;

    let ours = Reel::start(&dossier.path("temoin"), &dossier.path("cles.json")).await?;
    let mut theirs = Tiers::open(&juges)?;
    let logs = [Log::from(&journal), Log::Meta].map(|log| verifier_key(&dossier.sealer, &log));
    let (url, key) = theirs.serve(&logs.into_iter().collect::<Result<Vec<_>>>()?).await?;
    let text = format!(
        "witness rectorat {} {}\nwitness tiers {key} {url}\ngroup deux all rectorat tiers\nquorum deux\n",
        ours.key, ours.url
    );
    let (policy, temoins) = (Policy::read(&text)?, dossier.path("temoins"));
    fs::write(&temoins, text)?;
    let temoins = temoins.to_str().context("no path")?;

    let folder = tempfile::tempdir()?;
    Issuer::new(&folder.path().join("jwks.json"))?;
    let mut ent = Ent::new(environment(&dossier.bench, folder.path()).await?, folder.path().join("ent.log"))?;
    ent.set("ENT_TEMOINS", temoins);
    ent.set("ENT_TUILES", SEAU);
    for (name, value) in seau.environment() {
        ent.set(name.to_str().context("no name")?, value.to_str().context("no value")?);
    }
    ent.start().await?;
    let (host, path) = (format!("{PORTAIL}.{DOMAINE}"), format!("/journal/{}/checkpoint", journal.annee.0));
    cosigned(&ent, (host.as_str(), path.as_str()), 1, &policy).await?;
    cosigned(&ent, (DOMAINE, "/journal/checkpoint"), 1, &policy).await?;
    // What comes while it serves is sealed into the bucket and shown to both by itself.
    redige(&dossier.bench, "Samedi à 10 h.").await?;
    cosigned(&ent, (host.as_str(), path.as_str()), 2, &policy).await?;

    let made = seau.ent_rejeu(&dossier, "preuve.zip", &["--temoins", temoins])?;
    assert!(made.status.success(), "{}", said(&made));
    let sac = dossier.ouvert("preuve.zip")?;
    let judged = sac.verify(&[])?;
    assert!(judged.status.success(), "{}", said(&judged));
    for witness in ["rectorat", "tiers"] {
        assert!(said(&judged).contains(&format!("contresigné par {witness} le ")), "{}", said(&judged));
    }
    let rapport = fs::read_to_string(sac.racine.join("data/rapport.html"))?;
    assert!(rapport.contains("la politique jointe est satisfaite"), "{rapport}");

    drop(theirs);
    redige(&dossier.bench, "Samedi à 11 h.").await?;
    wait::until("a remark on the witness that is away", PATIENCE, async || {
        let told = ent.signale().await?;
        Ok(told.into_iter().find(|said| said.contains("le témoin tiers ne contresigne plus")))
    })
    .await?;
    assert_eq!(ent.pret().await?.0, 200, "it serves all the same");
    ent.stop().await
}
