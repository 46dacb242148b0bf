//! Life at school, said. What pupils, families and witnesses wrote is not repeated, and care never is:
//! the secrecy of the infirmier holds before an auditor too (code de la santé publique, art. R4312-5).

use super::noms::Noms;
use super::texte::{jour, minutes};
use domain::PersonneId;
use domain::vie_de_l_eleve::{
    CauseEffacement, Defense, IncidentEvent, MotEvent, NaturePunition, NatureSanction, PassageEvent,
    PunitionEvent, RoleIncident, SanctionEvent, StageEvent,
};

/// What the author of an event of an incident did, after his or her name.
pub fn incident(event: &IncidentEvent, noms: &Noms) -> String {
    match event {
        IncidentEvent::IncidentSignale { fiche, .. } => {
            format!("a signalé un incident du {}", jour(fiche.le))
        }
        IncidentEvent::ProtagonisteImplique { personne, role, .. } => {
            let role = match role {
                RoleIncident::Auteur => "auteur",
                RoleIncident::Victime => "victime",
                RoleIncident::Temoin => "témoin",
            };
            format!("a nommé {} comme {role} d'un incident", noms.personne(*personne))
        }
        IncidentEvent::ProtagonisteSuivi { personne, .. } => {
            format!("a suivi {} après un incident", noms.personne(*personne))
        }
        IncidentEvent::InstanceAvertie { le, .. } => {
            format!("a averti une instance d'un incident, le {}", jour(*le))
        }
        IncidentEvent::IncidentClos { .. } => "a clos un incident".to_owned(),
    }
}

/// The same of a punition.
pub fn punition(event: &PunitionEvent, noms: &Noms) -> String {
    match event {
        PunitionEvent::PunitionDonnee { eleve, nature, motif, .. } => {
            let quoi = match nature {
                NaturePunition::Retenue { le, minutes: duree, .. } => {
                    format!("une retenue de {} le {}", minutes(*duree), jour(*le))
                }
                NaturePunition::TravailSupplementaire { pour_le, .. } => {
                    format!("un travail supplémentaire pour le {}", jour(*pour_le))
                }
                NaturePunition::ExclusionDeCours { le, .. } => {
                    format!("une exclusion de cours le {}", jour(*le))
                }
            };
            format!("a donné à l'élève {} {quoi}, au motif « {motif} »", noms.personne(*eleve))
        }
        PunitionEvent::PunitionReportee { eleve, au } => {
            format!("a reporté au {} une punition de l'élève {}", jour(*au), noms.personne(*eleve))
        }
        PunitionEvent::PunitionFaite { eleve } => {
            format!("a noté faite une punition de l'élève {}", noms.personne(*eleve))
        }
        PunitionEvent::PunitionNonFaite { eleve } => {
            format!("a noté non faite une punition de l'élève {}", noms.personne(*eleve))
        }
    }
}

/// The same of a procedure.
pub fn sanction(event: &SanctionEvent, noms: &Noms) -> String {
    if let Some((eleve, decision, le, effacement)) = event.prononce() {
        let sursis = decision.sursis.map(|jusque| format!(", avec sursis jusqu'au {}", jour(jusque)));
        let dossier = effacement.map(|le| format!(" ; effacement du dossier le {}", jour(le)));
        let (quoi, eleve) = (peine(&decision.nature), noms.personne(eleve));
        let (sursis, dossier) = (sursis.unwrap_or_default(), dossier.unwrap_or_default());
        return format!("a prononcé contre l'élève {eleve}, le {}, {quoi}{sursis}{dossier}", jour(le));
    }
    let contre = |eleve: &PersonneId| format!("l'élève {}", noms.personne(*eleve));
    match event {
        SanctionEvent::ProcedureEngagee { eleve, .. } => {
            format!("a engagé une procédure disciplinaire contre {}", contre(eleve))
        }
        SanctionEvent::EleveInforme { eleve, fin, .. } => {
            format!(
                "a informé {} des faits reprochés, pour une défense jusqu'au {}",
                contre(eleve),
                jour(*fin)
            )
        }
        SanctionEvent::DefenseRecueillie { eleve, defense, .. } => match defense {
            Defense::Orale { .. } => format!("a entendu {}", contre(eleve)),
            Defense::Ecrite { .. } => format!("a reçu la défense écrite de {}", contre(eleve)),
            Defense::Renonciation => format!("a noté que {} renonçait à se défendre", contre(eleve)),
            Defense::Absence => format!("a noté que {} avait laissé passer son délai", contre(eleve)),
        },
        SanctionEvent::ProcedureClassee { eleve, .. } => {
            format!("a classé sans sanction la procédure contre {}", contre(eleve))
        }
        SanctionEvent::SanctionNotifiee { eleve, destinataire, .. } => {
            format!("a notifié à {} la sanction de {}", noms.personne(*destinataire), contre(eleve))
        }
        SanctionEvent::SanctionExecutee { eleve, du } => {
            format!("a fait exécuter à partir du {} la sanction de {}", jour(*du), contre(eleve))
        }
        SanctionEvent::SursisRevoque { eleve, .. } => format!("a révoqué le sursis de {}", contre(eleve)),
        SanctionEvent::RecoursNote { eleve, .. } => {
            format!("a noté un recours contre la sanction de {}", contre(eleve))
        }
        SanctionEvent::SanctionAnnulee { eleve, .. } => format!("a annulé la sanction de {}", contre(eleve)),
        SanctionEvent::EffacementDemande { eleve, .. } => {
            format!("a demandé l'effacement d'une sanction de {}", contre(eleve))
        }
        SanctionEvent::SanctionEffacee { cause: CauseEffacement::TermeLegal, .. } => {
            "a effacé du dossier une sanction dont le terme était venu".to_owned()
        }
        SanctionEvent::SanctionEffacee { cause: CauseEffacement::ChangementDEtablissement, .. } => {
            "a effacé du dossier une sanction, à la demande d'un élève qui changeait d'établissement"
                .to_owned()
        }
        SanctionEvent::AvertissementPrononce { .. }
        | SanctionEvent::BlamePrononce { .. }
        | SanctionEvent::ResponsabilisationPrononcee { .. }
        | SanctionEvent::ExclusionTemporairePrononcee { .. }
        | SanctionEvent::ExclusionDefinitivePrononcee { .. } => "a prononcé une sanction".to_owned(),
    }
}

fn peine(nature: &NatureSanction) -> String {
    match nature {
        NatureSanction::Avertissement => "un avertissement".to_owned(),
        NatureSanction::Blame => "un blâme".to_owned(),
        NatureSanction::Responsabilisation { heures, .. } => {
            format!("une mesure de responsabilisation de {heures} h")
        }
        NatureSanction::ExclusionDeLaClasse { jours } => {
            format!("une exclusion temporaire de la classe de {jours} j")
        }
        NatureSanction::ExclusionDeLEtablissement { jours } => {
            format!("une exclusion temporaire de l'établissement de {jours} j")
        }
        NatureSanction::ExclusionDAnnexe { jours } => {
            format!("une exclusion temporaire de la restauration ou de l'internat de {jours} j")
        }
        NatureSanction::ExclusionDefinitive => "une exclusion définitive".to_owned(),
    }
}

/// The same of a word of the carnet.
pub fn mot(event: &MotEvent, noms: &Noms) -> String {
    match event {
        MotEvent::MotEcrit { eleve, .. } => format!("a écrit au carnet de l'élève {}", noms.personne(*eleve)),
        MotEvent::MotSigne { eleve, .. } => {
            format!("a accusé réception d'un mot du carnet de l'élève {}", noms.personne(*eleve))
        }
    }
}

/// The same of a passage at the infirmerie.
pub fn passage(event: &PassageEvent, noms: &Noms) -> String {
    match event {
        PassageEvent::PassageOuvert { eleve, .. } => {
            format!("a reçu à l'infirmerie l'élève {}", noms.personne(*eleve))
        }
        PassageEvent::SoinConsigne { eleve, .. } => {
            format!("a consigné un soin donné à l'élève {}", noms.personne(*eleve))
        }
        PassageEvent::PassageClos { eleve, .. } => {
            format!("a laissé repartir de l'infirmerie l'élève {}", noms.personne(*eleve))
        }
    }
}

/// The same of a stage.
pub fn stage(event: &StageEvent, noms: &Noms) -> String {
    match event {
        StageEvent::StagePrepare { eleve, fiche, .. } => format!(
            "a préparé pour l'élève {} un stage du {} au {} ({})",
            noms.personne(*eleve),
            jour(fiche.du),
            jour(fiche.au),
            fiche.entreprise
        ),
        StageEvent::ConventionSignee { eleve, .. } => {
            format!("a signé la convention de stage de l'élève {}", noms.personne(*eleve))
        }
        StageEvent::ConventionConclue { eleve, .. } => {
            format!(
                "a conclu, par la dernière signature, la convention de stage de l'élève {}",
                noms.personne(*eleve)
            )
        }
        StageEvent::TuteurDesigne { eleve, tuteur, .. } => {
            format!(
                "a ouvert à {}, tuteur en entreprise, le stage de l'élève {}",
                noms.personne(*tuteur),
                noms.personne(*eleve)
            )
        }
        StageEvent::TuteurRetire { eleve, tuteur, motif, .. } => {
            format!(
                "a retiré à {}, tuteur en entreprise, le stage de l'élève {}, au motif « {motif} »",
                noms.personne(*tuteur),
                noms.personne(*eleve)
            )
        }
        StageEvent::VisiteFaite { eleve, le, .. } => {
            format!(
                "a rendu compte d'une visite en stage à l'élève {}, le {}",
                noms.personne(*eleve),
                jour(*le)
            )
        }
    }
}
