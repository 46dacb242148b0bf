use super::*;
use crate::notes::{
    Fraction, MatiereEnseignee, PolitiqueDeMoyenne, Regime, Resultat, Resultats, SousMatiere,
};
use chrono::Days;
use proptest::prelude::*;

const ELEVES: usize = 8;

fn eleve(n: usize) -> PersonneId {
    PersonneId::derived(&["eleve", &n.to_string()])
}

fn enseignement(n: usize) -> EnseignementId {
    EnseignementId::derived(&["enseignement", &n.to_string()])
}

fn instant(n: usize) -> DateTime<Utc> {
    let first: DateTime<Utc> = "2026-09-07T08:00:00Z".parse().unwrap();
    first + Days::new(u64::try_from(n).unwrap())
}

fn entree(resultat: Resultat) -> Entree {
    Entree {
        intitule: "Contrôle".into(),
        date: None,
        resultat,
        bareme: Valeur::whole(20),
        coefficient: Valeur::whole(1),
        regime: Regime::Obligatoire,
        formative: false,
        sous_matiere: None,
    }
}

fn note(valeur: u16) -> Resultat {
    Resultat::Note { valeur: Valeur::whole(valeur) }
}

/// An evaluation of an enseignement, with what stands beside each name.
type Copies = (usize, BTreeMap<usize, Resultat>);

/// What happens to evaluations that families see.
#[derive(Debug, Clone)]
enum Acte {
    Publier(Copies),
    /// The mark of one pupil in one of them, whether it had been given before or not.
    Corriger(usize, usize, u16),
}

/// What stood after each act; each is of another day.
#[derive(Debug, Default)]
struct Annee {
    parues: Vec<EvaluationParue>,
    jours: Vec<Vec<Copies>>,
}

impl Annee {
    fn de(actes: impl IntoIterator<Item = Acte>) -> Self {
        let mut annee = Self::default();
        for acte in actes {
            let mut stands = annee.jours.last().cloned().unwrap_or_default();
            match acte {
                Acte::Publier((n, copies)) => {
                    let entrees = copies.values().copied().map(entree).collect();
                    let le = instant(annee.jours.len());
                    annee.parues.push(EvaluationParue { enseignement: enseignement(n), le, entrees });
                    stands.push((n, copies));
                }
                Acte::Corriger(which, eleve, valeur) if !stands.is_empty() => {
                    let index = which % stands.len();
                    stands[index].1.insert(eleve, note(valeur));
                }
                Acte::Corriger(..) => {}
            }
            annee.jours.push(stands);
        }
        annee
    }

    /// What stood of an enseignement on a day, by evaluation and pupil.
    fn au(&self, n: usize, le: DateTime<Utc>) -> BTreeMap<(usize, usize), Resultat> {
        let jours = self.jours.iter().enumerate().take_while(|(jour, _)| instant(*jour) <= le);
        let Some((_, stands)) = jours.last() else { return BTreeMap::new() };
        let of_it = stands.iter().enumerate().filter(|(_, (of, _))| *of == n);
        of_it.flat_map(|(e, (_, copies))| copies.iter().map(move |(eleve, it)| ((e, *eleve), *it))).collect()
    }

    /// The averages of two enseignements, of what stood of each on its day.
    fn releve(&self, days: [Option<DateTime<Utc>>; 2]) -> Releve {
        let mut resultats = Resultats::new();
        for (n, le) in days.into_iter().enumerate() {
            for ((_, pupil), resultat) in le.map(|le| self.au(n, le)).unwrap_or_default() {
                resultats.entry((enseignement(n), eleve(pupil))).or_default().push(entree(resultat));
            }
        }
        let matiere = |n: usize| MatiereEnseignee {
            enseignement: enseignement(n),
            code: n.to_string(),
            libelle: n.to_string(),
        };
        let (politique, eleves) = (PolitiqueVersionnee::default(), (0..ELEVES).map(eleve).collect());
        let matieres = (vec![matiere(0), matiere(1)], vec![]);
        Releve::calculer(&politique, instant(0), matieres, &eleves, resultats)
    }

    /// As the teacher has them on a day.
    fn du_jour(&self, le: DateTime<Utc>) -> Releve {
        self.releve([Some(le), Some(le)])
    }

    /// On which days what families read of each enseignement stood.
    fn arrets(&self, le: DateTime<Utc>) -> [Option<DateTime<Utc>>; 2] {
        let arrets = Arrets::de(&self.parues, le);
        let of = |n: usize| arrets.as_ref().and_then(|it| it.derniers.get(&enseignement(n)).copied());
        [of(0), of(1)]
    }

    fn lu(&self, le: DateTime<Utc>) -> DivisionArretee {
        let Some(arrets) = Arrets::de(&self.parues, le) else { return DivisionArretee::default() };
        DivisionArretee::de(&PolitiqueVersionnee::default(), &arrets, &self.releve(self.arrets(le)))
    }
}

/// An evaluation that marks the first pupils so.
fn publier(n: usize, notes: &[u16]) -> Acte {
    Acte::Publier((n, notes.iter().copied().map(note).enumerate().collect()))
}

const MATHS: [u16; ELEVES] = [12, 9, 15, 8, 17, 11, 10, 14];
const LATIN: [u16; ELEVES] = [10, 12, 14, 10, 12, 14, 10, 12];

fn somme(repartition: &Option<Repartition>) -> Fraction {
    repartition.clone().and_then(|it| it.calcul).unwrap().somme
}

fn is_arretee(repartition: &Option<Repartition>) -> bool {
    repartition.clone().and_then(|it| it.calcul).unwrap().arretee
}

#[test]
fn a_mark_that_is_corrected_alone_is_read_in_the_figures_of_the_day_and_not_in_those_of_families() {
    let annee = Annee::de([publier(0, &MATHS), Acte::Corriger(0, 3, 16)]);
    let [before, after] = [0, 1].map(|jour| annee.du_jour(instant(jour)));
    let [known, found] = [&before, &after].map(|releve| somme(&releve.matieres[0].repartition));
    assert_eq!(found - known, Fraction::whole(8), "from 8 to 16: whoever knows whose it is has it");
    let read = |(releve, jour): (Releve, usize)| releve.vu_des_familles(&annee.lu(instant(jour)));
    let [before, after] = [(before, 0), (after, 1)].map(read);
    assert_eq!(before.matieres[0].repartition, after.matieres[0].repartition);
    assert_eq!(before.repartition, after.repartition);
    assert!(is_arretee(&after.matieres[0].repartition) && is_arretee(&after.repartition));
    assert_ne!(before.matieres[0].moyennes, after.matieres[0].moyennes, "the pupil reads his own at once");
}

#[test]
fn a_late_mark_is_counted_with_those_that_are_published_next() {
    let annee = Annee::de([publier(0, &MATHS[..7]), Acte::Corriger(0, 7, 20), publier(0, &LATIN)]);
    let read = |jour: usize| annee.du_jour(instant(jour)).vu_des_familles(&annee.lu(instant(jour)));
    let effectif = |jour: usize| read(jour).matieres[0].repartition.as_ref().map(|it| it.effectif);
    assert_eq!([0, 1, 2].map(effectif), [Some(7), Some(7), Some(8)]);
    assert_eq!(read(2).matieres[0].repartition.as_ref().map(|it| it.maximum), "16".parse().ok());
}

#[test]
fn what_marks_few_or_does_not_count_moves_nothing() {
    let marks = |count: usize, entree: &Entree| {
        let entrees = vec![entree.clone(); count];
        EvaluationParue { enseignement: enseignement(0), le: instant(0), entrees }
    };
    let due = entree(note(12));
    assert!(Arrets::de(&[marks(5, &due)], instant(0)).is_some());
    assert_eq!(Arrets::de(&[marks(5, &due)], instant(0) - Days::new(1)), None, "families do not see it yet");
    assert_eq!(Arrets::de(&[marks(4, &due), marks(4, &due)], instant(0)), None);
    for other in [
        Entree { formative: true, ..due.clone() },
        Entree { coefficient: Valeur::ZERO, ..due.clone() },
        Entree { regime: Regime::SiElleMonte, ..due.clone() },
        Entree { regime: Regime::PointsAuDessus, ..due.clone() },
        entree(Resultat::Absent { compte_zero: false }),
        entree(Resultat::Dispense),
    ] {
        assert_eq!(Arrets::de(&[marks(30, &other)], instant(0)), None, "{other:?}");
    }
}

#[test]
fn what_is_of_a_part_of_coefficient_zero_weighs_nothing() {
    let part = |libelle: &str, coefficient| SousMatiere {
        libelle: libelle.into(),
        coefficient: Valeur::whole(coefficient),
    };
    let sous_matieres = [("FRANC".to_owned(), vec![part("Écrit", 1), part("Oral", 0)])].into();
    let base = PolitiqueVersionnee::default().politique;
    let politique = PolitiqueDeMoyenne { sous_matieres, ..base };
    let politique = PolitiqueVersionnee { version: 1, politique };
    let weighs = |code: &str, sous_matiere: Option<&str>| {
        let entree = Entree { sous_matiere: sous_matiere.map(Into::into), ..entree(note(12)) };
        let parue = EvaluationParue { enseignement: enseignement(0), le: instant(0), entrees: vec![entree] };
        parue.pese(&politique, code)
    };
    let of_parts = ["écrit", "oral", "Lecture"].map(|part| weighs("FRANC", Some(part)));
    assert_eq!(of_parts, [true, false, true]);
    assert!(weighs("FRANC", None) && weighs("MATHS", Some("Oral")));
}

#[test]
fn general_averages_move_with_what_is_published_and_tell_no_correction_of_another_matiere() {
    let second: [u16; ELEVES] = [14, 9, 15, 10, 17, 11, 10, 16];
    let correction = Acte::Corriger(1, 3, 20);
    let annee = Annee::de([publier(0, &MATHS), publier(1, &LATIN), correction, publier(0, &second)]);
    let [before, after] = [1, 3].map(|jour| annee.lu(instant(jour)));
    let maths = |lu: &DivisionArretee| somme(&lu.matieres[&enseignement(0)].repartition);
    let generales = |lu: &DivisionArretee| somme(&lu.generales.as_ref().unwrap().repartition);
    assert_eq!(maths(&after) - maths(&before), Fraction::whole(3));
    assert_eq!((generales(&after) - generales(&before)) * Fraction::whole(2), Fraction::whole(3));
}

#[test]
fn a_bulletin_tells_the_final_figures_unless_they_would_tell_one_pupils() {
    let published = [publier(0, &MATHS), publier(1, &LATIN)];
    let bulletin = |corrections: Vec<Acte>| {
        let annee = Annee::de(published.iter().cloned().chain(corrections));
        let last = instant(annee.jours.len());
        annee.du_jour(last).au_bulletin(&annee.lu(last))
    };
    let told = |releve: &Releve| {
        let all = [&releve.matieres[0].repartition, &releve.matieres[1].repartition, &releve.repartition];
        all.map(is_arretee)
    };
    assert_eq!(told(&bulletin(vec![])), [false; 3], "the same as those that families have read");
    assert_eq!(told(&bulletin(vec![Acte::Corriger(0, 3, 16)])), [true, false, true]);
    let five = (0..5).map(|pupil| Acte::Corriger(0, pupil, 19)).collect();
    assert_eq!(told(&bulletin(five)), [false; 3]);
}

fn any_acte() -> impl Strategy<Value = Acte> {
    let absent = any::<bool>().prop_map(|compte_zero| Resultat::Absent { compte_zero });
    let resultat = prop_oneof![6 => (0u16..=20).prop_map(note), 1 => absent];
    let copies = prop::collection::btree_map(0..ELEVES, resultat, 0..=ELEVES);
    prop_oneof![
        2 => (0usize..2, copies).prop_map(Acte::Publier),
        3 => (0usize..20, 0..ELEVES, 0u16..=20).prop_map(|(n, pupil, it)| Acte::Corriger(n, pupil, it)),
    ]
}

proptest! {
    // Each case compares every two of its readings.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A family reads whenever it likes, and compares any two of its readings.
    #[test]
    fn what_families_read_moves_with_the_marks_of_five_pupils_or_not_at_all(
        actes in prop::collection::vec(any_acte(), 1..14),
    ) {
        let annee = Annee::de(actes);
        let read = |le: DateTime<Utc>| (annee.arrets(le), annee.lu(le));
        let readings: Vec<_> = (0..annee.jours.len()).map(instant).map(read).collect();
        for (index, (before, shown)) in readings.iter().enumerate() {
            for (after, shown_later) in &readings[index..] {
                let days = [*before, *after];
                for n in 0..2 {
                    let [was, is] = days.map(|day| day[n].map(|le| annee.au(n, le)).unwrap_or_default());
                    let copies: BTreeSet<_> = was.keys().chain(is.keys()).collect();
                    let moved = copies.into_iter().filter(|copy| was.get(*copy) != is.get(*copy));
                    let pupils: BTreeSet<_> = moved.map(|(_, pupil)| *pupil).collect();
                    prop_assert!(pupils.is_empty() || pupils.len() >= EFFECTIF_MINIMAL, "{:?}", pupils);
                }
                if before == after {
                    prop_assert_eq!(shown, shown_later);
                }
            }
        }
    }
}
