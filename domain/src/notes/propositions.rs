//! Where the conseil de classe is proposed to place a pupil in the socle, from what evaluations
//! have shown.
//!
//! Of each domaine it is the degree that was seen most often; of several that were seen as often,
//! the one that was seen last. It is proposed and explained, and decides nothing: the conseil
//! places the pupil (code de l'éducation, art. D311-7; arrêté du 31 décembre 2015).

use super::{Cycle, Domaine, Niveau, Positionnement};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Where a pupil stood in a domaine, by one evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompetenceVue {
    /// School day of the evaluation.
    pub date: NaiveDate,
    /// What it is called.
    pub titre: String,
    /// Where.
    pub positionnement: Positionnement,
}

/// What is proposed of one domaine, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposition {
    /// Where.
    pub positionnement: Positionnement,
    /// How often this was seen.
    pub vus: u32,
    /// All that was seen of the domaine, in the order of the days.
    pub observations: Vec<CompetenceVue>,
}

impl Proposition {
    /// The explanation in French, one sentence each: what was seen, and why this is proposed.
    pub fn texte(&self) -> Vec<String> {
        let line = |seen: &CompetenceVue| {
            let niveau = seen.positionnement.niveau;
            let (le, titre) = (seen.date.format("%d/%m/%Y"), &seen.titre);
            format!("« {titre} », le {le} : {}, {}.", u8::from(niveau), niveau.libelle().to_lowercase())
        };
        let mut lines: Vec<String> = self.observations.iter().map(line).collect();
        let (niveau, all) = (u8::from(self.positionnement.niveau), self.observations.len());
        let why = match degres(&self.observations).values().filter(|(vus, _)| *vus == self.vus).count() {
            1 => "le plus souvent vu",
            _ => "le dernier vu de ceux qui l'ont été le plus souvent",
        };
        lines.push(format!("Proposé : {niveau}, {why} ({} fois sur {all}).", self.vus));
        lines
    }
}

/// How often each degree was seen, and at which place it was last.
fn degres(observations: &[CompetenceVue]) -> BTreeMap<Niveau, (u32, usize)> {
    let mut found = BTreeMap::new();
    for (place, seen) in observations.iter().enumerate() {
        let (vus, dernier) = found.entry(seen.positionnement.niveau).or_insert((0, place));
        *vus += 1;
        *dernier = place;
    }
    found
}

/// What is proposed of each domaine that was seen.
pub fn proposer(mut observations: Vec<CompetenceVue>) -> Vec<Proposition> {
    observations.sort_by(|one, other| (one.date, &one.titre).cmp(&(other.date, &other.titre)));
    let mut domaines: BTreeMap<(Cycle, Domaine), Vec<CompetenceVue>> = BTreeMap::new();
    for seen in observations {
        let Positionnement { cycle, domaine, .. } = seen.positionnement;
        domaines.entry((cycle, domaine)).or_default().push(seen);
    }
    let propose = |((cycle, domaine), observations): ((Cycle, Domaine), Vec<CompetenceVue>)| {
        let (niveau, (vus, _)) = degres(&observations).into_iter().max_by_key(|(_, seen)| *seen)?;
        let positionnement = Positionnement { cycle, domaine, niveau };
        Some(Proposition { positionnement, vus, observations })
    };
    domaines.into_iter().filter_map(propose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(jour: u32, niveau: u8) -> CompetenceVue {
        let domaine = Domaine::LangueFrancaise;
        CompetenceVue {
            date: NaiveDate::from_ymd_opt(2026, 10, jour).unwrap(),
            titre: "Dictée".into(),
            positionnement: Positionnement {
                cycle: Cycle::Cycle3,
                domaine,
                niveau: niveau.try_into().unwrap(),
            },
        }
    }

    fn proposed(seen: Vec<CompetenceVue>) -> Vec<u8> {
        proposer(seen).iter().map(|one| one.positionnement.niveau.into()).collect()
    }

    #[test]
    fn what_was_seen_most_often_is_proposed_and_of_those_what_was_seen_last() {
        assert_eq!(proposed(vec![]), Vec::<u8>::new());
        assert_eq!(proposed(vec![seen(1, 3), seen(2, 3), seen(3, 2)]), [3]);
        assert_eq!(proposed(vec![seen(3, 2), seen(1, 3), seen(4, 3), seen(2, 2)]), [3]);
        assert_eq!(proposed(vec![seen(3, 4), seen(1, 1)]), [4]);
    }

    #[test]
    fn each_domaine_of_each_cycle_is_proposed_for_itself() {
        let elsewhere = |cycle, domaine| CompetenceVue {
            positionnement: Positionnement { cycle, domaine, niveau: 1.try_into().unwrap() },
            ..seen(1, 1)
        };
        let others = [
            elsewhere(Cycle::Cycle4, Domaine::LangueFrancaise),
            elsewhere(Cycle::Cycle3, Domaine::SystemesNaturels),
        ];
        let all = others.into_iter().chain([seen(1, 3), seen(2, 3)]).collect();
        assert_eq!(proposed(all), [3, 1, 1]);
    }

    #[test]
    fn a_proposition_says_what_was_seen_and_why_it_is_made() {
        let most = proposer(vec![seen(5, 3), seen(12, 3), seen(19, 2)]);
        assert_eq!(
            most[0].texte(),
            [
                "« Dictée », le 05/10/2026 : 3, maîtrise satisfaisante.",
                "« Dictée », le 12/10/2026 : 3, maîtrise satisfaisante.",
                "« Dictée », le 19/10/2026 : 2, maîtrise fragile.",
                "Proposé : 3, le plus souvent vu (2 fois sur 3).",
            ]
        );
        let last = proposer(vec![seen(5, 3), seen(12, 2)]);
        let why = "Proposé : 2, le dernier vu de ceux qui l'ont été le plus souvent (1 fois sur 2).";
        assert_eq!(last[0].texte().last().map(String::as_str), Some(why));
    }

    proptest! {
        #[test]
        fn nothing_is_proposed_that_was_not_seen_and_nothing_was_seen_more_often(
            degres in prop::collection::vec(1u8..=4, 1..20),
        ) {
            let days = (1..).zip(&degres);
            let found = proposer(days.map(|(jour, niveau)| seen(jour, *niveau)).collect());
            prop_assert_eq!(found.len(), 1);
            let niveau = u8::from(found[0].positionnement.niveau);
            let times = |niveau: u8| degres.iter().filter(|one| **one == niveau).count();
            prop_assert_eq!(usize::try_from(found[0].vus).unwrap(), times(niveau));
            prop_assert!(times(niveau) > 0 && (1..=4).all(|other| times(other) <= times(niveau)));
        }
    }
}
