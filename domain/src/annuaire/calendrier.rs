//! The calendar of an établissement: from when to when a school year is lived there, and into
//! which periods each division cuts it.
//!
//! Periods follow one another without a gap or an overlap, from the first day of the year to
//! the last one: every day of school is in exactly one. Days are those of Europe/Paris, both
//! ends included. Where a year is given other days, the first period of each division begins with it and
//! the last one ends with it; a division of which that would leave out a period loses them all.
//! Source: code de l'éducation, art. L521-1 (the school year) and D111-3 (what families are
//! told at the end of each period).

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, DivisionId, Lacune, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A part of a school year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Periode {
    /// Its name.
    pub libelle: String,
    /// First day.
    pub debut: NaiveDate,
    /// Last day.
    pub fin: NaiveDate,
}

/// Into how many parts a year is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decoupage {
    /// Three.
    Trimestres,
    /// Two.
    Semestres,
}

impl Decoupage {
    /// How many periods there are at most.
    pub const MAX: usize = 3;

    /// How many periods there are.
    pub const fn nombre(self) -> usize {
        match self {
            Self::Trimestres => 3,
            Self::Semestres => 2,
        }
    }

    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trimestres => "trimestres",
            Self::Semestres => "semestres",
        }
    }
}

/// What becomes of a period whose days would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redecoupage {
    /// Of which division.
    pub division: DivisionId,
    /// Which one in the year, from 1.
    pub rang: u16,
    /// The first and the last day that it would have; nothing, if it would be no more.
    pub jours: Option<(NaiveDate, NaiveDate)>,
}

/// What may be asked of a calendar.
#[derive(Debug, Clone)]
pub enum CalendrierCommand {
    /// Says from when to when a school year is lived.
    FixerAnnee {
        /// Which one.
        annee: AnneeScolaire,
        /// First day.
        debut: NaiveDate,
        /// Last day.
        fin: NaiveDate,
    },
    /// Cuts a school year into the periods of a division.
    FixerPeriodes {
        /// Which year.
        annee: AnneeScolaire,
        /// Whose periods.
        division: DivisionId,
        /// Whether the directory knows this division in the établissement.
        connue: bool,
        /// Into how many.
        decoupage: Decoupage,
        /// The periods, in the order of their days.
        periodes: Vec<Periode>,
    },
    /// Asks whether a period still has these days; nothing happens to the calendar.
    Confirmer {
        /// Of which year.
        annee: AnneeScolaire,
        /// Of which division.
        division: DivisionId,
        /// Which one in the year, from 1.
        rang: u16,
        /// Its first and its last day, as who asks knows them.
        jours: (NaiveDate, NaiveDate),
    },
}

events! {
    /// What happens to a calendar.
    pub enum CalendrierEvent {
        /// A school year is lived from that day to that day; its periods are to be cut, or are said
        /// anew with it.
        AnneeFixee = "annuaire.calendrier.annee_fixee" v 1 Annuaire {
            annee: AnneeScolaire, debut: NaiveDate, fin: NaiveDate,
        },
        /// A division cuts it into these periods.
        PeriodesFixees = "annuaire.calendrier.periodes_fixees" v 1 Annuaire {
            annee: AnneeScolaire, division: DivisionId, decoupage: Decoupage, periodes: Vec<Periode>,
        },
    }
}

refusals! {
    /// Why a calendar refuses.
    pub enum RefusCalendrier {
        AnneeHorsBornes { annee: AnneeScolaire } = "ANNEE_HORS_BORNES" at "debut":
            "L'année scolaire {annee} va du 1er août {annee} au 31 juillet suivant : donnez un premier et un dernier jour dans cet ordre, et dans ces bornes.",
        AnneeNonFixee { annee: AnneeScolaire } = "ANNEE_NON_FIXEE" at "annee":
            "Le premier et le dernier jour de l'année {annee} ne sont pas fixés : fixez-les d'abord.",
        DivisionInconnue = "DIVISION_INCONNUE" at "division":
            "Cette division n'existe pas dans l'établissement : ouvrez-la d'abord.",
        NombreDePeriodes { attendu: usize } = "NOMBRE_DE_PERIODES" at "periodes":
            "Ce découpage compte {attendu} périodes : donnez-les toutes, et elles seules.",
        PeriodeAnonyme = "PERIODE_SANS_NOM" at "periodes":
            "Une période porte un nom, en une ligne de 1 à 200 caractères.",
        PeriodesChevauchees { jour: NaiveDate } = "PERIODES_CHEVAUCHEES" at "periodes":
            "Le {jour} est dans deux périodes, ou avant celle qui précède : chaque jour d'école est dans une seule.",
        JourSansPeriode { jour: NaiveDate } = "JOUR_SANS_PERIODE" at "periodes":
            "Le {jour} n'est dans aucune période : elles couvrent toute l'année, du premier au dernier jour.",
        PeriodeRedecoupee = "PERIODE_REDECOUPEE":
            "Le calendrier de cette division vient de changer : relisez ses périodes, puis recommencez.",
    }
}

/// Longest name, in characters.
const TEXTE_MAX: usize = 200;

/// A school year as it is lived, and the periods of the divisions that have cut it.
#[derive(Debug, Clone)]
struct Annee {
    debut: NaiveDate,
    fin: NaiveDate,
    periodes: BTreeMap<DivisionId, (Decoupage, Vec<Periode>)>,
}

/// The calendar of an établissement.
#[derive(Debug, Clone, Default)]
pub struct Calendrier(BTreeMap<AnneeScolaire, Annee>);

impl Aggregate for Calendrier {
    const TYPE: &'static str = "annuaire.calendrier";
    /// What was erased is fixed again.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = CalendrierCommand;
    type Event = CalendrierEvent;
    type Refus = RefusCalendrier;

    fn decide(&self, command: CalendrierCommand) -> Result<Vec<CalendrierEvent>, RefusCalendrier> {
        match command {
            CalendrierCommand::FixerAnnee { annee, debut, fin } => self.fixer(annee, debut, fin),
            CalendrierCommand::FixerPeriodes { annee, division, connue, decoupage, periodes } => {
                if !connue {
                    return Err(RefusCalendrier::DivisionInconnue);
                }
                self.decouper(annee, division, decoupage, periodes)
            }
            CalendrierCommand::Confirmer { annee, division, rang, jours } => {
                let known = self.jours(annee, division, rang);
                (known == Some(jours)).then(Vec::new).ok_or(RefusCalendrier::PeriodeRedecoupee)
            }
        }
    }

    fn apply(&mut self, event: CalendrierEvent) {
        match event {
            CalendrierEvent::AnneeFixee { annee, debut, fin } => {
                self.0.insert(annee, Annee { debut, fin, periodes: BTreeMap::new() });
            }
            CalendrierEvent::PeriodesFixees { annee, division, decoupage, periodes } => {
                if let Some(known) = self.0.get_mut(&annee) {
                    known.periodes.insert(division, (decoupage, periodes));
                }
            }
        }
    }
}

impl Calendrier {
    /// The first and the last day of a period.
    fn jours(&self, annee: AnneeScolaire, division: DivisionId, rang: u16) -> Option<(NaiveDate, NaiveDate)> {
        let (_, periodes) = self.0.get(&annee)?.periodes.get(&division)?;
        Some(periodes.get(usize::from(rang).checked_sub(1)?)?.jours())
    }

    fn fixer(
        &self,
        annee: AnneeScolaire,
        debut: NaiveDate,
        fin: NaiveDate,
    ) -> Result<Vec<CalendrierEvent>, RefusCalendrier> {
        if !dans_l_annee(annee, debut, fin) {
            return Err(RefusCalendrier::AnneeHorsBornes { annee });
        }
        let known = self.0.get(&annee);
        if known.is_some_and(|known| (known.debut, known.fin) == (debut, fin)) {
            return Ok(vec![]);
        }
        let suivies = known.into_iter().flat_map(|known| &known.periodes);
        let suivies = suivies.filter_map(|(division, (decoupage, periodes))| {
            let (division, decoupage) = (*division, *decoupage);
            let periodes = suivre(periodes, debut, fin)?;
            Some(CalendrierEvent::PeriodesFixees { annee, division, decoupage, periodes })
        });
        Ok(std::iter::once(CalendrierEvent::AnneeFixee { annee, debut, fin }).chain(suivies).collect())
    }

    /// The periods whose days would change, were a year given these.
    pub fn redecoupages(&self, annee: AnneeScolaire, debut: NaiveDate, fin: NaiveDate) -> Vec<Redecoupage> {
        let known = self.0.get(&annee).filter(|_| dans_l_annee(annee, debut, fin));
        let divisions = known.into_iter().flat_map(|known| &known.periodes);
        let redecoupages = divisions.flat_map(|(division, (_, periodes))| {
            let suivies = suivre(periodes, debut, fin).unwrap_or_default();
            (1..).zip(periodes).enumerate().filter_map(move |(index, (rang, periode))| {
                let jours = suivies.get(index).map(Periode::jours);
                let change = jours != Some(periode.jours());
                change.then_some(Redecoupage { division: *division, rang, jours })
            })
        });
        redecoupages.collect()
    }

    fn decouper(
        &self,
        annee: AnneeScolaire,
        division: DivisionId,
        decoupage: Decoupage,
        mut periodes: Vec<Periode>,
    ) -> Result<Vec<CalendrierEvent>, RefusCalendrier> {
        let known = self.0.get(&annee).ok_or(RefusCalendrier::AnneeNonFixee { annee })?;
        if periodes.len() != decoupage.nombre() {
            return Err(RefusCalendrier::NombreDePeriodes { attendu: decoupage.nombre() });
        }
        for periode in &mut periodes {
            periode.libelle =
                texte::line(&periode.libelle, TEXTE_MAX).ok_or(RefusCalendrier::PeriodeAnonyme)?;
        }
        known.covered(&periodes)?;
        if known.periodes.get(&division) == Some(&(decoupage, periodes.clone())) {
            return Ok(vec![]);
        }
        Ok(vec![CalendrierEvent::PeriodesFixees { annee, division, decoupage, periodes }])
    }
}

impl Periode {
    fn jours(&self) -> (NaiveDate, NaiveDate) {
        (self.debut, self.fin)
    }
}

/// Whether a school year may be lived between these days.
fn dans_l_annee(annee: AnneeScolaire, debut: NaiveDate, fin: NaiveDate) -> bool {
    debut < fin && [debut, fin].into_iter().all(|day| AnneeScolaire::of(day) == annee)
}

/// The same periods in a year of other days; nothing, where one of them would be left out of it.
fn suivre(periodes: &[Periode], debut: NaiveDate, fin: NaiveDate) -> Option<Vec<Periode>> {
    let mut suivies = periodes.to_vec();
    suivies.first_mut()?.debut = debut;
    suivies.last_mut()?.fin = fin;
    suivies.iter().all(|periode| periode.debut <= periode.fin).then_some(suivies)
}

impl Annee {
    /// Whether each day of the year is in exactly one of the periods.
    fn covered(&self, periodes: &[Periode]) -> Result<(), RefusCalendrier> {
        let mut next = self.debut;
        for Periode { debut, fin, .. } in periodes {
            if *debut > next {
                return Err(RefusCalendrier::JourSansPeriode { jour: next });
            }
            if *debut < next || fin < debut {
                return Err(RefusCalendrier::PeriodesChevauchees { jour: *debut });
            }
            if *fin > self.fin {
                return Err(RefusCalendrier::PeriodesChevauchees { jour: *fin });
            }
            next = fin.succ_opt().unwrap_or(*fin);
        }
        if next <= self.fin {
            return Err(RefusCalendrier::JourSansPeriode { jour: next });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
