//! `prouver`: the evidence bundle of a question, for a judge and for an expert who trusts
//! nobody: a report in French, and beside it all that shows that the report is true.
//!
//! - [`piece`]: each fact with its proof; [`journalisee`]: the journals that they are in, by
//!   their heads and clôtures; [`crate::temoins`]: who outside of the house saw these; [`horodatages`]: when;
//! - [`page`]: what readers had before their eyes; [`acces`]: who read the record since, proven too;
//! - [`rapport`]: what is said of it all, on paper too ([`ledger::presse`]);
//! - [`sac`]: the bag that holds it; [`seda`]: its slip for an archives service; `verify.sh`:
//!   how it is checked with public tools.

mod acces;
mod horodatages;
mod journalisee;
mod page;
mod piece;
mod rapport;
mod sac;
mod seda;

use crate::accord::accord;
use crate::cli::{self, Nature};
use crate::connection::Source;
use crate::export::{ExportFault, create_private};
use crate::inscription::Sortie;
use crate::obstacle::Obstacle;
use crate::raconter::life;
use crate::recit::Noms;
use crate::scratch::SNAPSHOT;
use crate::temoins::Temoins;
use crate::verdict::Verdict;
use crate::verifier::published;
use acces::Acces;
use askama::Template;
use chrono::{DateTime, Utc};
use horodatages::horodatages;
use journalisee::Journalisee;
use ledger::clock::{Clock, SystemClock};
use ledger::feed::{Fact, Journal};
pub use ledger::presse::PdfFault;
use ledger::presse::Presse;
use page::pages;
use piece::{Piece, pieces};
use rapport::Rapport;
use sac::{Sac, io_of};
use seda::Bordereau;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;
use zip::result::ZipError;

/// What checks a bundle without any program of ours.
const VERIFY: &str = include_str!("verify.sh");

/// How long a report of some hundred acts may take to be put on paper.
const PATIENCE: Duration = Duration::from_secs(120);
/// How large it may become, in bytes.
const RAPPORT_MAX: u64 = 256 << 20;

/// Runs the subcommand.
pub async fn run(source: &Source, options: &cli::Prouver, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let cles = published(Some(&options.sceaux))?.ok_or(Obstacle::NoPublishedKeys)?;
    let tuiles = source.tuiles(options.tuiles.as_ref())?;
    let mut connection = source.reader().await?;
    let keys = source.keys(&mut connection).await?.ok_or(Obstacle::NoKek)?;
    // All proofs are shown under one and the same head, whatever is sealed meanwhile.
    sqlx::raw_sql(SNAPSHOT).execute(&mut connection).await?;
    let facts = life(&mut connection, &keys, &options.objet, options.au).await?;
    let (Some(first), Some(last)) = (facts.first(), facts.last()) else { return Err(Obstacle::NoObject) };
    let periode = (first.envelope.recorded_at, last.envelope.recorded_at);
    sortie(&facts, options).check(&mut connection, Some(&keys), &options.inscription).await?;
    let noms = Noms::of(&mut connection, &facts).await?;
    let (pieces, journaux) = pieces(&mut connection, &keys, &tuiles, &facts, &noms).await?;
    let portails = journaux.iter().map(|journal| journal.journal.portail.clone()).collect();
    let acces = Acces::of(&mut connection, &keys, &tuiles, &portails, periode.0).await?;
    let horodatages = horodatages(&mut connection, &tuiles, &journaux).await?;
    let temoins =
        options.temoins.as_deref().map(|path| Temoins::under(path, meta_head(&journaux))).transpose()?;
    // What ended a page is told by the whole life of the publication alone.
    let pages = if options.objet.nature == Nature::Publication { pages(&facts)? } else { Vec::new() };
    let rapport = Rapport {
        demande: options,
        le: SystemClock.now(),
        periode,
        pieces: &pieces,
        journaux: &journaux,
        pages: &pages,
        acces: &acces,
        cles: cles.history(),
        horodatages: &horodatages,
        temoins: temoins.as_ref(),
    };
    let page = rendered(&rapport)?;
    let pdf = match &options.pdf {
        Some(program) => Some(Presse::new(program, PATIENCE, RAPPORT_MAX).imprimer(&page).await?),
        None => None,
    };
    let file = create_private(&options.vers).map_err(|source| ExportFault::file(&options.vers, source))?;
    let contents = Contents { rapport: &rapport, page, pdf, schemas: schemas(&facts) };
    write(file, &contents).map_err(|error| ExportFault::file(&options.vers, io_of(error)))?;
    tell(options, &pieces, out)?;
    let whole = pieces.iter().all(|piece| piece.absence.is_none());
    Ok(if whole { Verdict::Valide } else { Verdict::Indetermine })
}

/// As the operator would put it on the record.
fn sortie<'a>(facts: &[Fact], options: &'a cli::Prouver) -> Sortie<'a> {
    let journal =
        |Fact { position, .. }: &Fact| Journal { portail: position.portail.clone(), annee: position.annee };
    Sortie {
        journaux: facts.iter().map(journal).collect(),
        annee: None,
        auditeur: &options.demandeur,
        objet: format!("dossier de preuve : {} {}", options.objet.nature.nom(), options.objet.id),
        motif: &options.motif,
    }
}

/// The head of the meta-journal that these are proven against.
fn meta_head(journaux: &[Journalisee]) -> &str {
    let head = journaux.iter().find_map(|journal| journal.meta.as_ref());
    head.map_or("", |proof| proof.checkpoint.as_str())
}

/// All that goes into the bag.
struct Contents<'a> {
    rapport: &'a Rapport<'a>,
    page: String,
    pdf: Option<Vec<u8>>,
    schemas: Vec<(String, Value)>,
}

fn write(file: File, contents: &Contents<'_>) -> Result<(), ZipError> {
    let Contents { rapport, page, pdf, schemas } = contents;
    let Rapport { demande, le, .. } = rapport;
    let name = demande.vers.file_stem().and_then(|stem| stem.to_str()).unwrap_or("preuve");
    let mut sac = Sac::new(file, name, *le);
    sac.add("rapport.html", page.as_bytes())?;
    if let Some(pdf) = pdf {
        sac.add("rapport.pdf", pdf)?;
    }
    sac.add("demande.json", format!("{:#}\n", request(demande, *le)).as_bytes())?;
    let lines = rapport.cles.iter().map(|cle| format!("{}\n", cle.cle));
    sac.add("cles.txt", lines.collect::<String>().as_bytes())?;
    sac.add("cles.json", format!("{:#}\n", json!(rapport.cles)).as_bytes())?;
    if let Some(temoins) = rapport.temoins {
        sac.add("temoins.txt", temoins.texte.as_bytes())?;
    }
    sac.add("verify.sh", VERIFY.as_bytes())?;
    rapport.pieces.iter().try_for_each(|piece| piece.put("faits", &mut sac))?;
    rapport.journaux.iter().try_for_each(|journal| journal.put(&mut sac))?;
    rapport.horodatages.iter().try_for_each(|horodatage| horodatage.put(&mut sac))?;
    rapport.pages.iter().try_for_each(|page| page.put(&mut sac))?;
    rapport.acces.put(&mut sac)?;
    for (stream, schema) in schemas {
        sac.add(&format!("schemas/{stream}.json"), format!("{schema:#}\n").as_bytes())?;
    }
    let bordereau = rendered(&Bordereau { rapport, fichiers: sac.files() })?;
    sac.tag("manifest.xml", bordereau);
    let file = sac.close(&demande.question)?;
    Ok(file.sync_all()?)
}

fn rendered(template: &impl Template) -> io::Result<String> {
    template.render().map_err(io::Error::other)
}

/// What the payloads of these facts are made of: the schemas of their streams, in the versions
/// that this program knows.
fn schemas(facts: &[Fact]) -> Vec<(String, Value)> {
    let kinds: BTreeSet<_> = facts.iter().map(|fact| fact.envelope.event_type.as_str()).collect();
    let told = domain::catalogue()
        .into_iter()
        .filter(|(_, specs, _)| specs.iter().any(|spec| kinds.contains(spec.name)));
    told.map(|(stream, specs, schema)| {
        (stream.to_owned(), json!({ "stream": stream, "events": specs, "schema": schema() }))
    })
    .collect()
}

/// The request, for machines.
fn request(demande: &cli::Prouver, le: DateTime<Utc>) -> Value {
    let consultations: Vec<_> = demande.inscription.consultations.iter().map(ToString::to_string).collect();
    json!({
        "question": demande.question,
        "demandeur": demande.demandeur,
        "motif": demande.motif,
        "objet": { "nature": demande.objet.nature.nom(), "id": demande.objet.id, "eleve": demande.objet.eleve },
        "consultations": consultations,
        "sans_consultation": demande.inscription.sans_consultation,
        "connu_au": demande.au,
        "dresse_le": le,
    })
}

fn tell(options: &cli::Prouver, pieces: &[Piece], out: &mut dyn Write) -> io::Result<()> {
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
