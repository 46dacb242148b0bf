//! What an auditor runs: the record is re-read, replayed and compared, never written.
//!
//! A rectorat, an expert, a data protection officer or a directeur de publication signs
//! in to the database with the auditor's role, which only reads, and asks four things:
//!
//! - [`journaux`]: which journals are there?
//! - [`verifier`]: is each of them as it was recorded?
//! - [`rejouer`]: what did a view show at the end of such a day?
//! - [`comparer`]: do the living views say what the record says?
//!
//! The crate sees neither commands nor the API: nothing in it can append an event.
//! PostgreSQL holds it to that as well, for its transactions are read-only ([`scratch`]).

pub mod catalogue;
pub mod cli;
pub mod comparer;
pub mod connection;
pub mod date;
pub mod faute;
pub mod journaux;
pub mod obstacle;
pub mod progress;
pub mod rejouer;
pub mod scratch;
pub mod table;
pub mod usage;
pub mod verdict;
pub mod verifier;

use crate::cli::{Cli, Command};
use crate::obstacle::Obstacle;
use crate::verdict::Verdict;
use clap::Parser;
use std::ffi::OsString;
use std::io::Write;

/// Runs the program with these arguments, the first being its name. Answers go to
/// `out`, what prevented an answer to `err`.
pub async fn run<A>(arguments: A, out: &mut dyn Write, err: &mut dyn Write) -> Verdict
where
    A: IntoIterator,
    A::Item: Into<OsString> + Clone,
{
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error, out, err),
    };
    let json = cli.wants_verdict_as_json();
    let answered = execute(cli, out).await.and_then(|verdict| {
        out.flush()?;
        Ok(verdict)
    });
    answered.unwrap_or_else(|obstacle| {
        // Whoever closed a pipe has read enough; there is nobody left to tell.
        let _ = obstacle.tell(json, out, err);
        Verdict::Indetermine
    })
}

async fn execute(cli: Cli, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let source = connection::Source::find(&cli.access)?;
    match cli.command {
        Command::Journaux(options) => journaux::run(&source, &options, out).await,
        Command::Verifier(options) => verifier::run(&source, &options, out).await,
        Command::Rejouer(options) => rejouer::run(&source, &options, out).await,
        Command::Comparer(options) => comparer::run(&source, &options, out).await,
    }
}
