//! The turn of the school year in an établissement: prepared while the present year runs, done
//! on a day.
//!
//! The plan says which divisions there will be, in which of them each pupil will be, who will
//! teach what there, and which groupes go on. Until the day it is a plan only: nobody's rights
//! change by it. On that day the chef turns the year; the plan takes no more changes, and is
//! carried out lot by lot, so that it can be resumed. What the plan does not name stays as it is,
//! but for groupes: those that are not kept are closed. Source: code de l'éducation, art.
//! R421-2, 1°, and L521-1.

use super::Matiere;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, BasculeId, EtablissementId, GroupeId, Lacune, PersonneId, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

impl BasculeId {
    /// An établissement turns to a school year once.
    pub fn of(etablissement: EtablissementId, annee: AnneeScolaire) -> Self {
        Self::derived(&[&etablissement.to_string(), &annee.to_string()])
    }
}

/// A division of the year to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DivisionPrevue {
    /// Its code.
    pub code: String,
    /// Its name.
    pub libelle: String,
    /// The national code of its formation.
    pub mef: Option<String>,
}

/// What a teacher will teach to a division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnseignementPrevu {
    /// What.
    pub matiere: Matiere,
    /// Who.
    pub enseignant: PersonneId,
    /// Whether this teacher will be professeur principal.
    pub principal: bool,
}

/// What may be asked of a turn of the year.
#[derive(Debug, Clone)]
pub enum BasculeCommand {
    /// Begins to prepare it, or moves its day.
    PreparerBascule {
        /// Where.
        etablissement: EtablissementId,
        /// To which school year.
        annee: AnneeScolaire,
        /// On which day.
        le: NaiveDate,
    },
    /// Says which divisions there will be: all of them, in place of what was said before.
    PrevoirDivisions {
        /// The divisions.
        divisions: Vec<DivisionPrevue>,
    },
    /// Says in which division each of these pupils will be; in none, to leave the pupil out.
    PrevoirAffectations {
        /// Pupils, each with the code of a planned division.
        affectations: Vec<(PersonneId, Option<String>)>,
        /// The pupils of the établissement among them.
        eleves: BTreeSet<PersonneId>,
    },
    /// Says who will teach what to a division: all of it, in place of what was said before.
    PrevoirEnseignements {
        /// Code of the division.
        division: String,
        /// What, and by whom.
        enseignements: Vec<EnseignementPrevu>,
        /// The staff of the établissement among them.
        personnels: BTreeSet<PersonneId>,
    },
    /// Says which groupes go on: all of them.
    GarderGroupes {
        /// The groupes.
        groupes: BTreeSet<GroupeId>,
        /// Those among them that only sources declare: they end with their year.
        declares: BTreeSet<GroupeId>,
    },
    /// Turns the year.
    BasculerAnnee {
        /// Today.
        aujourd_hui: NaiveDate,
        /// The groupes that go on, as who asks has read them in the plan.
        gardes: BTreeSet<GroupeId>,
    },
    /// The plan is carried out, whole.
    AcheverBascule,
}

events! {
    /// What happens to a turn of the year.
    pub enum BasculeEvent {
        /// It is prepared, for that day.
        BasculePreparee = "annuaire.bascule.preparee" v 1 Annuaire {
            etablissement: EtablissementId, annee: AnneeScolaire, le: NaiveDate,
        },
        /// There will be these divisions.
        DivisionsPrevues = "annuaire.bascule.divisions_prevues" v 1 Annuaire { divisions: Vec<DivisionPrevue> },
        /// The pupil will be in that division; in none, the plan says nothing of the pupil.
        AffectationPrevue = "annuaire.bascule.affectation_prevue" v 1 Annuaire of eleve {
            eleve: PersonneId, division: Option<String>,
        },
        /// What will be taught to that division is said anew: see the events that follow.
        EnseignementsRepris = "annuaire.bascule.enseignements_repris" v 1 Annuaire { division: String },
        /// The teacher will teach it to that division.
        EnseignementPrevu = "annuaire.bascule.enseignement_prevu" v 1 Annuaire of enseignant {
            division: String, matiere: Matiere, enseignant: PersonneId, principal: bool,
        },
        /// These groupes go on.
        GroupesGardes = "annuaire.bascule.groupes_gardes" v 1 Annuaire { groupes: BTreeSet<GroupeId> },
        /// The year turned; the plan is carried out from now on.
        AnneeBasculee = "annuaire.bascule.annee_basculee" v 1 Annuaire { annee: AnneeScolaire, le: NaiveDate },
        /// The plan is carried out.
        BasculeAchevee = "annuaire.bascule.achevee" v 1 Annuaire { annee: AnneeScolaire },
    }
}

refusals! {
    /// Why a turn of the year refuses.
    pub enum RefusBascule {
        BasculeNonPreparee = "BASCULE_NON_PREPAREE" at "annee":
            "La bascule vers cette année n'est pas préparée : préparez-la d'abord.",
        JourHorsAnnee { annee: AnneeScolaire } = "JOUR_HORS_ANNEE" at "le":
            "La bascule vers l'année {annee} se fait du 1er juillet {annee} au 31 octobre {annee} : donnez un jour dans ces bornes.",
        BasculeFaite = "BASCULE_FAITE" at "annee":
            "L'année a déjà basculé : son plan ne change plus. Passez par les divisions et les groupes eux-mêmes.",
        BasculePrematuree { le: NaiveDate } = "BASCULE_PREMATUREE" at "annee":
            "La bascule est prévue le {le} : attendez ce jour, ou avancez-la.",
        TexteInvalide { champ: &'static str } = "TEXTE_INVALIDE":
            "Le champ « {champ} » doit tenir en une ligne de 1 à 200 caractères.",
        DivisionEnDouble { code: String } = "DIVISION_EN_DOUBLE" at "divisions":
            "La division {code} figure deux fois : gardez une seule ligne.",
        DivisionNonPrevue { code: String } = "DIVISION_NON_PREVUE" at "division":
            "La division {code} n'est pas prévue : prévoyez-la d'abord.",
        DivisionOccupee { code: String } = "DIVISION_OCCUPEE" at "divisions":
            "Des élèves ou des enseignements sont prévus en {code} : prévoyez-les d'abord ailleurs.",
        EleveExterieur { eleve: PersonneId } = "ELEVE_EXTERIEUR" at "affectations":
            "La personne {eleve} n'est pas élève de l'établissement : rattachez-la d'abord comme élève.",
        EnseignantExterieur { enseignant: PersonneId } = "ENSEIGNANT_EXTERIEUR" at "enseignements":
            "La personne {enseignant} n'est pas un personnel de l'établissement : rattachez-la d'abord.",
        GroupeDeSource { groupe: GroupeId } = "GROUPE_NON_GARDABLE" at "groupes":
            "Une source déclare le groupe {groupe}, qui prend fin avec son année : ne gardez que des groupes créés ici.",
        PlanModifie = "PLAN_MODIFIE" at "annee":
            "Le plan vient de changer : relisez-le, puis basculez.",
        BasculeNonFaite = "BASCULE_NON_FAITE" at "annee":
            "L'année n'a pas encore basculé.",
    }
}

/// Longest name or code, in characters.
const TEXTE_MAX: usize = 200;

/// How far it has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Etat {
    #[default]
    EnPreparation,
    Basculee,
    Achevee,
}

/// A turn of the year: its plan, and how far it has come.
#[derive(Debug, Clone, Default)]
pub struct Bascule {
    annee: Option<(AnneeScolaire, NaiveDate)>,
    divisions: Vec<DivisionPrevue>,
    affectations: BTreeMap<PersonneId, String>,
    enseignements: BTreeMap<String, Vec<EnseignementPrevu>>,
    groupes: BTreeSet<GroupeId>,
    etat: Etat,
}

impl Aggregate for Bascule {
    const TYPE: &'static str = "annuaire.bascule";
    /// A plan with a gap would turn into a year with one.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = BasculeCommand;
    type Event = BasculeEvent;
    type Refus = RefusBascule;

    fn decide(&self, command: BasculeCommand) -> Result<Vec<BasculeEvent>, RefusBascule> {
        match command {
            BasculeCommand::PreparerBascule { etablissement, annee, le } => {
                self.preparer(etablissement, annee, le)
            }
            BasculeCommand::PrevoirDivisions { divisions } => self.prevoir_divisions(divisions),
            BasculeCommand::PrevoirAffectations { affectations, eleves } => {
                self.prevoir_affectations(affectations, &eleves)
            }
            BasculeCommand::PrevoirEnseignements { division, enseignements, personnels } => {
                self.prevoir_enseignements(&division, enseignements, &personnels)
            }
            BasculeCommand::GarderGroupes { groupes, declares } => {
                self.en_preparation()?;
                if let Some(groupe) = groupes.intersection(&declares).next() {
                    return Err(RefusBascule::GroupeDeSource { groupe: *groupe });
                }
                let same = groupes == self.groupes;
                Ok((!same).then_some(BasculeEvent::GroupesGardes { groupes }).into_iter().collect())
            }
            BasculeCommand::BasculerAnnee { aujourd_hui, gardes } => match (self.annee, self.etat) {
                (None, _) => Err(RefusBascule::BasculeNonPreparee),
                // Asked again, it goes on where it stopped.
                (Some(_), Etat::Basculee | Etat::Achevee) => Ok(vec![]),
                (Some((_, le)), Etat::EnPreparation) if aujourd_hui < le => {
                    Err(RefusBascule::BasculePrematuree { le })
                }
                (Some(_), Etat::EnPreparation) if gardes != self.groupes => Err(RefusBascule::PlanModifie),
                (Some((annee, _)), Etat::EnPreparation) => {
                    Ok(vec![BasculeEvent::AnneeBasculee { annee, le: aujourd_hui }])
                }
            },
            BasculeCommand::AcheverBascule => match (self.annee, self.etat) {
                (Some((annee, _)), Etat::Basculee) => Ok(vec![BasculeEvent::BasculeAchevee { annee }]),
                (Some(_), Etat::Achevee) => Ok(vec![]),
                (None, _) | (Some(_), Etat::EnPreparation) => Err(RefusBascule::BasculeNonFaite),
            },
        }
    }

    fn apply(&mut self, event: BasculeEvent) {
        match event {
            BasculeEvent::BasculePreparee { annee, le, .. } => self.annee = Some((annee, le)),
            BasculeEvent::DivisionsPrevues { divisions } => self.divisions = divisions,
            BasculeEvent::AffectationPrevue { eleve, division: Some(division) } => {
                self.affectations.insert(eleve, division);
            }
            BasculeEvent::AffectationPrevue { eleve, division: None } => {
                self.affectations.remove(&eleve);
            }
            BasculeEvent::EnseignementsRepris { division } => {
                self.enseignements.remove(&division);
            }
            BasculeEvent::EnseignementPrevu { division, matiere, enseignant, principal } => {
                let prevu = EnseignementPrevu { matiere, enseignant, principal };
                self.enseignements.entry(division).or_default().push(prevu);
            }
            BasculeEvent::GroupesGardes { groupes } => self.groupes = groupes,
            BasculeEvent::AnneeBasculee { .. } => self.etat = Etat::Basculee,
            BasculeEvent::BasculeAchevee { .. } => self.etat = Etat::Achevee,
        }
    }
}

impl Bascule {
    /// Whether its plan is carried out.
    pub fn est_achevee(&self) -> bool {
        self.etat == Etat::Achevee
    }

    /// Whether this school year, to which it turns, has yet to begin there on a day. It begins when the
    /// établissement turns; where it has not, on its first day or, if that is later, on the planned one.
    pub fn est_a_venir(&self, annee: AnneeScolaire, jour: NaiveDate) -> bool {
        match (self.etat, self.annee) {
            (Etat::Basculee | Etat::Achevee, _) => false,
            (Etat::EnPreparation, Some((_, le))) if jour < le => true,
            (Etat::EnPreparation, _) => AnneeScolaire::of(jour) < annee,
        }
    }

    /// The divisions that the plan opens.
    pub fn divisions(&self) -> &[DivisionPrevue] {
        &self.divisions
    }

    /// The division of each pupil of whom the plan says one, by its code.
    pub fn affectations(&self) -> &BTreeMap<PersonneId, String> {
        &self.affectations
    }

    /// What is taught to each division of which the plan says it, by its code.
    pub fn enseignements(&self) -> &BTreeMap<String, Vec<EnseignementPrevu>> {
        &self.enseignements
    }

    /// The groupes that go on.
    pub fn groupes(&self) -> &BTreeSet<GroupeId> {
        &self.groupes
    }

    fn preparer(
        &self,
        etablissement: EtablissementId,
        annee: AnneeScolaire,
        le: NaiveDate,
    ) -> Result<Vec<BasculeEvent>, RefusBascule> {
        if self.etat != Etat::EnPreparation {
            return Err(RefusBascule::BasculeFaite);
        }
        let day = |month, day| NaiveDate::from_ymd_opt(i32::from(annee.0), month, day);
        if day(7, 1).is_none_or(|first| le < first) || day(10, 31).is_none_or(|last| le > last) {
            return Err(RefusBascule::JourHorsAnnee { annee });
        }
        if self.annee == Some((annee, le)) {
            return Ok(vec![]);
        }
        Ok(vec![BasculeEvent::BasculePreparee { etablissement, annee, le }])
    }

    fn prevoir_divisions(&self, divisions: Vec<DivisionPrevue>) -> Result<Vec<BasculeEvent>, RefusBascule> {
        self.en_preparation()?;
        let mut codes = BTreeSet::new();
        let mut planned = Vec::with_capacity(divisions.len());
        for DivisionPrevue { code, libelle, mef } in divisions {
            let code = texte("code", &code)?;
            if !codes.insert(code.clone()) {
                return Err(RefusBascule::DivisionEnDouble { code });
            }
            let mef = mef.map(|mef| texte("mef", &mef)).transpose()?;
            planned.push(DivisionPrevue { code, libelle: texte("libelle", &libelle)?, mef });
        }
        let mut named = self.affectations.values().chain(self.enseignements.keys());
        if let Some(code) = named.find(|code| !codes.contains(*code)) {
            return Err(RefusBascule::DivisionOccupee { code: code.clone() });
        }
        if planned == self.divisions {
            return Ok(vec![]);
        }
        Ok(vec![BasculeEvent::DivisionsPrevues { divisions: planned }])
    }

    fn prevoir_affectations(
        &self,
        affectations: Vec<(PersonneId, Option<String>)>,
        eleves: &BTreeSet<PersonneId>,
    ) -> Result<Vec<BasculeEvent>, RefusBascule> {
        self.en_preparation()?;
        // The last word counts.
        let affectations: BTreeMap<_, _> = affectations.into_iter().collect();
        let mut events = Vec::new();
        for (eleve, division) in affectations {
            if !eleves.contains(&eleve) {
                return Err(RefusBascule::EleveExterieur { eleve });
            }
            let division = division.map(|code| self.prevue(&code)).transpose()?;
            if self.affectations.get(&eleve) != division.as_ref() {
                events.push(BasculeEvent::AffectationPrevue { eleve, division });
            }
        }
        Ok(events)
    }

    fn prevoir_enseignements(
        &self,
        division: &str,
        enseignements: Vec<EnseignementPrevu>,
        personnels: &BTreeSet<PersonneId>,
    ) -> Result<Vec<BasculeEvent>, RefusBascule> {
        self.en_preparation()?;
        let division = self.prevue(division)?;
        let mut planned: Vec<EnseignementPrevu> = Vec::with_capacity(enseignements.len());
        for EnseignementPrevu { matiere, enseignant, principal } in enseignements {
            if !personnels.contains(&enseignant) {
                return Err(RefusBascule::EnseignantExterieur { enseignant });
            }
            let code = texte("matiere.code", &matiere.code)?;
            let matiere = Matiere { code, libelle: texte("matiere.libelle", &matiere.libelle)? };
            let same =
                |it: &EnseignementPrevu| it.matiere.code == matiere.code && it.enseignant == enseignant;
            planned.retain(|it| !same(it));
            planned.push(EnseignementPrevu { matiere, enseignant, principal });
        }
        if self.enseignements.get(&division).map(Vec::as_slice).unwrap_or_default() == planned {
            return Ok(vec![]);
        }
        let repris = BasculeEvent::EnseignementsRepris { division: division.clone() };
        let prevus = planned.into_iter().map(|EnseignementPrevu { matiere, enseignant, principal }| {
            BasculeEvent::EnseignementPrevu { division: division.clone(), matiere, enseignant, principal }
        });
        Ok(std::iter::once(repris).chain(prevus).collect())
    }

    /// The code of a division that is planned.
    fn prevue(&self, code: &str) -> Result<String, RefusBascule> {
        let code = texte("division", code)?;
        if self.divisions.iter().any(|division| division.code == code) {
            Ok(code)
        } else {
            Err(RefusBascule::DivisionNonPrevue { code })
        }
    }

    fn en_preparation(&self) -> Result<(), RefusBascule> {
        match (self.annee, self.etat) {
            (None, _) => Err(RefusBascule::BasculeNonPreparee),
            (Some(_), Etat::EnPreparation) => Ok(()),
            (Some(_), Etat::Basculee | Etat::Achevee) => Err(RefusBascule::BasculeFaite),
        }
    }
}

fn texte(champ: &'static str, text: &str) -> Result<String, RefusBascule> {
    texte::line(text, TEXTE_MAX).ok_or(RefusBascule::TexteInvalide { champ })
}

#[cfg(test)]
mod tests;
