//! Breaks the program in every way that we know, and counts after each whether anything
//! acknowledged was lost, doubled or left half done.

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use recits::faults::{Kind, Report, Settings, Site};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Breaks the real program on a real database, and counts what was acknowledged against
/// what is stored, projected and verifiable.
#[derive(Parser)]
#[command(
    name = "faults",
    after_help = "Examples:\n  \
        ./faults                                  every kind a few times, some minutes\n  \
        ./faults --long                           200 rounds of each kind\n  \
        ./faults kill-ent --rounds 20             one kind\n  \
        ./faults --long --state faults.json       goes on where an earlier run was ended\n  \
        ./faults --markdown report.md             the table, in a file too\n\n\
        Exit status: 0 nothing was lost, 1 something was, or the program did not come back."
)]
struct Arguments {
    /// Kinds of faults; all if none is named
    #[arg(value_enum)]
    kinds: Vec<Kind>,
    /// Rounds of each kind
    #[arg(long, conflicts_with = "long")]
    rounds: Option<usize>,
    /// 200 rounds of each kind
    #[arg(long)]
    long: bool,
    /// Concurrent clients
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Verify journals and replay views from zero every so many rounds
    #[arg(long, default_value_t = 20)]
    whole_every: usize,
    /// Keeps the state of the run in this file after each round, and goes on from it
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Writes the table here too
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

impl Arguments {
    fn rounds(&self, kind: Kind) -> usize {
        if self.long { 200 } else { self.rounds.unwrap_or_else(|| kind.short()) }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("faults: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<bool> {
    let mut report = match &arguments.state {
        Some(path) if path.exists() => read(path)?,
        _ => Report::default(),
    };
    let kinds = if arguments.kinds.is_empty() { Kind::value_variants() } else { &arguments.kinds };
    let mut site = None;
    for kind in kinds {
        if let Err(error) = try_kind(arguments, *kind, &mut site, &mut report).await {
            report.breach(&kind.name(), format!("{error:#}"));
            site = None;
        }
        keep(arguments, &report)?;
    }
    if let Some(site) = site {
        site.close().await?;
    }
    let table = report.markdown();
    println!("{table}");
    if let Some(path) = &arguments.markdown {
        std::fs::write(path, &table).with_context(|| path.display().to_string())?;
    }
    Ok(report.breaches().next().is_none())
}

/// All rounds of one kind, on the site of the kind before if both leave it as it was.
async fn try_kind(
    arguments: &Arguments,
    kind: Kind,
    shared: &mut Option<Site>,
    report: &mut Report,
) -> Result<()> {
    let (name, rounds) = (kind.name(), arguments.rounds(kind));
    if report.done(&name) >= rounds {
        return Ok(());
    }
    if let Some(reason) = kind.impossible() {
        report.skip(&name, reason);
        return Ok(());
    }
    let bar = ProgressBar::new(u64::try_from(rounds)?).with_message(name.clone());
    bar.set_style(ProgressStyle::with_template("{msg:22} {bar:30} {pos}/{len} {elapsed}, {eta} left")?);
    bar.tick();
    let settings = Settings { clients: arguments.clients, whole_every: arguments.whole_every };
    let mut site = match shared.take().filter(|_| kind.shares_site()) {
        Some(site) => site,
        None => kind.site(settings).await?,
    };
    while report.done(&name) < rounds {
        report.add(&name, kind.round(&mut site).await?);
        bar.set_position(u64::try_from(report.done(&name))?);
        keep(arguments, report)?;
    }
    for breach in site.verify().await? {
        report.breach(&name, breach);
    }
    bar.finish();
    if kind.shares_site() {
        *shared = Some(site);
        return Ok(());
    }
    site.close().await
}

fn read(path: &Path) -> Result<Report> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

fn keep(arguments: &Arguments, report: &Report) -> Result<()> {
    let Some(path) = &arguments.state else { return Ok(()) };
    std::fs::write(path, serde_json::to_vec_pretty(report)?).with_context(|| path.display().to_string())
}
