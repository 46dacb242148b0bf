//! What files that come and go hold: of memory, all together; of places, each compte.
//!
//! A file that goes holds a chunk, one that comes its chunk and the parts that are on their way to the
//! store. Both are taken from one budget before the first byte, and given back with the last: who finds
//! it spent is told so while there is memory to say it. Slow connections hold theirs for long, so one
//! compte has few at a time, and what comes leaves a quarter to what goes.

use super::Sans;
use domain::CompteId;
use ledger::seal::chunks::CHUNK;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Kibibytes that all files on their way may hold.
const BUDGET: usize = 128 * 1024;
/// Kibibytes of these that those which are deposited may hold: they may come slowly, and what is read
/// does not wait for them.
const DEPOTS: usize = 96 * 1024;
/// Kibibytes of a chunk.
const MORCEAU: u32 = (CHUNK / 1024) as u32;

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sens {
    /// It is deposited.
    Depot,
    /// It is read.
    Lecture,
}

impl Sens {
    /// How many of one compte go this way at a time: as many as a browser sends at once, and some more
    /// that it shows.
    const fn a_la_fois(self) -> usize {
        match self {
            Self::Depot => 4,
            Self::Lecture => 8,
        }
    }

    /// Kibibytes that a file of so many bytes holds. In the clear and sealed, it has a chunk at most;
    /// while it comes, two parts of five mebibytes more are on their way to the store.
    fn tient(self, octets: u64) -> u32 {
        let whole = u32::try_from(octets.div_ceil(1024)).unwrap_or(u32::MAX);
        match self {
            Self::Depot => whole.clamp(2 * MORCEAU, 12 * MORCEAU),
            Self::Lecture => 2 * whole.clamp(1, MORCEAU),
        }
    }
}

type EnCours = Mutex<HashMap<(CompteId, Sens), usize>>;

/// All files on their way. Cheap to clone.
#[derive(Clone)]
pub(super) struct Transit {
    memoire: Arc<Semaphore>,
    depots: Arc<Semaphore>,
    en_cours: Arc<EnCours>,
}

/// What one file holds, for as long as it is kept.
pub(super) struct Part {
    _rang: Rang,
    _depot: Option<OwnedSemaphorePermit>,
    _memoire: OwnedSemaphorePermit,
}

/// A place among those of a compte.
struct Rang {
    en_cours: Arc<EnCours>,
    cle: (CompteId, Sens),
}

impl Transit {
    pub fn new() -> Self {
        let of = |kibibytes| Arc::new(Semaphore::new(kibibytes));
        Self { memoire: of(BUDGET), depots: of(DEPOTS), en_cours: Arc::default() }
    }

    /// Takes what a file of so many bytes needs on its way, if the compte and all have so much left.
    pub fn prendre(&self, sens: Sens, compte: CompteId, octets: u64) -> Result<Part, Sans> {
        let rang = self.rang(sens, compte)?;
        let of = |those: &Arc<Semaphore>| {
            those.clone().try_acquire_many_owned(sens.tient(octets)).map_err(|_| Sans::Plein)
        };
        let depot = (sens == Sens::Depot).then(|| of(&self.depots)).transpose()?;
        Ok(Part { _rang: rang, _depot: depot, _memoire: of(&self.memoire)? })
    }

    fn rang(&self, sens: Sens, compte: CompteId) -> Result<Rang, Sans> {
        let cle = (compte, sens);
        let mut en_cours = self.en_cours.lock().unwrap_or_else(PoisonError::into_inner);
        let count = en_cours.entry(cle).or_default();
        if *count >= sens.a_la_fois() {
            return Err(Sans::TropALaFois(sens.a_la_fois()));
        }
        *count += 1;
        Ok(Rang { en_cours: self.en_cours.clone(), cle })
    }
}

impl Drop for Rang {
    fn drop(&mut self) {
        let mut en_cours = self.en_cours.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = en_cours.get_mut(&self.cle) {
            *count -= 1;
            if *count == 0 {
                en_cours.remove(&self.cle);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIO: u64 = 1 << 20;

    fn compte(number: usize) -> CompteId {
        CompteId::derived(&[&number.to_string()])
    }

    #[test]
    fn a_file_holds_what_it_has_and_no_more_than_what_is_kept_of_it() {
        assert_eq!([1, 3 * MIO, 20 * MIO].map(|octets| Sens::Depot.tient(octets)), [2048, 3072, 12 * 1024]);
        assert_eq!([0, 1, MIO, 20 * MIO].map(|octets| Sens::Lecture.tient(octets)), [2, 2, 2048, 2048]);
    }

    #[test]
    fn one_compte_has_few_at_a_time_each_way_and_keeps_nobody_out() {
        let transit = Transit::new();
        let one = || transit.prendre(Sens::Depot, compte(1), MIO);
        let held: Vec<_> = (0..4).map(|_| one().ok().unwrap()).collect();
        assert!(matches!(one(), Err(Sans::TropALaFois(4))));
        assert!(transit.prendre(Sens::Lecture, compte(1), MIO).is_ok());
        assert!(transit.prendre(Sens::Depot, compte(2), MIO).is_ok());
        drop(held);
        assert!(one().is_ok());
        assert!(transit.en_cours.lock().unwrap().is_empty(), "nobody is remembered");
    }

    #[test]
    fn what_comes_leaves_some_to_what_goes() {
        let transit = Transit::new();
        let deposit = |number| transit.prendre(Sens::Depot, compte(number), 20 * MIO);
        let coming: Vec<_> = (0..8).map(|number| deposit(number).ok().unwrap()).collect();
        assert!(matches!(deposit(8), Err(Sans::Plein)));
        assert!(transit.prendre(Sens::Lecture, compte(8), 20 * MIO).is_ok());
        drop(coming);
        assert!(deposit(8).is_ok());
    }

    #[test]
    fn what_comes_and_what_goes_draw_on_one_budget() {
        let transit = Transit::new();
        let read = |number| transit.prendre(Sens::Lecture, compte(number), 20 * MIO);
        let going: Vec<_> = (0..64).map(|number| read(number).ok().unwrap()).collect();
        assert!(matches!(transit.prendre(Sens::Depot, compte(100), 1), Err(Sans::Plein)));
        assert!(matches!(transit.prendre(Sens::Lecture, compte(100), 1), Err(Sans::Plein)));
        assert!(!transit.en_cours.lock().unwrap().contains_key(&(compte(100), Sens::Depot)));
        drop(going);
        assert!(transit.prendre(Sens::Depot, compte(100), 20 * MIO).is_ok());
    }
}
