//! The averages of a division in a period: by enseignement, general, and how they are spread.
//!
//! The general average is made from the averages as they are told, rounded, so that a family
//! computes it again from what it reads.
//!
//! Who has changed division takes his or her marks along: those of a matière that is taught here
//! too count in it, and a matière that is not is averaged for who had it, once, in however many
//! divisions that was. Marks of groupes are taken along the same way, for who got some.

use super::{
    Entree, Explication, PolitiqueVersionnee, Regime, Repartition, Resultat, Valeur, moyenne,
    moyenne_de_matiere, repartition,
};
use crate::{EnseignementId, PersonneId};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What is taught, and what averages need to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatiereEnseignee {
    /// Which.
    pub enseignement: EnseignementId,
    /// Code of its matière, by which policies give coefficients.
    pub code: String,
    /// Name of its matière.
    pub libelle: String,
}

/// The averages of one enseignement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleveDeMatiere {
    /// Which.
    pub matiere: MatiereEnseignee,
    /// In which enseignements each pupil had it, where it is not taught here.
    pub suivie: Suivis,
    /// Of each pupil.
    pub moyennes: BTreeMap<PersonneId, Explication>,
    /// How they are spread; nothing where they are too few.
    pub repartition: Option<Repartition>,
}

impl ReleveDeMatiere {
    /// That of a groupe, from the averages of its pupils in their divisions.
    pub fn du_groupe(
        politique: &PolitiqueVersionnee,
        au: DateTime<Utc>,
        matiere: MatiereEnseignee,
        moyennes: BTreeMap<PersonneId, Explication>,
    ) -> Self {
        let repartition = repartition(politique, au, figures(&moyennes));
        Self { matiere, suivie: Suivis::new(), moyennes, repartition }
    }

    /// In which enseignements a pupil had it.
    pub fn enseignements_de(&self, eleve: PersonneId) -> BTreeSet<EnseignementId> {
        let here = || BTreeSet::from([self.matiere.enseignement]);
        self.suivie.get(&eleve).cloned().unwrap_or_else(here)
    }
}

/// The averages of a division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Releve {
    /// Of each enseignement, in the order given; then of those that only some had, elsewhere or in a groupe.
    pub matieres: Vec<ReleveDeMatiere>,
    /// The general average of each pupil.
    pub generales: BTreeMap<PersonneId, Explication>,
    /// How these are spread; nothing where they are too few.
    pub repartition: Option<Repartition>,
}

/// In which enseignements pupils had a matière.
pub type Suivis = BTreeMap<PersonneId, BTreeSet<EnseignementId>>;

/// Results of pupils, each in its enseignement.
pub type Resultats = BTreeMap<(EnseignementId, PersonneId), Vec<Entree>>;

impl Releve {
    /// Computes the averages of these pupils from their results, as they are at an instant.
    /// `ailleurs` is what any of them was taught in another division, or in a groupe.
    pub fn calculer(
        politique: &PolitiqueVersionnee,
        au: DateTime<Utc>,
        (enseignees, ailleurs): (Vec<MatiereEnseignee>, Vec<MatiereEnseignee>),
        eleves: &BTreeSet<PersonneId>,
        mut resultats: Resultats,
    ) -> Self {
        let ailleurs = reunir(&enseignees, ailleurs, &mut resultats);
        let mut matieres = Vec::with_capacity(enseignees.len());
        for matiere in enseignees {
            matieres.push(of_matiere(politique, au, matiere, eleves, &mut resultats));
        }
        for (matiere, mut suivie) in ailleurs {
            suivie.retain(|eleve, _| eleves.contains(eleve));
            if !suivie.is_empty() {
                let had_it = suivie.keys().copied().collect();
                let releve = of_matiere(politique, au, matiere, &had_it, &mut resultats);
                matieres.push(ReleveDeMatiere { suivie, ..releve });
            }
        }
        let generale = |eleve: &PersonneId| {
            let entrees = matieres.iter().filter_map(|releve| en_generale(politique, releve, *eleve));
            (*eleve, moyenne(politique, au, entrees.collect()))
        };
        let generales: BTreeMap<_, _> = eleves.iter().map(generale).collect();
        let repartition = repartition(politique, au, figures(&generales));
        Self { matieres, generales, repartition }
    }
}

/// Puts results of other enseignements where the same matière is taught here. What is not taught
/// here remains, that of several enseignements under the first of them, with who had it in which.
fn reunir(
    enseignees: &[MatiereEnseignee],
    ailleurs: Vec<MatiereEnseignee>,
    resultats: &mut Resultats,
) -> Vec<(MatiereEnseignee, Suivis)> {
    let mut remain: Vec<(MatiereEnseignee, Suivis)> = Vec::new();
    for other in ailleurs {
        let from = other.enseignement;
        let had_it: Vec<_> = resultats.keys().filter(|key| key.0 == from).map(|key| key.1).collect();
        if let Some(here) = enseignees.iter().find(|here| here.code == other.code) {
            deplacer(resultats, &had_it, from, here.enseignement);
            continue;
        }
        let known = remain.iter().position(|(matiere, _)| matiere.code == other.code);
        let index = known.unwrap_or(remain.len());
        if known.is_none() {
            remain.push((other, Suivis::new()));
        }
        let (matiere, suivie) = &mut remain[index];
        deplacer(resultats, &had_it, from, matiere.enseignement);
        for eleve in had_it {
            suivie.entry(eleve).or_default().insert(from);
        }
    }
    remain
}

/// Puts the results of pupils in an enseignement with theirs in another, in the order of their days.
fn deplacer(resultats: &mut Resultats, eleves: &[PersonneId], from: EnseignementId, into: EnseignementId) {
    for eleve in eleves {
        let moved = resultats.remove(&(from, *eleve)).unwrap_or_default();
        let entrees = resultats.entry((into, *eleve)).or_default();
        entrees.extend(moved);
        entrees.sort_by_key(|entree| entree.date);
    }
}

fn of_matiere(
    politique: &PolitiqueVersionnee,
    au: DateTime<Utc>,
    matiere: MatiereEnseignee,
    eleves: &BTreeSet<PersonneId>,
    resultats: &mut Resultats,
) -> ReleveDeMatiere {
    let mut explain = |eleve: &PersonneId| {
        let entrees = resultats.remove(&(matiere.enseignement, *eleve)).unwrap_or_default();
        (*eleve, moyenne_de_matiere(politique, &matiere.code, au, entrees))
    };
    let moyennes: BTreeMap<_, _> = eleves.iter().map(&mut explain).collect();
    let repartition = repartition(politique, au, figures(&moyennes));
    ReleveDeMatiere { matiere, suivie: Suivis::new(), moyennes, repartition }
}

/// What an enseignement brings to the general average of a pupil who has an average in it.
fn en_generale(
    politique: &PolitiqueVersionnee,
    releve: &ReleveDeMatiere,
    eleve: PersonneId,
) -> Option<Entree> {
    let valeur = releve.moyennes.get(&eleve)?.moyenne?;
    Some(Entree {
        intitule: releve.matiere.libelle.clone(),
        date: None,
        resultat: Resultat::Note { valeur },
        bareme: Valeur::whole(20),
        coefficient: politique.politique.generale.coefficient(&releve.matiere.code),
        regime: Regime::Obligatoire,
        formative: false,
        sous_matiere: None,
    })
}

fn figures(moyennes: &BTreeMap<PersonneId, Explication>) -> impl Iterator<Item = Option<Valeur>> {
    moyennes.values().map(|explained| explained.moyenne)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notes::{Generale, PolitiqueDeMoyenne};

    fn eleve(n: usize) -> PersonneId {
        PersonneId::derived(&["eleve", &n.to_string()])
    }

    fn matiere(code: &str) -> MatiereEnseignee {
        MatiereEnseignee {
            enseignement: EnseignementId::derived(&[code]),
            code: code.into(),
            libelle: code.into(),
        }
    }

    fn mark(text: &str) -> Entree {
        Entree {
            intitule: "Contrôle".into(),
            date: None,
            resultat: Resultat::Note { valeur: text.parse().unwrap() },
            bareme: Valeur::whole(20),
            coefficient: Valeur::whole(1),
            regime: Regime::Obligatoire,
            formative: false,
            sous_matiere: None,
        }
    }

    fn releve(generale: Generale, pupils: usize) -> Releve {
        let default = PolitiqueVersionnee::default();
        let politique = PolitiqueVersionnee {
            politique: PolitiqueDeMoyenne { generale, ..default.politique.clone() },
            ..default
        };
        let eleves: BTreeSet<_> = (0..pupils).map(eleve).collect();
        let mut resultats = Resultats::new();
        for n in 0..pupils {
            let maths = vec![mark(&(10 + n).to_string())];
            resultats.insert((matiere("MATHS").enseignement, eleve(n)), maths);
        }
        resultats.insert((matiere("FRANC").enseignement, eleve(0)), vec![mark("16"), mark("15")]);
        let au = "2026-12-01T08:00:00Z".parse().unwrap();
        let matieres = vec![matiere("FRANC"), matiere("MATHS"), matiere("EPS")];
        Releve::calculer(&politique, au, (matieres, vec![]), &eleves, resultats)
    }

    #[test]
    fn a_general_average_is_made_from_the_averages_that_are_told() {
        let plain = releve(Generale::Simple, 1);
        assert_eq!(plain.generales[&eleve(0)].moyenne, "12.75".parse().ok());
        let coefficients = [("FRANC".to_owned(), Valeur::whole(3))].into();
        let weighed = releve(Generale::ParCoefficients { coefficients }, 1);
        assert_eq!(weighed.generales[&eleve(0)].moyenne, "14.13".parse().ok());
        let named: Vec<_> =
            plain.generales[&eleve(0)].lignes.iter().map(|it| it.entree.intitule.as_str()).collect();
        assert_eq!(named, ["FRANC", "MATHS"], "what has no average is not averaged");
    }

    #[test]
    fn who_has_changed_division_takes_along_the_marks_of_each_matiere() {
        let of_6a = |code: &str| MatiereEnseignee {
            enseignement: EnseignementId::derived(&["6A", code]),
            ..matiere(code)
        };
        let (newcomer, other, left_behind) = (eleve(0), eleve(1), eleve(2));
        let resultats = Resultats::from([
            ((of_6a("MATHS").enseignement, newcomer), vec![mark("10")]),
            ((of_6a("MATHS").enseignement, left_behind), vec![mark("1")]),
            ((matiere("MATHS").enseignement, newcomer), vec![mark("16")]),
            ((matiere("MATHS").enseignement, other), vec![mark("9")]),
            ((of_6a("LATIN").enseignement, newcomer), vec![mark("18")]),
            ((of_6a("LATIN").enseignement, left_behind), vec![mark("2")]),
        ]);
        let politique = PolitiqueVersionnee::default();
        let au = "2027-03-05T08:00:00Z".parse().unwrap();
        let taught = (vec![matiere("MATHS")], vec![of_6a("MATHS"), of_6a("LATIN"), of_6a("GREC")]);
        let releve = Releve::calculer(&politique, au, taught, &[newcomer, other].into(), resultats);
        let average = |matiere: &ReleveDeMatiere, of| matiere.moyennes.get(&of).map(|it| it.moyenne);
        let [maths, latin] = releve.matieres.as_slice() else { panic!("{:?}", releve.matieres) };
        assert_eq!(average(maths, newcomer), Some("13".parse().ok()));
        assert_eq!(average(maths, other), Some("9".parse().ok()));
        assert_eq!(maths.moyennes.len(), 2, "who is of another division is not counted");
        assert_eq!(average(latin, newcomer), Some("18".parse().ok()));
        assert_eq!(average(latin, other), None, "who did not have it is not told of it");
        assert_eq!(releve.generales[&newcomer].moyenne, "15.5".parse().ok());
    }

    #[test]
    fn a_matiere_of_two_earlier_divisions_is_one_whose_average_is_of_all_marks() {
        let of = |division: &str| MatiereEnseignee {
            enseignement: EnseignementId::derived(&[division, "LATIN"]),
            ..matiere("LATIN")
        };
        let (both, second) = (eleve(0), eleve(1));
        let resultats = Resultats::from([
            ((of("6A").enseignement, both), vec![mark("10"), mark("10")]),
            ((of("6B").enseignement, both), vec![mark("16")]),
            ((of("6B").enseignement, second), vec![mark("9")]),
        ]);
        let politique = PolitiqueVersionnee::default();
        let au = "2027-03-05T08:00:00Z".parse().unwrap();
        let taught = (vec![matiere("MATHS")], vec![of("6A"), of("6B")]);
        let releve = Releve::calculer(&politique, au, taught, &[both, second].into(), resultats);
        let [_, latin] = releve.matieres.as_slice() else { panic!("{:?}", releve.matieres) };
        assert_eq!(latin.moyennes[&both].moyenne, "12".parse().ok(), "not the average of 10 and 16");
        assert_eq!(latin.moyennes[&second].moyenne, "9".parse().ok());
        assert_eq!(latin.suivie[&both], BTreeSet::from([of("6A").enseignement, of("6B").enseignement]));
        assert_eq!(latin.suivie[&second], BTreeSet::from([of("6B").enseignement]));
        assert_eq!(releve.generales[&both].lignes.len(), 1, "it counts once");
    }

    #[test]
    fn a_spread_is_of_those_who_have_an_average() {
        let five = releve(Generale::Simple, 5);
        assert_eq!(five.matieres[1].repartition.as_ref().map(|it| it.effectif), Some(5));
        assert_eq!(five.matieres[0].repartition, None, "one alone would be named by it");
        assert_eq!(five.repartition.as_ref().map(|it| it.minimum), "11".parse().ok());
    }
}
