//! What there is to tell, and about which subject people may choose how they are told.

use crate::absences::{MoisCivil, Suite};
use crate::annuaire::Auditoire;
use crate::{EnseignementId, EtablissementId, EvaluationId, PersonneId};
use chrono::{NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A subject about which one chooses how one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Absences and late arrivals.
    Absences,
    /// Marks.
    Notes,
    /// Bulletins.
    Bulletins,
    /// What the vie scolaire and the direction write: words of the carnet, letters of a procedure.
    VieScolaire,
    /// What there is to do for class.
    Travaux,
    /// What the staff has to see to about absences: rolls that are not closed, thresholds reached.
    SuiviDesAbsences,
}

impl Theme {
    /// Every subject.
    pub const ALL: &'static [Self] = &[
        Self::Absences,
        Self::Notes,
        Self::Bulletins,
        Self::VieScolaire,
        Self::Travaux,
        Self::SuiviDesAbsences,
    ];

    /// Whether the law has it told, and at once: of the first absence the family is told by the
    /// quickest way (code de l'éducation, art. L131-8 and R131-6), and of a procedure so that the
    /// pupil's defence can be prepared (art. R421-10-1).
    pub fn est_du_sans_delai(self) -> bool {
        match self {
            Self::Absences | Self::VieScolaire => true,
            Self::Notes | Self::Bulletins | Self::Travaux | Self::SuiviDesAbsences => false,
        }
    }
}

/// Something that happened to a pupil and that who answers for him or her is told; or to all of a
/// division or a groupe, and then pupils are told too; or something that the staff has to see to. It names
/// things by their ids: what they are called is looked up when the text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "nature")]
pub enum Annonce {
    /// Was not at a séance.
    Absence {
        /// Who.
        eleve: PersonneId,
        /// School day.
        date: NaiveDate,
        /// Hours of the séance, local time.
        debut: NaiveTime,
        /// See `debut`.
        fin: NaiveTime,
    },
    /// Came late to a séance.
    Retard {
        /// Who.
        eleve: PersonneId,
        /// School day.
        date: NaiveDate,
        /// Start of the séance, local time.
        debut: NaiveTime,
        /// By how much.
        minutes: u16,
    },
    /// Was there after all: what was told before was wrong.
    Presence {
        /// Who.
        eleve: PersonneId,
        /// School day.
        date: NaiveDate,
        /// Start of the séance, local time.
        debut: NaiveTime,
    },
    /// Has a mark that the family may now see.
    Note {
        /// Who.
        eleve: PersonneId,
        /// In what.
        evaluation: EvaluationId,
    },
    /// Is shown to stand somewhere in the socle by an evaluation in which there is no mark, and that the
    /// family may now see.
    Competences {
        /// Who.
        eleve: PersonneId,
        /// By what.
        evaluation: EvaluationId,
    },
    /// A mark that the family had seen was changed.
    NoteCorrigee {
        /// Who.
        eleve: PersonneId,
        /// In what.
        evaluation: EvaluationId,
    },
    /// Has a bulletin that the family may now read.
    Bulletin {
        /// Who.
        eleve: PersonneId,
    },
    /// Something was written to the family about the pupil.
    Courrier {
        /// Who.
        eleve: PersonneId,
    },
    /// A travail is given.
    Travail {
        /// To whom.
        #[serde(flatten)]
        auditoire: Auditoire,
        /// In what.
        enseignement: EnseignementId,
        /// For which day.
        pour_le: NaiveDate,
    },
    /// One that was given has changed.
    TravailModifie {
        /// For whom.
        #[serde(flatten)]
        auditoire: Auditoire,
        /// In what.
        enseignement: EnseignementId,
        /// For which day, now.
        pour_le: NaiveDate,
    },
    /// One that was given is no longer to be done.
    TravailAnnule {
        /// By whom.
        #[serde(flatten)]
        auditoire: Auditoire,
        /// In what.
        enseignement: EnseignementId,
        /// For which day it was.
        pour_le: NaiveDate,
    },
    /// A roll is not closed, and the vie scolaire reminds who opened it.
    AppelNonClos {
        /// Who did.
        enseignant: PersonneId,
        /// Of what it is.
        enseignement: EnseignementId,
        /// School day.
        date: NaiveDate,
        /// Start of the séance, local time.
        debut: NaiveTime,
    },
    /// A pupil's absences of a month have reached a threshold.
    Seuil {
        /// Whose.
        eleve: PersonneId,
        /// Where: its CPE and its direction are told, and not the family.
        etablissement: EtablissementId,
        /// What follows from it.
        suite: Suite,
        /// In which month.
        mois: MoisCivil,
    },
}

impl Annonce {
    /// Of whom it tells; nobody where it is of all of a division or a groupe, or of a roll.
    pub fn eleve(&self) -> Option<PersonneId> {
        match *self {
            Self::Absence { eleve, .. }
            | Self::Retard { eleve, .. }
            | Self::Presence { eleve, .. }
            | Self::Note { eleve, .. }
            | Self::Competences { eleve, .. }
            | Self::NoteCorrigee { eleve, .. }
            | Self::Bulletin { eleve }
            | Self::Courrier { eleve }
            | Self::Seuil { eleve, .. } => Some(eleve),
            Self::Travail { .. }
            | Self::TravailModifie { .. }
            | Self::TravailAnnule { .. }
            | Self::AppelNonClos { .. } => None,
        }
    }

    /// The division or the groupe of all of whom it tells.
    pub fn auditoire(&self) -> Option<Auditoire> {
        match *self {
            Self::Travail { auditoire, .. }
            | Self::TravailModifie { auditoire, .. }
            | Self::TravailAnnule { auditoire, .. } => Some(auditoire),
            Self::Absence { .. }
            | Self::Retard { .. }
            | Self::Presence { .. }
            | Self::Note { .. }
            | Self::Competences { .. }
            | Self::NoteCorrigee { .. }
            | Self::Bulletin { .. }
            | Self::Courrier { .. }
            | Self::AppelNonClos { .. }
            | Self::Seuil { .. } => None,
        }
    }

    /// To whom of the staff alone it is told.
    pub fn personnel(&self) -> Option<PersonneId> {
        match *self {
            Self::AppelNonClos { enseignant, .. } => Some(enseignant),
            _ => None,
        }
    }

    /// To those of which établissement it is told who follow its absences.
    pub fn etablissement(&self) -> Option<EtablissementId> {
        match *self {
            Self::Seuil { etablissement, .. } => Some(etablissement),
            _ => None,
        }
    }

    /// Whether it is of no use in the evening: what the law has told without delay, and a roll that is to be
    /// closed while the pupils are there. All else waits for what else there is to tell.
    pub fn est_du_moment(&self) -> bool {
        self.theme().est_du_sans_delai() || matches!(self, Self::AppelNonClos { .. })
    }

    /// The subject under which people choose how they are told of it.
    pub fn theme(&self) -> Theme {
        match self {
            Self::Absence { .. } | Self::Retard { .. } | Self::Presence { .. } => Theme::Absences,
            Self::Note { .. } | Self::Competences { .. } | Self::NoteCorrigee { .. } => Theme::Notes,
            Self::Bulletin { .. } => Theme::Bulletins,
            Self::Courrier { .. } => Theme::VieScolaire,
            Self::Travail { .. } | Self::TravailModifie { .. } | Self::TravailAnnule { .. } => Theme::Travaux,
            Self::AppelNonClos { .. } | Self::Seuil { .. } => Theme::SuiviDesAbsences,
        }
    }
}
