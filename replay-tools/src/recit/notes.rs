//! What happens to an evaluation and to the marks that it gives, said.

use super::noms::Noms;
use super::texte::{jour, virgule};
use domain::notes::{EvaluationEvent, Resultat};

/// What its author did, after his or her name.
pub fn phrase(event: &EvaluationEvent, noms: &Noms) -> String {
    match event {
        EvaluationEvent::EvaluationCreee { fiche, .. } => format!(
            "a créé l'évaluation {}« {} » du {} ({}), sur {}, coefficient {}",
            if fiche.formative { "formative " } else { "" },
            fiche.titre,
            jour(fiche.date),
            noms.enseignement(fiche.enseignement),
            virgule(fiche.bareme),
            virgule(fiche.coefficient)
        ),
        EvaluationEvent::NoteSaisie { eleve, resultat: entered } => {
            format!("a saisi pour l'élève {} : « {} »", noms.personne(*eleve), resultat(*entered))
        }
        EvaluationEvent::NoteCorrigee { eleve, avant, apres, motif } => format!(
            "a corrigé la note publiée de l'élève {} : « {} » au lieu de « {} », au motif « {motif} »",
            noms.personne(*eleve),
            resultat(*apres),
            avant.map_or("rien".to_owned(), resultat)
        ),
        EvaluationEvent::EvaluationPubliee {} => {
            "a publié les notes : les élèves et leurs familles les voient".to_owned()
        }
    }
}

fn resultat(resultat: Resultat) -> String {
    match resultat {
        Resultat::Note { valeur } => virgule(valeur),
        Resultat::Absent => "absent".to_owned(),
        Resultat::Dispense => "dispensé".to_owned(),
        Resultat::NonNote => "non noté".to_owned(),
        Resultat::NonRendu { compte_zero: true } => "non rendu, compté zéro".to_owned(),
        Resultat::NonRendu { compte_zero: false } => "non rendu, sans effet sur la moyenne".to_owned(),
    }
}
