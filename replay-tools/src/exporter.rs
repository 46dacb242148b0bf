//! `exporter`: journals, or a part of one, carried away in open formats.

use crate::accord::accord;
use crate::cli;
use crate::connection::Source;
use crate::date::spoken_annee;
use crate::export::{Consignation, Contenu, Evenement, Fichier, Horodatage, Manifeste, VERSION};
use crate::inscription::Sortie;
use crate::obstacle::Obstacle;
use crate::progress;
use crate::scratch::SNAPSHOT;
use crate::verdict::Verdict;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::CleId;
use domain::protection::types_de_sante;
use indicatif::ProgressBar;
use ledger::clock::{Clock, SystemClock};
use ledger::envelope::Envelope;
use ledger::feed::{FeedError, Journal, StoredEvent, heads, stored_after};
use ledger::keys::{DataKey, KeyRing};
use ledger::seal::{hex, reveal};
use ledger::sealer::checkpoints;
use ledger::sealer::dating::{Dated, dated};
use ledger::sealer::log::Log;
use ledger::sealer::proofs::{Consigned, consigned_to};
use ledger::sealer::store::TileStore;
use ledger::tlog::Hash;
use ledger::tlog::frontier::Frontier;
use serde_json::json;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Events read at a time: what is held in memory.
const PAGE: i64 = 1_000;

/// Runs the subcommand.
pub async fn run(source: &Source, options: &cli::Exporter, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let mut connection = source.reader().await?;
    let tuiles = match source.tuiles(options.tuiles.as_ref()) {
        Err(Obstacle::NoTiles(_)) if options.tuiles.is_none() => None,
        tuiles => Some(tuiles?),
    };
    let ring = source.keys(&mut connection).await?;
    let keys = ring.as_ref().filter(|_| !options.sans_contenus);
    if options.avec_sante && keys.is_none() {
        return Err(Obstacle::NoKek);
    }
    let journals = asked(heads(&mut connection).await?, options);
    if journals.is_empty() {
        return Err(Obstacle::NoJournal);
    }
    sortie(&journals, options).check(&mut connection, ring.as_ref(), &options.inscription).await?;
    create_folder(&options.vers)?;
    let total: i64 = journals.iter().map(Part::events).sum();
    let bar = progress::bar(u64::try_from(total).unwrap_or_default(), "export");
    let mut journaux = Vec::new();
    for part in journals {
        journaux.push(carry(&mut connection, keys, &part, options, &bar).await?);
    }
    bar.finish_and_clear();
    let horodatages = match &tuiles {
        Some(tuiles) => dehors(&mut connection, tuiles, &mut journaux).await?,
        None => Vec::new(),
    };
    let contenus = keys.is_some();
    let exporte_le = SystemClock.now();
    let consultations = options.inscription.consultations.iter().map(ToString::to_string).collect();
    let manifeste = Manifeste {
        version: VERSION,
        format: options.format,
        exporte_le,
        contenus,
        motif_sante: options.motif.clone(),
        consultations,
        sans_consultation: options.inscription.sans_consultation.clone(),
        journaux,
        horodatages,
    };
    manifeste.write(&options.vers)?;
    if options.json {
        write_json(&manifeste, out)?
    } else {
        write(&manifeste, options, ring.is_some(), out)?
    }
    Ok(Verdict::Valide)
}

/// As the operator would put it on the record. Whose it is he has to be told.
fn sortie<'a>(journals: &[Part], options: &'a cli::Exporter) -> Sortie<'a> {
    Sortie {
        journaux: journals.iter().map(|part| part.journal.clone()).collect(),
        annee: options.annee,
        auditeur: "QUI, EN QUELLE QUALITÉ",
        objet: format!("export {}", options.format.extension()),
        motif: options.motif.as_deref().unwrap_or("POURQUOI"),
    }
}

/// A part of a journal: positions `first` to `last`.
struct Part {
    journal: Journal,
    head: i64,
    first: i64,
    last: i64,
}

impl Part {
    fn events(&self) -> i64 {
        (self.last - self.first + 1).max(0)
    }
}

fn asked(heads: Vec<(Journal, i64)>, options: &cli::Exporter) -> Vec<Part> {
    let chosen = |journal: &Journal| {
        options.portail.as_ref().is_none_or(|portail| *portail == journal.portail)
            && options.annee.is_none_or(|annee| annee == journal.annee)
    };
    let part = |(journal, head): (Journal, i64)| Part {
        journal,
        head,
        first: options.de.unwrap_or(1).max(1),
        last: options.a.unwrap_or(head).min(head),
    };
    heads
        .into_iter()
        .filter(|(journal, _)| chosen(journal))
        .map(part)
        .filter(|part| part.events() > 0)
        .collect()
}

/// A folder of its own: nothing there is overwritten.
fn create_folder(folder: &Path) -> Result<(), Obstacle> {
    std::fs::create_dir_all(folder).map_err(|source| Obstacle::File { path: folder.to_owned(), source })
}

async fn carry(
    connection: &mut PgConnection,
    keys: Option<&KeyRing>,
    part: &Part,
    options: &cli::Exporter,
    bar: &ProgressBar,
) -> Result<Fichier, Obstacle> {
    let Part { journal, head, first, last } = part;
    let mut fichier = Fichier {
        portail: journal.portail.clone(),
        annee: journal.annee,
        tete: *head,
        premiere: *first,
        derniere: first - 1,
        racine: String::new(),
        sceau: None,
        consignation: None,
    };
    let reserves = if options.avec_sante { BTreeSet::new() } else { types_de_sante() };
    let mut writer = options.format.create(&options.vers.join(fichier.name(options.format)))?;
    let mut racine = Frontier::default();
    while fichier.derniere < *last {
        let limit = PAGE.min(last - fichier.derniere);
        let rows = stored_after(connection, journal, fichier.derniere, limit).await?;
        let Some(end) = rows.last().map(|row| row.position) else { break };
        let ids: BTreeSet<_> = rows.iter().map(|row| CleId(row.key_id)).collect();
        let ring = match keys {
            Some(keys) => Some(keys.for_ids(&mut *connection, &ids).await.map_err(FeedError::Keys)?),
            None => None,
        };
        for row in rows {
            if let Ok(leaf) = row.leaf_hash.as_slice().try_into() {
                racine.push(Hash(leaf));
            }
            writer.write(&exported(row, ring.as_ref(), &reserves))?;
            bar.inc(1);
        }
        fichier.derniere = end;
    }
    writer.finish()?;
    fichier.racine = hex(&racine.root().0);
    if *first == 1 {
        let sealed = checkpoints::newest_to(connection, &Log::from(journal), fichier.derniere).await?;
        fichier.sceau = sealed.map(|sealed| sealed.note);
    }
    Ok(fichier)
}

/// What others than the house say of these files: that the meta-journal has each, under one head
/// with what witnesses signed, and what dates that.
async fn dehors(
    connection: &mut PgConnection,
    tuiles: &TileStore,
    journaux: &mut [Fichier],
) -> Result<Vec<Horodatage>, Obstacle> {
    // One head for all, whatever is sealed meanwhile.
    sqlx::raw_sql(SNAPSHOT).execute(&mut *connection).await?;
    let mut leaves = Vec::new();
    for fichier in journaux.iter_mut().filter(|fichier| fichier.premiere == 1) {
        let found = consigned_to(connection, tuiles, &fichier.journal(), fichier.derniere).await?;
        let Some(Consigned { checkpoint, proof }) = found else { continue };
        leaves.push(i64::try_from(proof.index).unwrap_or(i64::MAX));
        fichier.consignation = Some(Consignation { sceau: checkpoint, preuve: proof.to_string() });
    }
    let dated = dated(connection, tuiles, &leaves).await?.into_iter();
    let carried = dated.map(|Dated { timestamp, note, extension }| Horodatage {
        taille: timestamp.size.unsigned_abs(),
        note,
        jeton: STANDARD.encode(&timestamp.token),
        prolongement: extension.to_string(),
    });
    Ok(carried.collect())
}

/// A row as it is carried away, its content closed if it is of one of the reserved types, which are
/// health data. One that is damaged is carried away too: it is evidence.
pub fn exported(
    row: StoredEvent,
    ring: Option<&BTreeMap<CleId, Arc<DataKey>>>,
    reserves: &BTreeSet<&'static str>,
) -> Evenement {
    let contenu = match ring.map(|ring| ring.get(&CleId(row.key_id))) {
        None => Contenu::Ferme,
        Some(None) => Contenu::Efface,
        Some(Some(_)) if reserves.contains(row.event_type.as_str()) => Contenu::Sante,
        Some(Some(key)) => opened(&row, key).unwrap_or(Contenu::Ferme),
    };
    Evenement {
        position: row.position,
        empreinte: hex(&row.leaf_hash),
        feuille: row.metadata,
        charge: row.payload,
        contenu,
    }
}

fn opened(row: &StoredEvent, key: &DataKey) -> Option<Contenu> {
    let envelope: Envelope = serde_json::from_str(&row.metadata).ok()?;
    let revealed = reveal(&key.bytes, envelope.event_id, &row.payload, &envelope.commit).ok()?;
    let texte = std::str::from_utf8(&revealed.content).ok()?.to_owned();
    Some(Contenu::Ouvert { sel: hex(&revealed.salt), texte })
}

/// What is said of consultations whose content stayed closed: their places alone were looked at.
const UNREAD: &str = "Sans le fichier de clés, nul n'a pu lire si elle est bien celle d'un export, ni de \
    quelle année.";

fn write(
    manifeste: &Manifeste,
    options: &cli::Exporter,
    read: bool,
    out: &mut dyn Write,
) -> Result<(), Obstacle> {
    for fichier in &manifeste.journaux {
        let Fichier { portail, annee, premiere, derniere, tete, racine, .. } = fichier;
        let events = accord(derniere - premiere + 1, "événement", "événements");
        let part = match fichier.is_whole() {
            true => "entier".to_owned(),
            false => format!("n° {premiere} à {derniere} sur {tete}"),
        };
        writeln!(out, "{portail}, {} : {events}, {part}, racine {racine}", spoken_annee(annee.0))?;
    }
    let contents = match (manifeste.contenus, &manifeste.motif_sante) {
        (false, _) => "contenus fermés",
        (true, None) => "contenus ouverts, sauf ceux de santé (--avec-sante)",
        (true, Some(_)) => "contenus ouverts, ceux de santé compris",
    };
    writeln!(out, "\nExporté dans {}, {contents}.", options.vers.display())?;
    writeln!(out, "{}.", manifeste.inscription())?;
    if !read && !manifeste.consultations.is_empty() {
        writeln!(out, "{UNREAD}")?;
    }
    writeln!(out, "À vérifier hors ligne : ent-rejeu verifier --export {}", options.vers.display())?;
    Ok(())
}

fn write_json(manifeste: &Manifeste, out: &mut dyn Write) -> Result<(), Obstacle> {
    let told = json!({ "verdict": Verdict::Valide.word(), "manifeste": manifeste });
    Ok(writeln!(out, "{told}")?)
}
