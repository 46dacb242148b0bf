//! Under which fiche a class list has a pupil who has several: what was said under another one is read
//! with it.

use crate::{Commands, UseCaseError};
use domain::PersonneId;
use domain::notes::Resultats;
use projections::annuaire::Identites;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The fiches of the pupils of a list, each with the one under which its pupil is listed.
#[derive(Debug, Default)]
pub(super) struct Listees(BTreeMap<Uuid, Uuid>);

impl Listees {
    /// From each fiche of the list with all fiches of its pupil. A pupil who is listed twice is two.
    fn new(listees: &[Uuid], fiches: Vec<(Uuid, Uuid)>) -> Self {
        let mut sous = BTreeMap::new();
        for (listee, fiche) in fiches {
            sous.entry(fiche).or_insert(listee);
        }
        sous.extend(listees.iter().map(|listee| (*listee, *listee)));
        Self(sous)
    }

    /// All fiches of these pupils.
    pub fn fiches(&self) -> Vec<Uuid> {
        self.0.keys().copied().collect()
    }

    /// The fiche under which a pupil is listed; of who is not, the fiche itself.
    pub fn sous(&self, fiche: Uuid) -> Uuid {
        self.0.get(&fiche).copied().unwrap_or(fiche)
    }

    /// Each of these fiches with the one under which its pupil is listed.
    pub fn paires(&self) -> Vec<(Uuid, Uuid)> {
        self.0.iter().map(|(fiche, listee)| (*fiche, *listee)).collect()
    }

    /// What was said of pupils, each by a key of the listed fiche; what was said under this one itself has
    /// the last word.
    pub fn sous_la_listee<T, K: Ord>(
        &self,
        dits: impl IntoIterator<Item = T>,
        de: impl Fn(&T) -> Uuid,
        cle: impl Fn(PersonneId, &T) -> K,
    ) -> BTreeMap<K, T> {
        let (siens, autres): (Vec<T>, Vec<T>) =
            dits.into_iter().partition(|dit| self.sous(de(dit)) == de(dit));
        let dits = autres.into_iter().chain(siens);
        dits.map(|dit| (cle(PersonneId(self.sous(de(&dit))), &dit), dit)).collect()
    }

    /// Results under the listed fiches, in the order of their days.
    pub fn reunir(&self, resultats: Resultats) -> Resultats {
        let mut reunis = Resultats::new();
        for ((enseignement, eleve), entrees) in resultats {
            let eleve = PersonneId(self.sous(eleve.0));
            reunis.entry((enseignement, eleve)).or_default().extend(entrees);
        }
        for entrees in reunis.values_mut() {
            entrees.sort_by_key(|entree| entree.date);
        }
        reunis
    }
}

impl Commands {
    /// The fiches of the pupils of a list.
    pub(super) async fn listees(&self, listees: &[Uuid]) -> Result<Listees, UseCaseError> {
        Ok(Listees::new(listees, Identites::fiches(&self.views, listees).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_under_the_listed_fiche_has_the_last_word() {
        let [ana, bis, bea, ter] = [1, 2, 3, 4].map(Uuid::from_u128);
        let liste = Listees::new(&[ana, bea], vec![(ana, ana), (ana, bis), (bea, bea), (bea, ter)]);
        let dits = [(ana, "une"), (bis, "autre"), (ter, "ailleurs")];
        let lus = liste.sous_la_listee(dits, |(fiche, _)| *fiche, |eleve, _| eleve);
        let attendus = [(PersonneId(ana), (ana, "une")), (PersonneId(bea), (ter, "ailleurs"))];
        assert_eq!(lus, BTreeMap::from(attendus));
    }

    #[test]
    fn a_fiche_is_read_with_the_listed_one_and_a_pupil_listed_twice_is_two() {
        let [ana, bis, ter, other] = [1, 2, 3, 4].map(Uuid::from_u128);
        let of_ana = [(ana, ana), (ana, bis), (ana, ter)];
        let one = Listees::new(&[ana], of_ana.to_vec());
        assert_eq!([ana, bis, ter, other].map(|fiche| one.sous(fiche)), [ana, ana, ana, other]);
        assert_eq!(one.fiches(), [ana, bis, ter]);
        let of_bis = [(bis, ana), (bis, bis), (bis, ter)];
        let twice = Listees::new(&[ana, bis], of_ana.into_iter().chain(of_bis).collect());
        assert_eq!([ana, bis, ter].map(|fiche| twice.sous(fiche)), [ana, bis, ana]);
    }
}
