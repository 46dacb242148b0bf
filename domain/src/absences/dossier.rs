//! The file of one absence of a pupil.
//!
//! An absence is stated from rolls or by the vie scolaire, or announced by the family beforehand.
//! The family is contacted from the first absence on, gives its motive, with a document if it has
//! one, and the vie scolaire settles: recevable or not, with its reason. Rolls that change state
//! the absence anew, and it is to be settled again. Sources: code de l'éducation, art. L131-8
//! (the family says why without delay, the motive is judged), R131-5 and R131-6; circulaire
//! n° 2014-159 (contact from the first absence on).
//!
//! A family that brings paper instead says why as any other: the vie scolaire writes it down in its
//! name. What comes so after the absence was settled has it settled again.
//!
//! Health data are not asked for: a motive is one of a list, and a document may stay with the family,
//! which gives its digest, or be deposited.

mod piece;
mod recueil;

pub use piece::{NatureDePiece, PIECE_MAX, Piece};
pub use recueil::{Recueil, SupportDeJustificatif};

use super::{Creneau, MotifDAbsence, Scolarite};
use crate::event::events;
use crate::pieces::liste;
use crate::refusal::refusals;
use crate::{Aggregate, DossierAbsenceId, EtablissementId, Lacune, PersonneId, PieceId, texte};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest text of a family, in characters.
const TEXTE_MAX: usize = 1000;
/// Most spans of one file.
const CRENEAUX_MAX: usize = 50;

/// By what an absence is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrigineDAbsence {
    /// By the rolls of a day.
    Appels,
    /// Entered by the vie scolaire.
    Saisie,
}

impl OrigineDAbsence {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appels => "appels",
            Self::Saisie => "saisie",
        }
    }
}

/// How a family was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum MoyenDeContact {
    Telephone,
    Sms,
    Courriel,
    Courrier,
    Entretien,
}

impl MoyenDeContact {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Telephone => "telephone",
            Self::Sms => "sms",
            Self::Courriel => "courriel",
            Self::Courrier => "courrier",
            Self::Entretien => "entretien",
        }
    }
}

/// Why, as the family says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Justification {
    /// Who says so.
    pub par: PersonneId,
    /// The motive, as it was defined then.
    pub motif: MotifDAbsence,
    /// In their own words.
    pub texte: Option<String>,
    /// A document that the family keeps, by its digest.
    pub piece: Option<Piece>,
    /// Files that the family has deposited; they replace those of before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<PieceId>,
    /// How it was written down for the family, if the family did not write it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recueil: Option<Recueil>,
}

/// How an absence is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Whether the reason given is a good one.
    pub recevable: bool,
    /// The motive that is kept, as it was defined then.
    pub motif: Option<MotifDAbsence>,
    /// Why it is not, or what else is to be known.
    pub raison: Option<String>,
    /// Who decides.
    pub par: PersonneId,
}

/// What may be asked of a file.
#[derive(Debug, Clone)]
pub enum DossierAbsenceCommand {
    /// States an absence; without a span, that there was none after all.
    ConstaterAbsence {
        /// Whose.
        scolarite: Scolarite,
        /// From when to when.
        creneaux: Vec<Creneau>,
        /// By what it is known.
        origine: OrigineDAbsence,
    },
    /// Announces an absence to come.
    AnnoncerAbsence {
        /// Whose.
        scolarite: Scolarite,
        /// From when to when.
        creneau: Creneau,
        /// Why.
        justification: Justification,
        /// Now, by the clock on the wall.
        maintenant: NaiveDateTime,
    },
    /// Puts a contact with the family on the file.
    ContacterFamille {
        /// How.
        moyen: MoyenDeContact,
        /// What was said.
        resume: Option<String>,
        /// Who contacted it.
        par: PersonneId,
        /// When.
        le: DateTime<Utc>,
    },
    /// Gives the family's reason.
    JustifierAbsence {
        /// Which.
        justification: Justification,
    },
    /// Gives, for the family, the reason that it handed over outside the ENT.
    RecueillirJustificatif {
        /// Which.
        justification: Justification,
        /// Whether who handed it over may say why the pupil was away.
        en_repond: bool,
    },
    /// Settles it; without a motive, under the family's.
    ReglerAbsence {
        /// How.
        decision: Decision,
        /// On which day.
        le: NaiveDate,
    },
}

events! {
    /// What happens to a file.
    pub enum DossierAbsenceEvent {
        /// The pupil is absent from then to then; without a span, was not after all.
        AbsenceConstatee = "absences.dossier.constatee" v 1 Scolarite of eleve {
            eleve: PersonneId, etablissement: EtablissementId, creneaux: Vec<Creneau>, origine: OrigineDAbsence,
        },
        /// The family says that the pupil will be absent.
        AbsenceAnnoncee = "absences.dossier.annoncee" v 1 Scolarite of eleve {
            eleve: PersonneId, etablissement: EtablissementId, creneau: Creneau, justification: Justification,
        },
        /// The family was contacted.
        FamilleContactee = "absences.dossier.famille_contactee" v 1 Scolarite of eleve {
            eleve: PersonneId, moyen: MoyenDeContact, resume: Option<String>, par: PersonneId, le: DateTime<Utc>,
        },
        /// The family said why, itself or through who wrote it down for it.
        AbsenceJustifiee = "absences.dossier.justifiee" v 1 Scolarite of eleve {
            eleve: PersonneId, justification: Justification,
        },
        /// The vie scolaire settled it.
        AbsenceReglee = "absences.dossier.reglee" v 1 Scolarite of eleve {
            eleve: PersonneId, decision: Decision, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why a file refuses.
    pub enum RefusDossierAbsence {
        DossierAbsenceInexistant = "DOSSIER_ABSENCE_INEXISTANT" at "dossierAbsenceId":
            "Aucune absence n'est constatée sous cet identifiant.",
        DossierAbsenceDejaOuvert = "DOSSIER_ABSENCE_DEJA_OUVERT" at "dossier":
            "Un dossier porte déjà cet identifiant : donnez-en un nouveau.",
        CreneauInvalide = "CRENEAU_INVALIDE" at "fin":
            "Une absence se termine après son début et dure un an au plus ; un dossier en réunit 50 au plus.",
        AbsencePassee = "ABSENCE_PASSEE" at "date":
            "Cette absence a déjà commencé : attendez qu'elle soit constatée, puis justifiez-la.",
        AbsenceDejaReglee = "ABSENCE_DEJA_REGLEE" at "dossierAbsenceId":
            "La vie scolaire a déjà réglé cette absence : écrivez-lui pour qu'elle revoie sa décision.",
        AbsenceRetiree = "ABSENCE_RETIREE" at "dossierAbsenceId":
            "Cette absence a été retirée : il n'y a plus rien à justifier ni à régler.",
        TexteTropLong = "TEXTE_TROP_LONG" at "texte":
            "Ce texte est vide ou trop long : donnez 1000 caractères au plus, ou rien.",
        PieceInvalide = "PIECE_INVALIDE" at "piece":
            "Une pièce est un PDF ou une image de 10 Mo au plus, avec son nom et son empreinte SHA-256 en hexadécimal.",
        NombreDePieces = "NOMBRE_DE_PIECES" at "pieces":
            "Dix pièces au plus accompagnent une absence : retirez-en.",
        JustificatifDUnTiers = "JUSTIFICATIF_D_UN_TIERS" at "remisParId":
            "Cette personne ne répond pas de l'élève : le justificatif vient d'un responsable informé, ou de l'élève majeur.",
        RaisonManquante = "RAISON_MANQUANTE" at "raison":
            "Une absence qui n'est pas recevable dit pourquoi, en 500 caractères au plus : la famille le lit.",
        MotifNonRetenu = "MOTIF_NON_RETENU" at "motif":
            "Aucun motif n'a été annoncé : dites lequel est retenu.",
    }
}

/// State of a file.
#[derive(Debug, Clone, Default)]
pub struct DossierAbsence {
    scolarite: Option<Scolarite>,
    creneaux: Vec<Creneau>,
    motif: Option<MotifDAbsence>,
    decision: Option<Decision>,
}

impl DossierAbsence {
    /// The absences of a pupil that the rolls of a day show are one file.
    pub fn du_jour(scolarite: Scolarite, jour: NaiveDate) -> DossierAbsenceId {
        let Scolarite { eleve, etablissement } = scolarite;
        DossierAbsenceId::derived(&[&eleve.to_string(), &etablissement.to_string(), &jour.to_string()])
    }
}

impl Aggregate for DossierAbsence {
    const TYPE: &'static str = "absences.dossier";
    /// All of it is of one pupil and goes together.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = DossierAbsenceCommand;
    type Event = DossierAbsenceEvent;
    type Refus = RefusDossierAbsence;

    fn decide(
        &self,
        command: DossierAbsenceCommand,
    ) -> Result<Vec<DossierAbsenceEvent>, RefusDossierAbsence> {
        match command {
            DossierAbsenceCommand::ConstaterAbsence { scolarite, creneaux, origine } => {
                self.constater(scolarite, creneaux, origine)
            }
            DossierAbsenceCommand::AnnoncerAbsence { scolarite, creneau, justification, maintenant } => {
                self.annoncer(scolarite, creneau, justification, maintenant)
            }
            DossierAbsenceCommand::ContacterFamille { moyen, resume, par, le } => {
                let eleve = self.eleve()?;
                let resume = ecrit(resume)?;
                Ok(vec![DossierAbsenceEvent::FamilleContactee { eleve, moyen, resume, par, le }])
            }
            DossierAbsenceCommand::JustifierAbsence { justification } => {
                let eleve = self.eleve()?;
                if self.decision.is_some() {
                    return Err(RefusDossierAbsence::AbsenceDejaReglee);
                }
                let justification = verifiee(justification)?;
                Ok(vec![DossierAbsenceEvent::AbsenceJustifiee { eleve, justification }])
            }
            DossierAbsenceCommand::RecueillirJustificatif { justification, en_repond } => {
                let eleve = self.eleve()?;
                if !en_repond {
                    return Err(RefusDossierAbsence::JustificatifDUnTiers);
                }
                let justification = verifiee(justification)?;
                Ok(vec![DossierAbsenceEvent::AbsenceJustifiee { eleve, justification }])
            }
            DossierAbsenceCommand::ReglerAbsence { decision, le } => self.regler(decision, le),
        }
    }

    fn apply(&mut self, event: DossierAbsenceEvent) {
        match event {
            DossierAbsenceEvent::AbsenceConstatee { eleve, etablissement, creneaux, .. } => {
                self.scolarite = Some(Scolarite { eleve, etablissement });
                self.creneaux = creneaux;
                self.decision = None;
            }
            DossierAbsenceEvent::AbsenceAnnoncee { eleve, etablissement, creneau, justification } => {
                self.scolarite = Some(Scolarite { eleve, etablissement });
                self.creneaux = vec![creneau];
                self.motif = Some(justification.motif);
            }
            DossierAbsenceEvent::FamilleContactee { .. } => {}
            DossierAbsenceEvent::AbsenceJustifiee { justification, .. } => {
                self.motif = Some(justification.motif);
                self.decision = None;
            }
            DossierAbsenceEvent::AbsenceReglee { decision, .. } => self.decision = Some(decision),
        }
    }
}

impl DossierAbsence {
    /// The pupil of a file that has an absence.
    fn eleve(&self) -> Result<PersonneId, RefusDossierAbsence> {
        let Scolarite { eleve, .. } = self.scolarite.ok_or(RefusDossierAbsence::DossierAbsenceInexistant)?;
        if self.creneaux.is_empty() { Err(RefusDossierAbsence::AbsenceRetiree) } else { Ok(eleve) }
    }

    fn constater(
        &self,
        scolarite: Scolarite,
        mut creneaux: Vec<Creneau>,
        origine: OrigineDAbsence,
    ) -> Result<Vec<DossierAbsenceEvent>, RefusDossierAbsence> {
        if self.scolarite.is_some_and(|known| known != scolarite) {
            return Err(RefusDossierAbsence::DossierAbsenceDejaOuvert);
        }
        if creneaux.len() > CRENEAUX_MAX || !creneaux.iter().all(Creneau::est_valide) {
            return Err(RefusDossierAbsence::CreneauInvalide);
        }
        creneaux.sort_unstable();
        creneaux.dedup();
        if creneaux == self.creneaux {
            return Ok(vec![]);
        }
        let Scolarite { eleve, etablissement } = scolarite;
        Ok(vec![DossierAbsenceEvent::AbsenceConstatee { eleve, etablissement, creneaux, origine }])
    }

    fn annoncer(
        &self,
        scolarite: Scolarite,
        creneau: Creneau,
        justification: Justification,
        maintenant: NaiveDateTime,
    ) -> Result<Vec<DossierAbsenceEvent>, RefusDossierAbsence> {
        if self.scolarite.is_some() {
            return Err(RefusDossierAbsence::DossierAbsenceDejaOuvert);
        }
        if !creneau.est_valide() {
            return Err(RefusDossierAbsence::CreneauInvalide);
        }
        if creneau.debut <= maintenant {
            return Err(RefusDossierAbsence::AbsencePassee);
        }
        let justification = verifiee(justification)?;
        let Scolarite { eleve, etablissement } = scolarite;
        Ok(vec![DossierAbsenceEvent::AbsenceAnnoncee { eleve, etablissement, creneau, justification }])
    }

    fn regler(
        &self,
        mut decision: Decision,
        le: NaiveDate,
    ) -> Result<Vec<DossierAbsenceEvent>, RefusDossierAbsence> {
        let eleve = self.eleve()?;
        decision.raison = match decision.raison {
            Some(raison) => Some(texte::motif(&raison).ok_or(RefusDossierAbsence::RaisonManquante)?),
            None if decision.recevable => None,
            None => return Err(RefusDossierAbsence::RaisonManquante),
        };
        decision.motif = decision.motif.or_else(|| self.motif.clone());
        if decision.recevable && decision.motif.is_none() {
            return Err(RefusDossierAbsence::MotifNonRetenu);
        }
        let alike = |known: &Decision| Decision { par: known.par, ..decision.clone() } == *known;
        if self.decision.as_ref().is_some_and(alike) {
            return Ok(vec![]);
        }
        Ok(vec![DossierAbsenceEvent::AbsenceReglee { eleve, decision, le }])
    }
}

fn ecrit(text: Option<String>) -> Result<Option<String>, RefusDossierAbsence> {
    let written =
        text.map(|text| texte::paragraphs(&text, TEXTE_MAX).ok_or(RefusDossierAbsence::TexteTropLong));
    written.transpose()
}

fn verifiee(justification: Justification) -> Result<Justification, RefusDossierAbsence> {
    let Justification { par, motif, texte, piece, pieces, recueil } = justification;
    let piece = piece.map(|piece| piece.verifiee().ok_or(RefusDossierAbsence::PieceInvalide));
    let pieces = liste(pieces).ok_or(RefusDossierAbsence::NombreDePieces)?;
    Ok(Justification { par, motif, texte: ecrit(texte)?, piece: piece.transpose()?, pieces, recueil })
}

#[cfg(test)]
mod tests;
