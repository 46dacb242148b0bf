//! The average of a matière that has parts: écrit and oral, grammaire and lecture.
//!
//! Each part is averaged from its own marks, by the same rules as a matière that has none. The
//! matière is the mean of its parts, as exact as they are, by the coefficients of the policy, and
//! rounded once. A part in which nothing counts weighs nothing. Marks that are of none of the
//! parts make one of their own, of coefficient 1: none is lost in silence.

use super::moyennes::{Somme, quotient, sommer};
use super::{
    Entree, Explication, Fraction, LigneExpliquee, PolitiqueVersionnee, Ponderation, SousMatiere, Valeur,
    moyenne,
};
use crate::annuaire::normalise;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What marks of no part are called together.
const AUTRES: &str = "Autres évaluations";

/// A part of a matière, and what it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartieExpliquee {
    /// Its name.
    pub libelle: String,
    /// Its weight in the average of the matière.
    pub coefficient: Valeur,
    /// How many of the lines of the average are of it, after those of the parts before it.
    pub resultats: u32,
    /// The sum of the points.
    pub points: Fraction,
    /// The sum of the weights.
    pub poids: Fraction,
    /// Its average, out of 20; nothing where nothing counts.
    pub exacte: Option<Fraction>,
}

impl PartieExpliquee {
    /// What it weighs, where it has an average.
    fn poids_dans_la_matiere(&self) -> Option<Fraction> {
        self.exacte.as_ref().map(|_| Fraction::from(self.coefficient))
    }

    /// What it brings, where it has an average.
    fn points_dans_la_matiere(&self) -> Option<Fraction> {
        self.exacte.clone().map(|exacte| exacte * Fraction::from(self.coefficient))
    }

    /// The part in French, after its lines.
    pub(super) fn phrase(&self) -> String {
        let Self { libelle, coefficient, points, poids, .. } = self;
        match &self.exacte {
            Some(exacte) => {
                format!("{libelle}, coefficient {coefficient:#} : {}.", quotient(points, poids, exacte))
            }
            None => format!("{libelle}, coefficient {coefficient:#} : rien ne compte, elle ne pèse pas."),
        }
    }
}

/// The average of results of a matière, which has this code, under a policy.
pub fn moyenne_de_matiere(
    politique: &PolitiqueVersionnee,
    code: &str,
    au: DateTime<Utc>,
    entrees: Vec<Entree>,
) -> Explication {
    match politique.politique.sous_matieres.get(code) {
        Some(sous_matieres) if !sous_matieres.is_empty() => {
            par_parties(politique, sous_matieres, au, entrees)
        }
        _ => moyenne(politique, au, entrees),
    }
}

fn par_parties(
    politique: &PolitiqueVersionnee,
    sous_matieres: &[SousMatiere],
    au: DateTime<Utc>,
    entrees: Vec<Entree>,
) -> Explication {
    let ponderation = politique.politique.ponderation;
    let mut parties = Parties { ponderation, lignes: vec![], parties: vec![] };
    let mut reste = entrees;
    for sous_matiere in sous_matieres {
        let (siennes, autres) = reste.into_iter().partition(|entree| est_de(entree, sous_matiere));
        parties.ajouter(sous_matiere, siennes);
        reste = autres;
    }
    if !reste.is_empty() {
        let autres = SousMatiere { libelle: AUTRES.to_owned(), coefficient: Valeur::whole(1) };
        parties.ajouter(&autres, reste);
    }
    let Parties { lignes, parties, .. } = parties;
    let points: Fraction = parties.iter().filter_map(PartieExpliquee::points_dans_la_matiere).sum();
    let poids: Fraction = parties.iter().filter_map(PartieExpliquee::poids_dans_la_matiere).sum();
    let exacte = points.clone().divided(poids.clone());
    let moyenne = exacte.as_ref().and_then(|exacte| politique.politique.arrondir(exacte));
    Explication { politique: politique.clone(), au, lignes, points, poids, exacte, moyenne, parties }
}

/// Parts as they are made, one after the other.
struct Parties {
    ponderation: Ponderation,
    lignes: Vec<LigneExpliquee>,
    parties: Vec<PartieExpliquee>,
}

impl Parties {
    fn ajouter(&mut self, sous_matiere: &SousMatiere, entrees: Vec<Entree>) {
        let Somme { lignes, points, poids, exacte } = sommer(self.ponderation, entrees);
        self.parties.push(PartieExpliquee {
            libelle: sous_matiere.libelle.clone(),
            coefficient: sous_matiere.coefficient,
            resultats: u32::try_from(lignes.len()).unwrap_or(u32::MAX),
            points,
            poids,
            exacte,
        });
        self.lignes.extend(lignes);
    }
}

/// Whether a result of a matière, which has this code, is of a part that weighs in its average.
pub(super) fn pese(politique: &PolitiqueVersionnee, code: &str, entree: &Entree) -> bool {
    let mut parties = politique.politique.sous_matieres.get(code).into_iter().flatten();
    let sienne = parties.find(|sous_matiere| est_de(entree, sous_matiere));
    sienne.is_none_or(|sous_matiere| sous_matiere.coefficient != Valeur::ZERO)
}

/// Whether a result is of a part: names are compared without their accents.
fn est_de(entree: &Entree, sous_matiere: &SousMatiere) -> bool {
    let named = entree.sous_matiere.as_deref().map(normalise);
    named.is_some_and(|name| name == normalise(&sous_matiere.libelle))
}

#[cfg(test)]
mod tests;
