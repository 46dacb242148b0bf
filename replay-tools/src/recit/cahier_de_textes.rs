//! What happens to an emploi du temps, to the cahiers and to copies, said.

use super::noms::Noms;
use super::texte::{heure, jour, minutes};
use crate::accord::accord;
use domain::PieceId;
use domain::cahier_de_textes::{
    AbonnementEvent, CahierEvent, CopieEvent, EmploiDuTempsEvent, Modification, MotifDAnnulation,
    OrigineDuCours, QualiteDuVisa, SeanceEvent, TravailEvent,
};

/// What its author did, after his or her name.
pub fn emploi_du_temps(event: &EmploiDuTempsEvent) -> String {
    match event {
        EmploiDuTempsEvent::CoursPlace { origine, cours, .. } => format!(
            "a placé un cours de {} de {} à {} ({})",
            cours.matiere.libelle,
            heure(cours.plage.debut),
            heure(cours.plage.fin),
            match origine {
                OrigineDuCours::Sts => "d'après STS",
                OrigineDuCours::Edt => "d'après le logiciel d'emploi du temps",
                OrigineDuCours::Saisie => "à la main",
            }
        ),
        EmploiDuTempsEvent::CoursRetire { cours } => format!("a retiré le cours {cours}"),
        EmploiDuTempsEvent::OccurrenceModifiee { rang, modification } => {
            format!("a {} le cours {} du {}", change(modification), rang.cours, jour(rang.date))
        }
        EmploiDuTempsEvent::OccurrenceRetablie { rang } => {
            format!("a rétabli le cours {} du {}", rang.cours, jour(rang.date))
        }
        EmploiDuTempsEvent::SemainesAFixees { annee, .. } => {
            format!("a fixé les semaines A de l'année scolaire {annee}")
        }
    }
}

fn change(modification: &Modification) -> String {
    match modification {
        Modification::Annulee { motif } => match motif {
            MotifDAnnulation::EnseignantAbsent => "annulé (enseignant absent)".to_owned(),
            MotifDAnnulation::ClasseAbsente => "annulé (classe absente)".to_owned(),
            MotifDAnnulation::Etablissement => "annulé (établissement)".to_owned(),
        },
        Modification::Changee { date: Some(date), .. } => format!("déplacé au {}", jour(*date)),
        Modification::Changee { date: None, .. } => "changé".to_owned(),
    }
}

/// The same, of a séance.
pub fn seance(event: &SeanceEvent, noms: &Noms) -> String {
    match event {
        SeanceEvent::SeanceRedigee { fiche, contenu, .. } => format!(
            "a rédigé la séance « {} » du {} de {} à {} ({})",
            contenu.titre,
            jour(fiche.date),
            heure(fiche.debut),
            heure(fiche.fin),
            noms.enseignement(fiche.enseignement)
        ),
        SeanceEvent::SeanceModifiee { contenu } => format!("a modifié la séance « {} »", contenu.titre),
        SeanceEvent::SeancePubliee {} => {
            "a publié la séance : les élèves et leurs familles la lisent".to_owned()
        }
        SeanceEvent::SeanceDocumentee { pieces } => accompagnement("la séance", pieces),
    }
}

/// Which files are said is all of them: those that were new, and those that stay.
fn accompagnement(quoi: &str, pieces: &[PieceId]) -> String {
    match pieces {
        [] => format!("a retiré les pièces qui accompagnaient {quoi}"),
        _ => format!("a fait accompagner {quoi} de {}", accord(pieces.len() as u64, "pièce", "pièces")),
    }
}

/// The same, of a travail.
pub fn travail(event: &TravailEvent, noms: &Noms) -> String {
    match event {
        TravailEvent::TravailDonne { fiche, .. } => format!(
            "a donné le travail « {} » pour le {} ({}), estimé à {}",
            fiche.titre,
            jour(fiche.pour_le),
            noms.enseignement(fiche.enseignement),
            minutes(fiche.minutes)
        ),
        TravailEvent::TravailModifie { fiche } => {
            format!("a modifié le travail « {} », pour le {}", fiche.titre, jour(fiche.pour_le))
        }
        TravailEvent::TravailPublie {} => {
            "a publié le travail : les élèves et leurs familles le lisent".to_owned()
        }
        TravailEvent::TravailAnnule {} => "a annulé le travail".to_owned(),
        TravailEvent::TravailDocumente { pieces } => accompagnement("le travail", pieces),
    }
}

/// The same, of a copie.
pub fn copie(event: &CopieEvent, noms: &Noms) -> String {
    match event {
        CopieEvent::TravailFait { eleve, .. } => {
            format!("a marqué fait un travail de l'élève {}", noms.personne(*eleve))
        }
        CopieEvent::TravailRepris { eleve, .. } => {
            format!("a marqué à faire un travail de l'élève {}", noms.personne(*eleve))
        }
        CopieEvent::CopieRendue { eleve, piece, .. } => format!(
            "a rendu la copie de l'élève {} ({}, empreinte {})",
            noms.personne(*eleve),
            accord(piece.taille, "octet", "octets"),
            piece.empreinte
        ),
        CopieEvent::CopieDeposee { eleve, pieces, .. } => format!(
            "a rendu la copie de l'élève {} ({})",
            noms.personne(*eleve),
            accord(pieces.len() as u64, "pièce jointe", "pièces jointes")
        ),
        CopieEvent::CopieAnnotee { eleve, annotation, .. } => {
            format!("a rendu sa copie à l'élève {} : « {annotation} »", noms.personne(*eleve))
        }
    }
}

/// The same, of a cahier.
pub fn cahier(event: &CahierEvent, noms: &Noms) -> String {
    let CahierEvent::CahierVise { enseignement, qualite, jusqu_au, .. } = event;
    let qualite = match qualite {
        QualiteDuVisa::Direction => "direction",
        QualiteDuVisa::Inspection => "inspection",
    };
    format!(
        "a visé ({qualite}) le cahier de {} jusqu'au {}",
        noms.enseignement(*enseignement),
        jour(*jusqu_au)
    )
}

/// The same, of a subscription. The hash of an address is nobody's to read.
pub fn abonnement(event: &AbonnementEvent) -> String {
    match event {
        AbonnementEvent::AbonnementOuvert { .. } => "a ouvert une adresse privée de son agenda".to_owned(),
        AbonnementEvent::AbonnementRevoque { .. } => "a fermé l'adresse privée de son agenda".to_owned(),
    }
}
