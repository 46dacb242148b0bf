//! Averages, computed exactly and explained.
//!
//! An average is `points / poids`, out of 20, rounded once, as the policy of the établissement
//! says. A mark that must be done weighs; an optional one never lowers: either only its points
//! above half are added, without its weight, or it is counted only where that raises the
//! average. Several of these are chosen so that the average is the highest; nothing averages
//! above 20. Who has nothing but optional marks has no average. Formative work counts for
//! nothing, and so does what stands in place of a mark; but who was absent, or handed nothing
//! in, gets a zero where the teacher says so.
//! The explanation holds every input, weight, rule and rounding, so that anybody can compute
//! the figure again. Source: code de l'éducation, art. D111-3 and L311-7 (families are told of
//! results); RGPD, art. 15.1.h (the logic of what is computed about a person).

use super::{Fraction, PartieExpliquee, PolitiqueVersionnee, Ponderation, Resultat, Valeur};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether an evaluation must be done, or can only help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// It counts.
    #[default]
    Obligatoire,
    /// Only points above half of the scale are added.
    PointsAuDessus,
    /// It counts only where it raises the average.
    SiElleMonte,
}

impl Regime {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Obligatoire => "obligatoire",
            Self::PointsAuDessus => "points_au_dessus",
            Self::SiElleMonte => "si_elle_monte",
        }
    }

    /// The régime of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Obligatoire, Self::PointsAuDessus, Self::SiElleMonte];
        all.into_iter().find(|regime| regime.as_str() == name)
    }
}

/// A result as it enters an average.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entree {
    /// What it is called: an evaluation, or a matière.
    pub intitule: String,
    /// School day of the evaluation.
    pub date: Option<NaiveDate>,
    /// What the pupil got.
    pub resultat: Resultat,
    /// The best mark.
    pub bareme: Valeur,
    /// Its weight.
    pub coefficient: Valeur,
    /// Whether it must be done.
    pub regime: Regime,
    /// Whether it helps to learn and does not count.
    pub formative: bool,
    /// The part of the matière that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sous_matiere: Option<String>,
}

impl Entree {
    /// Whether it weighs in an average, whatever else does.
    pub fn compte(&self) -> bool {
        let alone = ligne(Ponderation::SurVingt, self.clone());
        matches!(alone.prise_en_compte, PriseEnCompte::Comptee | PriseEnCompte::CompteeZero)
    }
}

/// What became of a result in an average.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriseEnCompte {
    /// It counts.
    Comptee,
    /// The pupil was absent or handed nothing in, and it counts as zero.
    CompteeZero,
    /// Its points above half are added.
    PointsAjoutes,
    /// It counts because it raises the average.
    Retenue,
    /// It would not raise the average.
    NonRetenue,
    /// It has no point above half.
    SansPointAuDessus,
    /// It is formative.
    Formative,
    /// Its coefficient is 0.
    CoefficientNul,
    /// There is no mark that could count.
    SansNote,
}

impl PriseEnCompte {
    const fn phrase(self) -> &'static str {
        match self {
            Self::Comptee => "comptée",
            Self::CompteeZero => "comptée zéro",
            Self::PointsAjoutes => "facultative, points au-dessus de la moitié ajoutés",
            Self::Retenue => "facultative, retenue car elle élève la moyenne",
            Self::NonRetenue => "facultative, écartée car elle n'élève pas la moyenne",
            Self::SansPointAuDessus => "facultative, sans point au-dessus de la moitié",
            Self::Formative => "formative, ne compte pas",
            Self::CoefficientNul => "coefficient 0, ne compte pas",
            Self::SansNote => "pas de note, ne compte pas",
        }
    }
}

/// One input, and what it brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LigneExpliquee {
    /// The input.
    pub entree: Entree,
    /// What became of it.
    pub prise_en_compte: PriseEnCompte,
    /// What it adds to the points.
    pub points: Fraction,
    /// What it adds to the weights.
    pub poids: Fraction,
}

impl LigneExpliquee {
    /// The line in French.
    pub fn phrase(&self) -> String {
        let Entree { intitule, resultat, bareme, coefficient, .. } = &self.entree;
        let got = match resultat {
            Resultat::Note { valeur } => format!("{valeur:#}/{bareme:#}"),
            other => other.etat().to_owned(),
        };
        let (what, points, poids) = (self.prise_en_compte.phrase(), &self.points, &self.poids);
        format!("{intitule} : {got}, coefficient {coefficient:#} ; {what} ({points} points, poids {poids})")
    }
}

/// An average, and all that it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explication {
    /// The rules.
    pub politique: PolitiqueVersionnee,
    /// The instant as of which the inputs are what they are.
    pub au: DateTime<Utc>,
    /// Every input, in the order given.
    pub lignes: Vec<LigneExpliquee>,
    /// The sum of the points.
    pub points: Fraction,
    /// The sum of the weights.
    pub poids: Fraction,
    /// The average before rounding, out of 20.
    pub exacte: Option<Fraction>,
    /// The average; nothing where nothing counts.
    pub moyenne: Option<Valeur>,
    /// The parts of the matière, where it has any: its points and weights are then theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<PartieExpliquee>,
}

impl Explication {
    /// The explanation in French, one sentence each: rules, inputs, figure.
    pub fn texte(&self) -> Vec<String> {
        let PolitiqueVersionnee { version, politique } = &self.politique;
        let mut lines = vec![format!("« {} », version {version}.", politique.nom)];
        lines.extend(politique.regles());
        let mut lignes = self.lignes.iter().map(LigneExpliquee::phrase);
        for partie in &self.parties {
            lines.extend(lignes.by_ref().take(usize::try_from(partie.resultats).unwrap_or(usize::MAX)));
            lines.push(partie.phrase());
        }
        lines.extend(lignes);
        lines.push(match (&self.exacte, self.moyenne) {
            (Some(exacte), Some(moyenne)) => {
                format!("{}, arrondi à {moyenne:#} sur 20.", quotient(&self.points, &self.poids, exacte))
            }
            _ => "Aucune note obligatoire ne compte : il n'y a pas de moyenne.".to_owned(),
        });
        lines
    }
}

/// An average in French, as it is before rounding; added points may have led above 20.
pub(super) fn quotient(points: &Fraction, poids: &Fraction, exacte: &Fraction) -> String {
    let bounded = points.clone().divided(poids.clone()).as_ref() != Some(exacte);
    let bound = if bounded { ", ramené à 20" } else { "" };
    format!("{points} points divisés par {poids}{bound} : {exacte}")
}

/// The average of results under a policy, as they are at an instant.
pub fn moyenne(politique: &PolitiqueVersionnee, au: DateTime<Utc>, entrees: Vec<Entree>) -> Explication {
    let Somme { lignes, points, poids, exacte } = sommer(politique.politique.ponderation, entrees);
    let moyenne = exacte.as_ref().and_then(|exacte| politique.politique.arrondir(exacte));
    let parties = vec![];
    Explication { politique: politique.clone(), au, lignes, points, poids, exacte, moyenne, parties }
}

/// What results come to, before any rounding.
pub(super) struct Somme {
    pub lignes: Vec<LigneExpliquee>,
    pub points: Fraction,
    pub poids: Fraction,
    pub exacte: Option<Fraction>,
}

/// Adds results up.
pub(super) fn sommer(ponderation: Ponderation, entrees: Vec<Entree>) -> Somme {
    let mut lignes: Vec<_> = entrees.into_iter().map(|entree| ligne(ponderation, entree)).collect();
    retenir(&mut lignes);
    let points: Fraction = lignes.iter().map(|ligne| ligne.points.clone()).sum();
    let poids: Fraction = lignes.iter().map(|ligne| ligne.poids.clone()).sum();
    let exacte = points.clone().divided(poids.clone()).map(|exacte| exacte.min(Fraction::whole(20)));
    Somme { lignes, points, poids, exacte }
}

/// What one input brings by itself; whether an optional one is counted is seen later.
fn ligne(ponderation: Ponderation, entree: Entree) -> LigneExpliquee {
    let nothing = |entree, prise_en_compte| LigneExpliquee {
        entree,
        prise_en_compte,
        points: Fraction::zero(),
        poids: Fraction::zero(),
    };
    if entree.formative {
        return nothing(entree, PriseEnCompte::Formative);
    }
    if entree.coefficient == Valeur::ZERO {
        return nothing(entree, PriseEnCompte::CoefficientNul);
    }
    let (valeur, counted) = match entree.resultat {
        Resultat::Note { valeur } => (valeur, PriseEnCompte::Comptee),
        Resultat::Absent { compte_zero: true } | Resultat::NonRendu { compte_zero: true } => {
            (Valeur::ZERO, PriseEnCompte::CompteeZero)
        }
        Resultat::Absent { compte_zero: false }
        | Resultat::Dispense
        | Resultat::NonNote
        | Resultat::NonRendu { compte_zero: false } => {
            return nothing(entree, PriseEnCompte::SansNote);
        }
    };
    let (Some(sur_vingt), Some(part)) = (
        (Fraction::from(valeur) * Fraction::whole(20)).divided(entree.bareme.into()),
        Fraction::from(entree.bareme).divided(Fraction::whole(20)),
    ) else {
        return nothing(entree, PriseEnCompte::SansNote);
    };
    let poids = match ponderation {
        Ponderation::SurVingt => Fraction::from(entree.coefficient),
        Ponderation::ParBareme => Fraction::from(entree.coefficient) * part,
    };
    match entree.regime {
        Regime::Obligatoire => {
            let points = sur_vingt * poids.clone();
            LigneExpliquee { entree, prise_en_compte: counted, points, poids }
        }
        Regime::SiElleMonte => {
            let points = sur_vingt * poids.clone();
            LigneExpliquee { entree, prise_en_compte: PriseEnCompte::NonRetenue, points, poids }
        }
        Regime::PointsAuDessus if sur_vingt > Fraction::whole(10) => {
            let points = (sur_vingt - Fraction::whole(10)) * poids;
            let prise_en_compte = PriseEnCompte::PointsAjoutes;
            LigneExpliquee { entree, prise_en_compte, points, poids: Fraction::zero() }
        }
        Regime::PointsAuDessus => nothing(entree, PriseEnCompte::SansPointAuDessus),
    }
}

/// Counts those optional marks that raise the average, from the best one down: the first that
/// does not raise it is not better than what those before it have made, nor is any after it.
fn retenir(lignes: &mut [LigneExpliquee]) {
    let optional = |ligne: &LigneExpliquee| ligne.prise_en_compte == PriseEnCompte::NonRetenue;
    let sure = || lignes.iter().filter(|ligne| !optional(ligne));
    let mut points: Fraction = sure().map(|ligne| ligne.points.clone()).sum();
    let mut poids: Fraction = sure().map(|ligne| ligne.poids.clone()).sum();
    let ranked = |ligne: &LigneExpliquee| ligne.points.clone().divided(ligne.poids.clone());
    let mut best: Vec<_> = (0..lignes.len()).filter(|index| optional(&lignes[*index])).collect();
    best.sort_by_key(|index| std::cmp::Reverse(ranked(&lignes[*index])));
    for index in best {
        let ligne = &mut lignes[index];
        let raises = points.clone().divided(poids.clone()).is_some_and(|so_far| ranked(ligne) > Some(so_far));
        if raises {
            points = points + ligne.points.clone();
            poids = poids + ligne.poids.clone();
            ligne.prise_en_compte = PriseEnCompte::Retenue;
        } else {
            (ligne.points, ligne.poids) = (Fraction::zero(), Fraction::zero());
        }
    }
}

#[cfg(test)]
mod tests;
