//! An export, verified offline: dense, complete as it says, unaltered, and its contents those
//! that were committed to. The rules are those of a journal in the database ([`ledger::verify`]);
//! only what stands in columns there, and the answers to commands, are not in an export.

use super::dehors::Dehors;
use super::suite::Suite;
use super::{Bilan, Constat, conclude, published, tell};
use crate::cli;
use crate::date::spoken_annee;
use crate::export::{Contenu, Evenement, Fichier, Format, Manifeste};
use crate::obstacle::Obstacle;
use crate::progress;
use crate::verdict::Verdict;
use ledger::envelope::{Envelope, leaf_hash};
use ledger::seal::{digest_of_text, hex, is_committed};
use ledger::tlog::Hash;
use ledger::tlog::frontier::Frontier;
use ledger::tlog::maison::PublicKeys;
use ledger::tlog::note::{self, NoteFault};
use ledger::verify::{self, Fault, Located};
use serde::Deserialize;
use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

/// Verifies the export in this folder.
pub fn run(folder: &Path, options: &cli::Verifier, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let manifeste = Manifeste::read(folder)?;
    let chosen = |fichier: &&Fichier| {
        options.portail.as_ref().is_none_or(|asked| *asked == fichier.portail)
            && options.annee.is_none_or(|asked| asked == fichier.annee)
    };
    let seals = published(options.sceaux.as_deref())?;
    let mut constats = Vec::new();
    for fichier in manifeste.journaux.iter().filter(chosen) {
        let found = examine(folder, manifeste.format, fichier, seals.as_ref())?;
        let extract = (!fichier.is_whole())
            .then(|| format!("extrait, n° {} à {} sur {}", fichier.premiere, fichier.derniere, fichier.tete));
        let (portail, annee) = (fichier.portail.to_string(), fichier.annee.0);
        let constat =
            Constat { portail, annee, found: Some(found), extract, racine: Some(fichier.racine.clone()) };
        tell(&constat, options, out)?;
        constats.push(constat);
    }
    if constats.is_empty() {
        return Err(Obstacle::NoJournal);
    }
    let (opened, dehors) = (manifeste.contenus, Dehors::default());
    conclude(Bilan { constats, meta: None, dehors, opened }, options, out)
}

fn examine(
    folder: &Path,
    format: Format,
    fichier: &Fichier,
    seals: Option<&PublicKeys>,
) -> Result<verify::Verdict, Obstacle> {
    let total = u64::try_from(fichier.derniere - fichier.premiere + 1).unwrap_or_default();
    let bar = progress::bar(total, format!("{} {}", fichier.portail, spoken_annee(fichier.annee.0)));
    let sceau = match Sceau::of(fichier, seals) {
        Ok(sceau) => sceau,
        Err(fault) => {
            let fault = Some(Located { position: fichier.derniere, fault });
            return Ok(verify::Verdict { fault, ..verify::Verdict::default() });
        }
    };
    let mut reading = Reading::new(fichier, sceau);
    let mut verdict = verify::Verdict::default();
    for event in format.read(&folder.join(fichier.name(format)))? {
        let checked = match &event {
            Ok(event) => reading.check(event),
            Err(_) => Err(Fault::Envelope),
        };
        match checked {
            Ok(()) => verdict.leaves += 1,
            Err(fault) => {
                verdict.fault = Some(Located { position: reading.last + 1, fault });
                return Ok(verdict);
            }
        }
        if let Ok(event) = event {
            verdict.contents += u64::from(matches!(event.contenu, Contenu::Ouvert { .. }));
            verdict.erased += u64::from(matches!(event.contenu, Contenu::Efface));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    (verdict.seals, verdict.sealed) = reading.met.map_or((0, 0), |size| (1, size));
    verdict.fault = reading.end().map(|fault| Located { position: reading.last + 1, fault });
    Ok(verdict)
}

/// How far a file was read.
struct Reading<'f> {
    fichier: &'f Fichier,
    last: i64,
    suite: Suite,
    racine: Frontier,
    sceau: Option<Sceau>,
    /// Over how many leaves the checkpoint was found good.
    met: Option<i64>,
}

impl<'f> Reading<'f> {
    fn new(fichier: &'f Fichier, sceau: Option<Sceau>) -> Self {
        let last = fichier.premiere - 1;
        Self {
            fichier,
            last,
            suite: Suite::of(&fichier.journal()),
            racine: Frontier::default(),
            sceau,
            met: None,
        }
    }

    fn check(&mut self, event: &Evenement) -> Result<(), Fault> {
        let expected = self.last + 1;
        if event.position != expected {
            return Err(Fault::Gap { expected, found: event.position });
        }
        let leaf = leaf_hash(event.feuille.as_bytes());
        if hex(&leaf) != event.empreinte {
            return Err(Fault::Leaf);
        }
        let envelope = self.suite.next(event.feuille.as_bytes())?;
        if digest_of_text(&event.charge) != envelope.ct_sha256 {
            return Err(Fault::Ciphertext);
        }
        check_content(event, &envelope)?;
        self.racine.push(Hash(leaf));
        if let Some(sceau) = self.sceau.as_ref().filter(|sceau| sceau.size == event.position) {
            if sceau.root != self.racine.root() {
                return Err(Fault::Root);
            }
            self.met = Some(sceau.size);
        }
        self.last = event.position;
        Ok(())
    }

    /// What shows only at the end: that nothing is missing there.
    fn end(&self) -> Option<Fault> {
        if self.last != self.fichier.derniere {
            return Some(Fault::Head { head: self.fichier.derniere, found: self.last });
        }
        if let Some(sceau) = self.sceau.as_ref().filter(|_| self.met.is_none()) {
            return Some(Fault::Cut { sealed: sceau.size, found: self.last });
        }
        (hex(&self.racine.root().0) != self.fichier.racine).then_some(Fault::Root)
    }
}

/// The checkpoint that an export carries.
struct Sceau {
    size: i64,
    root: Hash,
}

impl Sceau {
    /// Its signature is looked at where there are keys to; without them it is one more sum
    /// that who made the export could have made.
    fn of(fichier: &Fichier, keys: Option<&PublicKeys>) -> Result<Option<Self>, Fault> {
        let taken = |fault: NoteFault| Fault::Seal(fault.to_string());
        let Some(note) = &fichier.sceau else {
            let expected = keys.is_some() && fichier.premiere == 1;
            return if expected { Err(Fault::Seal("the export has none".to_owned())) } else { Ok(None) };
        };
        let head = match keys {
            Some(keys) => {
                note::open(note, keys.of(&fichier.journal()).iter().map(String::as_str)).map_err(taken)?
            }
            None => note::read(note).map_err(taken)?,
        };
        Ok(Some(Self { size: i64::try_from(head.size()).unwrap_or(i64::MAX), root: *head.hash() }))
    }
}

fn check_content(event: &Evenement, envelope: &Envelope) -> Result<(), Fault> {
    let Contenu::Ouvert { sel, texte } = &event.contenu else { return Ok(()) };
    if !is_committed(sel, texte.as_bytes(), &envelope.commit) {
        return Err(Fault::Content("the content is not the one committed to".to_owned()));
    }
    let payload: Payload = serde_json::from_str(texte)
        .map_err(|_| Fault::Content("it is not the JSON of an event".to_owned()))?;
    if payload.name == envelope.event_type {
        Ok(())
    } else {
        Err(Fault::Content("it is of another type than its envelope says".to_owned()))
    }
}

/// A content in the clear, as far as the envelope tells it.
#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
}
