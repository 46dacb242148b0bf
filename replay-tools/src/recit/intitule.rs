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
        "annuaire.alimentation.livraison_commencee" => "livraison d'annuaire commencée",
        "annuaire.alimentation.livraison_achevee" => "livraison d'annuaire achevée",
        "annuaire.etablissement.enregistre" => "établissement enregistré",
        "annuaire.etablissement.source_reconnue" => "établissement reconnu par une autre source",
        "annuaire.etablissement.actualise" => "établissement actualisé",
        "annuaire.etablissement.division_ouverte" => "division ouverte",
        "annuaire.etablissement.division_actualisee" => "division actualisée",
        "annuaire.etablissement.enseignement_attribue" => "enseignement attribué",
        "annuaire.etablissement.enseignement_retire" => "enseignement retiré",
        "annuaire.etablissement.parole_entendue" => "dire d'une source noté",
        "annuaire.etablissement.parole_retiree" => "dire d'une source retiré",
        "annuaire.personne.enregistree" => "personne enregistrée",
        "annuaire.personne.source_reconnue" => "personne reconnue par une autre source",
        "annuaire.personne.etat_civil_rectifie" => "état civil rectifié",
        "annuaire.personne.rattachee" => "personne rattachée",
        "annuaire.personne.detachee" => "personne détachée",
        "annuaire.personne.eleve_affecte" => "élève affecté",
        "annuaire.personne.eleve_immatricule" => "élève immatriculé",
        "annuaire.personne.responsabilites_etablies" => "responsabilités établies",
        "annuaire.personne.parole_entendue" => "dire d'une source noté",
        "annuaire.personne.parole_retiree" => "dire d'une source retiré",
        "annuaire.personne.information_opposee" => "opposition d'un élève majeur",
        "annuaire.personne.opposition_levee" => "opposition d'un élève majeur levée",
        "annuaire.personne.suspendue" => "personne suspendue",
        "annuaire.personne.reprise" => "personne reprise",
        "conservation.gel.pose" => "gel posé",
        "conservation.gel.leve" => "gel levé",
        "conservation.destruction.demandee" => "destruction demandée",
        "conservation.destruction.executee" => "destruction exécutée",
        "conservation.destruction.abandonnee" => "destruction abandonnée",
        "identite.liaison.etablie" => "identité liée à un compte",
        "identite.liaison.rompue" => "identité détachée d'un compte",
        "identite.session.ouverte" => "connexion",
        "identite.session.profil_choisi" => "profil choisi",
        "identite.session.close" => "déconnexion",
        "identite.compte.echec_inscrit" => "connexion refusée à un compte",
        "identite.compte.verrouille" => "compte verrouillé",
        "identite.compte.deverrouille" => "compte déverrouillé",
        "identite.tentative.echouee" => "tentative de connexion échouée",
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
        "portails.adhesion.conclue" => "adhésion conclue",
        "portails.adhesion.terminee" => "adhésion terminée",
        "portails.catalogue.service_ouvert" => "service ouvert",
        "portails.catalogue.service_ferme" => "service fermé",
        "portails.theme.defini" => "apparence définie",
        "portails.mise_en_garde.adressee" => "mise en garde adressée",
        "portails.mise_en_garde.lue" => "mise en garde lue",
        "portails.mise_en_garde.repondue" => "réponse à une mise en garde",
        "portails.habilitation.accordee" => "habilitation accordée",
        "portails.habilitation.revoquee" => "habilitation révoquée",
        "portails.intervention.demandee" => "intervention demandée",
        "portails.intervention.contresignee" => "intervention contresignée",
        "portails.intervention.ouverte" => "intervention ouverte",
        "portails.intervention.lecture_consignee" => "lecture pendant une intervention",
        "portails.intervention.close" => "intervention close",
        "portails.intervention.expiree" => "intervention expirée",
        "portails.intervention.directeur_avise" => "directeur de la publication avisé",
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
        "exploitant" => "exploitant de la plateforme",
        "interesse" => "personne intéressée",
        "membre" => "membre de l'établissement",
        "personne_habilitee" => "personne habilitée",
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
