//! What is to be done for a day, as its teacher gives it.
//!
//! What the pupil makes of it is of the pupil: see [`super::Copie`]. Source: circulaire
//! n° 2010-136 du 6 septembre 2010 (the cahier says what is to be done, and for when).

use crate::annuaire::Auditoire;
use crate::event::events;
use crate::pieces::liste;
use crate::refusal::refusals;
use crate::{Aggregate, EnseignementId, Lacune, PersonneId, PieceId, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod copie;

pub use copie::*;

/// Longest title, in characters.
const TITRE_MAX: usize = 200;
/// Longest instructions, in characters.
const CONSIGNE_MAX: usize = 10_000;
/// Longest estimate: more than that is several travaux.
const MINUTES_MAX: u16 = 600;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheTravail {
    /// In what.
    pub enseignement: EnseignementId,
    /// By whom.
    #[serde(flatten)]
    pub auditoire: Auditoire,
    /// The day on which it is given.
    pub donne_le: NaiveDate,
    /// The day for which it is to be done, after that.
    pub pour_le: NaiveDate,
    /// What it is, in one line.
    pub titre: String,
    /// How it is to be done; may be empty. Plain text.
    pub consigne: String,
    /// How long it should take, in minutes, from 1 to 600.
    pub minutes: u16,
    /// It is to be handed in here.
    pub a_rendre: bool,
}

/// What may be asked of a travail.
#[derive(Debug, Clone)]
pub enum TravailCommand {
    /// Gives it, as a draft.
    DonnerTravail {
        /// What.
        fiche: FicheTravail,
        /// Who gives it.
        auteur: PersonneId,
    },
    /// Changes it.
    ModifierTravail {
        /// Into what.
        fiche: FicheTravail,
    },
    /// Lets pupils and families read it.
    PublierTravail,
    /// Takes it back: it is no longer to be done.
    AnnulerTravail,
    /// Says which files accompany it: these, and no others.
    DocumenterTravail {
        /// Which files, in their order.
        pieces: Vec<PieceId>,
    },
}

events! {
    /// What happens to a travail.
    pub enum TravailEvent {
        /// It was written.
        TravailDonne = "cahier_de_textes.travail.donne" v 1 Scolarite { fiche: FicheTravail, auteur: PersonneId },
        /// It was changed.
        TravailModifie = "cahier_de_textes.travail.modifie" v 1 Scolarite { fiche: FicheTravail },
        /// Pupils and families may read it.
        TravailPublie = "cahier_de_textes.travail.publie" v 1 Scolarite {},
        /// It is no longer to be done.
        TravailAnnule = "cahier_de_textes.travail.annule" v 1 Scolarite {},
        /// These files accompany it, and no others.
        TravailDocumente = "cahier_de_textes.travail.documente" v 1 Scolarite { pieces: Vec<PieceId> },
    }
}

refusals! {
    /// Why a travail refuses.
    pub enum RefusTravail {
        TravailInconnu = "TRAVAIL_INCONNU" at "travailId":
            "Ce travail n'existe pas : donnez-le d'abord.",
        TravailDejaDonne = "TRAVAIL_DEJA_DONNE":
            "Ce travail est déjà donné, autrement : modifiez-le.",
        TravailAnnule = "TRAVAIL_ANNULE" at "travailId":
            "Ce travail est annulé : donnez-en un autre.",
        NombreDePieces = "NOMBRE_DE_PIECES" at "pieces":
            "Dix pièces au plus accompagnent un travail : retirez-en.",
        EcheanceInvalide = "ECHEANCE_INVALIDE" at "pourLe":
            "Un travail se donne pour un jour qui suit, dans l'année : corrigez l'échéance.",
        DureeInvalide = "DUREE_INVALIDE" at "minutes":
            "La durée estimée va de 1 à 600 minutes : au-delà, donnez plusieurs travaux.",
        TexteDeTravailInvalide { champ: &'static str } = "TEXTE_DE_TRAVAIL_INVALIDE":
            "Le champ « {champ} » ne convient pas : un titre d'une ligne de 200 caractères au plus, une consigne de 10 000 au plus.",
        TravailDAilleurs = "TRAVAIL_D_AILLEURS" at "enseignementId":
            "Un travail ne passe pas d'un enseignement à un autre : donnez-en un nouveau.",
    }
}

/// A travail as it stands.
#[derive(Debug, Clone, Default)]
pub struct Travail {
    fiche: Option<FicheTravail>,
    publie: bool,
    annule: bool,
    pieces: Vec<PieceId>,
}

impl Aggregate for Travail {
    const TYPE: &'static str = "cahier_de_textes.travail";
    /// What is written last stands for itself.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = TravailCommand;
    type Event = TravailEvent;
    type Refus = RefusTravail;

    fn decide(&self, command: TravailCommand) -> Result<Vec<TravailEvent>, RefusTravail> {
        match command {
            TravailCommand::DonnerTravail { fiche, auteur } => {
                let fiche = lue(fiche)?;
                match &self.fiche {
                    Some(known) if *known == fiche => Ok(vec![]),
                    Some(_) => Err(RefusTravail::TravailDejaDonne),
                    None => Ok(vec![TravailEvent::TravailDonne { fiche, auteur }]),
                }
            }
            TravailCommand::ModifierTravail { fiche } => {
                let known = self.open()?;
                let fiche = lue(fiche)?;
                if (known.enseignement, known.auditoire) != (fiche.enseignement, fiche.auditoire) {
                    return Err(RefusTravail::TravailDAilleurs);
                }
                Ok((*known != fiche).then_some(TravailEvent::TravailModifie { fiche }).into_iter().collect())
            }
            TravailCommand::PublierTravail => {
                self.open()?;
                Ok((!self.publie).then_some(TravailEvent::TravailPublie {}).into_iter().collect())
            }
            TravailCommand::AnnulerTravail if self.fiche.is_none() => Err(RefusTravail::TravailInconnu),
            TravailCommand::AnnulerTravail => {
                Ok((!self.annule).then_some(TravailEvent::TravailAnnule {}).into_iter().collect())
            }
            TravailCommand::DocumenterTravail { pieces } => {
                self.open()?;
                let pieces = liste(pieces).ok_or(RefusTravail::NombreDePieces)?;
                let said = TravailEvent::TravailDocumente { pieces: pieces.clone() };
                Ok((self.pieces != pieces).then_some(said).into_iter().collect())
            }
        }
    }

    fn apply(&mut self, event: TravailEvent) {
        match event {
            TravailEvent::TravailDonne { fiche, .. } | TravailEvent::TravailModifie { fiche } => {
                self.fiche = Some(fiche);
            }
            TravailEvent::TravailPublie {} => self.publie = true,
            TravailEvent::TravailAnnule {} => self.annule = true,
            TravailEvent::TravailDocumente { pieces } => self.pieces = pieces,
        }
    }
}

impl Travail {
    fn open(&self) -> Result<&FicheTravail, RefusTravail> {
        match &self.fiche {
            None => Err(RefusTravail::TravailInconnu),
            Some(_) if self.annule => Err(RefusTravail::TravailAnnule),
            Some(fiche) => Ok(fiche),
        }
    }
}

fn lue(fiche: FicheTravail) -> Result<FicheTravail, RefusTravail> {
    let invalid = |champ| RefusTravail::TexteDeTravailInvalide { champ };
    let days = (fiche.pour_le - fiche.donne_le).num_days();
    if !(1..=366).contains(&days) {
        return Err(RefusTravail::EcheanceInvalide);
    }
    if !(1..=MINUTES_MAX).contains(&fiche.minutes) {
        return Err(RefusTravail::DureeInvalide);
    }
    let titre = texte::line(&fiche.titre, TITRE_MAX).ok_or(invalid("titre"))?;
    let consigne = match fiche.consigne.trim() {
        "" => String::new(),
        text => texte::paragraphs(text, CONSIGNE_MAX).ok_or(invalid("consigne"))?,
    };
    Ok(FicheTravail { titre, consigne, ..fiche })
}

#[cfg(test)]
mod tests;
