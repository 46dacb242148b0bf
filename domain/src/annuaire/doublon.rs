//! Which fiches may be those of one person, and why one thinks so.
//!
//! A score is a sum of whole points, each of which says where it comes from: who decides reads
//! the reasons and not the figure. Nothing is merged by itself. Names are compared without
//! accents, case, hyphens or blanks, since sources write them in their own ways.

use crate::{EtablissementId, PersonneId};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What fiches are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// Whose.
    pub personne: PersonneId,
    /// Family name.
    pub nom: String,
    /// First name.
    pub prenom: String,
    /// Date of birth.
    pub naissance: Option<NaiveDate>,
    /// Address for mail.
    pub courriel: Option<String>,
    /// Attached to.
    pub etablissements: BTreeSet<EtablissementId>,
}

impl Portrait {
    /// Of a fiche of which nothing is known.
    pub fn inconnu(personne: PersonneId) -> Self {
        let (nom, prenom) = (String::new(), String::new());
        Self { personne, nom, prenom, naissance: None, courriel: None, etablissements: BTreeSet::new() }
    }
}

/// A reason to think that two fiches are of one person, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Indice {
    /// The same family name.
    MemeNom,
    /// The same first name.
    MemePrenom,
    /// One first name begins the other one (Marie, Marie-Claire).
    PrenomProche,
    /// The name of one is the first name of the other, both ways.
    NomsInverses,
    /// Born on one day.
    MemeNaissance,
    /// Born on two days.
    NaissanceDifferente,
    /// One address for mail.
    MemeCourriel,
    /// Attached to one établissement.
    MemeEtablissement,
}

impl Indice {
    /// What it adds to the score, or takes from it.
    pub const fn points(self) -> i16 {
        match self {
            Self::MemeNom => 30,
            Self::MemePrenom => 25,
            Self::PrenomProche => 12,
            Self::NomsInverses => 45,
            Self::MemeNaissance => 30,
            Self::NaissanceDifferente => -60,
            Self::MemeCourriel => 25,
            Self::MemeEtablissement => 10,
        }
    }

    /// What is seen, in French.
    pub const fn libelle(self) -> &'static str {
        match self {
            Self::MemeNom => "même nom de famille",
            Self::MemePrenom => "même prénom",
            Self::PrenomProche => "l'un des prénoms commence l'autre",
            Self::NomsInverses => "nom et prénom inversés",
            Self::MemeNaissance => "même date de naissance",
            Self::NaissanceDifferente => "dates de naissance différentes",
            Self::MemeCourriel => "même adresse électronique",
            Self::MemeEtablissement => "rattachés au même établissement",
        }
    }
}

/// Two fiches, compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rapprochement {
    /// The fiches, the lower id first.
    pub fiches: (PersonneId, PersonneId),
    /// From 0 to 100.
    pub score: u8,
    /// Where the score comes from.
    pub indices: Vec<Indice>,
}

/// From which score on two fiches are proposed.
pub const SEUIL_DE_DOUBLON: u8 = 60;
/// Fiches that have one trait in common and are compared with each other. What is shared by
/// more of them (the address of an office) tells nobody from anybody.
const COMMUN_MAX: usize = 50;
/// Shortest first name that may begin another one.
const PRENOM_MIN: usize = 3;

/// The fiches among these that may be of one person, the likeliest first.
pub fn doublons(portraits: &[Portrait]) -> Vec<Rapprochement> {
    let mut sharing: BTreeMap<String, Vec<&Portrait>> = BTreeMap::new();
    for portrait in portraits {
        for trait_ in traits(portrait) {
            sharing.entry(trait_).or_default().push(portrait);
        }
    }
    let mut found = BTreeMap::new();
    for several in sharing.values().filter(|several| several.len() <= COMMUN_MAX) {
        for (number, one) in several.iter().enumerate() {
            for other in several.iter().skip(number + 1) {
                let seen = rapprocher(one, other);
                if seen.score >= SEUIL_DE_DOUBLON && one.personne != other.personne {
                    found.insert(seen.fiches, seen);
                }
            }
        }
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by_key(|seen| (std::cmp::Reverse(seen.score), seen.fiches));
    found
}

/// What one must share with another to be compared with it at all.
fn traits(portrait: &Portrait) -> Vec<String> {
    let (nom, prenom) = (normalise(&portrait.nom), normalise(&portrait.prenom));
    let beginning: String = prenom.chars().take(PRENOM_MIN).collect();
    let mut both = [nom.as_str(), prenom.as_str()];
    both.sort_unstable();
    let mut traits = vec![format!("nom {nom} {beginning}"), format!("noms {}", both.join(" "))];
    traits.extend(portrait.naissance.map(|day| format!("naissance {nom} {day}")));
    traits.extend(portrait.courriel.as_ref().map(|courriel| format!("courriel {}", courriel.to_lowercase())));
    traits
}

/// Whether two fiches may be read as one: as alike as those that are proposed, not born on two
/// days, and of one first name, which twins have not.
pub fn ressemblants(one: &Portrait, other: &Portrait) -> bool {
    let seen = rapprocher(one, other);
    let prenom = [Indice::MemePrenom, Indice::PrenomProche, Indice::NomsInverses];
    seen.score >= SEUIL_DE_DOUBLON
        && !seen.indices.contains(&Indice::NaissanceDifferente)
        && seen.indices.iter().any(|indice| prenom.contains(indice))
}

/// Compares two fiches.
pub fn rapprocher(one: &Portrait, other: &Portrait) -> Rapprochement {
    let mut indices = names(one, other);
    match (one.naissance, other.naissance) {
        (Some(one), Some(other)) if one == other => indices.push(Indice::MemeNaissance),
        (Some(_), Some(_)) => indices.push(Indice::NaissanceDifferente),
        (None, _) | (_, None) => {}
    }
    let lower = |portrait: &Portrait| portrait.courriel.as_ref().map(|courriel| courriel.to_lowercase());
    if lower(one).is_some() && lower(one) == lower(other) {
        indices.push(Indice::MemeCourriel);
    }
    if !one.etablissements.is_disjoint(&other.etablissements) {
        indices.push(Indice::MemeEtablissement);
    }
    let points: i16 = indices.iter().map(|indice| indice.points()).sum();
    Rapprochement {
        fiches: (one.personne.min(other.personne), one.personne.max(other.personne)),
        score: u8::try_from(points.clamp(0, 100)).unwrap_or_default(),
        indices,
    }
}

fn names(one: &Portrait, other: &Portrait) -> Vec<Indice> {
    let names = |portrait: &Portrait| (normalise(&portrait.nom), normalise(&portrait.prenom));
    let ((nom, prenom), (other_nom, other_prenom)) = (names(one), names(other));
    let mut indices = Vec::new();
    if nom.is_empty() || other_nom.is_empty() {
        return vec![];
    }
    if nom == other_nom {
        indices.push(Indice::MemeNom);
    } else if nom == other_prenom && prenom == other_nom {
        return vec![Indice::NomsInverses];
    }
    let (short, long) =
        if prenom.len() <= other_prenom.len() { (&prenom, &other_prenom) } else { (&other_prenom, &prenom) };
    if short == long {
        indices.push(Indice::MemePrenom);
    } else if short.len() >= PRENOM_MIN && long.starts_with(short.as_str()) {
        indices.push(Indice::PrenomProche);
    }
    indices
}

/// Letters and figures only, without accents, in lower case, ligatures undone.
pub(crate) fn normalise(name: &str) -> String {
    let mut letters = String::with_capacity(name.len());
    for c in name.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' => letters.push_str("oe"),
            'æ' => letters.push_str("ae"),
            'ß' => letters.push_str("ss"),
            c if c.is_alphanumeric() => letters.push(c),
            _ => {}
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn portrait(id: &str, nom: &str, prenom: &str, naissance: Option<&str>) -> Portrait {
        Portrait {
            personne: PersonneId::derived(&[id]),
            nom: nom.into(),
            prenom: prenom.into(),
            naissance: naissance.map(|day| day.parse().unwrap()),
            courriel: None,
            etablissements: [EtablissementId::derived(&["collège"])].into(),
        }
    }

    fn seen(one: &Portrait, other: &Portrait) -> (u8, Vec<Indice>) {
        let seen = rapprocher(one, other);
        (seen.score, seen.indices)
    }

    #[test]
    fn names_are_compared_without_accents_case_or_hyphens() {
        let one = portrait("1", "LE GOFF", "Anne-Hélène", Some("1980-02-29"));
        let other = portrait("2", "Le-Goff", "Anne Helene", Some("1980-02-29"));
        let indices =
            vec![Indice::MemeNom, Indice::MemePrenom, Indice::MemeNaissance, Indice::MemeEtablissement];
        assert_eq!(seen(&one, &other), (95, indices));
        assert_eq!(normalise("Cœur d'Ægir Groß"), "coeurdaegirgross");
    }

    #[test]
    fn a_name_written_in_the_place_of_the_other_is_found() {
        let one = portrait("1", "Martin", "Paul", Some("1980-02-29"));
        let other = portrait("2", "PAUL", "MARTIN", Some("1980-02-29"));
        let indices = vec![Indice::NomsInverses, Indice::MemeNaissance, Indice::MemeEtablissement];
        assert_eq!(seen(&one, &other), (85, indices));
        assert_eq!(doublons(&[one, other]).len(), 1);
    }

    #[test]
    fn two_birthdays_are_two_persons() {
        let one = portrait("1", "Martin", "Paul", Some("2012-05-01"));
        let twin = portrait("2", "Martin", "Paul", Some("2012-05-02"));
        assert!(seen(&one, &twin).0 < SEUIL_DE_DOUBLON);
        assert_eq!(doublons(&[one, twin]), vec![]);
    }

    #[test]
    fn brothers_are_not_proposed() {
        let one = portrait("1", "Martin", "Paul", Some("2012-05-01"));
        let twin = portrait("2", "Martin", "Pauline", Some("2012-05-01"));
        assert_eq!(seen(&one, &twin).0, 82, "who decides sees that only the beginning is the same");
        let brother = portrait("3", "Martin", "Jules", Some("2014-01-01"));
        assert_eq!(doublons(&[one, brother]), vec![]);
    }

    #[test]
    fn namesakes_elsewhere_of_whom_nothing_else_is_known_are_not_proposed() {
        let one = portrait("1", "Martin", "Paul", None);
        let other = Portrait { etablissements: BTreeSet::new(), ..portrait("2", "Martin", "Paul", None) };
        assert_eq!(doublons(&[one.clone(), other]), vec![]);
        assert_eq!(doublons(&[one, portrait("3", "Martin", "Paul", None)]).len(), 1);
    }

    #[test]
    fn one_address_shared_by_many_brings_nobody_together() {
        let office = |n: usize| Portrait {
            courriel: Some("accueil@exemple.fr".into()),
            ..portrait(&n.to_string(), &format!("N{n}"), &format!("P{n}"), None)
        };
        assert_eq!(doublons(&(0..200).map(office).collect::<Vec<_>>()), vec![]);
    }

    proptest! {
        #[test]
        fn comparing_the_other_way_round_says_the_same(
            a in "[a-cé ]{0,3}", b in "[a-cé ]{0,5}", c in "[a-cé ]{0,3}", d in "[a-cé ]{0,5}",
        ) {
            let (one, other) = (portrait("1", &a, &b, None), portrait("2", &c, &d, None));
            prop_assert_eq!(rapprocher(&one, &other), rapprocher(&other, &one));
        }
    }
}
