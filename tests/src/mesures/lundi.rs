//! The region's Monday: at eight every teacher opens, fills and closes a roll of thirty pupils, through
//! the real door of a real `ent`, while families read pages.
//!
//! What is aimed at: 99 of 100 requests of a roll answered within 100 ms, 99 of 100 rolls read by
//! every view within 250 ms, and no error.

mod charge;
mod client;
mod region;
mod retards;

use super::Options;
use super::ground::{Ground, pool};
use super::page::{Emetteur, Serveur};
use super::report::{Report, Table};
use anyhow::Result;
use charge::{Acte, Charge, Resultats};
use chrono::{Days, Utc};
use client::Clients;
use domain::journee;
use region::Region;
use retards::{PORTAILS, TICK, Vigie};
use std::time::Duration;
use tokio::sync::watch;

/// Aims, in milliseconds.
const ROLL_P99: f64 = 100.0;
const LAG_P99: f64 = 250.0;

/// How large a Monday.
#[derive(Debug, Clone, Copy)]
pub struct Lundi {
    /// Teachers, each with one roll; the region has 21,000.
    pub enseignants: usize,
    /// In how long all rolls are begun; the region takes ten minutes.
    pub sur: Duration,
    /// Pages that families read in a second.
    pub pages: f64,
}

/// CPU in cores, of who generates, of `ent` and of PostgreSQL.
struct Coeurs([f64; 3]);

/// Adds the tables of this subject.
pub async fn measure(ground: &Ground, options: &Options, report: &mut Report) -> Result<()> {
    let Lundi { enseignants, sur, pages } = options.lundi;
    let folder = tempfile::tempdir()?;
    let emetteur = Emetteur::new(folder.path())?;
    let region = Region::fill(ground, &emetteur, enseignants).await?;
    let serveur = Serveur::ent(&region.place, &emetteur, folder.path()).await?;
    let portails = region.enseignants.iter().map(|one| one.portail.clone()).collect();
    let vigie = Vigie::new(pool(&region.place.app, 1), &portails);
    let charge = Charge::new(Clients::of(serveur.address), region, yesterday());

    let (over, looking) = watch::channel(false);
    let watching = tokio::spawn(vigie.look(looking));
    let (here, there) = (ground.spent()?, serveur.spent()?);
    let found = charge.run(sur, pages).await;
    let spent = (ground.spent()?.since(here), serveur.spent()?.saturating_sub(there));
    over.send_replace(true);
    let vigie = watching.await?;
    let found = found?;

    let cores = |spent: Duration| spent.as_secs_f64() / found.duree.as_secs_f64();
    let coeurs = Coeurs([cores(spent.0.here), cores(spent.1), cores(spent.0.postgres)]);
    report.add(latences(options.lundi, &found, &coeurs));
    report.add(retards(&vigie?, &found)?);
    Ok(())
}

/// A roll is of a day that has come everywhere.
#[allow(clippy::disallowed_methods)] // the servers tell the time by the machine's clock
fn yesterday() -> chrono::NaiveDate {
    journee(Utc::now()) - Days::new(1)
}

fn latences(lundi: Lundi, found: &Resultats, Coeurs([generator, ent, postgres]): &Coeurs) -> Table {
    let Lundi { enseignants, sur, pages } = lundi;
    let seconds = sur.as_secs_f64();
    let mut table = Table::new(
        "The region's Monday",
        &format!(
            "{enseignants} teachers each open a roll, mark thirty pupils and close it, begun evenly over {seconds:.0} s, \
             while families ask for {pages:.0} pages a second; HTTP/1.1 keep-alive on loopback, the whole of `ent` in a \
             process of its own. Latency from the planned instant; a roll's later requests begin when the one before is \
             answered. CPU in cores: generator {generator:.2}, `ent` {ent:.2}, PostgreSQL {postgres:.2}. Errors: {}. Aims: \
             p99 of each request of a roll under {ROLL_P99:.0} ms, no error.",
            errors(found)
        ),
        &["what", "asked/s", "done/s", "done", "p50 ms", "p95 ms", "p99 ms", "max ms", "aim"],
    );
    let rolls = enseignants as f64 / seconds;
    for (acte, name, asked, aimed) in [
        (Acte::Ouvrir, "open a roll", rolls, true),
        (Acte::Pointer, "mark thirty pupils", rolls, true),
        (Acte::Clore, "close it", rolls, true),
        (Acte::Appel, "the whole roll", rolls, false),
        (Acte::Page, "a family's page", pages, false),
    ] {
        let Some(latencies) = found.latences.get(&acte) else { continue };
        let at = |quantile| latencies.value_at_quantile(quantile) as f64 / 1e3;
        table.row(vec![
            name.to_owned(),
            format!("{asked:.1}"),
            format!("{:.1}", latencies.len() as f64 / found.duree.as_secs_f64()),
            latencies.len().to_string(),
            format!("{:.1}", at(0.5)),
            format!("{:.1}", at(0.95)),
            format!("{:.1}", at(0.99)),
            format!("{:.1}", latencies.max() as f64 / 1e3),
            verdict(aimed, at(0.99), ROLL_P99),
        ]);
    }
    table
}

fn retards(vigie: &Vigie, found: &Resultats) -> Result<Table> {
    let mut table = Table::new(
        "Lag of views on that Monday",
        &format!(
            "From the answer that a roll is closed until another session sees the checkpoint, looked at every {} ms on at \
             most {PORTAILS} of the portals. Aim: p99 under {LAG_P99:.0} ms in every view.",
            TICK.as_millis()
        ),
        &["view", "rolls", "p50 ms", "p99 ms", "max ms", "aim"],
    );
    for view in projections::all() {
        let lags = vigie.lags(view.name(), &found.clos)?;
        let at = |quantile| lags.value_at_quantile(quantile) as f64 / 1e3;
        table.row(vec![
            view.name().to_owned(),
            lags.len().to_string(),
            format!("{:.0}", at(0.5)),
            format!("{:.0}", at(0.99)),
            format!("{:.0}", lags.max() as f64 / 1e3),
            verdict(true, at(0.99), LAG_P99),
        ]);
    }
    Ok(table)
}

fn verdict(aimed: bool, found: f64, aim: f64) -> String {
    match (aimed, found < aim) {
        (false, _) => String::new(),
        (true, true) => format!("{aim:.0}: reached"),
        (true, false) => format!("{aim:.0}: missed"),
    }
}

fn errors(found: &Resultats) -> String {
    if found.erreurs.is_empty() {
        return "none".to_owned();
    }
    let told = found.erreurs.iter().map(|(code, count)| format!("{count} {code}"));
    told.collect::<Vec<_>>().join(", ")
}
