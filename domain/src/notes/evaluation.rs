//! A graded piece of work, and the marks that pupils get for it.
//!
//! Marks are entered by the teacher and stay changeable until the evaluation is
//! published. Once families have seen them, a mark changes only by a correction,
//! which keeps what stood before and why: parents are told of results (code de
//! l'éducation, art. D111-3), and what they were told is not changed behind them.
//! No mark outside the scale is ever recorded.

mod competences;

pub use competences::LigneDeCompetence;

use super::{Cycle, Domaine, Niveau, Positionnement, Regime, Resultat, Valeur};
use crate::annuaire::Auditoire;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, EnseignementId, Lacune, PersonneId, texte};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What an evaluation is about and how it is marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheEvaluation {
    /// What is taught, and by whom.
    pub enseignement: EnseignementId,
    /// Whose pupils are marked.
    #[serde(flatten)]
    pub auditoire: Auditoire,
    /// What it is called.
    pub titre: String,
    /// The part of the matière that it is of, where this has parts (*oral*, *grammaire*…).
    pub sous_matiere: Option<String>,
    /// School day.
    pub date: NaiveDate,
    /// The best mark.
    pub bareme: Valeur,
    /// Its weight in the average.
    pub coefficient: Valeur,
    /// Whether it helps to learn and does not count.
    pub formative: bool,
    /// Whether it must be done, or can only help.
    pub regime: Regime,
}

/// One line of marks as it is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LigneDeNote {
    /// Whom it is about.
    pub eleve: PersonneId,
    /// The division or the groupe of the evaluation, if the directory has this pupil in it.
    pub auditoire: Option<Auditoire>,
    /// What the pupil gets.
    pub resultat: Resultat,
}

/// What may be asked of an evaluation.
#[derive(Debug, Clone)]
pub enum EvaluationCommand {
    /// Creates it.
    CreerEvaluation {
        /// What it is about.
        fiche: FicheEvaluation,
        /// Which teacher creates it.
        auteur: PersonneId,
    },
    /// Enters some marks; the last word on a pupil counts until publication.
    SaisirNotes {
        /// The lines; all or none are taken.
        lignes: Vec<LigneDeNote>,
    },
    /// Changes one published mark.
    CorrigerNote {
        /// The new line.
        ligne: LigneDeNote,
        /// Why; shown to the family and kept in the record.
        motif: String,
    },
    /// Says where pupils stand in domaines of the socle, by what they did in it.
    PositionnerCompetences {
        /// The lines; all or none are taken.
        lignes: Vec<LigneDeCompetence>,
        /// Why, which is asked once families see the evaluation.
        motif: Option<String>,
    },
    /// Lets families see the marks.
    PublierEvaluation {
        /// From this instant; from now on, without one.
        visible_des: Option<DateTime<Utc>>,
        /// Now.
        maintenant: DateTime<Utc>,
    },
}

events! {
    /// What happens to an evaluation.
    pub enum EvaluationEvent {
        /// A teacher created it. Version 1 knew neither optional evaluations nor parts of a
        /// matière.
        EvaluationCreee = "notes.evaluation.creee" v 2 Scolarite {
            fiche: FicheEvaluation, auteur: PersonneId,
        },
        /// A pupil got a mark, or something else in its place. Version 1 had a nullable
        /// `note`: it could say a mark or an absence, but neither *dispensé* nor *non rendu*.
        NoteSaisie = "notes.evaluation.note_saisie" v 2 Scolarite of eleve {
            eleve: PersonneId, resultat: Resultat,
        },
        /// A published mark was changed.
        NoteCorrigee = "notes.evaluation.note_corrigee" v 1 Scolarite of eleve {
            eleve: PersonneId, avant: Option<Resultat>, apres: Resultat, motif: String,
        },
        /// A pupil stands there in the socle, by what he or she did in it.
        CompetencePositionnee = "notes.evaluation.competence_positionnee" v 1 Scolarite of eleve {
            eleve: PersonneId, positionnement: Positionnement, avant: Option<Niveau>, motif: Option<String>,
        },
        /// Families see the marks, at once or from an instant on. Version 1 was always at once.
        EvaluationPubliee = "notes.evaluation.publiee" v 2 Scolarite { visible_des: Option<DateTime<Utc>> },
    }
    upcast {
        "notes.evaluation.creee" v 1 => creee_v1,
        "notes.evaluation.publiee" v 1 => publiee_v1,
        "notes.evaluation.note_saisie" v 1 => note_saisie_v1,
    }
}

/// Version 1 was `{fiche, auteur}` with a fiche that had no régime and no part of a matière.
fn creee_v1(mut data: Value) -> Option<Value> {
    let fiche = data.get_mut("fiche")?.as_object_mut()?;
    fiche.insert("regime".to_owned(), json!("obligatoire"));
    fiche.insert("sous_matiere".to_owned(), Value::Null);
    Some(data)
}

/// Version 1 was `{}`.
fn publiee_v1(_: Value) -> Option<Value> {
    Some(json!({ "visible_des": null }))
}

/// Version 1 was `{eleve, note}`, where `note` was the mark as text, or null for who was absent.
fn note_saisie_v1(data: Value) -> Option<Value> {
    let resultat = match data.get("note")? {
        Value::Null => json!({ "type": "absent" }),
        Value::String(note) => json!({ "type": "note", "valeur": note }),
        _ => return None,
    };
    Some(json!({ "eleve": data.get("eleve")?, "resultat": resultat }))
}

refusals! {
    /// Why an evaluation refuses.
    pub enum RefusEvaluation {
        EvaluationInexistante = "EVALUATION_INEXISTANTE" at "evaluationId":
            "Cette évaluation n'existe pas : créez-la d'abord.",
        EvaluationDejaCreee = "EVALUATION_DEJA_CREEE" at "evaluationId":
            "Une autre évaluation porte déjà cet identifiant : donnez-en un nouveau.",
        TitreInvalide = "TITRE_INVALIDE" at "titre":
            "Le titre doit tenir en une ligne de 1 à 200 caractères.",
        SousMatiereInvalide = "SOUS_MATIERE_INVALIDE" at "sousMatiere":
            "La sous-matière doit tenir en une ligne de 1 à 200 caractères.",
        PublicationPassee = "PUBLICATION_PASSEE" at "visibleDes":
            "Cet instant est passé : publiez tout de suite, ou donnez un instant à venir.",
        BaremeInvalide = "BAREME_INVALIDE" at "bareme":
            "Le barème doit être supérieur à 0 et d'au plus 1000.",
        CoefficientInvalide = "COEFFICIENT_INVALIDE" at "coefficient":
            "Le coefficient doit être compris entre 0 et 100.",
        NoteHorsBareme { note: Valeur, bareme: Valeur } = "NOTE_HORS_BAREME" at "note":
            "La note {note:#} dépasse le barème : donnez au plus {bareme:#}.",
        NoteNegative { note: Valeur } = "NOTE_NEGATIVE" at "note":
            "La note {note:#} est négative : donnez au moins 0.",
        EleveHorsDivision { eleve: PersonneId } = "ELEVE_HORS_DIVISION" at "eleveId":
            "L'élève {eleve} n'est pas de cette division : vérifiez la liste de la classe.",
        EleveHorsGroupe { eleve: PersonneId } = "ELEVE_HORS_GROUPE" at "eleveId":
            "L'élève {eleve} n'est pas de ce groupe : vérifiez la liste de ses membres.",
        EleveEnDouble { eleve: PersonneId } = "ELEVE_EN_DOUBLE" at "eleveId":
            "L'élève {eleve} figure deux fois dans la saisie : gardez une seule ligne.",
        CompetenceEnDouble { eleve: PersonneId } = "COMPETENCE_EN_DOUBLE" at "eleveId":
            "L'élève {eleve} figure deux fois dans un même domaine : gardez une seule ligne.",
        EvaluationPubliee = "EVALUATION_PUBLIEE":
            "Les familles voient déjà ces notes : corrigez-les en donnant un motif.",
        EvaluationNonPubliee = "EVALUATION_NON_PUBLIEE":
            "Cette évaluation n'est pas publiée : modifiez la note directement.",
        EvaluationDejaPubliee = "EVALUATION_DEJA_PUBLIEE":
            "Cette évaluation est déjà publiée.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une correction doit dire son motif, en 500 caractères au plus.",
    }
}

/// Longest title, in characters.
const TITRE_MAX: usize = 200;

/// State of an evaluation.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    creee: Option<(FicheEvaluation, PersonneId)>,
    publiee: bool,
    resultats: BTreeMap<PersonneId, Resultat>,
    competences: BTreeMap<(PersonneId, Cycle, Domaine), Niveau>,
}

impl Aggregate for Evaluation {
    const TYPE: &'static str = "notes.evaluation";
    /// Each mark has its own pupil; the others may still be corrected.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = EvaluationCommand;
    type Event = EvaluationEvent;
    type Refus = RefusEvaluation;

    fn decide(&self, command: EvaluationCommand) -> Result<Vec<EvaluationEvent>, RefusEvaluation> {
        match command {
            EvaluationCommand::CreerEvaluation { fiche, auteur } => self.creer(fiche, auteur),
            EvaluationCommand::SaisirNotes { lignes } => self.saisir(&lignes),
            EvaluationCommand::CorrigerNote { ligne, motif } => self.corriger(&ligne, &motif),
            EvaluationCommand::PositionnerCompetences { lignes, motif } => {
                self.positionner(&lignes, motif.as_deref())
            }
            EvaluationCommand::PublierEvaluation { visible_des, maintenant } => {
                self.publier(visible_des, maintenant)
            }
        }
    }

    fn apply(&mut self, event: EvaluationEvent) {
        match event {
            EvaluationEvent::EvaluationCreee { fiche, auteur } => self.creee = Some((fiche, auteur)),
            EvaluationEvent::NoteSaisie { eleve, resultat } => {
                self.resultats.insert(eleve, resultat);
            }
            EvaluationEvent::NoteCorrigee { eleve, apres, .. } => {
                self.resultats.insert(eleve, apres);
            }
            EvaluationEvent::CompetencePositionnee { eleve, positionnement, .. } => {
                let Positionnement { cycle, domaine, niveau } = positionnement;
                self.competences.insert((eleve, cycle, domaine), niveau);
            }
            EvaluationEvent::EvaluationPubliee { .. } => self.publiee = true,
        }
    }
}

impl Evaluation {
    fn creer(
        &self,
        fiche: FicheEvaluation,
        auteur: PersonneId,
    ) -> Result<Vec<EvaluationEvent>, RefusEvaluation> {
        let titre = texte::line(&fiche.titre, TITRE_MAX).ok_or(RefusEvaluation::TitreInvalide)?;
        let sous_matiere = match &fiche.sous_matiere {
            Some(text) => Some(texte::line(text, TITRE_MAX).ok_or(RefusEvaluation::SousMatiereInvalide)?),
            None => None,
        };
        if fiche.bareme <= Valeur::ZERO || fiche.bareme > Valeur::whole(1000) {
            return Err(RefusEvaluation::BaremeInvalide);
        }
        if fiche.coefficient < Valeur::ZERO || fiche.coefficient > Valeur::whole(100) {
            return Err(RefusEvaluation::CoefficientInvalide);
        }
        let wished = (FicheEvaluation { titre, sous_matiere, ..fiche }, auteur);
        match &self.creee {
            Some(known) if *known == wished => Ok(vec![]),
            Some(_) => Err(RefusEvaluation::EvaluationDejaCreee),
            None => Ok(vec![EvaluationEvent::EvaluationCreee { fiche: wished.0, auteur }]),
        }
    }

    fn saisir(&self, lignes: &[LigneDeNote]) -> Result<Vec<EvaluationEvent>, RefusEvaluation> {
        let fiche = self.fiche()?;
        if self.publiee {
            return Err(RefusEvaluation::EvaluationPubliee);
        }
        let mut seen = BTreeSet::new();
        let mut events = Vec::new();
        for ligne in lignes {
            let LigneDeNote { eleve, resultat, .. } = *ligne;
            if !seen.insert(eleve) {
                return Err(RefusEvaluation::EleveEnDouble { eleve });
            }
            check_inscrit(fiche, eleve, ligne.auditoire)?;
            check_bareme(fiche, resultat)?;
            if self.resultats.get(&eleve) != Some(&resultat) {
                events.push(EvaluationEvent::NoteSaisie { eleve, resultat });
            }
        }
        Ok(events)
    }

    /// A pupil who has left the division or the groupe keeps the right to a mark set right.
    fn corriger(&self, ligne: &LigneDeNote, motif: &str) -> Result<Vec<EvaluationEvent>, RefusEvaluation> {
        let fiche = self.fiche()?;
        if !self.publiee {
            return Err(RefusEvaluation::EvaluationNonPubliee);
        }
        let motif = texte::motif(motif).ok_or(RefusEvaluation::MotifManquant)?;
        let LigneDeNote { eleve, resultat: apres, .. } = *ligne;
        let avant = self.resultats.get(&eleve).copied();
        if avant.is_none() {
            check_inscrit(fiche, eleve, ligne.auditoire)?;
        }
        check_bareme(fiche, apres)?;
        if avant == Some(apres) {
            return Ok(vec![]);
        }
        Ok(vec![EvaluationEvent::NoteCorrigee { eleve, avant, apres, motif }])
    }

    fn publier(
        &self,
        visible_des: Option<DateTime<Utc>>,
        maintenant: DateTime<Utc>,
    ) -> Result<Vec<EvaluationEvent>, RefusEvaluation> {
        self.fiche()?;
        if self.publiee {
            return Err(RefusEvaluation::EvaluationDejaPubliee);
        }
        if visible_des.is_some_and(|instant| instant < maintenant) {
            return Err(RefusEvaluation::PublicationPassee);
        }
        Ok(vec![EvaluationEvent::EvaluationPubliee { visible_des }])
    }

    fn fiche(&self) -> Result<&FicheEvaluation, RefusEvaluation> {
        self.creee.as_ref().map(|(fiche, _)| fiche).ok_or(RefusEvaluation::EvaluationInexistante)
    }
}

fn check_inscrit(
    fiche: &FicheEvaluation,
    eleve: PersonneId,
    auditoire: Option<Auditoire>,
) -> Result<(), RefusEvaluation> {
    if auditoire == Some(fiche.auditoire) {
        return Ok(());
    }
    Err(match fiche.auditoire {
        Auditoire::Division(_) => RefusEvaluation::EleveHorsDivision { eleve },
        Auditoire::Groupe(_) => RefusEvaluation::EleveHorsGroupe { eleve },
    })
}

fn check_bareme(fiche: &FicheEvaluation, resultat: Resultat) -> Result<(), RefusEvaluation> {
    match resultat {
        Resultat::Note { valeur: note } if note < Valeur::ZERO => Err(RefusEvaluation::NoteNegative { note }),
        Resultat::Note { valeur: note } if note > fiche.bareme => {
            Err(RefusEvaluation::NoteHorsBareme { note, bareme: fiche.bareme })
        }
        Resultat::Note { .. }
        | Resultat::Absent { .. }
        | Resultat::Dispense
        | Resultat::NonNote
        | Resultat::NonRendu { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests;
