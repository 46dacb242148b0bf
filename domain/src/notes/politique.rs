//! How an établissement computes averages: a policy with a name and a version.
//!
//! The direction sets it from a day on. It is never changed, only followed by another one:
//! an average that was told names the version by which it was made, and can be made again.
//! Nothing in the code de l'éducation says how to average; it says that families are told of
//! results (art. D111-3), and evaluating is the établissement's affair (art. R421-2 and L912-1).

use super::{Fraction, Valeur};
use crate::annuaire::normalise;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What each mark weighs in the average of an enseignement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ponderation {
    /// Each is brought to 20 and weighs its coefficient.
    SurVingt,
    /// Each weighs its coefficient and its scale: 40 points weigh twice as much as 20.
    ParBareme,
}

/// To what an average is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pas {
    /// 0.01.
    Centieme,
    /// 0.1.
    Dixieme,
    /// 0.5.
    DemiPoint,
}

impl Pas {
    /// In hundredths of a point.
    const fn centiemes(self) -> i64 {
        match self {
            Self::Centieme => 1,
            Self::Dixieme => 10,
            Self::DemiPoint => 50,
        }
    }

    const fn libelle(self) -> &'static str {
        match self {
            Self::Centieme => "au centième",
            Self::Dixieme => "au dixième",
            Self::DemiPoint => "au demi-point",
        }
    }
}

/// Which way an average is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sens {
    /// To the nearest; halves go up.
    Proche,
    /// Up.
    Superieur,
}

/// What each enseignement weighs in the general average.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Generale {
    /// All the same.
    Simple,
    /// Its coefficient.
    ParCoefficients {
        /// By code of matière; 1 where nothing is said.
        coefficients: BTreeMap<String, Valeur>,
    },
}

impl Generale {
    /// What an enseignement of this matière weighs.
    pub fn coefficient(&self, matiere: &str) -> Valeur {
        match self {
            Self::Simple => Valeur::whole(1),
            Self::ParCoefficients { coefficients } => {
                coefficients.get(matiere).copied().unwrap_or(Valeur::whole(1))
            }
        }
    }
}

/// A part of a matière, and what it weighs in the average of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SousMatiere {
    /// Its name, by which evaluations are of it.
    pub libelle: String,
    /// Its weight.
    pub coefficient: Valeur,
}

/// How averages are computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolitiqueDeMoyenne {
    /// Its name, in one line.
    pub nom: String,
    /// Of marks.
    pub ponderation: Ponderation,
    /// To what averages are rounded.
    pub pas: Pas,
    /// Which way.
    pub sens: Sens,
    /// Of enseignements.
    pub generale: Generale,
    /// The parts of matières, by code; the marks of one that has none are averaged together.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sous_matieres: BTreeMap<String, Vec<SousMatiere>>,
}

impl PolitiqueDeMoyenne {
    /// The one rounding of an average, out of 20.
    pub fn arrondir(&self, exacte: &Fraction) -> Option<Valeur> {
        let pas = self.pas.centiemes();
        let en_pas = exacte.clone() * Fraction::whole(100).divided(Fraction::whole(pas))?;
        let rounded = match self.sens {
            Sens::Superieur => en_pas.ceil()?,
            Sens::Proche => (en_pas + Fraction::whole(1).divided(Fraction::whole(2))?).floor()?,
        };
        rounded.checked_mul(pas).map(Valeur::centiemes)
    }

    /// How it rounds, in French.
    pub fn regle_d_arrondi(&self) -> String {
        let sens = match self.sens {
            Sens::Proche => "le plus proche",
            Sens::Superieur => "supérieur",
        };
        format!("La moyenne est arrondie {} {sens}.", self.pas.libelle())
    }

    /// Its rules in French, one sentence each.
    pub fn regles(&self) -> Vec<String> {
        let ponderation = match self.ponderation {
            Ponderation::SurVingt => "Chaque note est ramenée sur 20 et pèse son coefficient.",
            Ponderation::ParBareme => "Chaque note pèse son coefficient et son barème, rapporté à 20.",
        };
        let generale = match &self.generale {
            Generale::Simple => "La moyenne générale donne le même poids à chaque enseignement.",
            Generale::ParCoefficients { .. } => {
                "La moyenne générale pondère chaque enseignement par son coefficient."
            }
        };
        let mut regles = vec![ponderation.to_owned(), self.regle_d_arrondi(), generale.to_owned()];
        if !self.sous_matieres.is_empty() {
            regles.push(PARTIES.to_owned());
        }
        regles
    }
}

/// A policy as it is named: by its version in the établissement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolitiqueVersionnee {
    /// From 1; 0 is the one that holds where none was set.
    pub version: u32,
    /// What it says.
    pub politique: PolitiqueDeMoyenne,
}

impl Default for PolitiqueVersionnee {
    fn default() -> Self {
        let politique = PolitiqueDeMoyenne {
            nom: "Politique par défaut".to_owned(),
            ponderation: Ponderation::SurVingt,
            pas: Pas::Centieme,
            sens: Sens::Proche,
            generale: Generale::Simple,
            sous_matieres: BTreeMap::new(),
        };
        Self { version: 0, politique }
    }
}

/// What may be asked of the policies of an établissement.
#[derive(Debug, Clone)]
pub enum PolitiqueCommand {
    /// Sets the one that holds from a day on.
    FixerPolitique {
        /// What it says.
        politique: PolitiqueDeMoyenne,
        /// The first day on which it holds.
        du: NaiveDate,
    },
}

events! {
    /// What happens to the policies of an établissement.
    pub enum PolitiqueEvent {
        /// The direction set one.
        PolitiqueFixee = "notes.politique.fixee" v 1 Scolarite {
            version: u32, du: NaiveDate, politique: PolitiqueDeMoyenne,
        },
    }
}

refusals! {
    /// Why policies refuse.
    pub enum RefusPolitique {
        NomDePolitiqueInvalide = "NOM_DE_POLITIQUE_INVALIDE" at "nom":
            "Le nom d'une politique doit tenir en une ligne de 1 à 200 caractères.",
        CoefficientInvalide = "COEFFICIENT_INVALIDE" at "coefficient":
            "Le coefficient doit être compris entre 0 et 100.",
        NomDeSousMatiereInvalide = "NOM_DE_SOUS_MATIERE_INVALIDE" at "sousMatieres":
            "Le nom d'une sous-matière doit tenir en une ligne de 1 à 200 caractères.",
        SousMatiereEnDouble { libelle: String } = "SOUS_MATIERE_EN_DOUBLE" at "sousMatieres":
            "La sous-matière « {libelle} » figure deux fois dans sa matière : gardez une seule ligne.",
        PolitiqueAnterieure { du: NaiveDate } = "POLITIQUE_DE_MOYENNE_ANTERIEURE" at "du":
            "Une politique est déjà fixée à partir du {du} : la nouvelle ne peut commencer avant.",
    }
}

/// How parts of matières are averaged.
const PARTIES: &str = "Une matière qui a des sous-matières fait la moyenne de leurs moyennes exactes, selon leurs coefficients.";

/// Longest name, in characters.
const NOM_MAX: usize = 200;

/// The policies of an établissement.
#[derive(Debug, Clone, Default)]
pub struct Politiques {
    /// The last one, with its first day.
    derniere: Option<(NaiveDate, PolitiqueVersionnee)>,
}

impl Aggregate for Politiques {
    const TYPE: &'static str = "notes.politique";
    /// What was erased is set again; averages that were told carry their own copy.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = PolitiqueCommand;
    type Event = PolitiqueEvent;
    type Refus = RefusPolitique;

    fn decide(&self, command: PolitiqueCommand) -> Result<Vec<PolitiqueEvent>, RefusPolitique> {
        let PolitiqueCommand::FixerPolitique { politique, du } = command;
        let nom = texte::line(&politique.nom, NOM_MAX).ok_or(RefusPolitique::NomDePolitiqueInvalide)?;
        let sous_matieres = parties(politique.sous_matieres)?;
        let politique = PolitiqueDeMoyenne { nom, sous_matieres, ..politique };
        if let Generale::ParCoefficients { coefficients } = &politique.generale
            && !coefficients.values().copied().all(est_un_coefficient)
        {
            return Err(RefusPolitique::CoefficientInvalide);
        }
        let version = match &self.derniere {
            Some((depuis, derniere)) if *depuis == du && derniere.politique == politique => {
                return Ok(vec![]);
            }
            Some((depuis, _)) if *depuis > du => {
                return Err(RefusPolitique::PolitiqueAnterieure { du: *depuis });
            }
            Some((_, derniere)) => derniere.version.saturating_add(1),
            None => 1,
        };
        Ok(vec![PolitiqueEvent::PolitiqueFixee { version, du, politique }])
    }

    fn apply(&mut self, event: PolitiqueEvent) {
        let PolitiqueEvent::PolitiqueFixee { version, du, politique } = event;
        self.derniere = Some((du, PolitiqueVersionnee { version, politique }));
    }
}

fn est_un_coefficient(valeur: Valeur) -> bool {
    (Valeur::ZERO..=Valeur::whole(100)).contains(&valeur)
}

/// The parts of matières as they are kept: of each matière that has any, each named once.
fn parties(
    matieres: BTreeMap<String, Vec<SousMatiere>>,
) -> Result<BTreeMap<String, Vec<SousMatiere>>, RefusPolitique> {
    let mut kept = BTreeMap::new();
    for (code, sous_matieres) in matieres.into_iter().filter(|(_, parts)| !parts.is_empty()) {
        let mut seen = BTreeSet::new();
        let mut parts = Vec::with_capacity(sous_matieres.len());
        for SousMatiere { libelle, coefficient } in sous_matieres {
            let libelle = texte::line(&libelle, NOM_MAX).ok_or(RefusPolitique::NomDeSousMatiereInvalide)?;
            if !est_un_coefficient(coefficient) {
                return Err(RefusPolitique::CoefficientInvalide);
            }
            if !seen.insert(normalise(&libelle)) {
                return Err(RefusPolitique::SousMatiereEnDouble { libelle });
            }
            parts.push(SousMatiere { libelle, coefficient });
        }
        kept.insert(code, parts);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn politique(nom: &str) -> PolitiqueDeMoyenne {
        PolitiqueDeMoyenne { nom: nom.into(), ..PolitiqueVersionnee::default().politique }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn fixer(nom: &str, du: &str) -> PolitiqueCommand {
        PolitiqueCommand::FixerPolitique { politique: politique(nom), du: day(du) }
    }

    fn fixee(version: u32, nom: &str, du: &str) -> PolitiqueEvent {
        PolitiqueEvent::PolitiqueFixee { version, du: day(du), politique: politique(nom) }
    }

    #[test]
    fn each_policy_has_the_next_version() {
        given::<Politiques>([]).when(fixer(" A ", "2026-09-01")).then([fixee(1, "A", "2026-09-01")]);
        given::<Politiques>([fixee(1, "A", "2026-09-01")]).when(fixer("B", "2027-01-04")).then([fixee(
            2,
            "B",
            "2027-01-04",
        )]);
    }

    #[test]
    fn the_same_policy_from_the_same_day_is_the_same() {
        given::<Politiques>([fixee(1, "A", "2026-09-01")]).when(fixer("A", "2026-09-01")).then([]);
    }

    #[test]
    fn a_policy_is_not_set_behind_the_last_one() {
        given::<Politiques>([fixee(1, "A", "2026-09-01")])
            .when(fixer("B", "2026-08-31"))
            .then_refused(RefusPolitique::PolitiqueAnterieure { du: day("2026-09-01") });
    }

    #[test]
    fn a_policy_has_a_name_and_coefficients_that_marks_may_have() {
        given::<Politiques>([])
            .when(fixer(" ", "2026-09-01"))
            .then_refused(RefusPolitique::NomDePolitiqueInvalide);
        for coefficient in ["-0,01", "100,01"] {
            let coefficients = [("MATHS".to_owned(), coefficient.parse().unwrap())].into();
            let politique =
                PolitiqueDeMoyenne { generale: Generale::ParCoefficients { coefficients }, ..politique("A") };
            given::<Politiques>([])
                .when(PolitiqueCommand::FixerPolitique { politique, du: day("2026-09-01") })
                .then_refused(RefusPolitique::CoefficientInvalide);
        }
    }

    #[test]
    fn the_parts_of_a_matiere_have_each_a_name_of_its_own_and_a_coefficient() {
        let fixer = |parts: &[(&str, &str)]| {
            let part = |(libelle, coefficient): &(&str, &str)| SousMatiere {
                libelle: (*libelle).into(),
                coefficient: coefficient.parse().unwrap(),
            };
            let sous_matieres = [("FRANC".to_owned(), parts.iter().map(part).collect())].into();
            let politique = PolitiqueDeMoyenne { sous_matieres, ..politique("A") };
            PolitiqueCommand::FixerPolitique { politique, du: day("2026-09-01") }
        };
        let asked = fixer(&[("Écrit", "2"), ("Oral", "1")]);
        let PolitiqueCommand::FixerPolitique { politique, du } = asked;
        let fixee_ainsi = PolitiqueEvent::PolitiqueFixee { version: 1, du, politique };
        given::<Politiques>([]).when(fixer(&[(" Écrit ", "2"), ("Oral", "1")])).then([fixee_ainsi]);
        given::<Politiques>([]).when(fixer(&[])).then([fixee(1, "A", "2026-09-01")]);
        let twice = RefusPolitique::SousMatiereEnDouble { libelle: "ecrit".into() };
        for (other, refus) in [
            ((" ", "1"), RefusPolitique::NomDeSousMatiereInvalide),
            (("Oral", "100,01"), RefusPolitique::CoefficientInvalide),
            (("ecrit", "1"), twice),
        ] {
            given::<Politiques>([]).when(fixer(&[("Écrit", "2"), other])).then_refused(refus);
        }
    }

    #[test]
    fn an_average_is_rounded_as_the_policy_says() {
        let cases = [
            ("1/3", Pas::Centieme, Sens::Proche, "0.33"),
            ("1/3", Pas::Centieme, Sens::Superieur, "0.34"),
            ("25/2", Pas::Centieme, Sens::Superieur, "12.5"),
            ("2469/200", Pas::Centieme, Sens::Proche, "12.35"),
            ("1234/100", Pas::Dixieme, Sens::Proche, "12.3"),
            ("1234/100", Pas::Dixieme, Sens::Superieur, "12.4"),
            ("49/4", Pas::DemiPoint, Sens::Proche, "12.5"),
            ("1224/100", Pas::DemiPoint, Sens::Proche, "12"),
            ("1201/100", Pas::DemiPoint, Sens::Superieur, "12.5"),
            ("20", Pas::DemiPoint, Sens::Superieur, "20"),
        ];
        for (exacte, pas, sens, expected) in cases {
            let politique = PolitiqueDeMoyenne { pas, sens, ..politique("A") };
            let rounded = politique.arrondir(&exacte.parse().unwrap());
            assert_eq!(rounded, expected.parse().ok(), "{exacte} {pas:?} {sens:?}");
        }
    }
}
