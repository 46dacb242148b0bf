//! `ent cles-de-sceau`: the keys that sign the heads of journals.

use super::cli::SealKeysArgs;
use crate::config::Config;
use anyhow::bail;
use ledger::clock::{Clock, SystemClock};
use ledger::sealer::keys::SealKeys;
use ledger::tlog::Origin;
use rand::TryRngCore;

/// Does what the arguments ask.
pub fn run(config: &Config, args: &SealKeysArgs) -> anyhow::Result<()> {
    let path = &config.sceau_file;
    let keys = if args.tourner {
        let mut seed = [0; 32];
        if rand::rngs::OsRng.try_fill_bytes(&mut seed).is_err() {
            bail!("the machine gives no randomness for keys");
        }
        SealKeys::rotate(path, SystemClock.now(), |bytes| bytes.copy_from_slice(&seed))?
    } else {
        SealKeys::read(path)?
    };
    for key in keys.verifier_keys(&Origin::of_all(&config.base_domain)) {
        let until = key.until.map_or_else(|| "en service".to_owned(), |until| format!("au {until}"));
        println!("{}  du {} {until}", key.key, key.since);
    }
    println!("\nCelles de chaque journal : https://PORTAIL.{}/journal/ANNEE/cles", config.base_domain);
    Ok(())
}
