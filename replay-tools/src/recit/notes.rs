//! What happens to an evaluation and to the marks that it gives, to periods, in the conseil de
//! classe and to bulletins, said.

use super::noms::Noms;
use super::texte::jour;
use crate::accord::accord;
use crate::date::spoken as instant;
use domain::notes::{
    AppreciationEvent, BulletinEvent, ConseilEvent, EvaluationEvent, Niveau, PeriodeEvent, PolitiqueEvent,
    Positionnement, PositionnementEvent, Resultat, referentiel,
};

/// What its author did, after his or her name.
pub fn phrase(event: &EvaluationEvent, noms: &Noms) -> String {
    match event {
        EvaluationEvent::EvaluationCreee { fiche, .. } => format!(
            "a créé l'évaluation {}« {} » du {} ({}), sur {:#}, coefficient {:#}",
            if fiche.formative { "formative " } else { "" },
            fiche.titre,
            jour(fiche.date),
            noms.enseignement(fiche.enseignement),
            fiche.bareme,
            fiche.coefficient
        ),
        EvaluationEvent::NoteSaisie { eleve, resultat } => {
            format!("a saisi pour l'élève {} : « {} »", noms.personne(*eleve), resultat.texte())
        }
        EvaluationEvent::NoteCorrigee { eleve, avant, apres, motif } => format!(
            "a corrigé la note publiée de l'élève {} : « {} » au lieu de « {} », au motif « {motif} »",
            noms.personne(*eleve),
            apres.texte(),
            avant.map_or("rien".to_owned(), Resultat::texte)
        ),
        EvaluationEvent::CompetencePositionnee { eleve, positionnement, avant, motif } => {
            let instead = |avant: Niveau| format!(", au lieu de « {} »", avant.libelle().to_lowercase());
            let because = |motif: &String| format!(", au motif « {motif} »");
            format!(
                "a positionné l'élève {} par cette évaluation : {}{}{}",
                noms.personne(*eleve),
                place(positionnement),
                avant.map(instead).unwrap_or_default(),
                motif.as_ref().map(because).unwrap_or_default()
            )
        }
        EvaluationEvent::EvaluationPubliee { visible_des: None } => {
            "a publié les notes : les élèves et leurs familles les voient".to_owned()
        }
        EvaluationEvent::EvaluationPubliee { visible_des: Some(visible_des) } => format!(
            "a publié les notes : les élèves et leurs familles les voient à partir du {}",
            instant(*visible_des)
        ),
    }
}

/// Of policies of averages.
pub fn politique(event: &PolitiqueEvent) -> String {
    let PolitiqueEvent::PolitiqueFixee { version, du, politique } = event;
    format!(
        "a fixé la politique de moyenne « {} », version {version}, à partir du {}",
        politique.nom,
        jour(*du)
    )
}

/// Of a period.
pub fn periode(event: &PeriodeEvent) -> String {
    match event {
        PeriodeEvent::PeriodeVerrouillee { fiche, politique } => format!(
            "a clos la saisie de la période « {} », sous la politique de moyenne « {} », version {}",
            fiche.libelle, politique.politique.nom, politique.version
        ),
        PeriodeEvent::PeriodeDeverrouillee { motif } => {
            format!("a rouvert la saisie de la période, au motif « {motif} »")
        }
        PeriodeEvent::ConseilReuni {} => "a réuni le conseil de classe".to_owned(),
        PeriodeEvent::PeriodePubliee { visible_des } => {
            format!("a publié les bulletins, à lire à partir du {}", instant(*visible_des))
        }
    }
}

/// Of appreciations.
pub fn appreciation(event: &AppreciationEvent, noms: &Noms) -> String {
    let AppreciationEvent::AppreciationRedigee { enseignement, eleve, texte, .. } = event;
    format!(
        "a écrit de l'élève {} ({}) : « {texte} »",
        noms.personne(*eleve),
        noms.enseignement(*enseignement)
    )
}

/// Of a conseil de classe.
pub fn conseil(event: &ConseilEvent, noms: &Noms) -> String {
    match event {
        ConseilEvent::EleveExamine { eleve, version, examen, .. } => {
            let synthese = examen.synthese.as_deref().unwrap_or("sans synthèse");
            format!(
                "a écrit au conseil de classe, de l'élève {} (version {version}) : « {synthese} »",
                noms.personne(*eleve)
            )
        }
        ConseilEvent::AssiduiteDonnee { eleve, assiduite, .. } => format!(
            "a donné l'assiduité de l'élève {}, comptée hors de l'ENT : {}, dont {} sans motif légitime, et {}",
            noms.personne(*eleve),
            accord(assiduite.demi_journees, "demi-journée d'absence", "demi-journées d'absence"),
            assiduite.injustifiees,
            accord(assiduite.retards, "retard", "retards")
        ),
    }
}

/// Of a bulletin.
pub fn bulletin(event: &BulletinEvent, noms: &Noms) -> String {
    match event {
        BulletinEvent::BulletinFige { eleve, contenu, empreinte } => format!(
            "a figé le bulletin de l'élève {} pour la période « {} », d'empreinte {empreinte}",
            noms.personne(*eleve),
            contenu.periode.libelle
        ),
        BulletinEvent::BulletinPublie { eleve, visible_des } => format!(
            "a publié le bulletin de l'élève {}, à lire à partir du {}",
            noms.personne(*eleve),
            instant(*visible_des)
        ),
        BulletinEvent::BulletinLu { eleve, .. } => {
            format!("a lu pour la première fois le bulletin de l'élève {}", noms.personne(*eleve))
        }
    }
}

/// Of positionnements.
pub fn positionnement(event: &PositionnementEvent, noms: &Noms) -> String {
    let PositionnementEvent::ElevePositionne { eleve, positionnement } = event;
    format!("a positionné l'élève {} : {}", noms.personne(*eleve), place(positionnement))
}

/// A domaine of the socle, and how well it is mastered.
fn place(positionnement: &Positionnement) -> String {
    let mut entrees = referentiel(positionnement.cycle).iter();
    let named = entrees.find(|entree| entree.domaine == positionnement.domaine);
    let libelle = named.map_or("domaine", |entree| entree.libelle);
    format!("« {libelle} », {}", positionnement.niveau.libelle().to_lowercase())
}
