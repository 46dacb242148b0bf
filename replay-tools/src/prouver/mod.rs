//! `prouver`: the evidence bundle of a question, for a judge and for an expert who trusts
//! nobody: a report in French, and beside it all that shows that the report is true.
//!
//! - [`piece`]: each fact with its proof; [`rapport`]: what is said of them;
//! - [`temoins`]: who outside of the house saw the head that they are proven against;
//! - [`sac`]: the bag that holds it all; `verify.sh`: how it is checked with public tools.

mod piece;
mod rapport;
mod sac;
mod temoins;

use crate::accord::accord;
use crate::cli;
use crate::connection::Source;
use crate::export::{ExportFault, create_private};
use crate::exporter::check_consultation;
use crate::obstacle::Obstacle;
use crate::raconter::{Acte, life};
use crate::recit::Noms;
use crate::verdict::Verdict;
use crate::verifier::published;
use askama::Template;
use chrono::{DateTime, Utc};
use ledger::clock::{Clock, SystemClock};
use piece::{Piece, piece};
use rapport::Rapport;
use sac::{Sac, io_of};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use temoins::Temoins;
use zip::result::ZipError;

/// What checks a bundle without any program of ours.
const VERIFY: &str = include_str!("verify.sh");

/// Runs the subcommand.
pub async fn run(source: &Source, options: &cli::Prouver, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let cles = published(Some(&options.sceaux))?.ok_or(Obstacle::NoPublishedKeys)?;
    let tuiles = source.tuiles(options.tuiles.as_deref())?;
    let mut connection = source.reader().await?;
    let keys = source.keys(&mut connection).await?.ok_or(Obstacle::NoKek)?;
    if let Some(place) = &options.consultation {
        check_consultation(&mut connection, place).await?;
    }
    let facts = life(&mut connection, &keys, &options.objet).await?;
    if facts.is_empty() {
        return Err(Obstacle::NoObject);
    }
    let noms = Noms::of(&mut connection, &facts).await?;
    let (mut pieces, mut journaux) = (Vec::new(), BTreeMap::new());
    for fact in &facts {
        let (piece, journal) = piece(&mut connection, &keys, &tuiles, &Acte { fact, noms: &noms }).await?;
        pieces.push(piece);
        // One journal may show by two heads: of a late fact the meta-journal has none yet.
        journaux.insert((journal.origine.clone(), journal.taille), journal);
    }
    let journaux: Vec<_> = journaux.into_values().collect();
    let temoins = options.temoins.as_deref().map(|path| Temoins::of(path, &journaux)).transpose()?;
    let now = SystemClock.now();
    let file = create_private(&options.vers).map_err(|source| ExportFault::file(&options.vers, source))?;
    let rapport = Rapport {
        demande: options,
        le: now,
        pieces: &pieces,
        journaux: &journaux,
        temoins: temoins.as_ref(),
    };
    write(file, &rapport, &cles.of_all()).map_err(|error| ExportFault::file(&options.vers, io_of(error)))?;
    tell(options, &pieces, out)?;
    let whole = pieces.iter().all(|piece| piece.absence.is_none());
    Ok(if whole { Verdict::Valide } else { Verdict::Indetermine })
}

fn write(file: File, rapport: &Rapport<'_>, cles: &[String]) -> Result<(), ZipError> {
    let Rapport { demande, le, .. } = rapport;
    let name = demande.vers.file_stem().and_then(|stem| stem.to_str()).unwrap_or("preuve");
    let mut sac = Sac::new(file, name, *le);
    let page = rapport.render().map_err(|error| ZipError::Io(std::io::Error::other(error)))?;
    sac.add("rapport.html", page.as_bytes())?;
    sac.add("demande.json", format!("{:#}\n", request(demande, *le)).as_bytes())?;
    sac.add("cles.txt", cles.iter().map(|cle| format!("{cle}\n")).collect::<String>().as_bytes())?;
    if let Some(temoins) = rapport.temoins {
        sac.add("temoins.txt", temoins.texte.as_bytes())?;
    }
    sac.add("verify.sh", VERIFY.as_bytes())?;
    rapport.pieces.iter().try_for_each(|piece| piece.put(&mut sac))?;
    rapport.journaux.iter().try_for_each(|journal| journal.put(&mut sac))?;
    let file = sac.close(&demande.question)?;
    Ok(file.sync_all()?)
}

/// The request, for machines.
fn request(demande: &cli::Prouver, le: DateTime<Utc>) -> serde_json::Value {
    json!({
        "question": demande.question,
        "demandeur": demande.demandeur,
        "motif": demande.motif,
        "objet": { "nature": demande.objet.nature.nom(), "id": demande.objet.id, "eleve": demande.objet.eleve },
        "consultation": demande.consultation.as_ref().map(ToString::to_string),
        "dresse_le": le,
    })
}

fn tell(options: &cli::Prouver, pieces: &[Piece], out: &mut dyn Write) -> std::io::Result<()> {
    let absents = pieces.iter().filter(|piece| piece.absence.is_some()).count();
    let actes = accord(pieces.len() as u64, "acte", "actes");
    if options.json {
        let told = json!({ "dossier": options.vers, "actes": pieces.len(), "contenus_absents": absents });
        return writeln!(out, "{told}");
    }
    writeln!(
        out,
        "{actes}, {} : {}.",
        accord(absents as u64, "contenu absent", "contenus absents"),
        options.vers.display()
    )?;
    writeln!(out, "Le rapport est data/rapport.html ; data/verify.sh le vérifie avec des outils publics.")
}
