//! Draws: the generator's randomness, all of it from the plan's seed.

use super::noms;
use chrono::{Days, NaiveDate};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Names of one invented person.
pub(super) struct Noms {
    pub(super) feminin: bool,
    pub(super) prenom: &'static str,
    pub(super) naissance: &'static str,
    pub(super) usage: String,
}

/// Names to draw from.
struct Listes {
    feminins: Vec<&'static str>,
    masculins: Vec<&'static str>,
    familles: Vec<&'static str>,
    etablissements: Vec<&'static str>,
    communes: Vec<&'static str>,
}

/// The dice, the lists, and the next key.
pub(super) struct Tirage {
    des: ChaCha8Rng,
    listes: Listes,
    cle: u64,
}

impl Tirage {
    pub(super) fn de(seed: u64) -> Self {
        let listes = Listes {
            feminins: noms::FEMININS.lines().collect(),
            masculins: noms::MASCULINS.lines().collect(),
            familles: noms::FAMILLES.lines().collect(),
            etablissements: noms::ETABLISSEMENTS.lines().collect(),
            communes: noms::COMMUNES.lines().collect(),
        };
        Self { des: ChaCha8Rng::seed_from_u64(seed), listes, cle: 2_000_000 }
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

    /// A number from 0 to 1.
    pub(super) fn part(&mut self) -> f64 {
        self.des.random()
    }

    pub(super) fn nom(&mut self) -> &'static str {
        parmi(&mut self.des, &self.listes.familles)
    }

    pub(super) fn etablissement(&mut self) -> &'static str {
        parmi(&mut self.des, &self.listes.etablissements)
    }

    pub(super) fn commune(&mut self) -> &'static str {
        parmi(&mut self.des, &self.listes.communes)
    }

    /// A person of that surname.
    pub(super) fn personne(&mut self, feminin: bool, naissance: &'static str) -> Noms {
        let prenoms = if feminin { &self.listes.feminins } else { &self.listes.masculins };
        let prenom = parmi(&mut self.des, prenoms);
        Noms { feminin, prenom, naissance, usage: naissance.to_owned() }
    }

    /// A day of that year.
    pub(super) fn jour(&mut self, annee: i32) -> NaiveDate {
        let premier = NaiveDate::from_ymd_opt(annee, 1, 1).unwrap_or_default();
        premier.checked_add_days(Days::new(u64::from(self.sous(365)))).unwrap_or(premier)
    }

    pub(super) fn melanger<T>(&mut self, liste: &mut [T]) {
        liste.shuffle(&mut self.des);
    }
}

fn parmi(des: &mut ChaCha8Rng, liste: &[&'static str]) -> &'static str {
    liste.choose(des).copied().unwrap_or_default()
}
