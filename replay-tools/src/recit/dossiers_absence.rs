//! What becomes of an absence, said.

use super::noms::Noms;
use super::texte::{heure, jour};
use crate::accord::accord;
use chrono::NaiveDateTime;
use domain::PersonneId;
use domain::absences::{
    AssiduiteEvent, CollectiveEvent, Creneau, DispenseEvent, DossierAbsenceEvent, Justification,
    MoyenDeContact, ReglementEvent, Suite, SupportDeJustificatif,
};

/// The file of an absence.
pub fn dossier(event: &DossierAbsenceEvent, noms: &Noms) -> String {
    match event {
        DossierAbsenceEvent::AbsenceConstatee { eleve, creneaux, .. } if creneaux.is_empty() => {
            format!("a retiré l'absence de l'élève {}", noms.personne(*eleve))
        }
        DossierAbsenceEvent::AbsenceConstatee { eleve, creneaux, .. } => {
            let spans: Vec<_> = creneaux.iter().map(creneau).collect();
            format!("a constaté l'absence de l'élève {} {}", noms.personne(*eleve), spans.join(", "))
        }
        DossierAbsenceEvent::AbsenceAnnoncee { eleve, creneau: span, justification, .. } => format!(
            "a annoncé l'absence de l'élève {} {}, au motif « {} »",
            noms.personne(*eleve),
            creneau(span),
            justification.motif.libelle
        ),
        DossierAbsenceEvent::FamilleContactee { eleve, moyen, .. } => {
            format!("a contacté la famille de l'élève {} {}", noms.personne(*eleve), par(*moyen))
        }
        DossierAbsenceEvent::AbsenceJustifiee { eleve, justification } => {
            justifiee(*eleve, justification, noms)
        }
        DossierAbsenceEvent::AbsenceReglee { eleve, decision, .. } => {
            let how = if decision.recevable { "recevable" } else { "non recevable" };
            let why = decision.raison.as_ref().map(|raison| format!(" : « {raison} »")).unwrap_or_default();
            format!("a réglé l'absence de l'élève {} comme {how}{why}", noms.personne(*eleve))
        }
    }
}

/// Why a pupil was away, said by the family or written down for it.
fn justifiee(eleve: PersonneId, said: &Justification, noms: &Noms) -> String {
    let (eleve, motif) = (noms.personne(eleve), &said.motif.libelle);
    let Some(recueil) = said.recueil else {
        return format!("a justifié l'absence de l'élève {eleve}, au motif « {motif} »");
    };
    let support = match recueil.support {
        SupportDeJustificatif::Papier => "sur papier",
        SupportDeJustificatif::Courriel => "par courriel",
    };
    let par = noms.personne(said.par);
    format!(
        "a enregistré le justificatif de l'absence de l'élève {eleve}, remis {support} par {par}, \
         au motif « {motif} »"
    )
}

/// An absence of a whole group.
pub fn collective(event: &CollectiveEvent) -> String {
    match event {
        CollectiveEvent::CollectiveDeclaree { fiche } => {
            format!("a déclaré l'absence collective « {} » {}", fiche.libelle, creneau(&fiche.creneau))
        }
        CollectiveEvent::CollectiveAnnulee { motif } => {
            format!("a annulé une absence collective, au motif « {motif} »")
        }
    }
}

/// A dispense.
pub fn dispense(event: &DispenseEvent, noms: &Noms) -> String {
    match event {
        DispenseEvent::DispenseAccordee { eleve, etendue, .. } => format!(
            "a dispensé l'élève {} ({}) du {} au {}",
            noms.personne(*eleve),
            noms.enseignement(etendue.enseignement),
            jour(etendue.du),
            jour(etendue.au)
        ),
        DispenseEvent::DispenseTerminee { eleve, le } => {
            format!("a terminé au {} une dispense de l'élève {}", jour(*le), noms.personne(*eleve))
        }
    }
}

/// How an établissement treats absences.
pub fn reglement(event: &ReglementEvent) -> String {
    match event {
        ReglementEvent::PolitiqueFixee { politique, depuis } => format!(
            "a fixé le décompte des demi-journées « {} », version {}, à partir du {}",
            politique.nom,
            politique.version,
            jour(*depuis)
        ),
        ReglementEvent::MotifDefini { motif } => {
            let worth = if motif.legitime { "légitime" } else { "non légitime" };
            format!("a défini le motif d'absence « {} », {worth}", motif.libelle)
        }
        ReglementEvent::MotifRetire { code } => format!("a retiré le motif d'absence « {code} »"),
    }
}

/// The assiduité of a pupil.
pub fn assiduite(event: &AssiduiteEvent, noms: &Noms) -> String {
    match event {
        AssiduiteEvent::SeuilAtteint { eleve, suite, regle, seuil, decompte, .. } => format!(
            "a constaté pour l'élève {} le seuil {} ({}, version {regle}) : {} en {}, par le décompte « {} » version {}",
            noms.personne(*eleve),
            match suite {
                Suite::Signalement => "du signalement",
                Suite::SuiviRenforce => "du suivi renforcé",
            },
            accord(*seuil, "demi-journée", "demi-journées"),
            accord(
                decompte.demi_journees,
                "demi-journée sans motif légitime",
                "demi-journées sans motif légitime"
            ),
            decompte.mois,
            decompte.politique,
            decompte.version
        ),
        AssiduiteEvent::SuiviOuvert { eleve, referent, .. } => {
            format!("a ouvert le suivi de l'élève {} par {}", noms.personne(*eleve), noms.personne(*referent))
        }
        AssiduiteEvent::SuiviClos { eleve, .. } => {
            format!("a clos le suivi de l'élève {}", noms.personne(*eleve))
        }
    }
}

fn creneau(span: &Creneau) -> String {
    let at = |instant: NaiveDateTime| format!("{} à {}", jour(instant.date()), heure(instant.time()));
    format!("du {} au {}", at(span.debut), at(span.fin))
}

fn par(moyen: MoyenDeContact) -> &'static str {
    match moyen {
        MoyenDeContact::Telephone => "par téléphone",
        MoyenDeContact::Sms => "par SMS",
        MoyenDeContact::Courriel => "par courriel",
        MoyenDeContact::Courrier => "par courrier",
        MoyenDeContact::Entretien => "lors d'un entretien",
    }
}
