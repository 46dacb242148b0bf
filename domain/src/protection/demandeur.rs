//! Who asks about whose data.

use crate::PersonneId;
use chrono::{Months, NaiveDate};

/// Age from which one asks for oneself (code civil, art. 414), in months.
const MAJORITE: u32 = 18 * 12;

/// Someone who asks, and about whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demandeur {
    /// About whom.
    pub personne: PersonneId,
    /// Who asks.
    pub par: PersonneId,
    /// When the person was born, if the directory knows.
    pub naissance: Option<NaiveDate>,
    /// On which day.
    pub le: NaiveDate,
}

impl Demandeur {
    /// Whether nobody may ask in the person's place any more: he or she is of age.
    pub fn trop_tard(&self) -> bool {
        let of_age = |born: NaiveDate| born.checked_add_months(Months::new(MAJORITE));
        self.par != self.personne && self.naissance.and_then(of_age).is_some_and(|day| day <= self.le)
    }
}
