//! `ent exporter-personne` and `ent registre-des-traitements`: what one must be able to tell
//! whom the data are about.

use super::cli::ExporterPersonneArgs;
use super::with_house;
use crate::config::Config;
use crate::fichiers::Dossier;
use anyhow::{Context, bail};
use commands::Demande;
use commands::rights::Acteur;
use domain::{CommandeId, PersonneId, RemiseId, journee};
use ledger::clock::{Clock, SystemClock};
use projections::protection::Droits;
use std::fs::File;
use std::io::{self, Seek};

/// Writes the data that someone has asked for, once their handing over is on the record.
pub async fn export(config: &Config, args: &ExporterPersonneArgs) -> anyhow::Result<()> {
    with_house(config, async |house| {
        house.runner.catch_up().await?;
        let found = Droits::remises(&house.pool, &[args.remise]).await?.pop();
        let remise = found.context("ces données n'ont pas été demandées")?;
        let vers = args.vers.display();
        let mut to = File::create_new(&args.vers).with_context(|| format!("{vers} ne peut être écrit"))?;
        let mut dossier = Dossier::of(&house.commands, PersonneId(remise.personne)).await?;
        let (faits, empreinte) = (dossier.faits, dossier.empreinte.clone());
        let id = RemiseId(args.remise);
        if let Err(error) = house.commands.inscrire_remise(&demande(), id, faits, empreinte).await {
            std::fs::remove_file(&args.vers)?;
            bail!("{error}");
        }
        dossier.fichier.rewind()?;
        io::copy(&mut dossier.fichier, &mut to)?;
        to.sync_all()?;
        println!("{vers} : {} faits, SHA-256 {}", dossier.faits, dossier.empreinte);
        Ok(())
    })
    .await
}

/// Prints the register of processing activities.
pub fn registre() -> anyhow::Result<()> {
    let registre = domain::protection::registre(journee(SystemClock.now()));
    println!("{}", serde_json::to_string_pretty(&registre)?);
    Ok(())
}

/// What the console asks, once.
fn demande() -> Demande {
    #[allow(clippy::disallowed_methods)] // the edge that makes ids
    let commande = CommandeId(uuid::Uuid::new_v4());
    Demande { acteur: Acteur::console(), commande, corps: Vec::new(), cause: None }
}
