//! Where a pupil stands in the socle commun: the référentiel as data, positionnements as facts.
//!
//! The socle has eight composantes that are positioned at the end of each cycle, from 1 to 4.
//! Sources: code de l'éducation, art. D122-1 to D122-3 (socle commun) and D311-7 (livret
//! scolaire); arrêté du 31 décembre 2015 (the composantes and their four degrees).

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A cycle of which the socle is positioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// Apprentissages fondamentaux: CP to CE2.
    Cycle2,
    /// Consolidation: CM1 to 6e.
    Cycle3,
    /// Approfondissements: 5e to 3e.
    Cycle4,
}

impl Cycle {
    /// Every one.
    pub const TOUS: [Self; 3] = [Self::Cycle2, Self::Cycle3, Self::Cycle4];

    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cycle2 => "cycle2",
            Self::Cycle3 => "cycle3",
            Self::Cycle4 => "cycle4",
        }
    }

    /// The cycle of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|cycle| cycle.as_str() == name)
    }
}

/// A composante of the socle that is positioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Domaine {
    /// French, spoken and written.
    LangueFrancaise,
    /// A foreign language, or a regional one.
    LangueEtrangere,
    /// Mathematics, sciences, computing.
    LangagesScientifiques,
    /// The arts, and the body.
    LangagesDesArts,
    /// How to learn.
    MethodesEtOutils,
    /// Person and citizen.
    FormationDuCitoyen,
    /// Nature and technique.
    SystemesNaturels,
    /// The world and human activity.
    RepresentationsDuMonde,
}

impl Domaine {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LangueFrancaise => "langue_francaise",
            Self::LangueEtrangere => "langue_etrangere",
            Self::LangagesScientifiques => "langages_scientifiques",
            Self::LangagesDesArts => "langages_des_arts",
            Self::MethodesEtOutils => "methodes_et_outils",
            Self::FormationDuCitoyen => "formation_du_citoyen",
            Self::SystemesNaturels => "systemes_naturels",
            Self::RepresentationsDuMonde => "representations_du_monde",
        }
    }

    /// The domaine of this name.
    pub fn named(name: &str) -> Option<Self> {
        SOCLE.iter().map(|entree| entree.domaine).find(|domaine| domaine.as_str() == name)
    }
}

/// How a référentiel names a domaine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntreeDuReferentiel {
    /// Which.
    pub domaine: Domaine,
    /// Code in the ministry's exchanges.
    pub code: &'static str,
    /// Name in French.
    pub libelle: &'static str,
}

const fn entree(domaine: Domaine, code: &'static str, libelle: &'static str) -> EntreeDuReferentiel {
    EntreeDuReferentiel { domaine, code, libelle }
}

/// The eight domaines, in the order of the arrêté.
const SOCLE: &[EntreeDuReferentiel] = &[
    entree(
        Domaine::LangueFrancaise,
        "CPD_FRA",
        "Comprendre, s'exprimer en utilisant la langue française à l'oral et à l'écrit",
    ),
    entree(
        Domaine::LangueEtrangere,
        "CPD_ETR",
        "Comprendre, s'exprimer en utilisant une langue étrangère et, le cas échéant, une langue régionale",
    ),
    entree(
        Domaine::LangagesScientifiques,
        "CPD_SCI",
        "Comprendre, s'exprimer en utilisant les langages mathématiques, scientifiques et informatiques",
    ),
    entree(
        Domaine::LangagesDesArts,
        "CPD_ART",
        "Comprendre, s'exprimer en utilisant les langages des arts et du corps",
    ),
    entree(Domaine::MethodesEtOutils, "MET_APP", "Les méthodes et outils pour apprendre"),
    entree(Domaine::FormationDuCitoyen, "FRM_CIT", "La formation de la personne et du citoyen"),
    entree(Domaine::SystemesNaturels, "SYS_NAT", "Les systèmes naturels et les systèmes techniques"),
    entree(Domaine::RepresentationsDuMonde, "REP_MND", "Les représentations du monde et l'activité humaine"),
];

/// The référentiel of a cycle: the same eight domaines in each, what is expected differs.
pub const fn referentiel(cycle: Cycle) -> &'static [EntreeDuReferentiel] {
    match cycle {
        Cycle::Cycle2 | Cycle::Cycle3 | Cycle::Cycle4 => SOCLE,
    }
}

/// How well a domaine is mastered, from 1 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
pub struct Niveau(#[schemars(range(min = 1, max = 4))] u8);

impl Niveau {
    /// Its name in French.
    pub const fn libelle(self) -> &'static str {
        match self.0 {
            1 => "Maîtrise insuffisante",
            2 => "Maîtrise fragile",
            3 => "Maîtrise satisfaisante",
            _ => "Très bonne maîtrise",
        }
    }
}

/// A number that is no degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("un niveau de maîtrise va de 1 à 4")]
pub struct InvalidNiveau;

impl TryFrom<u8> for Niveau {
    type Error = InvalidNiveau;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if (1..=4).contains(&number) { Ok(Self(number)) } else { Err(InvalidNiveau) }
    }
}

impl From<Niveau> for u8 {
    fn from(niveau: Niveau) -> Self {
        niveau.0
    }
}

/// Where a pupil stands in one domaine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Positionnement {
    /// Of which cycle.
    pub cycle: Cycle,
    /// In which domaine.
    pub domaine: Domaine,
    /// How well.
    pub niveau: Niveau,
}

/// What may be asked of the positionnements of a pupil.
#[derive(Debug, Clone)]
pub enum PositionnementCommand {
    /// Says where he or she stands; the last word on a domaine counts.
    PositionnerEleve {
        /// Who.
        eleve: PersonneId,
        /// Whether the directory has him or her as a pupil of the division of who says so.
        inscrit: bool,
        /// Where.
        positionnements: Vec<Positionnement>,
    },
}

events! {
    /// What happens to the positionnements of a pupil.
    pub enum PositionnementEvent {
        /// He or she stands there.
        ElevePositionne = "notes.positionnement.eleve_positionne" v 1 Scolarite of eleve {
            eleve: PersonneId, positionnement: Positionnement,
        },
    }
}

refusals! {
    /// Why positionnements refuse.
    pub enum RefusPositionnement {
        EleveHorsDivision { eleve: PersonneId } = "ELEVE_HORS_DIVISION" at "eleveId":
            "L'élève {eleve} n'est pas de cette division : vérifiez la liste de la classe.",
        DomaineEnDouble = "DOMAINE_EN_DOUBLE" at "positionnements":
            "Un domaine figure deux fois dans la saisie : gardez une seule ligne.",
    }
}

/// The positionnements of a pupil.
#[derive(Debug, Clone, Default)]
pub struct Positionnements(BTreeMap<(Cycle, Domaine), Niveau>);

impl Aggregate for Positionnements {
    const TYPE: &'static str = "notes.positionnement";
    /// Each domaine stands for itself.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = PositionnementCommand;
    type Event = PositionnementEvent;
    type Refus = RefusPositionnement;

    fn decide(
        &self,
        command: PositionnementCommand,
    ) -> Result<Vec<PositionnementEvent>, RefusPositionnement> {
        let PositionnementCommand::PositionnerEleve { eleve, inscrit, positionnements } = command;
        if !inscrit {
            return Err(RefusPositionnement::EleveHorsDivision { eleve });
        }
        let mut wished = BTreeMap::new();
        for one in positionnements {
            if wished.insert((one.cycle, one.domaine), one).is_some() {
                return Err(RefusPositionnement::DomaineEnDouble);
            }
        }
        let new = wished.into_iter().filter(|(place, one)| self.0.get(place) != Some(&one.niveau));
        Ok(new
            .map(|(_, positionnement)| PositionnementEvent::ElevePositionne { eleve, positionnement })
            .collect())
    }

    fn apply(&mut self, event: PositionnementEvent) {
        let PositionnementEvent::ElevePositionne { positionnement, .. } = event;
        let Positionnement { cycle, domaine, niveau } = positionnement;
        self.0.insert((cycle, domaine), niveau);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;
    use std::collections::BTreeSet;

    fn eleve() -> PersonneId {
        PersonneId::derived(&["eleve"])
    }

    fn at(domaine: Domaine, niveau: u8) -> Positionnement {
        Positionnement { cycle: Cycle::Cycle3, domaine, niveau: niveau.try_into().unwrap() }
    }

    fn positionner(positionnements: Vec<Positionnement>) -> PositionnementCommand {
        PositionnementCommand::PositionnerEleve { eleve: eleve(), inscrit: true, positionnements }
    }

    fn positionne(positionnement: Positionnement) -> PositionnementEvent {
        PositionnementEvent::ElevePositionne { eleve: eleve(), positionnement }
    }

    #[test]
    fn each_cycle_has_the_eight_domaines_once() {
        for cycle in Cycle::TOUS {
            let domaines: BTreeSet<_> = referentiel(cycle).iter().map(|entree| entree.domaine).collect();
            let codes: BTreeSet<_> = referentiel(cycle).iter().map(|entree| entree.code).collect();
            assert_eq!((domaines.len(), codes.len(), referentiel(cycle).len()), (8, 8, 8));
        }
    }

    #[test]
    fn names_are_those_of_the_record() {
        for cycle in Cycle::TOUS {
            assert_eq!(serde_json::to_value(cycle).unwrap(), cycle.as_str());
            assert_eq!(Cycle::named(cycle.as_str()), Some(cycle));
            for EntreeDuReferentiel { domaine, .. } in referentiel(cycle) {
                assert_eq!(serde_json::to_value(domaine).unwrap(), domaine.as_str());
                assert_eq!(Domaine::named(domaine.as_str()), Some(*domaine));
            }
        }
    }

    #[test]
    fn a_degree_goes_from_one_to_four() {
        for number in [0, 5, 255] {
            assert_eq!(Niveau::try_from(number), Err(InvalidNiveau));
            assert!(serde_json::from_str::<Niveau>(&number.to_string()).is_err());
        }
        assert_eq!(Niveau::try_from(3).unwrap().libelle(), "Maîtrise satisfaisante");
    }

    #[test]
    fn the_last_word_on_a_domaine_counts_and_the_same_word_is_none() {
        let (francais, arts) = (at(Domaine::LangueFrancaise, 2), at(Domaine::LangagesDesArts, 4));
        given::<Positionnements>([positionne(francais)])
            .when(positionner(vec![francais, arts]))
            .then([positionne(arts)]);
        given::<Positionnements>([positionne(francais)])
            .when(positionner(vec![at(Domaine::LangueFrancaise, 3)]))
            .then([positionne(at(Domaine::LangueFrancaise, 3))]);
    }

    #[test]
    fn a_domaine_is_named_once_and_a_pupil_is_of_the_division() {
        given::<Positionnements>([])
            .when(positionner(vec![at(Domaine::LangueFrancaise, 2), at(Domaine::LangueFrancaise, 3)]))
            .then_refused(RefusPositionnement::DomaineEnDouble);
        let command = PositionnementCommand::PositionnerEleve {
            eleve: eleve(),
            inscrit: false,
            positionnements: vec![],
        };
        given::<Positionnements>([])
            .when(command)
            .then_refused(RefusPositionnement::EleveHorsDivision { eleve: eleve() });
    }
}
