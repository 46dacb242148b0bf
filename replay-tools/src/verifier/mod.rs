//! `verifier`: is each journal as it was recorded? Names the first fault of each, in the
//! database, in an [`export`] or from published [`tuiles`]; and what others than the house say
//! of it ([`dehors`], [`dates`]).

mod dates;
mod dehors;
pub mod export;
mod marche;
pub mod miroir;
mod registre;
mod reserve;
pub mod suite;
pub mod tuiles;

use crate::accord::accord;
use crate::cli;
use crate::connection::Source;
use crate::date::spoken_annee;
use crate::journaux::{Inventaire, inventory};
use crate::obstacle::Obstacle;
use crate::verdict::Verdict;
use crate::{faute, progress};
use dehors::Dehors;
use domain::AnneeScolaire;
use ledger::feed::Journal;
use ledger::seal::SealError;
use ledger::tlog::maison::PublicKeys;
use ledger::verify::{self, Fault, Located, Means, verify_journal, verify_meta};
use reserve::Reserve;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::io::{self, Write};
use std::path::Path;

/// What was found of one journal.
struct Constat {
    portail: String,
    annee: i16,
    /// None when its portal is no portal, so that the program cannot have written it.
    found: Option<verify::Verdict>,
    /// What it lacks to be wholly proven.
    reserves: Vec<Reserve>,
    /// That only a part was there to be verified, and which.
    extract: Option<String>,
    /// The root that an export announces.
    racine: Option<String>,
}

/// Runs the subcommand.
pub async fn run(source: &Source, options: &cli::Verifier, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let mut connection = source.reader().await?;
    let keys = if options.sans_contenus { None } else { source.keys(&mut connection).await? };
    let seals = published(options.sceaux.as_deref())?;
    let means = Means { contents: keys.as_ref(), seals: seals.as_ref() };
    let journals = asked(inventory(&mut connection).await?, options);
    if journals.is_empty() {
        return Err(Obstacle::NoJournal);
    }
    let mut constats = Vec::new();
    for journal in journals {
        let constat = examine(&mut connection, &journal, means).await?;
        tell(&constat, options, out)?;
        constats.push(constat);
    }
    let meta = verify_meta(&mut connection, means.seals).await?;
    if !options.json {
        write_meta(&meta, out)?;
    }
    let journaux: Vec<_> = constats.iter().filter_map(Constat::journal).collect();
    let dehors = Dehors::of(&mut connection, &journaux, options).await?;
    conclude(Bilan { constats, meta: Some(meta), dehors, opened: keys.is_some() }, options, out)
}

/// All that was found.
struct Bilan {
    constats: Vec<Constat>,
    /// Of the meta-journal, where it is at hand.
    meta: Option<verify::Verdict>,
    dehors: Dehors,
    /// Whether contents were.
    opened: bool,
}

/// The keys that the house publishes, if they were given.
pub fn published(path: Option<&Path>) -> Result<Option<PublicKeys>, Obstacle> {
    let Some(path) = path else { return Ok(None) };
    let text =
        std::fs::read_to_string(path).map_err(|source| Obstacle::File { path: path.to_owned(), source })?;
    let keys = PublicKeys::read(&text);
    keys.map(Some).map_err(|_| Obstacle::NotPublishedKeys { path: path.to_owned() })
}

/// Tells what was found of a journal as soon as it is: there may be hundreds.
fn tell(constat: &Constat, options: &cli::Verifier, out: &mut dyn Write) -> io::Result<()> {
    if options.json { Ok(()) } else { constat.write(out) }
}

/// Tells the verdict on the whole.
fn conclude(bilan: Bilan, options: &cli::Verifier, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let Bilan { constats, meta, dehors, opened } = bilan;
    let unopened = !opened && !options.sans_contenus;
    let doubt = if unopened { Verdict::Indetermine } else { Verdict::Valide };
    let of_meta = meta.as_ref().map_or(Verdict::Valide, of_meta);
    let verdict = constats.iter().map(Constat::verdict).fold(doubt, Verdict::max);
    let verdict = verdict.max(of_meta).max(dehors.verdict());
    if options.json {
        let journaux: Vec<Value> = constats.iter().map(Constat::json).collect();
        let told = json!({
            "verdict": verdict.word(), "contenus_ouverts": opened, "journaux": journaux,
            "meta": meta.as_ref().map(json_of_meta), "dehors": dehors.json(),
        });
        writeln!(out, "{told}")?;
    } else {
        dehors.write(out)?;
        writeln!(out, "\nVerdict : {verdict}{}", reservation(opened, unopened))?;
    }
    Ok(verdict)
}

fn of_meta(found: &verify::Verdict) -> Verdict {
    if found.fault.is_some() { Verdict::Invalide } else { Verdict::Valide }
}

fn write_meta(found: &verify::Verdict, out: &mut dyn Write) -> io::Result<()> {
    let verdict = of_meta(found);
    match &found.fault {
        Some(Located { position, fault }) => {
            writeln!(out, "méta-journal : {verdict} — feuille n° {position} : {}", faute::spoken(fault))
        }
        None => {
            let (leaves, seals) = (
                accord(found.leaves, "feuille", "feuilles"),
                accord(found.seals, "sceau conforme", "sceaux conformes"),
            );
            writeln!(out, "méta-journal : {verdict} — {leaves}, {seals} jusqu'au n° {}", found.sealed)
        }
    }
}

fn json_of_meta(found: &verify::Verdict) -> Value {
    let faute = found.fault.as_ref().map(|Located { position, fault }| {
        json!({ "position": position, "nature": faute::name(fault), "message": faute::spoken(fault) })
    });
    json!({
        "verdict": of_meta(found).word(),
        "feuilles_conformes": found.leaves,
        "sceaux_conformes": found.seals,
        "scelle_jusqu_au": found.sealed,
        "faute": faute,
    })
}

fn reservation(opened: bool, unopened: bool) -> &'static str {
    match (opened, unopened) {
        (true, _) => "",
        (false, true) => " — contenus non ouverts : donnez le fichier de clés (--cle), ou --sans-contenus",
        (false, false) => " — contenus non ouverts, comme demandé",
    }
}

fn asked(journals: Vec<Inventaire>, options: &cli::Verifier) -> Vec<Inventaire> {
    let of_portail = |found: &str| options.portail.as_ref().is_none_or(|asked| asked.as_str() == found);
    let of_annee = |found: i16| options.annee.is_none_or(|asked| asked.0 == found);
    let chosen = |journal: &Inventaire| of_portail(&journal.portail) && of_annee(journal.annee);
    journals.into_iter().filter(chosen).collect()
}

async fn examine(
    connection: &mut PgConnection,
    stored: &Inventaire,
    means: Means<'_>,
) -> Result<Constat, Obstacle> {
    let (portail, annee) = (stored.portail.clone(), stored.annee);
    let Ok(id) = portail.parse() else { return Ok(Constat::of(portail, annee, None)) };
    let journal = Journal { portail: id, annee: AnneeScolaire(annee) };
    let total = u64::try_from(stored.evenements).unwrap_or_default();
    let bar = progress::bar(total, format!("{portail} {}", spoken_annee(annee)));
    let mut found = verify_journal(connection, &journal, means, |read| bar.set_position(read)).await?;
    if found.fault.as_ref().is_some_and(|located| lacks_a_key(&located.fault)) {
        // Everything but the contents can be checked still, and a fault says more.
        let closed = Means { contents: None, ..means };
        let closed = verify_journal(connection, &journal, closed, |read| bar.set_position(read)).await?;
        found = if closed.fault.is_some() { closed } else { found };
    }
    bar.finish_and_clear();
    Ok(Constat::of(portail, annee, Some(found)))
}

impl Constat {
    fn of(portail: String, annee: i16, found: Option<verify::Verdict>) -> Self {
        let unclosed = found.as_ref().and_then(|found| found.unclosed);
        let reserves = unclosed.map(|(du, au)| Reserve::ClotureAnterieure { du, au }).into_iter().collect();
        Self { portail, annee, found, reserves, extract: None, racine: None }
    }

    /// Which journal it is of, if it is one that the program can have written.
    fn journal(&self) -> Option<Journal> {
        Some(Journal { portail: self.portail.parse().ok()?, annee: AnneeScolaire(self.annee) })
    }

    fn verdict(&self) -> Verdict {
        match &self.found {
            None => Verdict::Invalide,
            Some(found) => match &found.fault {
                None if self.reserves.is_empty() => Verdict::Valide,
                None => Verdict::Indetermine,
                Some(located) if lacks_a_key(&located.fault) => Verdict::Indetermine,
                Some(_) => Verdict::Invalide,
            },
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}, {} : ", self.portail.escape_debug(), spoken_annee(self.annee))?;
        match &self.found {
            None => writeln!(out, "{} — {NO_PORTAIL}", self.verdict()),
            Some(found) => match &found.fault {
                None => {
                    write!(out, "{} — {}", self.verdict(), extent(found))?;
                    let notes = self.extract.iter().cloned();
                    let mut notes = notes.chain(self.racine.iter().map(|racine| format!("racine {racine}")));
                    notes.try_for_each(|note| write!(out, ", {note}"))?;
                    self.reserves.iter().try_for_each(|one| write!(out, " — {}", one.spoken()))?;
                    writeln!(out)
                }
                Some(located) => {
                    let (position, reason) = (located.position, reason(&located.fault));
                    writeln!(out, "{} — événement n° {position} : {reason}", self.verdict())
                }
            },
        }
    }

    fn json(&self) -> Value {
        let mut told = json!({
            "portail": self.portail, "annee": self.annee, "verdict": self.verdict().word()
        });
        let faute = match &self.found {
            None => json!({ "nature": "portail", "message": NO_PORTAIL }),
            Some(found) => {
                told["evenements_conformes"] = found.leaves.into();
                told["contenus_conformes"] = found.contents.into();
                told["contenus_effaces"] = found.erased.into();
                told["contenus_reserves"] = found.withheld.into();
                told["sceaux_conformes"] = found.seals.into();
                told["scelle_jusqu_au"] = found.sealed.into();
                told["clotures_conformes"] = found.closings.into();
                match &found.fault {
                    None => Value::Null,
                    Some(located) => json!({
                        "position": located.position,
                        "nature": if lacks_a_key(&located.fault) { "cle_absente" } else { faute::name(&located.fault) },
                        "message": reason(&located.fault),
                    }),
                }
            }
        };
        told["faute"] = faute;
        let reserve = |one: &Reserve| json!({ "nature": one.name(), "message": one.spoken() });
        told["reserves"] = self.reserves.iter().map(reserve).collect();
        if let Some(racine) = &self.racine {
            told["racine"] = racine.as_str().into();
            told["extrait"] = self.extract.is_some().into();
        }
        told
    }
}

/// How much was checked and found good.
fn extent(found: &verify::Verdict) -> String {
    let mut text = accord(found.leaves, "événement", "événements");
    if found.contents + found.erased > 0 {
        text.push_str(&format!(
            ", {}, {}",
            accord(found.contents, "contenu conforme", "contenus conformes"),
            accord(found.erased, "contenu effacé", "contenus effacés")
        ));
    }
    if found.withheld > 0 {
        let withheld = accord(found.withheld, "contenu de santé réservé", "contenus de santé réservés");
        text.push_str(&format!(", {withheld}"));
    }
    if found.seals > 0 {
        let seals = accord(found.seals, "sceau conforme", "sceaux conformes");
        text.push_str(&format!(", {seals} jusqu'au n° {}", found.sealed));
    }
    if found.closings > 0 {
        text.push_str(&format!(", {}", accord(found.closings, "clôture conforme", "clôtures conformes")));
    }
    text
}

const NO_PORTAIL: &str = "ce journal porte un nom qui n'est celui d'aucun portail";

/// A content whose master key is not in the key file is not wrong: it was not opened.
fn lacks_a_key(fault: &Fault) -> bool {
    matches!(fault, Fault::Content(detail) if *detail == SealError::UnknownKek.to_string())
}

fn reason(fault: &Fault) -> String {
    if lacks_a_key(fault) {
        "à partir de là, une clé maîtresse manque au fichier de clés et des contenus restent fermés"
            .to_owned()
    } else {
        faute::spoken(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constat(fault: Option<Fault>) -> Constat {
        let fault = fault.map(|fault| Located { position: 57, fault });
        let found = verify::Verdict {
            leaves: 56,
            contents: 50,
            erased: 6,
            seals: 3,
            sealed: 55,
            closings: 2,
            ..verify::Verdict::default()
        };
        Constat::of("0750001a".to_owned(), 2026, Some(verify::Verdict { fault, ..found }))
    }

    fn written(constat: &Constat) -> String {
        let mut out = Vec::new();
        constat.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        let constat = constat(Some(Fault::Ciphertext));
        assert_eq!(constat.verdict(), Verdict::Invalide);
        let text = written(&constat);
        assert!(
            text.starts_with("0750001a, 2026-2027 : INVALIDE — événement n° 57 : le contenu chiffré"),
            "{text}"
        );
        assert_eq!(constat.json()["faute"]["nature"], "contenu_chiffre");
    }

    #[test]
    fn a_sound_journal_says_how_much_was_checked() {
        let constat = constat(None);
        assert_eq!(constat.verdict(), Verdict::Valide);
        assert!(written(&constat).contains(
            "56 événements, 50 contenus conformes, 6 contenus effacés, 3 sceaux conformes jusqu'au n° 55, 2 clôtures conformes"
        ));
        assert_eq!(constat.json()["faute"], Value::Null);
    }

    #[test]
    fn what_is_missing_leaves_the_verdict_open_and_a_fault_outweighs_it() {
        let reserves = vec![Reserve::SansSceau];
        let open = Constat { reserves: reserves.clone(), ..constat(None) };
        assert_eq!(open.verdict(), Verdict::Indetermine);
        assert!(written(&open).contains("INDÉTERMINÉ — 56 événements"), "{}", written(&open));
        assert!(written(&open).contains("— il n'emporte aucun sceau"), "{}", written(&open));
        assert_eq!(open.json()["faute"], Value::Null);
        assert_eq!(open.json()["reserves"][0]["nature"], "sceau_absent");
        let wrong = Constat { reserves, ..constat(Some(Fault::Leaf)) };
        assert_eq!(wrong.verdict(), Verdict::Invalide);
    }

    #[test]
    fn a_key_that_the_file_lacks_accuses_nobody() {
        let constat = constat(Some(Fault::Content(SealError::UnknownKek.to_string())));
        assert_eq!(constat.verdict(), Verdict::Indetermine);
        assert_eq!(constat.json()["faute"]["nature"], "cle_absente");
    }

    #[test]
    fn a_journal_of_no_portal_is_invalid_and_its_name_cannot_drive_the_terminal() {
        let constat = Constat::of("\u{1b}[2J".to_owned(), 2026, None);
        assert_eq!(constat.verdict(), Verdict::Invalide);
        assert!(!written(&constat).contains('\u{1b}'));
    }
}
