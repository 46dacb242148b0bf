//! Draws: the generator's randomness, all of it from the plan's seed.

use super::noms;
use chrono::{Days, NaiveDate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Names of one invented person.
pub(super) struct Noms {
    pub(super) feminin: bool,
    pub(super) prenom: &'static str,
    pub(super) naissance: &'static str,
    pub(super) usage: String,
}

/// The dice, and the next key.
pub(super) struct Tirage {
    des: ChaCha8Rng,
    cle: u64,
}

impl Tirage {
    pub(super) fn de(seed: u64) -> Self {
        Self { des: ChaCha8Rng::seed_from_u64(seed), cle: 2_000_000 }
    }

    /// A key that nobody else has.
    pub(super) fn cle(&mut self) -> String {
        self.cle += 1;
        self.cle.to_string()
    }

    /// True `pour_cent` times out of a hundred.
    pub(super) fn chance(&mut self, pour_cent: u32) -> bool {
        self.des.random_ratio(pour_cent.min(100), 100)
    }

    /// A number below `borne`.
    pub(super) fn sous(&mut self, borne: u32) -> u32 {
        self.des.random_range(0..borne.max(1))
    }

    pub(super) fn part(&mut self) -> f64 {
        self.des.random()
    }

    pub(super) fn parmi(&mut self, liste: &[&'static str]) -> &'static str {
        let rang = self.sous(u32::try_from(liste.len()).unwrap_or(u32::MAX)) as usize;
        liste.get(rang).copied().unwrap_or_default()
    }

    pub(super) fn nom(&mut self) -> &'static str {
        self.parmi(noms::FAMILLES)
    }

    /// A person of that surname.
    pub(super) fn personne(&mut self, feminin: bool, naissance: &'static str) -> Noms {
        let prenom = self.parmi(if feminin { noms::FEMININS } else { noms::MASCULINS });
        Noms { feminin, prenom, naissance, usage: naissance.to_owned() }
    }

    /// A day of that year.
    pub(super) fn jour(&mut self, annee: i32) -> NaiveDate {
        let premier = NaiveDate::from_ymd_opt(annee, 1, 1).unwrap_or_default();
        premier.checked_add_days(Days::new(u64::from(self.sous(365)))).unwrap_or(premier)
    }

    pub(super) fn melanger<T>(&mut self, liste: &mut [T]) {
        use rand::seq::SliceRandom;
        liste.shuffle(&mut self.des);
    }
}
