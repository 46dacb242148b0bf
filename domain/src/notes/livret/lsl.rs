//! The livret scolaire du lycée: a year of a pupil, by matière.
//!
//! Averages are those of each period, as they were told. The *appréciation annuelle* is the last
//! one of the year: it ends it, and nobody writes another. It is asked for as long as somebody
//! may write it; a matière that ended earlier keeps the words of its own last period. Where the
//! pupil had no mark in a period, the file says nothing of it.

use super::{
    CadreDuLivret, EleveDuLivret, Manque, Redigeables, code_national, ecrit, exiger, matieres, redige,
};
use crate::annuaire::Decoupage;
use crate::notes::EnseignementDuBulletin;
use std::collections::{BTreeMap, BTreeSet};

/// Longest appreciation, in characters.
const APPRECIATION_MAX: usize = 300;
/// Longest last name.
const NOM_MAX: usize = 65;
/// Longest first name.
const PRENOM_MAX: usize = 50;

/// What the file says of one matière.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationLsl {
    /// Code of the matière.
    pub matiere: String,
    /// How many of the division have an average in it, where that may be said.
    pub effectif: Option<u32>,
    /// The appreciation that ends the year.
    pub annuelle: String,
    /// Rank and average of each period in which there is one.
    pub periodes: Vec<(u16, String)>,
    /// Last and first names of who taught it.
    pub enseignants: BTreeSet<(String, String)>,
}

/// A pupil's year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScolariteLsl {
    /// Number of the pupil in SIECLE.
    pub eleve: u64,
    /// `T` trimestres, `S` semestres.
    pub periode: char,
    /// By matière.
    pub evaluations: Vec<EvaluationLsl>,
}

impl ScolariteLsl {
    /// What the bulletins of a year say of a pupil, whose division has so many periods; or all
    /// that lacks.
    pub fn of(
        cadre: &CadreDuLivret,
        (decoupage, total): (Option<Decoupage>, u16),
        eleve: &EleveDuLivret,
    ) -> Result<Self, Vec<Manque>> {
        let mut manques = Vec::new();
        let numero = exiger(eleve.siecle, Manque::NumeroSiecleInconnu, &mut manques);
        exiger(cadre.chef.as_ref(), Manque::ResponsableInconnu, &mut manques);
        let periode = match decoupage {
            Some(Decoupage::Trimestres) => Some('T'),
            Some(Decoupage::Semestres) => Some('S'),
            None => None,
        };
        let periode = exiger(periode.filter(|_| total > 0), Manque::DecoupageInconnu, &mut manques);
        for rang in 1..=total {
            exiger(eleve.bulletins.get(&rang), Manque::BulletinAbsent { rang }, &mut manques);
        }
        let evaluations = evaluations(eleve, &mut manques);
        match (manques.is_empty(), numero, periode) {
            (true, Some(eleve), Some(periode)) => Ok(Self { eleve, periode, evaluations }),
            _ => Err(manques),
        }
    }
}

/// What the bulletins of a year say of a matière, by rank.
type Dits = Vec<(u16, EnseignementDuBulletin)>;

fn evaluations(eleve: &EleveDuLivret, manques: &mut Vec<Manque>) -> Vec<EvaluationLsl> {
    let mut par_matiere: BTreeMap<String, Dits> = BTreeMap::new();
    for (rang, bulletin) in &eleve.bulletins {
        for one in matieres(&bulletin.contenu) {
            par_matiere.entry(one.matiere_code.clone()).or_default().push((*rang, one));
        }
    }
    if !eleve.bulletins.is_empty() {
        exiger(par_matiere.first_key_value(), Manque::AcquisAbsents, manques);
    }
    par_matiere.into_values().filter_map(|told| evaluation(&told, &eleve.redigeables, manques)).collect()
}

fn evaluation(
    told: &[(u16, EnseignementDuBulletin)],
    redigeables: &Redigeables,
    manques: &mut Vec<Manque>,
) -> Option<EvaluationLsl> {
    let (_, last) = told.last()?;
    let matiere = match code_national(last, |c| c.is_ascii_digit()) {
        Ok(code) => Some(code),
        Err(manque) => exiger(None, manque, manques),
    };
    let annuelle = annuelle(told, redigeables, manques);
    let nom = || last.matiere.clone();
    let named = told.iter().flat_map(|(_, one)| &one.enseignants);
    let enseignants: BTreeSet<_> =
        named.map(|who| (ecrit(&who.nom, NOM_MAX), ecrit(&who.prenom, PRENOM_MAX))).collect();
    exiger(enseignants.first(), Manque::EnseignantAbsent { matiere: nom() }, manques);
    let averages = told.iter().filter_map(|(rang, one)| Some((*rang, one.moyenne.moyenne?.to_string())));
    Some(EvaluationLsl {
        matiere: matiere?,
        effectif: last.division.as_ref().map(|division| division.effectif),
        annuelle: annuelle?,
        periodes: averages.collect(),
        enseignants,
    })
}

/// The words that end the year in a matière. Once it has been told nobody may write any more: the
/// last ones that were told are these. Where none ever were, the file says so: the grammar takes
/// no matière without words, and leaving it out would lose its averages.
fn annuelle(
    told: &[(u16, EnseignementDuBulletin)],
    redigeables: &Redigeables,
    manques: &mut Vec<Manque>,
) -> Option<String> {
    let (rang, last) = told.last()?;
    let nom = || last.matiere.clone();
    let text = match redigeables.get(&last.matiere_code) {
        Some(written) => exiger(written.clone(), Manque::AppreciationAbsente { matiere: nom() }, manques)?,
        None => {
            let mut latest = told.iter().rev();
            latest.find_map(|(_, one)| one.appreciation.clone()).unwrap_or_else(|| sans_mots(*rang))
        }
    };
    let fits = (text.chars().count() <= APPRECIATION_MAX).then(|| redige(&text));
    exiger(fits, Manque::AppreciationTropLongue { matiere: nom(), max: APPRECIATION_MAX }, manques)
}

fn sans_mots(rang: u16) -> String {
    format!("Aucune appréciation n'a été écrite ; enseignement suivi jusqu'à la période {rang}.")
}
