//! Where what the directory knows comes from, and whose word counts.
//!
//! Several sources speak of the same people. Which of them is believed is data: one table,
//! dated, for each kind of fact. A lesser source adds what is missing and never overwrites;
//! when a better one says no more, the next one speaks.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// A kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origine {
    /// The *annuaire académique fédérateur*.
    Aaf,
    /// SIECLE, in which an établissement keeps its pupils and their families.
    Siecle,
    /// STS, in which it keeps its teachers and what they teach.
    Sts,
    /// A file that the établissement makes itself.
    Csv,
    /// A person of the établissement, by hand.
    Saisie,
}

impl Origine {
    /// All of them.
    pub const TOUTES: [Self; 5] = [Self::Aaf, Self::Siecle, Self::Sts, Self::Csv, Self::Saisie];

    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aaf => "aaf",
            Self::Siecle => "siecle",
            Self::Sts => "sts",
            Self::Csv => "csv",
            Self::Saisie => "saisie",
        }
    }

    /// What people call it.
    pub const fn nom(self) -> &'static str {
        match self {
            Self::Aaf => "l'annuaire fédérateur",
            Self::Siecle => "SIECLE",
            Self::Sts => "STS",
            Self::Csv => "un fichier CSV",
            Self::Saisie => "une saisie manuelle",
        }
    }
}

/// How SIECLE's keys of pupils begin: an adult there may have the same number.
const ELEVE: &str = "eleve/";

/// A register of the staff in which STS has a teacher: numbers are each register's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegistreSts {
    /// *Emploi, postes, personnels*: the State's own.
    Epp,
    /// Whom the établissement entered itself.
    Local,
    /// Who directs, and is in neither.
    Dir,
    /// Any other.
    Autre,
}

impl RegistreSts {
    /// Its name, as STS and the livrets write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Epp => "epp",
            Self::Local => "local",
            Self::Dir => "dir",
            Self::Autre => "autre",
        }
    }

    /// The register of this name; one that nobody knows is another one.
    pub fn named(name: &str) -> Self {
        let known = [Self::Epp, Self::Local, Self::Dir];
        known.into_iter().find(|one| one.as_str().eq_ignore_ascii_case(name)).unwrap_or(Self::Autre)
    }
}

/// By what STS knows a teacher; written so that it can be part of an XML name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumeroSts {
    /// In which register.
    pub registre: RegistreSts,
    /// Under which number.
    pub numero: u64,
}

impl fmt::Display for NumeroSts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.registre {
            RegistreSts::Epp => write!(f, "{}", self.numero),
            other => write!(f, "{}-{}", other.as_str(), self.numero),
        }
    }
}

/// One source's own key of somebody or of something: it never changes hands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// What kind of source it is.
    pub origine: Origine,
    /// Whose it is: an académie, or the number of an établissement.
    pub portee: String,
    /// The key there.
    pub cle: String,
}

impl Source {
    /// Under which key SIECLE's own number of a pupil is kept.
    pub fn cle_d_eleve(numero: &str) -> String {
        format!("{ELEVE}{numero}")
    }

    /// The number that such a key is of, as SIECLE gives them: whole, and above zero.
    pub fn numero(cle: &str) -> Option<u64> {
        cle.strip_prefix(ELEVE).unwrap_or(cle).parse().ok().filter(|numero| *numero > 0)
    }

    /// Under which key STS's own number of a teacher is kept: alone if it is of EPP, as all were kept
    /// before registers were told apart.
    pub fn cle_d_enseignant(registre: RegistreSts, numero: &str) -> String {
        match registre {
            RegistreSts::Epp => numero.to_owned(),
            RegistreSts::Local | RegistreSts::Dir | RegistreSts::Autre => {
                format!("{}/{numero}", registre.as_str())
            }
        }
    }

    /// Such a key without its register.
    pub fn sans_registre(cle: &str) -> &str {
        cle.split_once('/').map_or(cle, |(_, numero)| numero)
    }

    /// By what STS knows the teacher of such a key.
    pub fn enseignant(cle: &str) -> Option<NumeroSts> {
        let registre = cle.split_once('/').map_or(RegistreSts::Epp, |(name, _)| RegistreSts::named(name));
        let numero = Self::sans_registre(cle).parse().ok().filter(|numero| *numero > 0)?;
        Some(NumeroSts { registre, numero })
    }

    /// Whether another one is the same key, with the register that this one did not tell.
    pub(super) fn est_precisee_par(&self, autre: &Self) -> bool {
        self.origine == Origine::Sts && self.cle == Self::sans_registre(&autre.cle)
    }

    /// Version 1 knew the AAF only, and called the whose of a source its académie.
    pub(super) fn depuis_v1(mut data: Value) -> Option<Value> {
        let source = data.get("source")?;
        let (portee, cle) = (source.get("academie")?.clone(), source.get("cle")?.clone());
        let object = data.as_object_mut()?;
        object.insert("source".into(), json!({ "origine": "aaf", "portee": portee, "cle": cle }));
        Provenance::depuis_v1(data)
    }
}

/// One source: what kind, and whose. Two établissements' SIECLE are two, and each speaks for itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Emetteur {
    /// The kind of source.
    pub origine: Origine,
    /// Whose it is, as [`Provenance::portee`].
    pub portee: Option<String>,
}

impl Emetteur {
    /// Its kind, as it was kept before it was kept whose a source is.
    pub(super) fn sans_portee(&self) -> Self {
        Self { origine: self.origine, portee: None }
    }

    /// Whether what that one said may be this one's word: it is, or nobody knows whose it was.
    pub(super) fn est(&self, autre: &Self) -> bool {
        self == autre || *autre == self.sans_portee()
    }
}

/// Whose word a fact stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The kind of source.
    pub origine: Origine,
    /// Whose it is: an académie, or the number of an établissement; not known of what was said
    /// before it was kept.
    pub portee: Option<String>,
    /// Why it was entered by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motif: Option<String>,
}

impl Provenance {
    /// What a source says, for no other motive than that it says it.
    pub fn de(origine: Origine, portee: &str) -> Self {
        Self { origine, portee: Some(portee.to_owned()), motif: None }
    }

    /// Who speaks.
    pub fn emetteur(&self) -> Emetteur {
        Emetteur { origine: self.origine, portee: self.portee.clone() }
    }

    /// Version 1 of the events of the directory had no provenance: the AAF was its only source.
    pub(super) fn depuis_v1(mut data: Value) -> Option<Value> {
        data.as_object_mut()?.insert("provenance".into(), json!({ "origine": "aaf" }));
        Some(data)
    }

    /// A provenance told only what kind of source it is: whose that was is not known.
    pub(super) fn sans_portee(mut data: Value) -> Option<Value> {
        data.get_mut("provenance")?.as_object_mut()?.insert("portee".into(), Value::Null);
        Some(data)
    }
}

/// What a source says, for no other motive than that it says it.
impl From<Emetteur> for Provenance {
    fn from(Emetteur { origine, portee }: Emetteur) -> Self {
        Self { origine, portee, motif: None }
    }
}

/// A source speaks: in whose name, and on which school day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parole {
    /// Whose word it is.
    pub provenance: Provenance,
    /// When it is said: the order of precedence of that day counts.
    pub le: NaiveDate,
}

impl Parole {
    /// A source says something on a day.
    pub fn de(origine: Origine, portee: &str, le: NaiveDate) -> Self {
        Self { provenance: Provenance::de(origine, portee), le }
    }
}

/// What a source may say of a person or an établissement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum NatureDeFait {
    EtatCivil,
    Rattachement,
    Affectation,
    Responsabilites,
    FicheEtablissement,
    Division,
    Enseignement,
    Groupe,
    Repartition,
}

/// In which order sources are believed about a kind of fact, from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preseance {
    /// First school day.
    pub depuis: NaiveDate,
    /// About what.
    pub nature: NatureDeFait,
    /// The best first. Who is not listed is not believed about it at all.
    pub ordre: &'static [Origine],
}

/// From the first day.
const OUVERTURE: NaiveDate = NaiveDate::MIN;

/// Pupils and families are kept in SIECLE, teachings in STS: each is believed about its own
/// before the other (SDET, annexe opérationnelle; the AAF is made from both and is the
/// reference of an ENT: arrêté of 30 November 2006).
const FAMILLES: &[Origine] = &[Origine::Aaf, Origine::Siecle, Origine::Sts, Origine::Csv, Origine::Saisie];
const PERSONNELS: &[Origine] = &[Origine::Aaf, Origine::Sts, Origine::Siecle, Origine::Csv, Origine::Saisie];

/// The whole of it. A change is a new line with its day; no line is removed.
pub const PRESEANCES: &[Preseance] = &[
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::EtatCivil, ordre: FAMILLES },
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::Rattachement, ordre: FAMILLES },
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::Affectation, ordre: FAMILLES },
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::Responsabilites, ordre: FAMILLES },
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::FicheEtablissement, ordre: PERSONNELS },
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::Division, ordre: PERSONNELS },
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::Enseignement, ordre: PERSONNELS },
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::Groupe, ordre: PERSONNELS },
    Preseance { depuis: OUVERTURE, nature: NatureDeFait::Repartition, ordre: FAMILLES },
];

impl NatureDeFait {
    /// Who is believed about it on a day, the best first.
    pub fn ordre(self, jour: NaiveDate) -> &'static [Origine] {
        let lignes = PRESEANCES.iter().filter(|ligne| ligne.nature == self && ligne.depuis <= jour);
        lignes.max_by_key(|ligne| ligne.depuis).map_or(FAMILLES, |ligne| ligne.ordre)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NATURES: [NatureDeFait; 9] = [
        NatureDeFait::EtatCivil,
        NatureDeFait::Rattachement,
        NatureDeFait::Affectation,
        NatureDeFait::Responsabilites,
        NatureDeFait::FicheEtablissement,
        NatureDeFait::Division,
        NatureDeFait::Enseignement,
        NatureDeFait::Groupe,
        NatureDeFait::Repartition,
    ];

    #[test]
    fn the_aaf_is_believed_first_and_a_hand_last_about_everything() {
        let jour = "2026-11-23".parse().unwrap();
        for nature in NATURES {
            let ordre = nature.ordre(jour);
            assert_eq!((ordre.first(), ordre.last()), (Some(&Origine::Aaf), Some(&Origine::Saisie)));
            assert_eq!(ordre.len(), Origine::TOUTES.len(), "{nature:?}");
        }
    }

    #[test]
    fn each_base_of_an_etablissement_is_believed_about_its_own_before_the_other() {
        let jour = "2026-11-23".parse().unwrap();
        let rang = |nature: NatureDeFait, origine| nature.ordre(jour).iter().position(|one| *one == origine);
        assert!(
            rang(NatureDeFait::Affectation, Origine::Siecle) < rang(NatureDeFait::Affectation, Origine::Sts)
        );
        assert!(
            rang(NatureDeFait::Enseignement, Origine::Sts)
                < rang(NatureDeFait::Enseignement, Origine::Siecle)
        );
    }

    #[test]
    fn a_number_is_found_again_in_the_key_that_was_made_of_it() {
        assert_eq!(Source::numero(&Source::cle_d_eleve("4512")), Some(4512));
        for other in ["personne/12", "eleve/", "0", "eleve/-4", "alix"] {
            assert_eq!(Source::numero(other), None, "{other}");
        }
    }

    #[test]
    fn a_teacher_of_sts_is_found_again_in_his_register() {
        let table =
            [("epp", "69881", "69881"), ("local", "local/12", "local-12"), ("LOCAL", "local/12", "local-12")];
        for (name, key, written) in table {
            let cle = Source::cle_d_enseignant(RegistreSts::named(name), Source::sans_registre(key));
            assert_eq!(cle, key);
            assert_eq!(Source::enseignant(&cle).map(|found| found.to_string()).as_deref(), Some(written));
        }
        let other = Source::enseignant("autre/7").map(|found| found.registre);
        assert_eq!((other, RegistreSts::named("détaché")), (Some(RegistreSts::Autre), RegistreSts::Autre));
        for none in ["local/", "local/0", "alix", "0"] {
            assert_eq!(Source::enseignant(none), None, "{none}");
        }
    }

    #[test]
    fn an_origin_is_stored_under_its_frozen_name() {
        for origine in Origine::TOUTES {
            assert_eq!(serde_json::to_value(origine).unwrap(), origine.as_str());
        }
    }
}
