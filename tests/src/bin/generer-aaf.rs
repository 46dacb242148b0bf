//! Writes a plausible AAF feed of so many persons: `generer-aaf DIR PERSONS [SEED]`.

use anyhow::{Context, Result};
use api::importer::aaf::generator::{Academie, Plan, generate};
use std::path::PathBuf;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().context("generer-aaf DIR PERSONS [SEED]")?);
    let persons = args.next().context("how many persons?")?.parse()?;
    let seed = args.next().map_or(Ok(1), |seed| seed.parse())?;
    std::fs::create_dir_all(&folder)?;
    let written = generate(&folder, &Plan::de_taille(seed, Academie::Lyon, "2026-09-14".parse()?, persons))?;
    println!("{} persons, {} entries, {} bytes", written.personnes(), written.entrees(), written.octets);
    Ok(())
}
