//! A sealed log, verified from its tiles alone, wherever they are ([`super::marche`]): the
//! journal of a portal, with an auditor's token down to its envelopes, or the meta-journal.
//!
//! What dates a journal is over the meta-journal: where dates are demanded, that is read too
//! ([`super::registre`]), with the newest head of the journal that it has.

use super::dates::{self, Consignation, Dates};
use super::dehors::Dehors;
use super::marche::{Voulu, position, walk};
use super::miroir::Miroir;
use super::registre::{Registre, Tenue};
use super::suite::Suite;
use super::{Bilan, Constat, conclude, published, tell, write_meta};
use crate::cli;
use crate::obstacle::Obstacle;
use crate::verdict::Verdict;
use ledger::feed::Journal;
use ledger::tlog::maison::PublicKeys;
use ledger::tlog::{Checkpoint, Hash, note};
use ledger::verify::{self, Fault, Located};
use reqwest::Url;
use std::collections::BTreeSet;
use std::io::Write;

/// Verifies the log whose files are at this address.
pub async fn run(url: &Url, options: &cli::Verifier, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let keys = published(options.sceaux.as_deref())?.ok_or(Obstacle::NoPublishedKeys)?;
    let miroir = at(url, options)?;
    // Before the head, which then covers it.
    let consignee = Consignee::at(&miroir, options).await?;
    let checkpoint = miroir.checkpoint().await?;
    let origin = note::read(&checkpoint).map(|head| head.origin().to_owned()).unwrap_or_default();
    let bilan = match keys.journal(&origin) {
        Some(journal) => of_journal(url, &miroir, &journal, (&checkpoint, consignee), &keys, options).await?,
        None if keys.of_log(&origin).is_empty() => return Err(Obstacle::NotOfThisHouse),
        None => of_all(&miroir, &keys, options).await?,
    };
    for constat in &bilan.constats {
        tell(constat, options, out)?;
    }
    if let Some(meta) = bilan.meta.as_ref().filter(|_| !options.json) {
        write_meta(meta, out)?;
    }
    conclude(bilan, &cli::Verifier { sans_contenus: true, ..options.clone() }, out)
}

fn at(url: &Url, options: &cli::Verifier) -> Result<Miroir, Obstacle> {
    Miroir::at(url, options.jeton.as_deref(), options.joindre)
}

/// The meta-journal.
async fn of_all(miroir: &Miroir, keys: &PublicKeys, options: &cli::Verifier) -> Result<Bilan, Obstacle> {
    let registre = Registre::read(miroir, keys, None, options.racines.is_some()).await?;
    let dates = match &options.racines {
        Some(path) => Some(Dates::judged(&registre.jetons, Vec::new(), &dates::roots(path)?)),
        None => None,
    };
    let dehors = Dehors::shown(&registre.checkpoint, dates, options)?;
    Ok(Bilan { constats: Vec::new(), meta: Some(registre.found), dehors, opened: false })
}

/// The journal of a portal, as far as its head, and what dates it.
async fn of_journal(
    url: &Url,
    miroir: &Miroir,
    journal: &Journal,
    (checkpoint, consignee): (&str, Option<Consignee>),
    keys: &PublicKeys,
    options: &cli::Verifier,
) -> Result<Bilan, Obstacle> {
    let own = keys.of(journal);
    let consignee = consignee.map(|one| one.opened(&own)).transpose();
    let (found, dates, meta) = match (opened(checkpoint, &own), consignee) {
        (Err(located), _) | (_, Err(located)) => (faulty(located), None, None),
        (Ok(head), Ok(consignee)) => {
            let tailles = consignee.iter().map(|one| one.head.size()).collect::<BTreeSet<_>>();
            let mut suite = Suite::of(journal);
            let read = |leaf: &[u8]| suite.next(leaf).map(drop);
            let marche = walk(miroir, &head, Voulu { tailles, feuille: None }, read).await?;
            let other = |one: &Ouverte| marche.racines.get(&one.head.size()) != Some(one.head.hash());
            match consignee.as_ref().filter(|one| marche.found.fault.is_none() && other(one)) {
                Some(one) => {
                    let fault = Fault::Root;
                    (faulty(Located { position: position(one.head.size()), fault }), None, None)
                }
                None => {
                    let (dates, meta) = dated(url, journal, consignee.as_ref(), keys, options).await?;
                    (marche.found, dates, meta)
                }
            }
        }
    };
    let constat = Constat::of(journal.portail.to_string(), journal.annee.0, Some(found));
    let dehors = Dehors::shown(checkpoint, dates, options)?;
    Ok(Bilan { constats: vec![constat], meta, dehors, opened: false })
}

/// What dates a journal, and the meta-journal that shows it; nothing if it is not demanded.
async fn dated(
    url: &Url,
    journal: &Journal,
    consignee: Option<&Ouverte>,
    keys: &PublicKeys,
    options: &cli::Verifier,
) -> Result<(Option<Dates>, Option<verify::Verdict>), Obstacle> {
    let Some(path) = &options.racines else { return Ok((None, None)) };
    let roots = dates::roots(path)?;
    let meta = meta_address(url, journal, keys, options).ok_or(Obstacle::NoMetaAddress)?;
    let tenue = consignee.map(|one| Tenue { index: one.index, empreinte: one.empreinte });
    let registre = Registre::read(&at(&meta, options)?, keys, tenue, true).await?;
    let consignation = consignee
        .filter(|_| registre.tient)
        .map(|one| Consignation { index: one.index, taille: position(one.head.size()) });
    let dates = Dates::judged(&registre.jetons, vec![(journal.clone(), consignation)], &roots);
    Ok((Some(dates), Some(registre.found)))
}

/// Where the meta-journal is: where it was said, else beside a portal that is at its own name.
fn meta_address(url: &Url, journal: &Journal, keys: &PublicKeys, options: &cli::Verifier) -> Option<Url> {
    if let Some(meta) = &options.meta {
        return Some(meta.clone());
    }
    let mut meta = url.clone();
    if url.host_str()? != format!("{}.{}", journal.portail, keys.base()) {
        return None;
    }
    meta.set_host(Some(keys.base())).ok()?;
    meta.set_path("/journal");
    Some(meta)
}

/// What a portal shows of its newest head that the meta-journal has.
#[derive(serde::Deserialize)]
struct Consignee {
    sceau: String,
    preuve: String,
}

/// The same, known to be signed.
struct Ouverte {
    head: Checkpoint,
    index: u64,
    /// The hash of the leaf that the meta-journal should have there.
    empreinte: Hash,
}

impl Consignee {
    /// Where it is wanted and there is one yet.
    async fn at(miroir: &Miroir, options: &cli::Verifier) -> Result<Option<Self>, Obstacle> {
        if options.racines.is_none() {
            return Ok(None);
        }
        match miroir.json("consigne").await {
            Ok(consignee) => Ok(Some(consignee)),
            Err(fault) if fault.is_absence() => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    fn opened(&self, keys: &[String]) -> Result<Ouverte, Located> {
        let head = opened(&self.sceau, keys)?;
        let located = || Located { position: position(head.size()), fault: Fault::Consigned };
        let proof = ledger::tlog::text::Proof::parse(&self.preuve).map_err(|_| located())?;
        let empreinte = Hash(ledger::envelope::leaf_hash(self.sceau.as_bytes()));
        Ok(Ouverte { index: proof.index, empreinte, head })
    }
}

/// The head that a checkpoint signs.
pub(super) fn opened(checkpoint: &str, keys: &[String]) -> Result<Checkpoint, Located> {
    note::open(checkpoint, keys.iter().map(String::as_str)).map_err(|fault| {
        let size = note::read(checkpoint).map_or(0, |head| head.size());
        Located { position: position(size), fault: Fault::Seal(fault.to_string()) }
    })
}

fn faulty(located: Located) -> verify::Verdict {
    verify::Verdict { fault: Some(located), ..verify::Verdict::default() }
}
