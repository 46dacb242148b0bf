//! What an auditor runs: the record is re-read, replayed and compared, never written.
//!
//! A rectorat, an expert, a data protection officer or a directeur de publication signs
//! in to the database with the auditor's role, which only reads, and asks seven things:
//!
//! - [`journaux`]: which journals are there?
//! - [`verifier`]: is each of them as it was recorded?
//! - [`raconter`]: what became of one object, act by act?
//! - [`rejouer`]: what did a view show at the end of such a day?
//! - [`exporter`]: the journals, to be verified elsewhere and later;
//! - [`prouver`]: the evidence bundle of a question, for who trusts nobody;
//! - [`comparer`]: do the living views say what the record says?
//!
//! And, on a machine of its own, [`temoin`]: it witnesses that no journal is ever rewritten.
//!
//! Through the gRPC door of `ent`, without a database, [`suivre`] follows a portal's record live.
//!
//! The crate sees neither commands nor the API: nothing in it can append an event.
//! PostgreSQL holds it to that as well, for its transactions are read-only ([`scratch`]).

pub mod accord;
pub mod catalogue;
pub mod cli;
pub mod comparer;
pub mod connection;
pub mod date;
pub mod export;
pub mod exporter;
pub mod faute;
pub mod inscription;
pub mod journaux;
pub mod obstacle;
pub mod progress;
pub mod prouver;
pub mod raconter;
pub mod recit;
pub mod rejouer;
pub mod scratch;
pub mod suivre;
pub mod table;
pub mod temoin;
pub mod temoins;
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
    let answered = execute(cli, out, err).await.and_then(|verdict| {
        out.flush()?;
        Ok(verdict)
    });
    answered.unwrap_or_else(|obstacle| {
        // What cannot be told is told by the exit code.
        let _ = obstacle.tell(json, out, err);
        Verdict::Indetermine
    })
}

async fn execute(cli: Cli, out: &mut dyn Write, err: &mut dyn Write) -> Result<Verdict, Obstacle> {
    // What is verified elsewhere, witnessed or followed needs no database.
    let source = || connection::Source::find(&cli.access);
    match &cli.command {
        Command::Journaux(options) => journaux::run(&source()?, options, out).await,
        Command::Verifier(options) => match (&options.export, &options.tuiles) {
            (Some(folder), _) => verifier::export::run(folder, options, out),
            (None, Some(url)) => verifier::tuiles::run(url, options, out).await,
            (None, None) => verifier::run(&source()?, options, out).await,
        },
        Command::Raconter(options) => raconter::run(&source()?, options, out).await,
        Command::Rejouer(options) => rejouer::run(&source()?, options, out).await,
        Command::Exporter(options) => exporter::run(&source()?, options, out).await,
        Command::Prouver(options) => prouver::run(&source()?, options, out).await,
        Command::Comparer(options) => comparer::run(&source()?, options, out).await,
        Command::Temoin(options) => temoin::run(options, out).await,
        Command::Suivre(options) => suivre::run(options, out, err).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ran(arguments: &[&str]) -> (Verdict, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let arguments = ["ent-rejeu"].iter().chain(arguments);
        let verdict = run(arguments, &mut out, &mut err).await;
        (verdict, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[tokio::test]
    async fn help_is_an_answer_and_has_examples() {
        for arguments in
            [&["--help"][..], &["verifier", "--help"], &["rejouer", "--aide"], &["comparer", "-h"]]
        {
            let (verdict, out, err) = ran(arguments).await;
            assert_eq!((verdict, err.as_str()), (Verdict::Valide, ""), "{arguments:?}");
            assert!(out.contains("Exemples :"), "{out}");
        }
    }

    #[tokio::test]
    async fn a_mistaken_command_line_concludes_nothing_and_is_explained_in_french() {
        for (arguments, said) in [
            (&["inventer"][..], "commande inconnue : inventer"),
            (&["verifier", "--vite"], "option inconnue : --vite"),
            (&["verifier", "--portail"], "il manque une valeur à --portail"),
            (&["verifier", "--portail", "A B"], "« A B » ne convient pas à --portail"),
            (&["rejouer"], "il manque --au"),
            (&["raconter", "appel", "sept"], "l'identifiant de l'objet"),
            (&["rejouer", "--au", "hier"], "une journée AAAA-MM-JJ"),
            (&["rejouer", "--au", "2026-11-20", "--limite", "trois"], "attendu un nombre"),
        ] {
            let (verdict, out, err) = ran(arguments).await;
            assert_eq!((verdict, out.as_str()), (Verdict::Indetermine, ""), "{arguments:?}");
            assert!(err.contains(said), "{arguments:?}: {err}");
        }
    }

    #[tokio::test]
    async fn a_database_that_is_away_leaves_the_verdict_open_and_the_password_unsaid() {
        let base = "postgres://ent_auditeur:m0tdepasse@127.0.0.1:1/ent";
        let (verdict, out, err) = ran(&["--base", base, "verifier", "--json"]).await;
        assert_eq!(verdict, Verdict::Indetermine);
        let told: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(told["verdict"], "indetermine");
        assert!(err.contains("la base ne peut être jointe"), "{err}");
        assert!(!(out + &err).contains("m0tdepasse"));
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_not_repeated() {
        let (verdict, out, err) = ran(&["--base", "postgres://a:m0tdepasse@[", "journaux"]).await;
        assert_eq!(verdict, Verdict::Indetermine);
        assert!(!(out + &err).contains("m0tdepasse"));
    }
}
