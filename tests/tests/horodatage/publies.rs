//! What is kept and published: one timestamp a day, that anybody judges with `openssl` alone.

use super::now;
use anyhow::{Context, Result};
use api::program::Horodateur;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use ledger::sealer::timestamping::Trust;
use ledger::timestamp::roots::Roots;
use recits::{DOMAINE, Ecole, horodateur};
use serde_json::Value;

/// What a host answers at an address.
async fn get(ecole: &Ecole, host: &str, path: &str) -> Result<(StatusCode, Vec<u8>)> {
    let request = Request::get(path).header(header::HOST, host).body(Body::empty())?;
    let (head, body) = ecole.maison.send(request).await?.into_parts();
    Ok((head.status, body.collect().await?.to_bytes().to_vec()))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_closed_day_is_dated_once_and_anybody_can_judge_the_date() -> Result<()> {
    let Some(autorite) = horodateur::Horodateur::open()? else { return Ok(()) };
    let ecole = Ecole::ouvrir().await?;
    let (sealer, bench) = (&ecole.maison.sealer, &ecole.maison.bench);
    let trust = Trust { roots: Roots::read(&autorite.roots()?)?, policy: None };
    let horodateur = Horodateur::under(autorite.serve().await?.parse()?, trust.clone())?;
    assert!(horodateur.round(sealer).await && sealer.timestamps(9).await?.is_empty(), "nothing is closed");
    sealer.pass().await?;
    bench.clock.set("2026-11-25T08:00:00Z".parse()?);
    sealer.close().await?;
    sealer.consign().await?;
    bench.clock.set(now());
    // An authority that is away, or not trusted, leaves no trace but a remark.
    let away = Horodateur::under("http://127.0.0.1:9/".parse()?, trust)?;
    assert!(!away.round(sealer).await && sealer.board().timestamps.is_some());
    autorite.root("autre")?;
    let others = Roots::read(&std::fs::read(autorite.path("autre.pem"))?)?;
    let others = Trust { roots: others, policy: None };
    let doubted = Horodateur::under(autorite.serve().await?.parse()?, others)?;
    assert!(!doubted.round(sealer).await && sealer.timestamps(9).await?.is_empty());
    for _ in 0..2 {
        assert!(horodateur.round(sealer).await, "{:?}", sealer.board().timestamps);
        assert_eq!((sealer.timestamps(9).await?.len(), sealer.board().timestamps), (1, None));
    }
    let (status, listed) = get(&ecole, DOMAINE, "/journal/horodatages").await?;
    let listed: Value = serde_json::from_slice(&listed)?;
    assert_eq!((status, listed[0]["tsa"].as_str()), (StatusCode::OK, Some("Horodateur-tsa")));
    let url = listed[0]["url"].as_str().context("no address")?;
    let (_, answer) = get(&ecole, DOMAINE, url).await?;
    let (_, note) = get(&ecole, DOMAINE, &url.replace(".tsr", ".note")).await?;
    assert!(autorite.believes(&answer, &note, None, "racine")?);
    assert!(!autorite.believes(&answer, b"another note", None, "racine")?);
    for (host, path) in [
        (format!("{}.{DOMAINE}", ecole.portail).as_str(), url),
        (DOMAINE, "/journal/horodatages/999.tsr"),
        (DOMAINE, "/journal/horodatages/x"),
        (DOMAINE, &url.replace(".tsr", ".exe")),
    ] {
        assert_eq!(get(&ecole, host, path).await?.0, StatusCode::NOT_FOUND, "{host}{path}");
    }
    for change in ["UPDATE ledger.timestamps SET tsa = 'x'", "DELETE FROM ledger.timestamps"] {
        assert!(sqlx::query(change).execute(&bench.owner).await.is_err(), "{change}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn between_two_school_years_nothing_is_late() -> Result<()> {
    let Some(autorite) = horodateur::Horodateur::open()? else { return Ok(()) };
    let ecole = Ecole::ouvrir().await?;
    let (sealer, bench) = (&ecole.maison.sealer, &ecole.maison.bench);
    let trust = Trust { roots: Roots::read(&autorite.roots()?)?, policy: None };
    let horodateur = Horodateur::under(autorite.serve().await?.parse()?, trust)?;
    sealer.pass().await?;
    bench.clock.set("2026-11-25T08:00:00Z".parse()?);
    sealer.close().await?;
    sealer.consign().await?;
    // Dated months ago, and nothing was closed since.
    sqlx::query(
        "INSERT INTO ledger.timestamps (size, tsa, token, gen_time, requested_at)
         SELECT max(size), 'tsa', '\\x00', '2026-07-31T22:10:00Z', '2026-07-31T22:10:00Z'
         FROM ledger.checkpoints WHERE (portail, annee) = ('', 0)",
    )
    .execute(&bench.owner)
    .await?;
    assert!(horodateur.round(sealer).await);
    assert_eq!(sealer.board().timestamps, None);
    // A day more is closed, but the meta-journal is not sealed with it.
    bench.clock.set("2026-11-26T08:00:00Z".parse()?);
    sealer.close().await?;
    assert!(horodateur.round(sealer).await);
    let said = sealer.board().timestamps.context("nothing is said")?;
    assert!(said.contains("le dernier horodatage est du 2026-07-31"), "{said}");
    ecole.maison.close().await
}
