//! A wall clock that jumps back an hour, as after a wrong setting was mended. libfaketime
//! moves the program's clock, and leaves the monotonic one alone.

use crate::faults::load::Load;
use crate::faults::report::Round;
use crate::faults::site::Site;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Acknowledgements while the clock is behind.
const BEHIND: usize = 10;
const PATIENCE: Duration = Duration::from_secs(60);

/// Where Debian puts the library.
pub fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    let mut found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    found.find(|path| path.is_file())
}

/// The clock jumps back under a running program, which is then killed and starts again
/// with a clock behind its record; then it jumps forth. The record's time must not run
/// backwards meanwhile.
pub async fn jumps_back(site: &mut Site) -> Result<Round> {
    let clock = site.path("clock");
    set(&clock, "+0")?;
    let library = library().context("libfaketime is not here")?.display().to_string();
    let file = clock.display().to_string();
    let ent = site.ent()?;
    let variables = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", &file),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    for (name, value) in variables {
        ent.set(name, value);
    }
    ent.stop().await?;
    ent.start().await?;
    let harm = async |site: &mut Site, load: &Load| {
        set(&clock, "-3600")?;
        load.progress(BEHIND, PATIENCE).await.context("with a clock an hour behind")?;
        let ent = site.ent()?;
        ent.kill().await?;
        ent.start().await?;
        load.progress(BEHIND, PATIENCE).await.context("started with a clock an hour behind")?;
        set(&clock, "+0")?;
        Ok(vec![])
    };
    let mut round = site.round(harm).await?;
    round.breaches.extend(backwards(site).await?);
    Ok(round)
}

/// Put in place whole: the program may read it at any instant.
fn set(clock: &Path, offset: &str) -> Result<()> {
    let next = clock.with_extension("next");
    std::fs::write(&next, format!("{offset}\n"))?;
    Ok(std::fs::rename(next, clock)?)
}

/// Places of journals whose time is before that of the place before.
async fn backwards(site: &Site) -> Result<Vec<String>> {
    let owner = site.postgres.owner()?;
    let places: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (
             SELECT metadata->>'recorded_at' AS at,
                    lag(metadata->>'recorded_at') OVER (PARTITION BY portail, annee ORDER BY position) AS before
             FROM ledger.events) one
         WHERE at::timestamptz < before::timestamptz",
    )
    .fetch_one(&owner)
    .await?;
    owner.close().await;
    Ok((places > 0)
        .then(|| format!("the record's time runs backwards at {places} places"))
        .into_iter()
        .collect())
}
