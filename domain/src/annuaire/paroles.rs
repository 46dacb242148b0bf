//! What each source says of one fact, and what is in force of it.

use super::{Emetteur, NatureDeFait, Origine, Parole};
use std::cmp::Reverse;
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
    dites: BTreeMap<Emetteur, Dite<T>>,
    en_vigueur: Option<T>,
    /// What each source said before something else was decided: said again, it is no news.
    perimees: BTreeMap<Emetteur, T>,
    /// How many were recorded.
    nombre: u64,
}

/// What a source said last.
#[derive(Debug, Clone, PartialEq)]
struct Dite<T> {
    /// Its place among all that was said of the fact: of two sources of one kind, the one that
    /// said something new last is believed.
    rang: u64,
    fait: T,
}

impl<T> Default for Paroles<T> {
    fn default() -> Self {
        Self { dites: BTreeMap::new(), en_vigueur: None, perimees: BTreeMap::new(), nombre: 0 }
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
    Succession(Emetteur, T),
    /// Nobody says anything any more.
    Fin,
}

impl<T: Fait> Paroles<T> {
    /// What is in force.
    pub(super) fn en_vigueur(&self) -> Option<&T> {
        self.en_vigueur.as_ref()
    }

    /// What one source said last.
    pub(super) fn de(&self, qui: &Emetteur) -> Option<&T> {
        let dite = self.dites.get(qui).or_else(|| self.dites.get(&qui.sans_portee()));
        dite.map(|dite| &dite.fait)
    }

    /// What each source said last, in the order in which they said it.
    pub(super) fn toutes(&self) -> Vec<(&Emetteur, &T)> {
        let mut dites: Vec<_> = self.dites.iter().collect();
        dites.sort_by_key(|(_, dite)| dite.rang);
        dites.into_iter().map(|(qui, dite)| (qui, &dite.fait)).collect()
    }

    /// What follows when a source says this; nothing, if it said it already.
    pub(super) fn dire(&self, parole: &Parole, dit: &T) -> Option<Suite<T>> {
        let qui = parole.provenance.emetteur();
        if self.de(&qui) == Some(dit) || self.est_perimee(&qui, dit) {
            return None;
        }
        // Not listed at all: heard, and not believed.
        let Some((_, apres)) = self.juger(parole, Some(dit)) else {
            return Some(Suite { nouveau: None, a_part: true });
        };
        if self.en_vigueur.as_ref() == Some(&apres) {
            return Some(Suite { nouveau: None, a_part: true });
        }
        let a_part = apres != *dit;
        Some(Suite { nouveau: Some(apres), a_part })
    }

    /// What follows when a source says no more of it; nothing, if it said nothing.
    pub(super) fn taire(&self, parole: &Parole) -> Option<Retrait<T>> {
        self.de(&parole.provenance.emetteur())?;
        Some(match self.juger(parole, None) {
            None => Retrait::Fin,
            Some((_, apres)) if self.en_vigueur.as_ref() == Some(&apres) => Retrait::Inchange,
            Some((suivante, apres)) => Retrait::Succession(suivante, apres),
        })
    }

    /// What is to be in force once a source says this, or nothing, and the best of those who say it.
    fn juger(&self, parole: &Parole, dit: Option<&T>) -> Option<(Emetteur, T)> {
        let (ordre, qui) = (T::NATURE.ordre(parole.le), parole.provenance.emetteur());
        let place = |origine: Origine| ordre.iter().position(|une| *une == origine);
        let autres = self.dites.iter().filter(|(autre, _)| !qui.est(autre));
        let autres = autres.map(|(autre, dite)| (autre, dite.rang, &dite.fait));
        let toutes = autres.chain(dit.map(|dit| (&qui, u64::MAX, dit)));
        let mut entendues: Vec<_> = toutes
            .filter_map(|(de, rang, fait)| Some((place(de.origine)?, Reverse(rang), de, fait)))
            .collect();
        entendues.sort_by_key(|(place, rang, ..)| (*place, *rang));
        let mut entendues = entendues.into_iter();
        let (_, _, meilleure, fait) = entendues.next()?;
        let apres = entendues.fold(fait.clone(), |fait, (.., moindre)| fait.completer(moindre));
        Some((meilleure.clone(), apres))
    }

    /// Something is decided, whatever sources said before.
    pub(super) fn trancher(&mut self, qui: Emetteur, fait: T) {
        let dites = std::mem::take(&mut self.dites);
        self.perimees.extend(dites.into_iter().map(|(autre, dite)| (autre, dite.fait)));
        self.prevaloir(qui, fait);
    }

    /// A source's word is in force.
    pub(super) fn prevaloir(&mut self, qui: Emetteur, fait: T) {
        self.entendre(qui, fait.clone());
        self.en_vigueur = Some(fait);
    }

    /// A source's word is remembered, beside what is in force where that is another thing. What was
    /// said before it was kept whose a source is, was said by the first of its kind to speak again.
    pub(super) fn entendre(&mut self, qui: Emetteur, fait: T) {
        for nom in [&qui, &qui.sans_portee()] {
            self.perimees.remove(nom);
            self.dites.remove(nom);
        }
        self.nombre += 1;
        self.dites.insert(qui, Dite { rang: self.nombre, fait });
    }

    /// Whether a source said this before something else was decided, and nothing else since.
    pub(super) fn est_perimee(&self, qui: &Emetteur, dit: &T) -> bool {
        self.perimees.get(qui).or_else(|| self.perimees.get(&qui.sans_portee())) == Some(dit)
    }

    /// Which sources say something.
    pub(super) fn emetteurs(&self) -> impl Iterator<Item = &Emetteur> {
        self.dites.keys()
    }

    /// A source says no more.
    pub(super) fn oublier(&mut self, qui: &Emetteur) {
        if self.dites.remove(qui).is_none() {
            self.dites.remove(&qui.sans_portee());
        }
    }
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
        parole_de(origine, "0690001B")
    }

    fn parole_de(origine: Origine, portee: &str) -> Parole {
        Parole::de(origine, portee, "2026-11-23".parse().unwrap())
    }

    /// Follows a source that speaks as an aggregate does.
    fn parler(paroles: &mut Paroles<Dit>, origine: Origine, dit: Dit) {
        parler_de(paroles, &parole(origine), dit);
    }

    fn parler_de(paroles: &mut Paroles<Dit>, parole: &Parole, dit: Dit) {
        let Some(Suite { nouveau, a_part }) = paroles.dire(parole, &dit) else { return };
        let qui = parole.provenance.emetteur();
        if let Some(nouveau) = nouveau {
            paroles.prevaloir(qui.clone(), nouveau);
        }
        if a_part {
            paroles.entendre(qui, dit);
        }
    }

    /// Follows a source that says no more, as an aggregate does.
    fn se_taire(paroles: &mut Paroles<Dit>, parole: &Parole) {
        let Some(retrait) = paroles.taire(parole) else { return };
        paroles.oublier(&parole.provenance.emetteur());
        if let Retrait::Succession(suivante, apres) = retrait {
            let dit = paroles.de(&suivante).cloned();
            paroles.prevaloir(suivante.clone(), apres);
            dit.into_iter().for_each(|dit| paroles.entendre(suivante.clone(), dit));
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
        assert_eq!(paroles.de(&parole(Origine::Saisie).provenance.emetteur()), Some(&Dit(2, None)));
    }

    #[test]
    fn when_the_better_source_says_no_more_the_next_one_speaks() {
        let mut paroles = Paroles::default();
        parler(&mut paroles, Origine::Aaf, Dit(1, None));
        parler(&mut paroles, Origine::Sts, Dit(2, None));
        let suite = paroles.taire(&parole(Origine::Aaf));
        assert_eq!(
            suite,
            Some(Retrait::Succession(parole(Origine::Sts).provenance.emetteur(), Dit(2, None)))
        );
        assert_eq!(paroles.taire(&parole(Origine::Sts)), Some(Retrait::Inchange));
        assert_eq!(paroles.taire(&parole(Origine::Csv)), None);
    }

    #[test]
    fn two_houses_speak_of_one_fact_without_overwriting_each_other() {
        let (college, lycee) =
            (parole_de(Origine::Siecle, "0690001B"), parole_de(Origine::Siecle, "0690002C"));
        let mut paroles = Paroles::default();
        parler_de(&mut paroles, &college, Dit(1, None));
        parler_de(&mut paroles, &lycee, Dit(2, None));
        assert_eq!(paroles.en_vigueur(), Some(&Dit(2, None)));
        // The collège says the same again, night after night: the lycée's word was the last new one.
        assert_eq!(paroles.dire(&college, &Dit(1, None)), None);
        se_taire(&mut paroles, &lycee);
        assert_eq!(paroles.en_vigueur(), Some(&Dit(1, None)));
        assert_eq!(paroles.de(&college.provenance.emetteur()), Some(&Dit(1, None)));
    }

    #[test]
    fn what_was_said_before_portees_were_kept_is_of_the_first_who_speaks_again() {
        let inconnu = Emetteur { origine: Origine::Siecle, portee: None };
        let (college, lycee) =
            (parole_de(Origine::Siecle, "0690001B"), parole_de(Origine::Siecle, "0690002C"));
        let mut paroles = Paroles::default();
        paroles.prevaloir(inconnu.clone(), Dit(1, None));
        assert_eq!(paroles.dire(&college, &Dit(1, None)), None, "it said so already");
        parler_de(&mut paroles, &college, Dit(2, None));
        assert_eq!(paroles.dites.keys().collect::<Vec<_>>(), [&college.provenance.emetteur()]);
        parler_de(&mut paroles, &lycee, Dit(3, None));
        assert_eq!(paroles.dites.len(), 2);
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
            let dites = |paroles: &Paroles<Dit>| -> BTreeMap<_, _> {
                paroles.dites.iter().map(|(qui, dite)| (qui.clone(), dite.fait.clone())).collect()
            };
            prop_assert_eq!(dites(&droit), dites(&envers));
        }

        /// Who speaks and who says no more changes nothing of what others of its kind say.
        #[test]
        fn nobody_speaks_in_the_place_of_another(
            actes in prop::collection::vec((origine(), 0u8..3, prop::option::of(0u8..4)), 1..20),
        ) {
            let mut paroles = Paroles::default();
            let mut attendues = BTreeMap::new();
            for (origine, portee, dit) in actes {
                let parole = parole_de(origine, &portee.to_string());
                match dit {
                    Some(nom) => {
                        parler_de(&mut paroles, &parole, Dit(nom, None));
                        attendues.insert(parole.provenance.emetteur(), Dit(nom, None));
                    }
                    None => {
                        se_taire(&mut paroles, &parole);
                        attendues.remove(&parole.provenance.emetteur());
                    }
                }
                for (qui, dit) in &attendues {
                    prop_assert_eq!(paroles.de(qui), Some(dit));
                }
                prop_assert_eq!(paroles.dites.len(), attendues.len());
                let meilleure = attendues.keys().map(|qui| qui.origine).min_by_key(|origine| {
                    Dit::NATURE.ordre(parole.le).iter().position(|un| un == origine)
                });
                if let Some(meilleure) = meilleure {
                    let de_la_meilleure = attendues.iter().filter(|(qui, _)| qui.origine == meilleure);
                    let en_vigueur = paroles.en_vigueur().cloned();
                    prop_assert!(de_la_meilleure.into_iter().any(|(_, dit)| Some(dit.clone()) == en_vigueur));
                }
            }
        }
    }
}
