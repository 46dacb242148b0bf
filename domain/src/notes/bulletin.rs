//! The bulletin of a pupil for a period: what the school tells the family, frozen.
//!
//! It holds every figure with its explanation, every word, and the names of that day; its hash
//! is the SHA-256 of its canonical JSON (RFC 8785), so that a copy is known again. Nothing that
//! happens later changes it: a mark that is corrected moves the average of the day, and the
//! bulletin still says what was said. Each of the pupil and those who answer for him or her
//! reads it for the first time once, and that is a fact: separated parents are told alike.
//! Sources: code de l'éducation, art. D111-3; code civil, art. 373-2-1 (each parent is informed).

use super::{Assiduite, Examen, Explication, FichePeriode, Positionnement, Repartition};
use crate::event::events;
use crate::publications::Empreinte;
use crate::refusal::refusals;
use crate::{Aggregate, DivisionId, EnseignementId, EtablissementId, Lacune, PersonneId};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The établissement, as it was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub struct EtablissementDuBulletin {
    pub etablissement: EtablissementId,
    pub uai: String,
    pub nom: String,
    pub commune: String,
    pub academie: String,
}

/// The division, as it was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub struct DivisionDuBulletin {
    pub division: DivisionId,
    pub code: String,
    pub libelle: String,
    /// The ministry's code of what is studied there.
    pub mef: Option<String>,
}

/// The pupil, as he or she was called; the event says who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub struct EleveDuBulletin {
    pub nom: String,
    pub prenom: String,
    pub naissance: Option<NaiveDate>,
}

/// A teacher, as he or she was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub struct EnseignantDuBulletin {
    pub personne: PersonneId,
    pub nom: String,
    pub prenom: String,
    pub civilite: Option<String>,
}

/// What the bulletin says of one enseignement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnseignementDuBulletin {
    /// Which.
    pub enseignement: EnseignementId,
    /// Code of its matière.
    pub matiere_code: String,
    /// Name of its matière.
    pub matiere: String,
    /// Who taught it on the day of the bulletin.
    pub enseignants: Vec<EnseignantDuBulletin>,
    /// The average, explained.
    pub moyenne: Explication,
    /// How those of the division are spread; nothing where they are too few.
    pub division: Option<Repartition>,
    /// What the teacher wrote.
    pub appreciation: Option<String>,
}

/// All that a bulletin says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContenuBulletin {
    /// Where.
    pub etablissement: EtablissementDuBulletin,
    /// In which class.
    pub division: DivisionDuBulletin,
    /// For which period.
    pub periode: FichePeriode,
    /// Of whom.
    pub eleve: EleveDuBulletin,
    /// By enseignement, in the order of their matières.
    pub enseignements: Vec<EnseignementDuBulletin>,
    /// The general average, explained by those of the enseignements.
    pub generale: Explication,
    /// How those of the division are spread.
    pub generale_de_la_division: Option<Repartition>,
    /// What the conseil said.
    pub conseil: Examen,
    /// Absences and lates as the vie scolaire had counted them; none in what was frozen before it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assiduite: Option<Assiduite>,
    /// Where the pupil stands in the socle, by domaine.
    pub positionnements: Vec<Positionnement>,
}

impl ContenuBulletin {
    /// Absences and lates: as they were counted or, in an old bulletin, typed in the conseil.
    pub fn assiduite(&self) -> Option<Assiduite> {
        self.assiduite.or(self.conseil.assiduite)
    }

    /// SHA-256 of its canonical JSON (RFC 8785).
    pub fn empreinte(&self) -> Option<Empreinte> {
        serde_json_canonicalizer::to_vec(self).ok().map(|bytes| Empreinte::of(&bytes))
    }
}

/// What may be asked of a bulletin.
#[derive(Debug, Clone)]
pub enum BulletinCommand {
    /// Freezes it, and lets it be read from an instant on.
    PublierBulletin {
        /// Of whom.
        eleve: PersonneId,
        /// What it says.
        contenu: Box<ContenuBulletin>,
        /// From when on it is read.
        visible_des: DateTime<Utc>,
    },
    /// Says that someone to whom it is told reads it.
    LireBulletin {
        /// Who.
        par: PersonneId,
        /// When.
        le: DateTime<Utc>,
    },
}

events! {
    /// What happens to a bulletin.
    pub enum BulletinEvent {
        /// It says this, for ever.
        BulletinFige = "notes.bulletin.fige" v 1 Scolarite of eleve {
            eleve: PersonneId, contenu: Box<ContenuBulletin>, empreinte: Empreinte,
        },
        /// It is read from this instant on.
        BulletinPublie = "notes.bulletin.publie" v 1 Scolarite of eleve {
            eleve: PersonneId, visible_des: DateTime<Utc>,
        },
        /// Someone to whom it is told read it for the first time.
        BulletinLu = "notes.bulletin.lu" v 1 Scolarite of eleve {
            eleve: PersonneId, par: PersonneId, le: DateTime<Utc>,
        },
    }
}

refusals! {
    /// Why a bulletin refuses.
    pub enum RefusBulletin {
        BulletinDejaPublie = "BULLETIN_DEJA_PUBLIE":
            "Ce bulletin est déjà publié : il reste tel qu'il fut dit.",
        BulletinNonPublie = "BULLETIN_NON_PUBLIE" at "bulletinId":
            "Ce bulletin n'est pas encore publié : revenez à l'heure dite.",
        BulletinIllisible = "BULLETIN_ILLISIBLE":
            "Le contenu de ce bulletin ne peut être scellé tel quel : signalez-le à l'exploitant.",
    }
}

/// A bulletin.
#[derive(Debug, Clone, Default)]
pub struct Bulletin {
    fige: Option<(PersonneId, Empreinte)>,
    visible_des: Option<DateTime<Utc>>,
    lecteurs: BTreeSet<PersonneId>,
}

impl Aggregate for Bulletin {
    const TYPE: &'static str = "notes.bulletin";
    /// It is one person's, and what was told is not told anew.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = BulletinCommand;
    type Event = BulletinEvent;
    type Refus = RefusBulletin;

    fn decide(&self, command: BulletinCommand) -> Result<Vec<BulletinEvent>, RefusBulletin> {
        match command {
            BulletinCommand::PublierBulletin { eleve, contenu, visible_des } => {
                if self.fige.is_some() {
                    return Err(RefusBulletin::BulletinDejaPublie);
                }
                let empreinte = contenu.empreinte().ok_or(RefusBulletin::BulletinIllisible)?;
                Ok(vec![
                    BulletinEvent::BulletinFige { eleve, contenu, empreinte },
                    BulletinEvent::BulletinPublie { eleve, visible_des },
                ])
            }
            BulletinCommand::LireBulletin { par, le } => {
                let (Some((eleve, _)), Some(visible_des)) = (&self.fige, self.visible_des) else {
                    return Err(RefusBulletin::BulletinNonPublie);
                };
                if le < visible_des {
                    return Err(RefusBulletin::BulletinNonPublie);
                }
                let first = !self.lecteurs.contains(&par);
                Ok(first
                    .then_some(BulletinEvent::BulletinLu { eleve: *eleve, par, le })
                    .into_iter()
                    .collect())
            }
        }
    }

    fn apply(&mut self, event: BulletinEvent) {
        match event {
            BulletinEvent::BulletinFige { eleve, empreinte, .. } => self.fige = Some((eleve, empreinte)),
            BulletinEvent::BulletinPublie { visible_des, .. } => self.visible_des = Some(visible_des),
            BulletinEvent::BulletinLu { par, .. } => {
                self.lecteurs.insert(par);
            }
        }
    }
}

#[cfg(test)]
mod tests;
