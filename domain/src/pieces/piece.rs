//! One file: deposited for somebody, then joined to what it accompanies, once.
//!
//! A deposit is not an event: most last a minute, and one that nothing came of is swept. What is
//! recorded is that the file accompanies something. It is sealed under the key of the person whose
//! it is, and so are its bytes: they are readable as long as that key is, and no longer.

use super::FicheDePiece;
use crate::event::events;
use crate::refusal::refusals;
use crate::{
    Aggregate, CopieId, DossierAbsenceId, Lacune, PersonneId, PieceId, Retention, SeanceId, TravailId,
};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The class of conservation of a file: that of the event, and so of its bytes.
pub const CLASSE: Retention = Retention::Scolarite;
/// Most files that accompany one thing.
pub const PIECES_MAX: usize = 10;
/// How long a file may be deposited before it is joined to something.
pub const ATTENTE: TimeDelta = TimeDelta::days(1);

/// What files accompany.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "nature")]
pub enum Objet {
    /// A pupil's copie.
    Copie {
        /// Which one.
        copie: CopieId,
    },
    /// What is written of a séance.
    Seance {
        /// Which one.
        seance: SeanceId,
    },
    /// What is to be done.
    Travail {
        /// What.
        travail: TravailId,
    },
    /// The file of an absence.
    DossierAbsence {
        /// Which one.
        dossier: DossierAbsenceId,
    },
}

impl Objet {
    /// The frozen name of its nature, as serialised.
    pub const fn nature(self) -> &'static str {
        match self {
            Self::Copie { .. } => "copie",
            Self::Seance { .. } => "seance",
            Self::Travail { .. } => "travail",
            Self::DossierAbsence { .. } => "dossier_absence",
        }
    }

    /// Its id, whatever its nature.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Copie { copie } => copie.0,
            Self::Seance { seance } => seance.0,
            Self::Travail { travail } => travail.0,
            Self::DossierAbsence { dossier } => dossier.0,
        }
    }

    /// The one of this nature that has this id.
    pub fn named(nature: &str, id: Uuid) -> Option<Self> {
        match nature {
            "copie" => Some(Self::Copie { copie: CopieId(id) }),
            "seance" => Some(Self::Seance { seance: SeanceId(id) }),
            "travail" => Some(Self::Travail { travail: TravailId(id) }),
            "dossier_absence" => Some(Self::DossierAbsence { dossier: DossierAbsenceId(id) }),
            _ => None,
        }
    }
}

/// A file that waits to be joined to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depot {
    /// Whose it is.
    pub personne: PersonneId,
    /// Who brought it.
    pub deposant: PersonneId,
    /// When.
    pub le: DateTime<Utc>,
    /// What it is.
    pub fiche: FicheDePiece,
}

/// What may be asked of a file.
#[derive(Debug, Clone)]
pub enum PieceCommand {
    /// Joins it to something.
    JoindrePiece {
        /// The deposit, if there is one whose bytes can be read.
        depot: Option<Depot>,
        /// Whose the file has to be: all fiches of one person.
        fiches: Vec<PersonneId>,
        /// Who joins it.
        par: PersonneId,
        /// To what.
        objet: Objet,
        /// Now.
        maintenant: DateTime<Utc>,
    },
}

events! {
    /// What happens to a file.
    pub enum PieceEvent {
        /// It accompanies something.
        PieceJointe = "pieces.piece.jointe" v 1 Scolarite of personne {
            personne: PersonneId, objet: Objet, fiche: FicheDePiece,
        },
    }
}

refusals! {
    /// Why a file refuses.
    pub enum RefusPiece {
        NomDePiece = "NOM_DE_PIECE" at "nom":
            "Le nom du fichier tient en une ligne de 120 caractères, sans barre oblique ni guillemet : renommez-le.",
        FormatRefuse = "FORMAT_REFUSE" at "contenu":
            "Ce format n'est pas accepté : déposez un PDF, une image PNG ou JPEG, un document ODT ou DOCX, ou du texte.",
        PieceVide = "PIECE_VIDE" at "contenu":
            "Ce fichier est vide : vérifiez qu'il est enregistré, puis déposez-le.",
        TropDeDepots = "TROP_DE_DEPOTS":
            "Trop de fichiers sont déposés depuis deux jours : joignez ceux qui le sont, et revenez demain.",
        TropEnAttente { fichiers: u64, mebioctets: u64 } = "TROP_DE_PIECES_EN_ATTENTE":
            "Au plus {fichiers} fichiers et {mebioctets} Mio peuvent attendre d'être joints : joignez ceux que vous avez déposés, ou déposez un fichier plus léger.",
        PieceInconnue = "PIECE_INCONNUE" at "pieces":
            "Vous n'avez pas déposé cette pièce pour cette personne : déposez-la, puis joignez-la.",
        PiecePerimee = "PIECE_PERIMEE" at "pieces":
            "Cette pièce attend depuis plus d'un jour : déposez-la de nouveau.",
        PieceDejaJointe = "PIECE_DEJA_JOINTE" at "pieces":
            "Cette pièce accompagne déjà autre chose : déposez le fichier une seconde fois.",
    }
}

/// What a file accompanies.
#[derive(Debug, Clone, Default)]
pub struct Piece(Option<Objet>);

impl Aggregate for Piece {
    const TYPE: &'static str = "pieces.piece";
    /// What it accompanied is not known any more, and its bytes are unreadable.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = PieceCommand;
    type Event = PieceEvent;
    type Refus = RefusPiece;

    fn decide(&self, command: PieceCommand) -> Result<Vec<PieceEvent>, RefusPiece> {
        let PieceCommand::JoindrePiece { depot, fiches, par, objet, maintenant } = command;
        match self.0 {
            Some(known) if known == objet => return Ok(vec![]),
            Some(_) => return Err(RefusPiece::PieceDejaJointe),
            None => {}
        }
        let depot = depot.filter(|depot| depot.deposant == par && fiches.contains(&depot.personne));
        let Depot { personne, le, fiche, .. } = depot.ok_or(RefusPiece::PieceInconnue)?;
        // Its bytes are under a key of the period in which it came; the event is sealed under today's.
        if maintenant - le > ATTENTE || CLASSE.periode(le) != CLASSE.periode(maintenant) {
            return Err(RefusPiece::PiecePerimee);
        }
        Ok(vec![PieceEvent::PieceJointe { personne, objet, fiche }])
    }

    fn apply(&mut self, event: PieceEvent) {
        let PieceEvent::PieceJointe { objet, .. } = event;
        self.0 = Some(objet);
    }
}

/// The files that accompany something, each once, if they are not too many.
pub fn liste(pieces: Vec<PieceId>) -> Option<Vec<PieceId>> {
    let mut each = Vec::with_capacity(pieces.len().min(PIECES_MAX));
    for piece in pieces {
        if each.contains(&piece) {
            continue;
        }
        if each.len() == PIECES_MAX {
            return None;
        }
        each.push(piece);
    }
    Some(each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::FormatDePiece;
    use crate::testing::given;

    fn noe() -> PersonneId {
        PersonneId::derived(&["Noé"])
    }

    fn fiche() -> FicheDePiece {
        let (nom, empreinte) = ("a.pdf".to_owned(), "0".repeat(64));
        FicheDePiece { nom, format: FormatDePiece::Pdf, empreinte, taille: 9 }
    }

    fn copie(number: &str) -> Objet {
        Objet::Copie { copie: CopieId::derived(&[number]) }
    }

    fn depot(le: &str) -> Depot {
        Depot { personne: noe(), deposant: noe(), le: le.parse().unwrap(), fiche: fiche() }
    }

    fn joindre(depot: Option<Depot>, objet: Objet, maintenant: &str) -> PieceCommand {
        let maintenant = maintenant.parse().unwrap();
        PieceCommand::JoindrePiece { depot, fiches: vec![noe()], par: noe(), objet, maintenant }
    }

    fn jointe(objet: Objet) -> PieceEvent {
        PieceEvent::PieceJointe { personne: noe(), objet, fiche: fiche() }
    }

    const MATIN: &str = "2026-11-23T08:00:00Z";
    const SOIR: &str = "2026-11-23T18:00:00Z";

    #[test]
    fn a_file_accompanies_one_thing() {
        given::<Piece>([]).when(joindre(Some(depot(MATIN)), copie("1"), SOIR)).then([jointe(copie("1"))]);
        given::<Piece>([jointe(copie("1"))]).when(joindre(None, copie("1"), SOIR)).then([]);
        given::<Piece>([jointe(copie("1"))])
            .when(joindre(Some(depot(MATIN)), copie("2"), SOIR))
            .then_refused(RefusPiece::PieceDejaJointe);
    }

    #[test]
    fn one_joins_what_one_has_brought_for_that_person() {
        let other = PersonneId::derived(&["Zoé"]);
        let theirs = Depot { deposant: other, ..depot(MATIN) };
        let of_another = Depot { personne: other, ..depot(MATIN) };
        for depot in [None, Some(theirs), Some(of_another)] {
            given::<Piece>([]).when(joindre(depot, copie("1"), SOIR)).then_refused(RefusPiece::PieceInconnue);
        }
    }

    #[test]
    fn a_deposit_waits_for_a_day_and_not_beyond_the_school_year() {
        given::<Piece>([])
            .when(joindre(Some(depot(MATIN)), copie("1"), "2026-11-24T08:00:01Z"))
            .then_refused(RefusPiece::PiecePerimee);
        given::<Piece>([])
            .when(joindre(Some(depot("2027-07-31T20:00:00Z")), copie("1"), "2027-07-31T23:00:00Z"))
            .then_refused(RefusPiece::PiecePerimee);
    }

    #[test]
    fn what_a_file_accompanies_is_found_again_by_its_nature_and_id() {
        let id = Uuid::from_u128(7);
        for nature in ["copie", "seance", "travail", "dossier_absence"] {
            let objet = Objet::named(nature, id).unwrap();
            assert_eq!((objet.nature(), objet.id()), (nature, id));
            assert_eq!(serde_json::to_value(objet).unwrap()["nature"], nature);
        }
        assert_eq!(Objet::named("note", id), None);
    }

    #[test]
    fn a_file_is_kept_as_long_as_what_says_of_it() {
        use crate::DomainEvent;
        assert!(PieceEvent::SPECS.iter().all(|spec| spec.retention == CLASSE));
    }

    #[test]
    fn each_file_is_counted_once() {
        let pieces: Vec<_> = (0..12).map(|n| PieceId::derived(&[&n.to_string()])).collect();
        let twice = [&pieces[..10], &pieces[..10]].concat();
        assert_eq!(liste(twice), Some(pieces[..10].to_vec()));
        assert_eq!(liste(pieces), None);
    }
}
