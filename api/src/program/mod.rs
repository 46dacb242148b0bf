//! The program `ent`: one command line over the whole house.

mod aside;
mod assiduite;
mod cles;
mod cli;
mod conservation;
mod demo;
mod documents;
mod flux;
mod horodateur;
mod house;
mod interventions;
mod journal;
mod logs;
mod opening;
mod personne;
mod pieces;
mod portails;
mod readiness;
mod rebuild;
mod seal_keys;
mod serve;
mod setbacks;
mod vacances;
mod witnesses;

pub use assiduite::Constats;
pub use horodateur::Horodateur;
pub use house::House;
pub use serve::{Door, serve_until};
pub use witnesses::Witnesses;

use crate::config::Config;
use crate::envois::rebonds;
use crate::importer::{ImporterArgs, importer};
use anyhow::Context;
use clap::Parser;
use cli::{Cli, Command, RebondsArgs};
use ledger::clock::SystemClock;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the program. What goes wrong is said on standard error with its causes.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ent : le programme ne peut pas démarrer : {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ent : {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let mut config = Config::load(cli.config)?;
    if let Some(data_dir) = cli.donnees {
        config.move_data_to(data_dir);
    }
    logs::start(&config)?;
    match cli.command {
        Command::Demo(args) => demo::run(config, &args).await,
        Command::Serve => serve::serve(&config).await,
        Command::Migrer => House::migrate(&config).await,
        Command::Importer(args) => import(&config, &args).await,
        Command::ReleverRebonds(args) => relever(&config, &args).await,
        Command::OuvrirPortailsPartenaires => portails::ouvrir_partenaires(&config).await,
        Command::RejouerProjections(args) => rebuild::run(&config, &args).await,
        Command::ClesDeSceau(args) => seal_keys::run(&config, &args),
        Command::MisDeCote(args) => aside::run(&config, &args).await,
        Command::Conservation(args) => conservation::run(&config, &args).await,
        Command::ExporterPersonne(args) => personne::export(&config, &args).await,
        Command::RegistreDesTraitements => personne::registre(),
        Command::Cles(args) => cles::run(&config, &args).await,
        Command::VerifierJournal(args) => journal::verify(&config, &args).await,
        Command::Horodater => horodateur::run(&config).await,
        Command::InscrireConsultation(args) => journal::consult(&config, &args).await,
    }
}

/// Imports; the views follow before it begins and before it ends, so that it finds what earlier
/// ones brought, and the next request what this one did.
async fn import(config: &Config, args: &ImporterArgs) -> anyhow::Result<()> {
    with_house(config, async |house| {
        house.runner.catch_up().await?;
        let imported = importer(&house.commands, &args.source).await;
        house.runner.catch_up().await?;
        imported
    })
    .await
}

/// Reads what came back; the views follow before, so that what has just left is found, and after.
async fn relever(config: &Config, args: &RebondsArgs) -> anyhow::Result<()> {
    with_house(config, async |house| {
        house.runner.catch_up().await?;
        let bilan = rebonds::relever(&house.commands, &config.base_domain, &args.chemin).await?;
        house.runner.catch_up().await?;
        println!("{bilan}");
        Ok(())
    })
    .await
}

/// Opens the house for a command that works and ends, beside the program that serves if one does, and
/// closes it after.
async fn with_house(
    config: &Config,
    work: impl AsyncFnOnce(&House) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let house = House::beside(config, Arc::new(SystemClock)).await?;
    let worked = work(&house).await;
    let closed = house.close().await.context("closing");
    worked.and(closed)
}
