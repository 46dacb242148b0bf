//! How fast, and in how much memory. Measured, not judged: `cargo test -p api --test importer
//! -- --ignored --nocapture`.

use super::bench::Bench;
use api::importer::aaf::generator::{Academie, Plan};
use std::time::Instant;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measure of minutes"]
async fn a_feed_of_a_hundred_thousand_people() {
    let size = std::env::var("PERSONNES").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let bench = Bench::open().await;
    let feed = bench.feed("feed", &Plan::de_taille(7, Academie::Lyon, "2026-09-14".parse().unwrap(), size));
    for _ in 0..2 {
        let start = Instant::now();
        let rapport = bench.import(&feed, false).await;
        let seconds = start.elapsed().as_secs_f64();
        let people: u64 =
            ["Eleve", "PersEducNat", "PersRelEleve"].iter().map(|name| rapport.comptes[name].lus).sum();
        println!(
            "{rapport}\n{people} people in {seconds:.1} s: {:.0} a second; {}",
            people as f64 / seconds,
            peak()
        );
    }
    bench.close().await;
}

/// The largest memory that this process had.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned()
}
