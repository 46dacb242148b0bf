//! What happens in the life of the directory, said: groupes, the calendar, replacements, fiches
//! of one person, departures, and the turn of the year.

use super::noms::Noms;
use super::texte::jour;
use crate::accord::accord;
use domain::GroupeId;
use domain::annuaire::{
    BasculeEvent, CalendrierEvent, Ensemble, GroupeEvent, IdentiteEvent, InscriptionEvent, RemplacementEvent,
};

/// What its author did to a groupe, after his or her name.
pub fn groupe(event: &GroupeEvent, noms: &Noms) -> String {
    let named = |groupe: &GroupeId| noms.groupe(*groupe);
    match event {
        GroupeEvent::GroupeCree { code, libelle, annee, .. } => {
            format!("a créé le groupe {code} ({libelle}) pour l'année {annee}")
        }
        GroupeEvent::GroupeRenomme { groupe, libelle } => {
            format!("a renommé le groupe {} en « {libelle} »", named(groupe))
        }
        GroupeEvent::PersonneInscrite { groupe, personne } => {
            format!("a inscrit {} au groupe {}", noms.personne(*personne), named(groupe))
        }
        GroupeEvent::PersonneDesinscrite { groupe, personne } => {
            format!("a retiré {} du groupe {}", noms.personne(*personne), named(groupe))
        }
        GroupeEvent::EnsembleInclus { groupe, ensemble } => {
            format!("a inclus {} dans le groupe {}", part(ensemble, noms), named(groupe))
        }
        GroupeEvent::EnsembleExclu { groupe, ensemble } => {
            format!("a exclu {} du groupe {}", part(ensemble, noms), named(groupe))
        }
        GroupeEvent::EncadrantNomme { groupe, encadrant } => {
            format!("a fait encadrer le groupe {} par {}", named(groupe), noms.personne(*encadrant))
        }
        GroupeEvent::EncadrantRetire { groupe, encadrant } => {
            format!("ne fait plus encadrer le groupe {} par {}", named(groupe), noms.personne(*encadrant))
        }
        GroupeEvent::GroupeReconduit { groupe, annee } => {
            format!("a reconduit le groupe {} pour l'année {annee}", named(groupe))
        }
        GroupeEvent::GroupeClos { groupe } => format!("a clos le groupe {}", named(groupe)),
    }
}

fn part(ensemble: &Ensemble, noms: &Noms) -> String {
    match ensemble {
        Ensemble::Division { division } => format!("la division {}", noms.division(*division)),
        Ensemble::Groupe { groupe } => format!("le groupe {}", noms.groupe(*groupe)),
    }
}

/// What its author did to a calendar, after his or her name.
pub fn calendrier(event: &CalendrierEvent, noms: &Noms) -> String {
    match event {
        CalendrierEvent::AnneeFixee { annee, debut, fin } => {
            format!("a fixé l'année {annee} du {} au {}", jour(*debut), jour(*fin))
        }
        CalendrierEvent::PeriodesFixees { annee, division, decoupage, .. } => format!(
            "a découpé l'année {annee} en {} pour la division {}",
            decoupage.as_str(),
            noms.division(*division)
        ),
    }
}

/// What its author did about a replacement, after his or her name.
pub fn remplacement(event: &RemplacementEvent, noms: &Noms) -> String {
    match event {
        RemplacementEvent::RemplacementConfie { enseignement, absent, remplacant, du, au } => format!(
            "a confié l'enseignement {} de {} à {}, du {} jusqu'avant le {}",
            noms.enseignement(*enseignement),
            noms.personne(*absent),
            noms.personne(*remplacant),
            jour(*du),
            jour(*au)
        ),
        RemplacementEvent::RemplacementEcourte { enseignement, remplacant, du, au } => format!(
            "a écourté le remplacement par {} dans l'enseignement {}, commencé le {} : il finit avant le {}",
            noms.personne(*remplacant),
            noms.enseignement(*enseignement),
            jour(*du),
            jour(*au)
        ),
    }
}

/// What its author did to an identity, after his or her name.
pub fn identite(event: &IdentiteEvent, noms: &Noms) -> String {
    match event {
        IdentiteEvent::FicheFondue { fiche, dans, motif } => format!(
            "fait lire la fiche {fiche} ({}) comme la fiche {dans}, au motif « {motif} »",
            noms.personne(*fiche)
        ),
        IdentiteEvent::FicheAbsorbee { fiche, absorbee } => {
            format!("fait de la fiche {fiche} ({}) celle de {absorbee} aussi", noms.personne(*fiche))
        }
        IdentiteEvent::FicheSeparee { fiche, de, motif } => format!(
            "fait lire de nouveau la fiche {fiche} ({}) comme elle-même et non comme {de}, au motif « {motif} »",
            noms.personne(*fiche)
        ),
        IdentiteEvent::FicheRendue { fiche, rendue } => {
            format!("ne fait plus de la fiche {fiche} ({}) celle de {rendue}", noms.personne(*fiche))
        }
    }
}

/// What its author did to an enrolment, after his or her name.
pub fn inscription(event: &InscriptionEvent, noms: &Noms) -> String {
    match event {
        InscriptionEvent::EleveRadie { eleve, le, motif, .. } => format!(
            "a radié l'élève {} à compter du {}, au motif « {motif} »",
            noms.personne(*eleve),
            jour(*le)
        ),
        InscriptionEvent::EleveAccueilli { eleve, le, .. } => {
            format!("a accueilli l'élève {} à compter du {}", noms.personne(*eleve), jour(*le))
        }
    }
}

/// What its author did to a turn of the year, after his or her name.
pub fn bascule(event: &BasculeEvent, noms: &Noms) -> String {
    match event {
        BasculeEvent::BasculePreparee { annee, le, .. } => {
            format!("prépare la bascule vers l'année {annee}, pour le {}", jour(*le))
        }
        BasculeEvent::DivisionsPrevues { divisions } => {
            format!("a prévu {}", accord(divisions.len() as u64, "division", "divisions"))
        }
        BasculeEvent::AffectationPrevue { eleve, division } => match division {
            Some(division) => format!("prévoit l'élève {} en {division}", noms.personne(*eleve)),
            None => format!("ne prévoit plus rien pour l'élève {}", noms.personne(*eleve)),
        },
        BasculeEvent::EnseignementsRepris { division } => {
            format!("reprend ce qui sera enseigné en {division}")
        }
        BasculeEvent::EnseignementPrevu { division, matiere, enseignant, .. } => {
            format!("prévoit {} en {division}, par {}", matiere.libelle, noms.personne(*enseignant))
        }
        BasculeEvent::GroupesGardes { groupes } => {
            format!("garde {} pour l'année qui vient", accord(groupes.len() as u64, "groupe", "groupes"))
        }
        BasculeEvent::AnneeBasculee { annee, le } => {
            format!("a basculé vers l'année {annee} le {}", jour(*le))
        }
        BasculeEvent::BasculeAchevee { annee } => format!("a achevé la bascule vers l'année {annee}"),
    }
}
