//! An export, verified offline: dense, complete as it says, unaltered, and its contents those
//! that were committed to. The rules are those of a journal in the database ([`ledger::verify`]);
//! only what stands in columns there, and the answers to commands, are not in an export.

use super::dates::{self, Dates, Jeton};
use super::dehors::Dehors;
use super::marche::position;
use super::reserve::Reserve;
use super::suite::Suite;
use super::{Bilan, Constat, conclude, published, tell};
use crate::cli;
use crate::date::spoken_annee;
use crate::export::{Consignation, Contenu, Evenement, Fichier, Format, Horodatage, Manifeste};
use crate::obstacle::Obstacle;
use crate::progress;
use crate::verdict::Verdict;
use base64::{Engine, engine::general_purpose::STANDARD};
use ledger::envelope::{Envelope, leaf_hash};
use ledger::feed::Journal;
use ledger::seal::{digest_of_text, hex, is_committed};
use ledger::tlog::Hash;
use ledger::tlog::addition::Addition;
use ledger::tlog::frontier::Frontier;
use ledger::tlog::maison::PublicKeys;
use ledger::tlog::note::{self, NoteFault};
use ledger::tlog::proof::extends;
use ledger::tlog::text::Proof;
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
    // Whose head it is that witnesses saw is not known without the keys of the house.
    if (options.temoins.is_some() || options.racines.is_some()) && seals.is_none() {
        return Err(Obstacle::NoPublishedKeys);
    }
    let (mut constats, mut tenus) = (Vec::new(), Vec::new());
    for fichier in manifeste.journaux.iter().filter(chosen) {
        let tenu = Tenu::of(fichier, seals.as_ref());
        let found = match &tenu {
            Ok(tenu) => examine(folder, manifeste.format, fichier, (seals.as_ref(), tenu.as_ref()))?,
            Err(fault) => faulty(fichier, fault.clone()),
        };
        let tenu = tenu.unwrap_or_default();
        // Left out, a checkpoint shows nothing, and proves nothing wrong.
        let unsealed = seals.is_some() && fichier.sceau.is_none() && tenu.is_none();
        tenus.push((fichier.journal(), tenu));
        let extract = (!fichier.is_whole())
            .then(|| format!("extrait, n° {} à {} sur {}", fichier.premiere, fichier.derniere, fichier.tete));
        let (portail, annee) = (fichier.portail.to_string(), fichier.annee.0);
        let constat = Constat {
            reserves: unsealed.then_some(Reserve::SansSceau).into_iter().collect(),
            extract,
            racine: Some(fichier.racine.clone()),
            ..Constat::of(portail, annee, Some(found))
        };
        tell(&constat, options, out)?;
        constats.push(constat);
    }
    if constats.is_empty() {
        return Err(Obstacle::NoJournal);
    }
    if !options.json {
        let said = manifeste.inscription();
        writeln!(out, "{said} (dit par le manifeste : seule la base permet de le contrôler)")?;
    }
    let opened = manifeste.contenus;
    let dehors = match &seals {
        Some(keys) => dehors(&manifeste, tenus, keys, options)?,
        None => Dehors::default(),
    };
    conclude(Bilan { constats, meta: None, dehors, opened }, options, out)
}

fn examine(
    folder: &Path,
    format: Format,
    fichier: &Fichier,
    (seals, tenu): (Option<&PublicKeys>, Option<&Tenu>),
) -> Result<verify::Verdict, Obstacle> {
    let total = u64::try_from(fichier.derniere - fichier.premiere + 1).unwrap_or_default();
    let bar = progress::bar(total, format!("{} {}", fichier.portail, spoken_annee(fichier.annee.0)));
    let sceau = match Sceau::of(fichier, seals) {
        Ok(sceau) => sceau,
        Err(fault) => return Ok(faulty(fichier, fault)),
    };
    let mut reading = Reading::new(fichier, sceau, tenu.map(|tenu| tenu.sceau));
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
            verdict.withheld += u64::from(matches!(event.contenu, Contenu::Sante));
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
    /// The head that the meta-journal has.
    consigne: Option<Sceau>,
    /// Over how many leaves the checkpoint was found good.
    met: Option<i64>,
}

impl<'f> Reading<'f> {
    fn new(fichier: &'f Fichier, sceau: Option<Sceau>, consigne: Option<Sceau>) -> Self {
        let last = fichier.premiere - 1;
        Self {
            fichier,
            last,
            suite: Suite::of(&fichier.journal()),
            racine: Frontier::default(),
            sceau,
            consigne,
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
        if let Some(consigne) = self.consigne.filter(|consigne| consigne.size == event.position)
            && consigne.root != self.racine.root()
        {
            return Err(Fault::Root);
        }
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
        if let Some(consigne) = self.consigne.filter(|consigne| consigne.size > self.last) {
            return Some(Fault::Cut { sealed: consigne.size, found: self.last });
        }
        (hex(&self.racine.root().0) != self.fichier.racine).then_some(Fault::Root)
    }
}

fn faulty(fichier: &Fichier, fault: Fault) -> verify::Verdict {
    let fault = Some(Located { position: fichier.derniere, fault });
    verify::Verdict { fault, ..verify::Verdict::default() }
}

/// That the meta-journal has a head of a file's journal.
struct Tenu {
    /// That head.
    sceau: Sceau,
    /// Where it is.
    index: u64,
    /// The head of the meta-journal, with what witnesses signed.
    meta: String,
}

impl Tenu {
    /// What a file shows of it, where there are keys to judge it.
    fn of(fichier: &Fichier, keys: Option<&PublicKeys>) -> Result<Option<Self>, Fault> {
        let (Some(Consignation { sceau, preuve }), Some(keys)) = (&fichier.consignation, keys) else {
            return Ok(None);
        };
        let own = keys.of(&fichier.journal());
        let head = note::open(sceau, own.iter().map(String::as_str))
            .map_err(|fault| Fault::Seal(fault.to_string()))?;
        let proof = Proof::parse(preuve).map_err(|_| Fault::Consigned)?;
        let (leaf, all) = (Hash(leaf_hash(sceau.as_bytes())), keys.of_all());
        proof.verify(leaf, all.iter().map(String::as_str)).map_err(|_| Fault::Consigned)?;
        let sceau = Sceau { size: position(head.size()), root: *head.hash() };
        Ok(Some(Self { sceau, index: proof.index, meta: proof.checkpoint }))
    }
}

/// What witnesses and authorities say of the files.
fn dehors(
    manifeste: &Manifeste,
    tenus: Vec<(Journal, Option<Tenu>)>,
    keys: &PublicKeys,
    options: &cli::Verifier,
) -> Result<Dehors, Obstacle> {
    let meta = tenus.iter().find_map(|(_, tenu)| Some(tenu.as_ref()?.meta.clone())).unwrap_or_default();
    let dates = match &options.racines {
        Some(path) => {
            // Without a head of the meta-journal nothing shows that these are over one.
            let carried = manifeste.horodatages.iter().filter(|_| !meta.is_empty());
            let jetons: Vec<_> = carried.map(|one| jeton(one, &meta, keys)).collect();
            let at = |tenu: Tenu| dates::Consignation { index: tenu.index, taille: tenu.sceau.size };
            // Of one head alone it is known what it goes on from.
            let under = |tenu: &Tenu| tenu.meta == meta;
            let journaux = tenus.into_iter().map(|(journal, tenu)| (journal, tenu.filter(under).map(at)));
            Some(Dates::judged(&jetons, journaux.collect(), &dates::roots(path)?))
        }
        None => None,
    };
    Dehors::shown(&meta, dates, options)
}

fn jeton(carried: &Horodatage, meta: &str, keys: &PublicKeys) -> Jeton {
    let Horodatage { taille, note, jeton, prolongement } = carried;
    let token = STANDARD.decode(jeton).unwrap_or_default();
    let est_d_ici = goes_on(*taille, note, prolongement, meta, keys).unwrap_or(false);
    Jeton { taille: *taille, note: note.clone(), token, est_d_ici }
}

/// Whether a head of the meta-journal goes on from an older one.
fn goes_on(taille: u64, note: &str, prolongement: &str, meta: &str, keys: &PublicKeys) -> Option<bool> {
    let all = keys.of_all();
    let opened = |note: &str| note::open(note, all.iter().map(String::as_str)).ok();
    let (old, head, addition) = (opened(note)?, opened(meta)?, Addition::parse(prolongement)?);
    let same = old.size() == taille && addition.old == taille && addition.checkpoint == meta;
    Some(same && extends(&addition.proof, head.size(), *head.hash(), taille, *old.hash()))
}

/// The checkpoint that an export carries.
#[derive(Clone, Copy)]
struct Sceau {
    size: i64,
    root: Hash,
}

impl Sceau {
    /// Its signature is looked at where there are keys to; without them it is one more sum
    /// that who made the export could have made.
    fn of(fichier: &Fichier, keys: Option<&PublicKeys>) -> Result<Option<Self>, Fault> {
        let taken = |fault: NoteFault| Fault::Seal(fault.to_string());
        let Some(note) = &fichier.sceau else { return Ok(None) };
        let head = match keys {
            Some(keys) => {
                note::open(note, keys.of(&fichier.journal()).iter().map(String::as_str)).map_err(taken)?
            }
            None => note::read(note).map_err(taken)?,
        };
        Ok(Some(Self { size: position(head.size()), root: *head.hash() }))
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
