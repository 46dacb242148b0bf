//! A database that goes on existing and does not answer, or answers slowly.

use super::kill::{DATABASE, says_what_it_waits_for};
use crate::faults::report::Round;
use crate::faults::site::{REQUEST_TIME, Site};
use crate::faults::wait;
use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// How long every `fsync` takes on the slow disk, in microseconds.
const SLOW_FSYNC: u32 = 100_000;
/// Acknowledgements through the slow disk.
const SLOWLY: usize = 10;
/// How long those may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// All processes of the database stand still for longer than a request may take; every
/// request meanwhile must have been answered in its time.
pub async fn stopped(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &_| {
        let stopped = site.postgres.signal(Signal::SIGSTOP)?;
        let breaches = says_what_it_waits_for(site, DATABASE).await;
        wait::pause(REQUEST_TIME + Duration::from_secs(2)).await;
        // Those that were born before their parent stood still are still listed.
        for process in stopped {
            let _ = kill(process, Signal::SIGCONT);
        }
        site.postgres.signal(Signal::SIGCONT)?;
        breaches
    };
    site.round(harm).await
}

/// Every flush to the disk takes a tenth of a second.
pub async fn slow_disk(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, load: &crate::faults::load::Load| {
        let inject = format!("inject=fsync,fdatasync:delay_enter={SLOW_FSYNC}");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-q", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", &inject]);
        for process in site.postgres.processes()? {
            strace.args(["-p", &process.to_string()]);
        }
        let mut strace = strace.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let progressed = load.progress(SLOWLY, PATIENCE).await.context("on a slow disk");
        let pid = strace.id().context("strace has ended: may this account trace PostgreSQL?")?;
        kill(Pid::from_raw(pid.cast_signed()), Signal::SIGTERM)?;
        strace.wait().await?;
        progressed.map(|()| vec![])
    };
    site.round(harm).await
}
