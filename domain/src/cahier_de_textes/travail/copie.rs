//! What one pupil makes of a travail: done, handed in, given back.
//!
//! A stream for each pupil and travail: thirty pupils do theirs at one time, and each is erased
//! by itself. A small file may be handed in in the event itself, under the pupil's own key: it is erased,
//! exported and verified with it. Others are deposited first, and joined: see [`crate::pieces`].

use crate::annuaire::Auditoire;
use crate::event::events;
use crate::pieces::{FicheDePiece, FormatDePiece, liste, nom_de_piece};
use crate::refusal::refusals;
use crate::{Aggregate, CopieId, Lacune, PersonneId, PieceId, TravailId, texte};
use sha2::{Digest, Sha256};

/// Most bytes of what is handed in in the event itself.
pub const PIECE_MAX: usize = 64 * 1024;
/// Longest annotation, in characters.
const ANNOTATION_MAX: usize = 2_000;

impl CopieId {
    /// That of a pupil for a travail.
    pub fn de(travail: TravailId, eleve: PersonneId) -> Self {
        Self::derived(&[&travail.to_string(), &eleve.to_string()])
    }
}

/// How a travail stands, for who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TravailAFaire {
    /// Which one.
    pub travail: TravailId,
    /// For whom.
    pub auditoire: Auditoire,
    /// Pupils read it, and it is not taken back.
    pub ouvert: bool,
    /// It is to be handed in here.
    pub a_rendre: bool,
}

/// What may be asked of a pupil's copie.
#[derive(Debug, Clone)]
pub enum CopieCommand {
    /// The pupil says that it is done, or that it is not after all.
    MarquerTravail {
        /// What.
        travail: TravailAFaire,
        /// Who.
        eleve: PersonneId,
        /// That for which it is, if the pupil is of it.
        auditoire: Option<Auditoire>,
        /// Whether it is.
        fait: bool,
    },
    /// The pupil hands a file in, in place of the one before.
    RendreTravail {
        /// What.
        travail: TravailAFaire,
        /// Who.
        eleve: PersonneId,
        /// That for which it is, if the pupil is of it.
        auditoire: Option<Auditoire>,
        /// Name of the file.
        nom: String,
        /// Its bytes.
        octets: Vec<u8>,
    },
    /// The pupil hands in files that were deposited, in place of what was handed in before.
    DeposerCopie {
        /// What.
        travail: TravailAFaire,
        /// Who.
        eleve: PersonneId,
        /// That for which it is, if the pupil is of it.
        auditoire: Option<Auditoire>,
        /// Which files.
        pieces: Vec<PieceId>,
    },
    /// The teacher gives it back.
    AnnoterCopie {
        /// For what.
        travail: TravailId,
        /// Whose.
        eleve: PersonneId,
        /// Who annotates.
        auteur: PersonneId,
        /// What he or she says of it.
        annotation: String,
    },
}

events! {
    /// What happens to a pupil's copie.
    pub enum CopieEvent {
        /// The pupil says that it is done.
        TravailFait = "cahier_de_textes.copie.travail_fait" v 1 Scolarite of eleve {
            travail: TravailId, eleve: PersonneId,
        },
        /// The pupil says that it is not after all.
        TravailRepris = "cahier_de_textes.copie.travail_repris" v 1 Scolarite of eleve {
            travail: TravailId, eleve: PersonneId,
        },
        /// A file was handed in.
        CopieRendue = "cahier_de_textes.copie.rendue" v 1 Scolarite of eleve {
            travail: TravailId, eleve: PersonneId, piece: FicheDePiece,
            /// Its bytes, in lower-case hexadecimal.
            contenu: String,
        },
        /// Files that were deposited were handed in.
        CopieDeposee = "cahier_de_textes.copie.deposee" v 1 Scolarite of eleve {
            travail: TravailId, eleve: PersonneId, pieces: Vec<PieceId>,
        },
        /// It was given back.
        CopieAnnotee = "cahier_de_textes.copie.annotee" v 1 Scolarite of eleve {
            travail: TravailId, eleve: PersonneId, auteur: PersonneId, annotation: String,
        },
    }
}

refusals! {
    /// Why a copie refuses.
    pub enum RefusCopie {
        TravailNonPublie = "TRAVAIL_NON_PUBLIE" at "travailId":
            "Ce travail n'est pas à faire : il n'est pas publié, ou il est annulé.",
        EleveHorsDivision { eleve: PersonneId } = "ELEVE_HORS_DIVISION" at "eleveId":
            "L'élève {eleve} n'est pas de cette division : vérifiez la liste de la classe.",
        EleveHorsGroupe { eleve: PersonneId } = "ELEVE_HORS_GROUPE" at "eleveId":
            "L'élève {eleve} n'est pas de ce groupe : vérifiez la liste de ses membres.",
        TravailSansRemise = "TRAVAIL_SANS_REMISE" at "travailId":
            "Ce travail ne se rend pas ici : marquez-le fait, ou remettez-le en classe.",
        NomDePiece = "NOM_DE_PIECE" at "nom":
            "Le nom du fichier tient en une ligne de 120 caractères, sans barre oblique : renommez-le.",
        NombreDePieces = "NOMBRE_DE_PIECES" at "pieces":
            "Une copie compte de 1 à 10 fichiers : réunissez-en quelques-uns.",
        PieceTropGrande { max: usize } = "PIECE_TROP_GRANDE" at "contenu":
            "Le fichier est vide ou dépasse {max} octets : déposez-le comme pièce jointe, puis rendez-le.",
        FormatRefuse = "FORMAT_REFUSE" at "contenu":
            "Ce format n'est pas accepté : rendez un PDF, une image PNG ou JPEG, un document ODT ou DOCX, ou du texte.",
        CopieNonRendue = "COPIE_NON_RENDUE" at "eleveId":
            "Cet élève n'a rien rendu : attendez sa copie.",
        CopieDejaCorrigee = "COPIE_DEJA_CORRIGEE" at "travailId":
            "Cette copie est corrigée : elle ne se remplace plus.",
        AnnotationInvalide = "ANNOTATION_INVALIDE" at "annotation":
            "Une annotation compte de 1 à 2 000 caractères.",
    }
}

/// What was handed in last.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rendu {
    /// A file in its event.
    Fichier(FicheDePiece),
    /// Files that were deposited.
    Pieces(Vec<PieceId>),
}

/// A pupil's copie.
#[derive(Debug, Clone, Default)]
pub struct Copie {
    fait: bool,
    rendu: Option<Rendu>,
    annotation: Option<String>,
}

impl Aggregate for Copie {
    const TYPE: &'static str = "cahier_de_textes.copie";
    /// A pupil may do again what nothing is left of.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = CopieCommand;
    type Event = CopieEvent;
    type Refus = RefusCopie;

    fn decide(&self, command: CopieCommand) -> Result<Vec<CopieEvent>, RefusCopie> {
        match command {
            CopieCommand::MarquerTravail { travail, eleve, auditoire, fait } => {
                a_faire(travail, eleve, auditoire)?;
                let travail = travail.travail;
                Ok(match (self.fait, fait) {
                    (false, true) => vec![CopieEvent::TravailFait { travail, eleve }],
                    (true, false) => vec![CopieEvent::TravailRepris { travail, eleve }],
                    (true, true) | (false, false) => vec![],
                })
            }
            CopieCommand::RendreTravail { travail, eleve, auditoire, nom, octets } => {
                a_faire(travail, eleve, auditoire)?;
                self.rendre(travail, eleve, &nom, &octets)
            }
            CopieCommand::DeposerCopie { travail, eleve, auditoire, pieces } => {
                a_faire(travail, eleve, auditoire)?;
                self.deposer(travail, eleve, pieces)
            }
            CopieCommand::AnnoterCopie { travail, eleve, auteur, annotation } => {
                if self.rendu.is_none() {
                    return Err(RefusCopie::CopieNonRendue);
                }
                let annotation = texte::paragraphs(&annotation, ANNOTATION_MAX);
                let annotation = annotation.ok_or(RefusCopie::AnnotationInvalide)?;
                let new = self.annotation.as_ref() != Some(&annotation);
                let said = CopieEvent::CopieAnnotee { travail, eleve, auteur, annotation };
                Ok(new.then_some(said).into_iter().collect())
            }
        }
    }

    fn apply(&mut self, event: CopieEvent) {
        match event {
            CopieEvent::TravailFait { .. } => self.fait = true,
            CopieEvent::TravailRepris { .. } => self.fait = false,
            CopieEvent::CopieRendue { piece, .. } => {
                (self.fait, self.rendu) = (true, Some(Rendu::Fichier(piece)));
            }
            CopieEvent::CopieDeposee { pieces, .. } => {
                (self.fait, self.rendu) = (true, Some(Rendu::Pieces(pieces)));
            }
            CopieEvent::CopieAnnotee { annotation, .. } => self.annotation = Some(annotation),
        }
    }
}

impl Copie {
    fn rendre(
        &self,
        travail: TravailAFaire,
        eleve: PersonneId,
        nom: &str,
        octets: &[u8],
    ) -> Result<Vec<CopieEvent>, RefusCopie> {
        self.attendue(travail)?;
        let nom = nom_de_piece(nom).ok_or(RefusCopie::NomDePiece)?;
        let taille = u32::try_from(octets.len()).ok().filter(|_| (1..=PIECE_MAX).contains(&octets.len()));
        let taille = taille.ok_or(RefusCopie::PieceTropGrande { max: PIECE_MAX })?;
        let format = FormatDePiece::de(&nom, octets).ok_or(RefusCopie::FormatRefuse)?;
        let piece = FicheDePiece { nom, format, empreinte: hex(&Sha256::digest(octets)), taille };
        if self.rendu == Some(Rendu::Fichier(piece.clone())) {
            return Ok(vec![]);
        }
        Ok(vec![CopieEvent::CopieRendue { travail: travail.travail, eleve, piece, contenu: hex(octets) }])
    }

    fn deposer(
        &self,
        travail: TravailAFaire,
        eleve: PersonneId,
        pieces: Vec<PieceId>,
    ) -> Result<Vec<CopieEvent>, RefusCopie> {
        self.attendue(travail)?;
        let pieces = liste(pieces).filter(|pieces| !pieces.is_empty()).ok_or(RefusCopie::NombreDePieces)?;
        if self.rendu == Some(Rendu::Pieces(pieces.clone())) {
            return Ok(vec![]);
        }
        Ok(vec![CopieEvent::CopieDeposee { travail: travail.travail, eleve, pieces }])
    }

    /// Whether something may be handed in, still.
    fn attendue(&self, travail: TravailAFaire) -> Result<(), RefusCopie> {
        if !travail.a_rendre {
            return Err(RefusCopie::TravailSansRemise);
        }
        if self.annotation.is_some() {
            return Err(RefusCopie::CopieDejaCorrigee);
        }
        Ok(())
    }
}

fn a_faire(
    travail: TravailAFaire,
    eleve: PersonneId,
    auditoire: Option<Auditoire>,
) -> Result<(), RefusCopie> {
    if !travail.ouvert {
        return Err(RefusCopie::TravailNonPublie);
    }
    if auditoire == Some(travail.auditoire) {
        return Ok(());
    }
    Err(match travail.auditoire {
        Auditoire::Division(_) => RefusCopie::EleveHorsDivision { eleve },
        Auditoire::Groupe(_) => RefusCopie::EleveHorsGroupe { eleve },
    })
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;
    use crate::{DivisionId, GroupeId};

    fn division() -> Auditoire {
        DivisionId::derived(&["6A"]).into()
    }

    fn eleve() -> PersonneId {
        PersonneId::derived(&["Noé"])
    }

    fn travail() -> TravailAFaire {
        let travail = TravailId::derived(&["1"]);
        TravailAFaire { travail, auditoire: division(), ouvert: true, a_rendre: true }
    }

    fn marquer(travail: TravailAFaire, fait: bool) -> CopieCommand {
        CopieCommand::MarquerTravail { travail, eleve: eleve(), auditoire: Some(division()), fait }
    }

    fn rendre(travail: TravailAFaire, nom: &str, octets: &[u8]) -> CopieCommand {
        let (nom, octets) = (nom.to_owned(), octets.to_vec());
        CopieCommand::RendreTravail { travail, eleve: eleve(), auditoire: Some(division()), nom, octets }
    }

    fn annoter(annotation: &str) -> CopieCommand {
        let auteur = PersonneId::derived(&["Ada"]);
        CopieCommand::AnnoterCopie {
            travail: travail().travail,
            eleve: eleve(),
            auteur,
            annotation: annotation.to_owned(),
        }
    }

    fn rendue() -> CopieEvent {
        let events = Copie::default().decide(rendre(travail(), "a.txt", b"Voici"));
        events.unwrap().pop().unwrap()
    }

    fn annotee(annotation: &str) -> CopieEvent {
        CopieEvent::CopieAnnotee {
            travail: travail().travail,
            eleve: eleve(),
            auteur: PersonneId::derived(&["Ada"]),
            annotation: annotation.to_owned(),
        }
    }

    #[test]
    fn a_pupil_says_that_it_is_done_and_may_be_wrong() {
        let fait = CopieEvent::TravailFait { travail: travail().travail, eleve: eleve() };
        given::<Copie>([]).when(marquer(travail(), true)).then([fait.clone()]);
        given::<Copie>([fait.clone()]).when(marquer(travail(), true)).then([]);
        given::<Copie>([fait])
            .when(marquer(travail(), false))
            .then([CopieEvent::TravailRepris { travail: travail().travail, eleve: eleve() }]);
    }

    #[test]
    fn what_is_not_published_or_is_another_divisions_is_not_done() {
        let draft = TravailAFaire { ouvert: false, ..travail() };
        given::<Copie>([]).when(marquer(draft, true)).then_refused(RefusCopie::TravailNonPublie);
        let elsewhere = TravailAFaire { auditoire: DivisionId::derived(&["6B"]).into(), ..travail() };
        given::<Copie>([])
            .when(marquer(elsewhere, true))
            .then_refused(RefusCopie::EleveHorsDivision { eleve: eleve() });
        let of_others = TravailAFaire { auditoire: GroupeId::derived(&["6LAT"]).into(), ..travail() };
        given::<Copie>([])
            .when(marquer(of_others, true))
            .then_refused(RefusCopie::EleveHorsGroupe { eleve: eleve() });
    }

    #[test]
    fn a_file_is_known_by_its_bytes_and_addressed_by_its_hash() {
        let CopieEvent::CopieRendue { piece, contenu, .. } = rendue() else { panic!() };
        assert_eq!((piece.format, piece.taille, contenu.as_str()), (FormatDePiece::Texte, 5, "566f696369"));
        // printf Voici | sha256sum
        assert_eq!(piece.empreinte, hex(&Sha256::digest(b"Voici")));
        given::<Copie>([rendue()]).when(rendre(travail(), "a.txt", b"Voici")).then([]);
    }

    #[test]
    fn what_is_no_file_of_ours_is_refused() {
        let large = vec![b'a'; PIECE_MAX + 1];
        let too_big = RefusCopie::PieceTropGrande { max: PIECE_MAX };
        for (nom, octets, refus) in [
            ("a.pdf", &b"MZ programme"[..], RefusCopie::FormatRefuse),
            ("a.exe", b"PK\x03\x04", RefusCopie::FormatRefuse),
            ("a.txt", b"\xff\xfe", RefusCopie::FormatRefuse),
            ("a.txt", b"", too_big.clone()),
            ("a.txt", &large, too_big),
            ("../a.txt", b"Voici", RefusCopie::NomDePiece),
        ] {
            given::<Copie>([]).when(rendre(travail(), nom, octets)).then_refused(refus);
        }
        let in_class = TravailAFaire { a_rendre: false, ..travail() };
        given::<Copie>([])
            .when(rendre(in_class, "a.txt", b"Voici"))
            .then_refused(RefusCopie::TravailSansRemise);
    }

    fn deposer(travail: TravailAFaire, pieces: &[&str]) -> CopieCommand {
        let pieces = pieces.iter().map(|piece| PieceId::derived(&[piece])).collect();
        CopieCommand::DeposerCopie { travail, eleve: eleve(), auditoire: Some(division()), pieces }
    }

    fn deposee(pieces: &[&str]) -> CopieEvent {
        let pieces = pieces.iter().map(|piece| PieceId::derived(&[piece])).collect();
        CopieEvent::CopieDeposee { travail: travail().travail, eleve: eleve(), pieces }
    }

    #[test]
    fn files_are_handed_in_together_and_in_place_of_what_was_before() {
        given::<Copie>([rendue()]).when(deposer(travail(), &["a", "b", "a"])).then([deposee(&["a", "b"])]);
        given::<Copie>([deposee(&["a", "b"])]).when(deposer(travail(), &["a", "b"])).then([]);
        given::<Copie>([deposee(&["a"])]).when(annoter("Bien")).then([annotee("Bien")]);
        for pieces in [&[][..], &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]] {
            given::<Copie>([]).when(deposer(travail(), pieces)).then_refused(RefusCopie::NombreDePieces);
        }
        let in_class = TravailAFaire { a_rendre: false, ..travail() };
        given::<Copie>([]).when(deposer(in_class, &["a"])).then_refused(RefusCopie::TravailSansRemise);
        given::<Copie>([deposee(&["a"]), annotee("Bien")])
            .when(deposer(travail(), &["b"]))
            .then_refused(RefusCopie::CopieDejaCorrigee);
    }

    #[test]
    fn what_is_given_back_is_no_longer_replaced() {
        given::<Copie>([]).when(annoter("Bien")).then_refused(RefusCopie::CopieNonRendue);
        given::<Copie>([rendue()]).when(annoter(" ")).then_refused(RefusCopie::AnnotationInvalide);
        given::<Copie>([rendue()]).when(annoter("Bien")).then([annotee("Bien")]);
        given::<Copie>([rendue(), annotee("Bien")])
            .when(rendre(travail(), "b.txt", b"Mieux"))
            .then_refused(RefusCopie::CopieDejaCorrigee);
    }
}
