//! What teachers write of a pupil, and what the conseil de classe says of him or her.
//!
//! A conseil looks at one pupil after the other, while several persons write: whoever writes
//! about a pupil says which version he has seen, so that nobody's words are lost without a
//! word, and two pupils are never in each other's way. Félicitations and mises en garde are
//! marks of attention and not sanctions: those are of another list (art. R511-13), and enter
//! no file of sanctions. The orientation is a proposal, to which the family answers. Sources:
//! code de l'éducation, art. R421-51 (conseil de classe), D331-31 to D331-34 (orientation).

mod donnees;

pub use donnees::LigneDAssiduite;

use super::FichePeriode;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, DivisionId, EnseignementId, Lacune, PeriodeId, PersonneId, texte};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Longest appreciation of an enseignement, in characters: what the livret scolaire unique takes.
const APPRECIATION_MAX: usize = 600;
/// Longest synthèse, in characters.
const SYNTHESE_MAX: usize = 1_500;
/// Most half-days or lates of a period: what the livret scolaire unique takes.
pub const ASSIDUITE_MAX: u16 = 999;

/// An appreciation as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LigneDAppreciation {
    /// Of whom.
    pub eleve: PersonneId,
    /// The division to which the directory affects this pupil, if any.
    pub division: Option<DivisionId>,
    /// What is written.
    pub texte: String,
}

/// What may be asked of the appreciations of an enseignement.
#[derive(Debug, Clone)]
pub enum AppreciationCommand {
    /// Writes some; the last word on a pupil counts.
    RedigerAppreciations {
        /// What is taught.
        enseignement: EnseignementId,
        /// In which period.
        periode: FichePeriode,
        /// The lines; all or none are taken.
        lignes: Vec<LigneDAppreciation>,
    },
}

events! {
    /// What happens to appreciations.
    pub enum AppreciationEvent {
        /// A teacher wrote one.
        AppreciationRedigee = "notes.appreciation.redigee" v 1 Scolarite of eleve {
            enseignement: EnseignementId, periode: PeriodeId, eleve: PersonneId, texte: String,
        },
    }
}

refusals! {
    /// Why appreciations refuse.
    pub enum RefusAppreciation {
        EleveHorsGroupe { eleve: PersonneId } = "ELEVE_HORS_GROUPE" at "eleveId":
            "L'élève {eleve} n'est pas de ce groupe : vérifiez la liste de ses membres.",
        AppreciationInvalide = "APPRECIATION_INVALIDE" at "texte":
            "Une appréciation compte de 1 à 600 caractères : raccourcissez-la.",
        EleveHorsDivision { eleve: PersonneId } = "ELEVE_HORS_DIVISION" at "eleveId":
            "L'élève {eleve} n'est pas de cette division : vérifiez la liste de la classe.",
        EleveEnDouble { eleve: PersonneId } = "ELEVE_EN_DOUBLE" at "eleveId":
            "L'élève {eleve} figure deux fois dans la saisie : gardez une seule ligne.",
    }
}

/// The appreciations of an enseignement in a period.
#[derive(Debug, Clone, Default)]
pub struct Appreciations(BTreeMap<PersonneId, String>);

impl Aggregate for Appreciations {
    const TYPE: &'static str = "notes.appreciation";
    /// Each is of its own pupil.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = AppreciationCommand;
    type Event = AppreciationEvent;
    type Refus = RefusAppreciation;

    fn decide(&self, command: AppreciationCommand) -> Result<Vec<AppreciationEvent>, RefusAppreciation> {
        let AppreciationCommand::RedigerAppreciations { enseignement, periode, lignes } = command;
        let (mut seen, mut events) = (BTreeSet::new(), Vec::new());
        for LigneDAppreciation { eleve, division, texte } in lignes {
            if !seen.insert(eleve) {
                return Err(RefusAppreciation::EleveEnDouble { eleve });
            }
            if division != Some(periode.division) {
                return Err(RefusAppreciation::EleveHorsDivision { eleve });
            }
            let texte =
                texte::paragraphs(&texte, APPRECIATION_MAX).ok_or(RefusAppreciation::AppreciationInvalide)?;
            if self.0.get(&eleve) != Some(&texte) {
                let periode = periode.periode();
                events.push(AppreciationEvent::AppreciationRedigee { enseignement, periode, eleve, texte });
            }
        }
        Ok(events)
    }

    fn apply(&mut self, event: AppreciationEvent) {
        let AppreciationEvent::AppreciationRedigee { eleve, texte, .. } = event;
        self.0.insert(eleve, texte);
    }
}

/// A mark of attention of the conseil; none is a sanction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Avis {
    /// Félicitations.
    Felicitations,
    /// Compliments.
    Compliments,
    /// Encouragements.
    Encouragements,
    /// Mise en garde about work.
    MiseEnGardeTravail,
    /// Mise en garde about conduct.
    MiseEnGardeConduite,
}

/// Where the conseil proposes that a pupil goes on (art. D331-31 to D331-34 and D331-62).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    /// The next class of the same way.
    ClasseSuperieure,
    /// The same class again, as an exception.
    Redoublement,
    /// Seconde générale et technologique.
    SecondeGeneraleEtTechnologique,
    /// Seconde professionnelle.
    SecondeProfessionnelle,
    /// First year of a CAP.
    PremiereAnneeDeCap,
    /// Première générale.
    PremiereGenerale,
    /// Première technologique.
    PremiereTechnologique,
}

/// Absences and lates of a period, as the house counts them or as the établissement gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assiduite {
    /// Half-days of absence.
    pub demi_journees: u16,
    /// Of these, those without a legitimate motif.
    pub injustifiees: u16,
    /// How often the pupil came late.
    pub retards: u16,
    /// Whether the établissement gave them, which follows absences in another program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub donnee: bool,
}

/// What the conseil says of a pupil.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Examen {
    /// The whole of it, 1,500 characters at most.
    pub synthese: Option<String>,
    /// Its mark of attention.
    pub avis: Option<Avis>,
    /// Its proposal.
    pub orientation: Option<Orientation>,
    /// What was typed of it as long as nobody counted it from what is on record; nothing any more.
    pub assiduite: Option<Assiduite>,
}

/// What may be asked of a conseil de classe.
#[derive(Debug, Clone)]
pub enum ConseilCommand {
    /// Says something of a pupil.
    ExaminerEleve {
        /// In which period.
        periode: FichePeriode,
        /// Of whom.
        eleve: PersonneId,
        /// The division to which the directory affects this pupil, if any.
        division: Option<DivisionId>,
        /// Which version who writes has seen; 0 is none.
        vue: u32,
        /// What.
        examen: Examen,
    },
    /// Gives absences and lates that are counted in another program.
    DonnerAssiduites {
        /// In which period.
        periode: FichePeriode,
        /// The lines; all or none are taken.
        lignes: Vec<LigneDAssiduite>,
        /// Whether the house follows the absences of the division, and counts them itself.
        suivie: bool,
    },
}

events! {
    /// What happens in a conseil de classe.
    pub enum ConseilEvent {
        /// It said this of a pupil, in place of what it had said before.
        EleveExamine = "notes.conseil.eleve_examine" v 1 Scolarite of eleve {
            periode: PeriodeId, eleve: PersonneId, version: u32, examen: Examen,
        },
        /// It has these absences and lates of a pupil before it, as the établissement gave them.
        AssiduiteDonnee = "notes.conseil.assiduite_donnee" v 1 Scolarite of eleve {
            periode: PeriodeId, eleve: PersonneId, assiduite: Assiduite,
        },
    }
}

refusals! {
    /// Why a conseil de classe refuses.
    pub enum RefusConseil {
        SyntheseInvalide = "SYNTHESE_INVALIDE" at "synthese":
            "Une synthèse compte de 1 à 1 500 caractères : raccourcissez-la.",
        EleveHorsDivision { eleve: PersonneId } = "ELEVE_HORS_DIVISION" at "eleveId":
            "L'élève {eleve} n'est pas de cette division : vérifiez la liste de la classe.",
        ExamenModifie { version: u32 } = "EXAMEN_MODIFIE" at "vue":
            "Quelqu'un a écrit sur cet élève entre-temps : relisez la version {version}, puis recommencez.",
        EleveEnDouble { eleve: PersonneId } = "ELEVE_EN_DOUBLE" at "eleveId":
            "L'élève {eleve} figure deux fois dans la saisie : gardez une seule ligne.",
        AssiduiteSuivie = "ASSIDUITE_SUIVIE":
            "Les absences de cette division sont suivies dans l'ENT, qui les compte : corrigez plutôt les appels ou les dossiers d'absence.",
        AssiduiteInvraisemblable { eleve: PersonneId } = "ASSIDUITE_INVRAISEMBLABLE" at "lignes":
            "L'élève {eleve} n'a pu manquer ni arriver en retard tant de fois : donnez 999 demi-journées et 999 retards au plus.",
    }
}

/// A conseil de classe: what it said of each pupil, and what it was given.
#[derive(Debug, Clone, Default)]
pub struct ConseilDeClasse {
    examens: BTreeMap<PersonneId, (u32, Examen)>,
    assiduites: BTreeMap<PersonneId, Assiduite>,
}

impl Aggregate for ConseilDeClasse {
    const TYPE: &'static str = "notes.conseil";
    /// Each pupil has his or her own.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = ConseilCommand;
    type Event = ConseilEvent;
    type Refus = RefusConseil;

    fn decide(&self, command: ConseilCommand) -> Result<Vec<ConseilEvent>, RefusConseil> {
        match command {
            ConseilCommand::ExaminerEleve { periode, eleve, division, vue, examen } => {
                if division != Some(periode.division) {
                    return Err(RefusConseil::EleveHorsDivision { eleve });
                }
                self.examiner(&periode, eleve, vue, checked(examen)?)
            }
            ConseilCommand::DonnerAssiduites { suivie: true, .. } => Err(RefusConseil::AssiduiteSuivie),
            ConseilCommand::DonnerAssiduites { periode, lignes, suivie: false } => {
                self.donner(&periode, lignes)
            }
        }
    }

    fn apply(&mut self, event: ConseilEvent) {
        match event {
            ConseilEvent::EleveExamine { eleve, version, examen, .. } => {
                self.examens.insert(eleve, (version, examen));
            }
            ConseilEvent::AssiduiteDonnee { eleve, assiduite, .. } => {
                self.assiduites.insert(eleve, assiduite);
            }
        }
    }
}

impl ConseilDeClasse {
    fn examiner(
        &self,
        periode: &FichePeriode,
        eleve: PersonneId,
        vue: u32,
        examen: Examen,
    ) -> Result<Vec<ConseilEvent>, RefusConseil> {
        let known = self.examens.get(&eleve);
        if known.is_some_and(|(_, last)| *last == examen) {
            return Ok(vec![]);
        }
        let version = known.map_or(0, |(version, _)| *version);
        if version != vue {
            return Err(RefusConseil::ExamenModifie { version });
        }
        let (periode, version) = (periode.periode(), version.saturating_add(1));
        Ok(vec![ConseilEvent::EleveExamine { periode, eleve, version, examen }])
    }
}

fn checked(examen: Examen) -> Result<Examen, RefusConseil> {
    let synthese = match &examen.synthese {
        Some(text) => Some(texte::paragraphs(text, SYNTHESE_MAX).ok_or(RefusConseil::SyntheseInvalide)?),
        None => None,
    };
    Ok(Examen { synthese, assiduite: None, ..examen })
}

#[cfg(test)]
mod tests;
