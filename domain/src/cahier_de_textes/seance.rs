//! What the cahier de textes says of one séance: what is prepared for it, and what was done.
//!
//! It is written as a draft that its teachers alone read, and published, for the pupils and their
//! families. What is changed after stays in the record. Source: circulaire n° 2010-136 du
//! 6 septembre 2010 (the cahier tells, day by day, what is done in class).

use crate::annuaire::Auditoire;
use crate::event::events;
use crate::pieces::liste;
use crate::refusal::refusals;
use crate::{Aggregate, EnseignementId, Lacune, PersonneId, PieceId, SeanceId, texte};
use chrono::{NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest title, in characters.
const TITRE_MAX: usize = 200;
/// Longest text before, or after, in characters.
const TEXTE_MAX: usize = 10_000;

/// Which séance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheSeance {
    /// What is taught.
    pub enseignement: EnseignementId,
    /// To whom.
    #[serde(flatten)]
    pub auditoire: Auditoire,
    /// School day.
    pub date: NaiveDate,
    /// Start, local time.
    pub debut: NaiveTime,
    /// End, local time, after the start.
    pub fin: NaiveTime,
}

/// What is written of it. Plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContenuDeSeance {
    /// What it is about, in one line.
    pub titre: String,
    /// What is prepared; may be empty.
    pub avant: String,
    /// What was done; may be empty.
    pub apres: String,
}

/// What may be asked of what is written of a séance.
#[derive(Debug, Clone)]
pub enum SeanceCommand {
    /// Writes a first draft.
    RedigerSeance {
        /// Of which séance.
        fiche: FicheSeance,
        /// What.
        contenu: ContenuDeSeance,
        /// Who writes.
        auteur: PersonneId,
        /// From which other one it is taken up, in a progression.
        reprise_de: Option<SeanceId>,
    },
    /// Writes something else.
    ModifierSeance {
        /// What.
        contenu: ContenuDeSeance,
    },
    /// Lets pupils and families read it.
    PublierSeance,
    /// Says which files accompany it: these, and no others.
    DocumenterSeance {
        /// Which files, in their order.
        pieces: Vec<PieceId>,
    },
}

events! {
    /// What happens to what is written of a séance.
    pub enum SeanceEvent {
        /// A draft was written.
        SeanceRedigee = "cahier_de_textes.seance.redigee" v 1 Scolarite {
            fiche: FicheSeance, contenu: ContenuDeSeance, auteur: PersonneId, reprise_de: Option<SeanceId>,
        },
        /// Something else was written.
        SeanceModifiee = "cahier_de_textes.seance.modifiee" v 1 Scolarite { contenu: ContenuDeSeance },
        /// Pupils and families may read it.
        SeancePubliee = "cahier_de_textes.seance.publiee" v 1 Scolarite {},
        /// These files accompany it, and no others.
        SeanceDocumentee = "cahier_de_textes.seance.documentee" v 1 Scolarite { pieces: Vec<PieceId> },
    }
}

refusals! {
    /// Why what is written of a séance refuses.
    pub enum RefusSeance {
        SeanceInconnue = "SEANCE_INCONNUE" at "seanceId":
            "Rien n'est encore écrit de cette séance : rédigez-la d'abord.",
        SeanceDejaRedigee = "SEANCE_DEJA_REDIGEE":
            "Cette séance est déjà rédigée, autrement : modifiez-la.",
        HorairesDeCours = "HORAIRES_DE_COURS" at "fin":
            "La fin de la séance doit suivre son début : corrigez les horaires.",
        NombreDePieces = "NOMBRE_DE_PIECES" at "pieces":
            "Dix pièces au plus accompagnent une séance : retirez-en.",
        ProgressionVide = "PROGRESSION_VIDE" at "sourceId":
            "Aucune séance n'est publiée dans l'enseignement à reprendre : choisissez-en un autre.",
        ProgressionTropLongue { seances: usize, places: usize } = "PROGRESSION_TROP_LONGUE" at "depuis":
            "La progression compte {seances} séances, et l'emploi du temps n'en prévoit que {places} d'ici la fin de l'année : commencez plus tôt, ou rédigez les dernières à la main.",
        ContenuDeSeanceInvalide { champ: &'static str } = "CONTENU_DE_SEANCE_INVALIDE":
            "Le champ « {champ} » ne convient pas : un titre d'une ligne de 200 caractères au plus, un texte de 10 000 au plus, et l'un des deux textes au moins.",
    }
}

/// What is written of a séance.
#[derive(Debug, Clone, Default)]
pub struct Seance {
    ecrite: Option<(FicheSeance, ContenuDeSeance)>,
    publiee: bool,
    pieces: Vec<PieceId>,
}

impl Aggregate for Seance {
    const TYPE: &'static str = "cahier_de_textes.seance";
    /// What is written last stands for itself.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = SeanceCommand;
    type Event = SeanceEvent;
    type Refus = RefusSeance;

    fn decide(&self, command: SeanceCommand) -> Result<Vec<SeanceEvent>, RefusSeance> {
        match command {
            SeanceCommand::RedigerSeance { fiche, contenu, auteur, reprise_de } => {
                if fiche.fin <= fiche.debut {
                    return Err(RefusSeance::HorairesDeCours);
                }
                let contenu = lu(&contenu)?;
                match &self.ecrite {
                    Some((same, text)) if *same == fiche && *text == contenu => Ok(vec![]),
                    Some(_) => Err(RefusSeance::SeanceDejaRedigee),
                    None => Ok(vec![SeanceEvent::SeanceRedigee { fiche, contenu, auteur, reprise_de }]),
                }
            }
            SeanceCommand::ModifierSeance { contenu } => {
                let (_, known) = self.ecrite.as_ref().ok_or(RefusSeance::SeanceInconnue)?;
                let contenu = lu(&contenu)?;
                Ok((*known != contenu)
                    .then_some(SeanceEvent::SeanceModifiee { contenu })
                    .into_iter()
                    .collect())
            }
            SeanceCommand::PublierSeance | SeanceCommand::DocumenterSeance { .. }
                if self.ecrite.is_none() =>
            {
                Err(RefusSeance::SeanceInconnue)
            }
            SeanceCommand::PublierSeance => {
                Ok((!self.publiee).then_some(SeanceEvent::SeancePubliee {}).into_iter().collect())
            }
            SeanceCommand::DocumenterSeance { pieces } => {
                let pieces = liste(pieces).ok_or(RefusSeance::NombreDePieces)?;
                let said = SeanceEvent::SeanceDocumentee { pieces: pieces.clone() };
                Ok((self.pieces != pieces).then_some(said).into_iter().collect())
            }
        }
    }

    fn apply(&mut self, event: SeanceEvent) {
        match event {
            SeanceEvent::SeanceRedigee { fiche, contenu, .. } => self.ecrite = Some((fiche, contenu)),
            SeanceEvent::SeanceModifiee { contenu } => {
                if let Some((_, known)) = &mut self.ecrite {
                    *known = contenu;
                }
            }
            SeanceEvent::SeancePubliee {} => self.publiee = true,
            SeanceEvent::SeanceDocumentee { pieces } => self.pieces = pieces,
        }
    }
}

fn lu(contenu: &ContenuDeSeance) -> Result<ContenuDeSeance, RefusSeance> {
    let invalid = |champ| RefusSeance::ContenuDeSeanceInvalide { champ };
    let titre = texte::line(&contenu.titre, TITRE_MAX).ok_or(invalid("titre"))?;
    let text = |champ, text: &str| match text.trim() {
        "" => Ok(String::new()),
        text => texte::paragraphs(text, TEXTE_MAX).ok_or(invalid(champ)),
    };
    let (avant, apres) = (text("avant", &contenu.avant)?, text("apres", &contenu.apres)?);
    if avant.is_empty() && apres.is_empty() {
        return Err(invalid("avant"));
    }
    Ok(ContenuDeSeance { titre, avant, apres })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DivisionId;
    use crate::testing::given;

    fn fiche() -> FicheSeance {
        FicheSeance {
            enseignement: EnseignementId::derived(&["maths"]),
            auditoire: DivisionId::derived(&["6A"]).into(),
            date: "2026-12-01".parse().unwrap(),
            debut: "08:00:00".parse().unwrap(),
            fin: "09:00:00".parse().unwrap(),
        }
    }

    fn contenu(apres: &str) -> ContenuDeSeance {
        ContenuDeSeance { titre: "Fractions".into(), avant: "Cours".into(), apres: apres.into() }
    }

    fn rediger(fiche: FicheSeance, contenu: ContenuDeSeance) -> SeanceCommand {
        SeanceCommand::RedigerSeance {
            fiche,
            contenu,
            auteur: PersonneId::derived(&["Ada"]),
            reprise_de: None,
        }
    }

    fn redigee() -> SeanceEvent {
        let auteur = PersonneId::derived(&["Ada"]);
        SeanceEvent::SeanceRedigee { fiche: fiche(), contenu: contenu(""), auteur, reprise_de: None }
    }

    #[test]
    fn a_draft_is_written_once_and_then_changed() {
        given::<Seance>([]).when(rediger(fiche(), contenu(""))).then([redigee()]);
        given::<Seance>([redigee()]).when(rediger(fiche(), contenu(""))).then([]);
        given::<Seance>([redigee()])
            .when(rediger(fiche(), contenu("x")))
            .then_refused(RefusSeance::SeanceDejaRedigee);
        given::<Seance>([redigee()])
            .when(SeanceCommand::ModifierSeance { contenu: contenu(" Exercices \r\n") })
            .then([SeanceEvent::SeanceModifiee { contenu: contenu("Exercices") }]);
    }

    #[test]
    fn what_is_published_stays_so_and_may_still_be_completed() {
        let publiee = SeanceEvent::SeancePubliee {};
        given::<Seance>([]).when(SeanceCommand::PublierSeance).then_refused(RefusSeance::SeanceInconnue);
        given::<Seance>([redigee()]).when(SeanceCommand::PublierSeance).then([publiee.clone()]);
        given::<Seance>([redigee(), publiee.clone()]).when(SeanceCommand::PublierSeance).then([]);
        given::<Seance>([redigee(), publiee])
            .when(SeanceCommand::ModifierSeance { contenu: contenu("Fait") })
            .then([SeanceEvent::SeanceModifiee { contenu: contenu("Fait") }]);
    }

    #[test]
    fn files_accompany_what_is_written_and_are_replaced_together() {
        let pieces = |names: &[&str]| names.iter().map(|name| PieceId::derived(&[name])).collect::<Vec<_>>();
        let documenter = |names: &[&str]| SeanceCommand::DocumenterSeance { pieces: pieces(names) };
        let documentee = |names: &[&str]| SeanceEvent::SeanceDocumentee { pieces: pieces(names) };
        given::<Seance>([]).when(documenter(&["a"])).then_refused(RefusSeance::SeanceInconnue);
        given::<Seance>([redigee()]).when(documenter(&["a", "b"])).then([documentee(&["a", "b"])]);
        given::<Seance>([redigee(), documentee(&["a"])]).when(documenter(&["a"])).then([]);
        given::<Seance>([redigee(), documentee(&["a"])]).when(documenter(&[])).then([documentee(&[])]);
        let many = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        given::<Seance>([redigee()]).when(documenter(&many)).then_refused(RefusSeance::NombreDePieces);
    }

    #[test]
    fn a_seance_has_a_title_a_text_and_hours_in_their_order() {
        let invalid = |champ| RefusSeance::ContenuDeSeanceInvalide { champ };
        let untitled = ContenuDeSeance { titre: " ".into(), ..contenu("") };
        let empty = ContenuDeSeance { avant: " ".into(), ..contenu(" ") };
        let endless = contenu(&"x".repeat(TEXTE_MAX + 1));
        for (contenu, champ) in [(untitled, "titre"), (empty, "avant"), (endless, "apres")] {
            given::<Seance>([]).when(rediger(fiche(), contenu)).then_refused(invalid(champ));
        }
        let backwards = FicheSeance { fin: fiche().debut, ..fiche() };
        given::<Seance>([]).when(rediger(backwards, contenu(""))).then_refused(RefusSeance::HorairesDeCours);
    }
}
