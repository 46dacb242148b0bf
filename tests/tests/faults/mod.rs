//! Each kind of fault once, with few clients: nothing acknowledged is lost or doubled, and
//! the program comes back by itself. `./faults` does the same at length. And what the program does at
//! length is broken off: an import, and writing to families.

mod envois;
mod importation;
mod livraisons;

use anyhow::{Result, ensure};
use recits::absent::skipped;
use recits::faults::{Kind, Settings};

const SETTINGS: Settings = Settings { clients: 4, whole_every: usize::MAX };

/// One round of each of these kinds, on one site, then everything read again from zero.
/// What this machine has no means to try is left out, but in continuous integration.
async fn survives(kinds: &[Kind]) -> Result<()> {
    let mut possible = Vec::new();
    for kind in kinds.iter().copied() {
        match kind.impossible() {
            Some(why) => skipped(&format!("{}: {why}", kind.name()))?,
            None => possible.push(kind),
        }
    }
    let Some(first) = possible.first() else { return Ok(()) };
    let mut site = first.site(SETTINGS).await?;
    for kind in possible {
        let round = kind.round(&mut site).await?;
        ensure!(round.breaches.is_empty(), "{}: {:#?}", kind.name(), round.breaches);
    }
    let breaches = site.verify().await?;
    ensure!(breaches.is_empty(), "{breaches:#?}");
    site.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_program_or_its_database_is_killed() -> Result<()> {
    survives(&[Kind::KillEnt, Kind::KillPostgres, Kind::LatePostgres]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_programs_the_others_go_on() -> Result<()> {
    survives(&[Kind::TwoPrograms, Kind::FourPrograms]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_disk_is_borne() -> Result<()> {
    survives(&[Kind::SlowDisk]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_starts_its_private_database_again() -> Result<()> {
    survives(&[Kind::KillPrivatePostgres]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_around_a_commit_doubles_nothing() -> Result<()> {
    survives(&[Kind::CutInBatch, Kind::CutBeforeAnswer]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stands_still_is_waited_for() -> Result<()> {
    survives(&[Kind::StopPostgres]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_waited_for() -> Result<()> {
    survives(&[Kind::FullDisk]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_goes_on_when_the_clock_jumps_back() -> Result<()> {
    survives(&[Kind::ClockBack]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn views_and_schema_survive_what_is_killed_half_way() -> Result<()> {
    survives(&[Kind::PoisonedView, Kind::KillRebuild, Kind::KillMigration]).await
}
