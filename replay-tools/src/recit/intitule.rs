//! What is known of an act without opening its content: its type, and the office of who
//! acted. Both are frozen words of the record.

/// The type of an act, in French. A type of another program is told as it is stored.
pub fn intitule(event_type: &str) -> &str {
    match event_type {
        "absences.appel.ouvert" => "ouverture d'un appel",
        "absences.appel.absence_constatee" => "absence constatée",
        "absences.appel.retard_constate" => "retard constaté",
        "absences.appel.presence_retablie" => "présence rétablie",
        "absences.appel.clos" => "clôture d'un appel",
        "absences.appel.corrige" => "correction d'un appel clos",
        "annuaire.etablissement.enregistre" => "établissement enregistré",
        "annuaire.etablissement.actualise" => "établissement actualisé",
        "annuaire.etablissement.division_ouverte" => "division ouverte",
        "annuaire.etablissement.division_actualisee" => "division actualisée",
        "annuaire.etablissement.enseignement_attribue" => "enseignement attribué",
        "annuaire.etablissement.enseignement_retire" => "enseignement retiré",
        "annuaire.personne.enregistree" => "personne enregistrée",
        "annuaire.personne.etat_civil_rectifie" => "état civil rectifié",
        "annuaire.personne.rattachee" => "personne rattachée",
        "annuaire.personne.eleve_affecte" => "élève affecté",
        "annuaire.personne.responsabilites_etablies" => "responsabilités établies",
        "annuaire.personne.suspendue" => "personne suspendue",
        "annuaire.personne.reprise" => "personne reprise",
        "annuaire.groupe.cree" => "groupe créé",
        "annuaire.groupe.renomme" => "groupe renommé",
        "annuaire.groupe.personne_inscrite" => "personne inscrite à un groupe",
        "annuaire.groupe.personne_desinscrite" => "personne retirée d'un groupe",
        "annuaire.groupe.ensemble_inclus" => "division ou groupe inclus dans un groupe",
        "annuaire.groupe.ensemble_exclu" => "division ou groupe exclu d'un groupe",
        "annuaire.groupe.encadrant_nomme" => "encadrant d'un groupe nommé",
        "annuaire.groupe.encadrant_retire" => "encadrant d'un groupe retiré",
        "annuaire.groupe.reconduit" => "groupe reconduit",
        "annuaire.groupe.clos" => "groupe clos",
        "annuaire.calendrier.annee_fixee" => "année scolaire fixée",
        "annuaire.calendrier.periodes_fixees" => "périodes fixées",
        "annuaire.remplacement.confie" => "remplacement confié",
        "annuaire.remplacement.ecourte" => "remplacement écourté",
        "annuaire.identite.fondue" => "fiche lue comme une autre",
        "annuaire.identite.absorbee" => "fiche principale de plusieurs",
        "annuaire.identite.separee" => "fiches séparées",
        "annuaire.identite.rendue" => "fiche rendue à elle-même",
        "annuaire.inscription.eleve_radie" => "élève radié",
        "annuaire.inscription.eleve_accueilli" => "élève accueilli",
        "annuaire.bascule.preparee" => "bascule d'année préparée",
        "annuaire.bascule.divisions_prevues" => "divisions prévues",
        "annuaire.bascule.affectation_prevue" => "affectation prévue",
        "annuaire.bascule.enseignements_repris" => "enseignements prévus repris",
        "annuaire.bascule.enseignement_prevu" => "enseignement prévu",
        "annuaire.bascule.groupes_gardes" => "groupes gardés",
        "annuaire.bascule.annee_basculee" => "année basculée",
        "annuaire.bascule.achevee" => "bascule d'année achevée",
        "conservation.gel.pose" => "gel posé",
        "conservation.gel.leve" => "gel levé",
        "conservation.destruction.demandee" => "destruction demandée",
        "conservation.destruction.executee" => "destruction exécutée",
        "conservation.destruction.abandonnee" => "destruction abandonnée",
        "journal.consultation.faite" => "consultation du journal",
        "journal.consultation.refusee" => "consultation du journal refusée",
        "journal.verification.faite" => "vérification du journal",
        "notes.evaluation.creee" => "évaluation créée",
        "notes.evaluation.note_saisie" => "note saisie",
        "notes.evaluation.note_corrigee" => "note publiée corrigée",
        "notes.evaluation.publiee" => "notes publiées",
        "portails.portail.ouvert" => "portail ouvert",
        "portails.portail.direction_prise" => "direction de la publication prise",
        "portails.portail.direction_terminee" => "direction de la publication terminée",
        "portails.portail.delegation_accordee" => "délégation accordée",
        "portails.portail.delegation_revoquee" => "délégation révoquée",
        "protection.remise.demandee" => "données demandées",
        "protection.remise.faite" => "données remises",
        "protection.rectification.demandee" => "rectification demandée",
        "protection.rectification.accordee" => "rectification accordée",
        "protection.rectification.refusee" => "rectification refusée",
        "publications.publication.redigee" => "actualité rédigée",
        "publications.publication.modifiee" => "publication modifiée",
        "publications.publication.soumise" => "publication soumise",
        "publications.publication.publiee" => "publication mise en ligne",
        "publications.publication.retiree" => "publication retirée",
        "publications.publication.masquee" => "publication masquée",
        "publications.publication.demasquee" => "publication montrée de nouveau",
        "publications.signalement.recu" => "signalement reçu",
        "publications.signalement.premiere_connaissance" => "première connaissance d'un signalement",
        "publications.signalement.decision_rendue" => "décision rendue sur un signalement",
        other => other,
    }
}

/// An office, as the policies name it, in French.
pub fn office(word: &str) -> &str {
    match word {
        "administrateur_ent" => "administrateur de l'ENT",
        "directeur_de_publication" => "directeur de la publication",
        "eleve" => "élève",
        "encadrant" => "encadrant du groupe",
        "exploitant" => "exploitant de la plateforme",
        "interesse" => "personne intéressée",
        "membre" => "membre de l'établissement",
        "personnel" => "personnel de l'établissement",
        "responsable" => "responsable d'élève",
        "vie_scolaire" => "personnel de vie scolaire",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_record_is_told_in_french() {
        for (_, specs, _) in domain::catalogue() {
            for spec in specs {
                assert_ne!(intitule(spec.name), spec.name, "a type that has no title");
            }
        }
    }
}
