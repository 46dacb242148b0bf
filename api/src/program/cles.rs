//! `ent cles`: the key that wraps the keys of contents.

use super::cli::{ClesArgs, ClesCommand};
use super::house::House;
use crate::config::Config;
use anyhow::bail;
use indicatif::ProgressBar;
use ledger::kek::FileKek;
use ledger::rotation::{Rotated, rotate};
use rand::TryRngCore;

/// Does what the arguments ask.
pub async fn run(config: &Config, args: &ClesArgs) -> anyhow::Result<()> {
    match args.command {
        ClesCommand::Tourner => House::as_owner(config, async |owner| turn(config, owner).await).await,
    }
}

async fn turn(config: &Config, owner: &sqlx::PgPool) -> anyhow::Result<()> {
    // Nothing is drawn while a key is made: the machine must give randomness first.
    if rand::rngs::OsRng.try_fill_bytes(&mut [0; 32]).is_err() {
        bail!("la machine ne donne pas d'aléa pour une clé");
    }
    let kek = FileKek::read(&config.kek_file)?;
    let bar = ProgressBar::new(0);
    let told = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let Rotated { active, removed, rewrapped } = rotate(owner, &kek, |key| rand::fill(key), told).await?;
    bar.finish_and_clear();
    println!("{rewrapped} clés rechiffrées sous {active} ; retirées du fichier : {}.", removed.join(", "));
    println!(
        "Sauvegardez {} à part de la base de données, et détruisez les copies de l'ancien fichier : \
         tant qu'il en reste une, une ancienne copie des clés s'ouvre encore.",
        config.kek_file.display()
    );
    Ok(())
}
