//! Measures the house against its neighbours, and prints one Markdown table per subject.

use anyhow::{Context, Result};
use clap::Parser;
use mimalloc::MiMalloc;
use recits::mesures::{self, Subject};
use std::path::PathBuf;
use std::time::Duration;

/// That of `ent`: who is compared has it too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const EXAMPLES: &str = "\
Examples:
  ./mesures                                  every subject, some minutes
  ./mesures ecriture --duration 10           commands per second, ten seconds each
  ./mesures ecriture lecture --rapport MESURES.md
  ./mesures preuve --events 100000           seals, tiles and evidence over a smaller journal
  ./mesures lundi                            a tenth of the region's teachers, at the region's pace
  ./mesures lundi --enseignants 21000 --sur 600 --pages 200
  ./mesures ecriture --in-flight 256 --duration 3 --rounds 1

Everything is measured in one run, on a private PostgreSQL with fsync on, in a temporary
directory. A machine that does other work at the same time gives lower figures: ratios
within one run are what counts.";

/// Measures speed, and prints Markdown tables.
#[derive(Debug, Parser)]
#[command(name = "mesures", after_help = EXAMPLES)]
struct Cli {
    /// What to measure; everything when nothing is named.
    #[arg(value_enum)]
    subjects: Vec<Subject>,
    /// Seconds of each measure.
    #[arg(long, default_value_t = 5.0, value_parser = seconds)]
    duration: f64,
    /// How often each measure is made; the median is shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=99))]
    rounds: u8,
    /// Commands or requests in flight, instead of 1, 16, 64 and 256.
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=4096))]
    in_flight: Vec<u16>,
    /// Events of the journal that `preuve` seals, verifies and proves from.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(30..=100_000_000))]
    events: u32,
    /// Teachers of `lundi`, who take a roll each; the region has 21000.
    #[arg(long, default_value_t = 2100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    enseignants: u32,
    /// Seconds over which those rolls are begun; the region takes 600.
    #[arg(long, default_value_t = 60.0, value_parser = seconds)]
    sur: f64,
    /// Pages that families read in each second of `lundi`.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pages: u32,
    /// Also writes the tables to this file.
    #[arg(long, value_name = "FICHIER.md")]
    rapport: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0.1 to 3600".to_owned()),
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let options = mesures::Options {
        duration: Duration::from_secs_f64(cli.duration),
        rounds: cli.rounds,
        events: usize::try_from(cli.events)?,
        lundi: mesures::Lundi {
            enseignants: usize::try_from(cli.enseignants)?,
            sur: Duration::from_secs_f64(cli.sur),
            pages: f64::from(cli.pages),
        },
        in_flight: match cli.in_flight.as_slice() {
            [] => vec![1, 16, 64, 256],
            given => given.iter().copied().map(usize::from).collect(),
        },
    };
    let report = mesures::run(&cli.subjects, &options).await?.to_string();
    println!("{report}");
    if let Some(path) = cli.rapport {
        std::fs::write(&path, report).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
