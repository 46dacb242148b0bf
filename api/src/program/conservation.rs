//! `ent conservation`: what is due on a day, and the documents of what was destroyed.

use super::cli::{ConservationArgs, ConservationCommand, EcheancesArgs, ProcesVerbalArgs};
use super::{House, with_house};
use crate::config::Config;
use crate::proces_verbal;
use anyhow::{Context, bail};
use domain::conservation::Regle;
use domain::journee;
use projections::conservation::{Moyens, Registre};

/// Lots read at a time.
const PAGE: i64 = 1_000;

/// Does what the arguments ask.
pub async fn run(config: &Config, args: &ConservationArgs) -> anyhow::Result<()> {
    with_house(config, async |house| {
        house.runner.catch_up().await?;
        match &args.command {
            ConservationCommand::Echeances(args) => echeances(house, args).await,
            ConservationCommand::ProcesVerbal(args) => proces_verbal(house, args).await,
        }
    })
    .await
}

async fn echeances(house: &House, args: &EcheancesArgs) -> anyhow::Result<()> {
    let le = args.le.unwrap_or_else(|| journee(house.commands.now()));
    let (mut after, mut lots, mut evenements, mut classe) = (None, 0_u64, 0_u64, None);
    loop {
        let portail = args.portail.as_deref();
        let page = Registre::echeances(&house.pool, le, portail, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.place());
        for lot in page.iter().filter_map(|cle| cle.lot(le)) {
            lots += 1;
            evenements += lot.evenements;
            if args.json {
                println!("{}", serde_json::to_string(&lot)?);
                continue;
            }
            if classe.replace(lot.classe) != Some(lot.classe)
                && let Some(regle) = Regle::en_vigueur(lot.classe, le)
            {
                println!("\n{} (version {})\n  {}", regle.libelle, regle.version, regle.source);
            }
            let depuis = lot.echeance.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_default();
            println!(
                "  {} période {} échu le {depuis}, {} événements",
                lot.sujet, lot.periode, lot.evenements
            );
        }
    }
    if !args.json {
        println!("\nAu {} : {lots} lots à détruire, {evenements} événements.", le.format("%d/%m/%Y"));
    }
    Ok(())
}

async fn proces_verbal(house: &House, args: &ProcesVerbalArgs) -> anyhow::Result<()> {
    let found = Registre::by_ids(&house.pool, &[args.destruction]).await?.pop();
    let destruction = found.context("cette destruction n'a pas été demandée")?;
    let mut connection = house.pool.acquire().await?;
    let commands = &house.commands;
    let moyens =
        Moyens { keys: commands.keys(), blobs: commands.blobs()?, limite: None, now: commands.now() };
    let drawn = Registre::proces_verbal(&mut connection, &moyens, destruction).await?;
    let Some(pv) = drawn else {
        bail!("cette destruction n'est pas exécutée : il n'y a rien à constater")
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&pv)?);
    } else {
        println!("{}", proces_verbal::html(&pv)?);
    }
    if !pv.conforme() {
        bail!("un constat au moins n'est pas conforme");
    }
    Ok(())
}
