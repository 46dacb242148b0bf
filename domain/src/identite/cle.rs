//! The keys by which identity providers know people, read strictly: who is let in is never
//! guessed.
//!
//! | key | written | designates |
//! |---|---|---|
//! | `jointure` | `académie$clé` (SDET, annexe 4: `ENTPersonJointure`) | a person of the AAF feed |
//! | `educonnect` | `{AAF}académie\|…\|clé` (`FrEduCtRefId`) | the same |
//! | `fr_edu_vecteur` | `profil\|nom\|prénom\|idEleve\|UAI` (`FrEduVecteur`) | a pupil, or who answers for one |
//! | `identifiant` | one line | nobody, until somebody says whose it is |

use crate::annuaire::{Academie, Uai};
use crate::texte;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest key, in characters.
const CLE_MAX: usize = 200;

/// What kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NatureDeCle {
    /// The key of a person in an académie's directory.
    Jointure,
    /// The same, as EduConnect writes it.
    Educonnect,
    /// Who, and of which pupil, as the académies' own guichets write it.
    FrEduVecteur,
    /// A name of the provider's own.
    Identifiant,
}

impl NatureDeCle {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jointure => "jointure",
            Self::Educonnect => "educonnect",
            Self::FrEduVecteur => "fr_edu_vecteur",
            Self::Identifiant => "identifiant",
        }
    }
}

/// A key that was read. It is somebody's: it is never logged.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CleExterne {
    nature: NatureDeCle,
    valeur: String,
}

/// Whom a key designates by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Designation {
    /// Whom the directory of an académie calls by this key (`ENTPersonJointure`).
    Jointure {
        /// Whose directory.
        academie: Academie,
        /// The key there.
        cle: String,
    },
    /// Whom the directory describes so.
    Vecteur(Vecteur),
    /// Nobody.
    Aucune,
}

/// What a `FrEduVecteur` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vecteur {
    /// Whether the pupil signs in, or who answers for him or her.
    pub eleve: bool,
    /// Family name.
    pub nom: String,
    /// First name.
    pub prenom: String,
    /// The pupil's number in the établissement (`ENTEleveStructRattachId`).
    pub numero: String,
    /// Where.
    pub uai: Uai,
}

/// A key that cannot be read. It does not repeat what it could not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ce n'est pas une clé de la nature attendue")]
pub struct CleIllisible;

impl CleExterne {
    /// Reads a key of this nature.
    pub fn read(nature: NatureDeCle, text: &str) -> Result<Self, CleIllisible> {
        let valeur = texte::line(text, CLE_MAX).ok_or(CleIllisible)?;
        designation(nature, &valeur).ok_or(CleIllisible)?;
        Ok(Self { nature, valeur })
    }

    /// Of which nature.
    pub fn nature(&self) -> NatureDeCle {
        self.nature
    }

    /// As the provider wrote it.
    pub fn valeur(&self) -> &str {
        &self.valeur
    }

    /// Whom it designates.
    pub fn designe(&self) -> Designation {
        // It was read before: nothing is unreadable any more.
        designation(self.nature, &self.valeur).unwrap_or(Designation::Aucune)
    }
}

impl fmt::Debug for CleExterne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CleExterne({})", self.nature.as_str())
    }
}

fn designation(nature: NatureDeCle, valeur: &str) -> Option<Designation> {
    match nature {
        NatureDeCle::Jointure => {
            let (academie, cle) = valeur.split_once('$')?;
            jointure(academie, cle)
        }
        NatureDeCle::Educonnect => {
            let mut parts = valeur.strip_prefix("{AAF}")?.split('|');
            let (academie, _, cle) = (parts.next()?, parts.next()?, parts.next()?);
            if parts.next().is_none() { jointure(academie, cle) } else { None }
        }
        NatureDeCle::FrEduVecteur => vecteur(valeur).map(Designation::Vecteur),
        NatureDeCle::Identifiant => Some(Designation::Aucune),
    }
}

fn jointure(academie: &str, cle: &str) -> Option<Designation> {
    let academie = academie.parse().ok()?;
    is_key(cle).then(|| Designation::Jointure { academie, cle: cle.to_owned() })
}

/// Profils 1 and 2 answer for a pupil, 3 and 4 are pupils (first and second degree).
fn vecteur(valeur: &str) -> Option<Vecteur> {
    let parts: Vec<&str> = valeur.split('|').map(str::trim).collect();
    let [profil, nom, prenom, numero, uai] = parts.as_slice() else { return None };
    let eleve = match *profil {
        "1" | "2" => false,
        "3" | "4" => true,
        _ => return None,
    };
    if nom.is_empty() || prenom.is_empty() || !is_key(numero) {
        return None;
    }
    let (nom, prenom, numero) = ((*nom).to_owned(), (*prenom).to_owned(), (*numero).to_owned());
    Some(Vecteur { eleve, nom, prenom, numero, uai: uai.parse().ok()? })
}

/// A technical key: letters, figures, and what joins them.
fn is_key(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&text.len()) && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn designe(nature: NatureDeCle, text: &str) -> Option<Designation> {
        CleExterne::read(nature, text).ok().map(|cle| cle.designe())
    }

    #[test]
    fn a_jointure_and_the_key_of_educonnect_designate_the_same_person_of_the_directory() {
        let of = |academie| Designation::Jointure { academie, cle: "4512".to_owned() };
        let person = of(Academie::Lyon);
        assert_eq!(designe(NatureDeCle::Jointure, "LYON$4512"), Some(person.clone()));
        assert_eq!(designe(NatureDeCle::Educonnect, "{AAF}lyon|responsable|4512"), Some(person));
        let elsewhere = designe(NatureDeCle::Jointure, "GRENOBLE$4512").unwrap();
        assert_eq!(elsewhere, of(Academie::Grenoble));
    }

    #[test]
    fn a_vecteur_says_who_and_of_which_pupil() {
        let said = designe(NatureDeCle::FrEduVecteur, "2|MARTIN|Zoé|4512|0690001B");
        let vecteur = Vecteur {
            eleve: false,
            nom: "MARTIN".to_owned(),
            prenom: "Zoé".to_owned(),
            numero: "4512".to_owned(),
            uai: "0690001B".parse().unwrap(),
        };
        assert_eq!(said, Some(Designation::Vecteur(vecteur)));
        let pupil = designe(NatureDeCle::FrEduVecteur, "4|MARTIN|Zoé|4512|0690001B");
        assert!(matches!(pupil, Some(Designation::Vecteur(Vecteur { eleve: true, .. }))), "{pupil:?}");
    }

    #[test]
    fn an_identifiant_designates_nobody_by_itself() {
        assert_eq!(designe(NatureDeCle::Identifiant, "marie.dupont@exemple.fr"), Some(Designation::Aucune));
    }

    #[test]
    fn a_key_is_never_guessed() {
        for (nature, text) in [
            (NatureDeCle::Jointure, ""),
            (NatureDeCle::Jointure, "4512"),
            (NatureDeCle::Jointure, "PARIS$4512"),
            (NatureDeCle::Jointure, "LYON$"),
            (NatureDeCle::Jointure, "LYON$45 12"),
            (NatureDeCle::Jointure, "LYON$45$12"),
            (NatureDeCle::Educonnect, "lyon|x|4512"),
            (NatureDeCle::Educonnect, "{AAF}lyon|4512"),
            (NatureDeCle::Educonnect, "{AAF}lyon|x|4512|y"),
            (NatureDeCle::FrEduVecteur, "2|MARTIN|Zoé|4512"),
            (NatureDeCle::FrEduVecteur, "9|MARTIN|Zoé|4512|0690001B"),
            (NatureDeCle::FrEduVecteur, "2||Zoé|4512|0690001B"),
            (NatureDeCle::FrEduVecteur, "2|MARTIN|Zoé|4512|0690001A"),
            (NatureDeCle::FrEduVecteur, "2|MARTIN|Zoé||0690001B"),
            (NatureDeCle::Identifiant, "a\nb"),
            (NatureDeCle::Identifiant, &"é".repeat(201)),
        ] {
            assert_eq!(CleExterne::read(nature, text), Err(CleIllisible), "{nature:?} {text:?}");
        }
    }

    #[test]
    fn a_key_shows_its_nature_and_not_itself() {
        let cle = CleExterne::read(NatureDeCle::Jointure, "LYON$4512").unwrap();
        assert_eq!(format!("{cle:?}"), "CleExterne(jointure)");
    }
}
