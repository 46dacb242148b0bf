//! The meta-journal over HTTP: whole, and the timestamps over its heads. With an auditor's token
//! its leaves are read: each is the head of a journal of the house, signed, or a clôture, and
//! between two clôtures of a journal no day is left out.

use super::dates::Jeton;
use super::marche::{Voulu, walk};
use super::miroir::{Miroir, MiroirFault};
use super::tuiles::opened;
use crate::obstacle::Obstacle;
use domain::AnneeScolaire;
use futures::stream::{self, StreamExt, TryStreamExt};
use ledger::sealer::closing::Cloture;
use ledger::sealer::turns::Turns;
use ledger::timestamp::query::token_in;
use ledger::tlog::maison::PublicKeys;
use ledger::tlog::{Checkpoint, Hash, note};
use ledger::verify::{Fault, Verdict};
use serde::Deserialize;
use std::collections::HashMap;

/// Timestamps asked for at a time.
const AT_ONCE: usize = 8;

/// A leaf that the meta-journal should have.
pub struct Tenue {
    /// Its index.
    pub index: u64,
    /// Its hash.
    pub empreinte: Hash,
}

/// What was found.
pub struct Registre {
    /// Its head, as it is published.
    pub checkpoint: String,
    /// Whether it is whole.
    pub found: Verdict,
    /// The timestamps over its heads, where they were wanted.
    pub jetons: Vec<Jeton>,
    /// Whether it has the leaf that it should.
    pub tient: bool,
}

/// One of the published list.
#[derive(Deserialize)]
struct Publie {
    size: u64,
}

impl Registre {
    /// Reads the one at this address.
    pub async fn read(
        miroir: &Miroir,
        keys: &PublicKeys,
        tenue: Option<Tenue>,
        dates: bool,
    ) -> Result<Self, Obstacle> {
        // Before the head, which then covers what they are over.
        let mut jetons = if dates { jetons(miroir).await? } else { Vec::new() };
        let checkpoint = miroir.checkpoint().await?;
        let own = keys.of_all();
        let head = match opened(&checkpoint, &own) {
            Ok(head) => head,
            Err(located) => {
                let found = Verdict { fault: Some(located), ..Verdict::default() };
                return Ok(Self { checkpoint, found, jetons: Vec::new(), tient: false });
            }
        };
        let dated = |jeton: &Jeton| note::open(&jeton.note, own.iter().map(String::as_str)).ok();
        let heads: Vec<Option<Checkpoint>> = jetons.iter().map(dated).collect();
        let tailles = heads.iter().flatten().map(Checkpoint::size).collect();
        let voulu = Voulu { tailles, feuille: tenue.as_ref().map(|tenue| tenue.index) };
        let mut leaves = Feuilles { keys, turns: HashMap::new() };
        let marche = walk(miroir, &head, voulu, |leaf| leaves.next(leaf)).await?;
        for (jeton, head) in jetons.iter_mut().zip(&heads) {
            let ours = head.as_ref().is_some_and(|head| {
                head.size() == jeton.taille && marche.racines.get(&head.size()) == Some(head.hash())
            });
            jeton.est_d_ici = ours;
        }
        let tient = tenue.is_some_and(|tenue| marche.feuille == Some(tenue.empreinte));
        Ok(Self { checkpoint, found: marche.found, jetons, tient })
    }
}

async fn jetons(miroir: &Miroir) -> Result<Vec<Jeton>, Obstacle> {
    let listed: Vec<Publie> = miroir.json("horodatages").await?;
    let fetched = stream::iter(listed).map(|one| jeton(miroir, one.size)).buffered(AT_ONCE);
    Ok(fetched.try_collect().await?)
}

async fn jeton(miroir: &Miroir, taille: u64) -> Result<Jeton, MiroirFault> {
    let answer = miroir.bytes(&format!("horodatages/{taille}.tsr")).await?;
    let file = format!("horodatages/{taille}.note");
    let note = String::from_utf8(miroir.bytes(&file).await?).map_err(|_| MiroirFault::Unlike { file })?;
    // What is no answer is no token either, and is said when it is judged.
    let token = token_in(&answer).unwrap_or(answer);
    Ok(Jeton { taille, note, token, est_d_ici: false })
}

/// Its leaves, one after the other.
struct Feuilles<'k> {
    keys: &'k PublicKeys,
    turns: HashMap<(String, i16), Turns>,
}

impl Feuilles<'_> {
    fn next(&mut self, leaf: &[u8]) -> Result<(), Fault> {
        let text = std::str::from_utf8(leaf).map_err(|_| Fault::Envelope)?;
        if let Ok(Cloture { portail, annee, periode, du, au, .. }) = serde_json::from_str(text) {
            let from = || Turns::from(du, AnneeScolaire(annee));
            let turns = self.turns.entry((portail, annee)).or_insert_with(from);
            return turns.take(&periode, du, au).map_err(Fault::NotClosed);
        }
        let head = note::read(text).map_err(|_| Fault::Envelope)?;
        let journal = self.keys.journal(head.origin()).ok_or(Fault::Consigned)?;
        let opened = note::open(text, self.keys.of(&journal).iter().map(String::as_str));
        opened.map(drop).map_err(|fault| Fault::Seal(fault.to_string()))
    }
}
