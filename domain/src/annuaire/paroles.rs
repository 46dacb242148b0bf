//! What each source says of one fact, and what is in force of it.

use super::{NatureDeFait, Origine, Parole};
use std::collections::BTreeMap;

/// Something that sources say.
pub(super) trait Fait: Clone + PartialEq {
    /// About what they are believed in which order.
    const NATURE: NatureDeFait;

    /// What a lesser source adds to what a better one says.
    fn completer(self, _moindre: &Self) -> Self {
        self
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Paroles<T> {
    dites: BTreeMap<Origine, T>,
    en_vigueur: Option<T>,
    /// What each source said before something else was decided: said again, it is no news.
    perimees: BTreeMap<Origine, T>,
}

impl<T> Default for Paroles<T> {
    fn default() -> Self {
        Self { dites: BTreeMap::new(), en_vigueur: None, perimees: BTreeMap::new() }
    }
}

/// What follows when a source speaks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Suite<T> {
    /// What is in force from now on, where that changes.
    pub(super) nouveau: Option<T>,
    /// What the source said is another thing than what is in force, and is to be remembered.
    pub(super) a_part: bool,
}

/// What follows when a source says no more.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Retrait<T> {
    /// What is in force stays.
    Inchange,
    /// The next one speaks.
    Succession(Origine, T),
    /// Nobody says anything any more.
    Fin,
}

impl<T: Fait> Paroles<T> {
    /// What is in force.
    pub(super) fn en_vigueur(&self) -> Option<&T> {
        self.en_vigueur.as_ref()
    }

    /// What one source said last.
    pub(super) fn de(&self, origine: Origine) -> Option<&T> {
        self.dites.get(&origine)
    }

    /// What follows when a source says this; nothing, if it said it already.
    pub(super) fn dire(&self, parole: &Parole, dit: &T) -> Option<Suite<T>> {
        let origine = parole.provenance.origine;
        if self.dites.get(&origine) == Some(dit) || self.perimees.get(&origine) == Some(dit) {
            return None;
        }
        let apres = juger::<T>(parole, |autre| if autre == origine { Some(dit) } else { self.de(autre) });
        // Not listed at all: heard, and not believed.
        let Some((_, apres)) = apres else { return Some(Suite { nouveau: None, a_part: true }) };
        if self.en_vigueur.as_ref() == Some(&apres) {
            return Some(Suite { nouveau: None, a_part: true });
        }
        let a_part = apres != *dit;
        Some(Suite { nouveau: Some(apres), a_part })
    }

    /// What follows when a source says no more of it; nothing, if it said nothing.
    pub(super) fn taire(&self, parole: &Parole) -> Option<Retrait<T>> {
        let origine = parole.provenance.origine;
        self.dites.get(&origine)?;
        Some(match juger(parole, |autre| if autre == origine { None } else { self.de(autre) }) {
            None => Retrait::Fin,
            Some((_, apres)) if self.en_vigueur.as_ref() == Some(&apres) => Retrait::Inchange,
            Some((suivante, apres)) => Retrait::Succession(suivante, apres),
        })
    }

    /// Something is decided, whatever sources said before.
    pub(super) fn trancher(&mut self, origine: Origine, fait: T) {
        self.perimees.append(&mut self.dites);
        self.perimees.remove(&origine);
        self.dites.insert(origine, fait.clone());
        self.en_vigueur = Some(fait);
    }

    /// A source's word is in force.
    pub(super) fn prevaloir(&mut self, origine: Origine, fait: T) {
        self.perimees.remove(&origine);
        self.dites.insert(origine, fait.clone());
        self.en_vigueur = Some(fait);
    }

    /// A source's word is remembered beside what is in force.
    pub(super) fn entendre(&mut self, origine: Origine, fait: T) {
        self.perimees.remove(&origine);
        self.dites.insert(origine, fait);
    }

    /// Whether a source said this before something else was decided, and nothing else since.
    pub(super) fn est_perimee(&self, origine: Origine, dit: &T) -> bool {
        self.perimees.get(&origine) == Some(dit)
    }

    /// Which sources say something.
    pub(super) fn origines(&self) -> impl Iterator<Item = Origine> {
        self.dites.keys().copied()
    }

    /// A source says no more.
    pub(super) fn oublier(&mut self, origine: Origine) {
        self.dites.remove(&origine);
    }
}

/// What is to be in force of what sources say, and the best of those who say it.
fn juger<'a, T: Fait + 'a>(parole: &Parole, dit: impl Fn(Origine) -> Option<&'a T>) -> Option<(Origine, T)> {
    let ordre = T::NATURE.ordre(parole.le);
    let mut entendues = ordre.iter().filter_map(|origine| Some((*origine, dit(*origine)?)));
    let (meilleure, fait) = entendues.next()?;
    Some((meilleure, entendues.fold(fait.clone(), |fait, (_, moindre)| fait.completer(moindre))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A division of a pupil, or a name with an address that may be lacking.
    #[derive(Debug, Clone, PartialEq)]
    struct Dit(u8, Option<u8>);

    impl Fait for Dit {
        const NATURE: NatureDeFait = NatureDeFait::EtatCivil;

        fn completer(self, moindre: &Self) -> Self {
            Self(self.0, self.1.or(moindre.1))
        }
    }

    fn parole(origine: Origine) -> Parole {
        Parole::de(origine, "2026-11-23".parse().unwrap())
    }

    /// Follows a source that speaks as an aggregate does.
    fn parler(paroles: &mut Paroles<Dit>, origine: Origine, dit: Dit) {
        let Some(Suite { nouveau, a_part }) = paroles.dire(&parole(origine), &dit) else { return };
        if let Some(nouveau) = nouveau {
            paroles.prevaloir(origine, nouveau);
        }
        if a_part {
            paroles.entendre(origine, dit);
        }
    }

    #[test]
    fn a_lesser_source_never_overwrites_and_adds_what_is_missing() {
        let mut paroles = Paroles::default();
        parler(&mut paroles, Origine::Aaf, Dit(1, None));
        parler(&mut paroles, Origine::Csv, Dit(2, Some(7)));
        assert_eq!(paroles.en_vigueur(), Some(&Dit(1, Some(7))));
    }

    #[test]
    fn a_better_source_takes_over_from_a_lesser_one() {
        let mut paroles = Paroles::default();
        parler(&mut paroles, Origine::Saisie, Dit(2, None));
        parler(&mut paroles, Origine::Siecle, Dit(1, None));
        assert_eq!(paroles.en_vigueur(), Some(&Dit(1, None)));
        assert_eq!(paroles.de(Origine::Saisie), Some(&Dit(2, None)));
    }

    #[test]
    fn when_the_better_source_says_no_more_the_next_one_speaks() {
        let mut paroles = Paroles::default();
        parler(&mut paroles, Origine::Aaf, Dit(1, None));
        parler(&mut paroles, Origine::Sts, Dit(2, None));
        let suite = paroles.taire(&parole(Origine::Aaf));
        assert_eq!(suite, Some(Retrait::Succession(Origine::Sts, Dit(2, None))));
        assert_eq!(paroles.taire(&parole(Origine::Sts)), Some(Retrait::Inchange));
        assert_eq!(paroles.taire(&parole(Origine::Csv)), None);
    }

    fn origine() -> impl Strategy<Value = Origine> {
        prop::sample::select(Origine::TOUTES.to_vec())
    }

    proptest! {
        /// What is in force does not depend on the order in which sources speak.
        #[test]
        fn the_order_of_deliveries_says_nothing(dites in prop::collection::btree_map(origine(), (0u8..3, prop::option::of(0u8..3)), 1..5)) {
            let mut droit = Paroles::default();
            let mut envers = Paroles::default();
            for (origine, (nom, adresse)) in &dites {
                parler(&mut droit, *origine, Dit(*nom, *adresse));
            }
            for (origine, (nom, adresse)) in dites.iter().rev() {
                parler(&mut envers, *origine, Dit(*nom, *adresse));
            }
            prop_assert_eq!(droit.en_vigueur(), envers.en_vigueur());
            prop_assert_eq!(droit.dites, envers.dites);
        }
    }
}
