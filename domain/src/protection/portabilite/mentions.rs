//! The table. A test finds by itself where events name persons and comptes, and asks for each.

use super::Lieu::{self, Acteur, Champ, Flux};
use super::{Mention, Suite, Voie};

/// Every place in which an event names someone.
pub const MENTIONS: &[Mention] = &[
    // What is sealed under the person's key.
    entier(
        "eleve",
        &[
            "absences.appel.absence_constatee",
            "absences.appel.retard_constate",
            "absences.appel.presence_retablie",
            "absences.appel.corrige",
            "absences.appel.incident_note",
            "absences.appel.incident_retire",
            "absences.dossier.constatee",
            "absences.dossier.annoncee",
            "absences.dossier.famille_contactee",
            "absences.dossier.justifiee",
            "absences.dossier.reglee",
            "absences.dispense.accordee",
            "absences.dispense.terminee",
            "absences.assiduite.seuil_atteint",
            "absences.assiduite.suivi_ouvert",
            "absences.assiduite.suivi_clos",
            "annuaire.bascule.affectation_prevue",
            "annuaire.inscription.eleve_radie",
            "annuaire.inscription.eleve_accueilli",
            "notes.evaluation.note_saisie",
            "notes.evaluation.note_corrigee",
            "notes.evaluation.competence_positionnee",
            "notes.appreciation.redigee",
            "notes.conseil.eleve_examine",
            "notes.conseil.assiduite_donnee",
            "notes.bulletin.fige",
            "notes.bulletin.publie",
            "notes.bulletin.lu",
            "notes.positionnement.eleve_positionne",
            "cahier_de_textes.copie.travail_fait",
            "cahier_de_textes.copie.travail_repris",
            "cahier_de_textes.copie.rendue",
            "cahier_de_textes.copie.deposee",
            "cahier_de_textes.copie.annotee",
        ],
    ),
    entier(
        "enseignant",
        &[
            "annuaire.bascule.enseignement_prevu",
            "annuaire.etablissement.enseignement_attribue",
            "annuaire.etablissement.enseignement_retire",
        ],
    ),
    entier(
        "personne",
        &[
            "annuaire.groupe.personne_inscrite",
            "annuaire.groupe.personne_desinscrite",
            "annuaire.personne.enregistree",
            "annuaire.personne.source_reconnue",
            "annuaire.personne.etat_civil_rectifie",
            "annuaire.personne.rattachee",
            "annuaire.personne.detachee",
            "annuaire.personne.eleve_affecte",
            "annuaire.personne.eleve_reaffecte",
            "annuaire.personne.repartie",
            "annuaire.personne.eleve_immatricule",
            "annuaire.personne.responsabilites_etablies",
            "annuaire.personne.parole_entendue",
            "annuaire.personne.parole_retiree",
            "annuaire.personne.information_opposee",
            "annuaire.personne.opposition_levee",
            "annuaire.personne.suspendue",
            "annuaire.personne.reprise",
            "identite.compte.verrouille",
            "identite.compte.deverrouille",
            "identite.liaison.etablie",
            "identite.liaison.rompue",
            "notifications.preferences.choisies",
            "notifications.preferences.telephone_declare",
            "notifications.preferences.code_errone",
            "notifications.preferences.telephone_confirme",
            "notifications.preferences.telephone_oublie",
            "notifications.preferences.appareil_declare",
            "notifications.preferences.appareil_oublie",
            "notifications.preferences.appareil_perdu",
            "portails.habilitation.accordee",
            "portails.habilitation.revoquee",
            "protection.rectification.demandee",
            "protection.rectification.accordee",
            "protection.rectification.refusee",
            "protection.remise.demandee",
            "protection.remise.faite",
            "cahier_de_textes.abonnement.ouvert",
            "cahier_de_textes.abonnement.revoque",
            "pieces.piece.jointe",
        ],
    ),
    entier(
        "compte",
        &[
            "identite.liaison.etablie",
            "portails.habilitation.accordee",
            "portails.portail.delegation_accordee",
        ],
    ),
    entier("encadrant", &["annuaire.groupe.encadrant_nomme", "annuaire.groupe.encadrant_retire"]),
    entier(
        "fiche",
        &[
            "annuaire.identite.fondue",
            "annuaire.identite.absorbee",
            "annuaire.identite.separee",
            "annuaire.identite.rendue",
        ],
    ),
    entier("remplacant", &["annuaire.remplacement.confie", "annuaire.remplacement.ecourte"]),
    entier("directeur", &["portails.portail.direction_prise", "portails.portail.direction_terminee"]),
    entier(
        "administrateur",
        &["portails.portail.delegation_accordee", "portails.portail.delegation_revoquee"],
    ),
    entier(
        "destinataire",
        &[
            "notifications.envoi.prepare",
            "notifications.envoi.adresse_en_defaut",
            "notifications.envoi.adresse_retablie",
        ],
    ),
    entier("signalant", &["publications.signalement.recu"]),
    entier("auteur", &["publications.signalement.decision_rendue"]),
    // Life at school.
    entier(
        "personne",
        &["vie_de_l_eleve.incident.protagoniste_implique", "vie_de_l_eleve.incident.protagoniste_suivi"],
    ),
    entier("eleve", VIE_DE_L_ELEVE),
    acte(Champ("par"), &["vie_de_l_eleve.incident.signale"], &["fiche"]),
    acte(
        Champ("par"),
        &["vie_de_l_eleve.incident.protagoniste_suivi", "vie_de_l_eleve.mot.ecrit"],
        &["texte"],
    ),
    acte(Champ("par"), &["vie_de_l_eleve.mot.signe", "vie_de_l_eleve.sanction.effacement_demande"], &["le"]),
    acte(Champ("par"), &["vie_de_l_eleve.stage.convention_signee"], &["partie", "le"]),
    acte(Champ("par"), &["vie_de_l_eleve.stage.visite_faite"], &["le"]),
    reserve(
        "par",
        &[
            "vie_de_l_eleve.punition.donnee",
            "vie_de_l_eleve.sanction.procedure_engagee",
            "vie_de_l_eleve.passage.ouvert",
            "vie_de_l_eleve.passage.soin_consigne",
            "vie_de_l_eleve.stage.prepare",
            "vie_de_l_eleve.stage.tuteur_designe",
            "vie_de_l_eleve.stage.tuteur_retire",
        ],
        "Acte de fonction au sujet d'un élève, à qui il est remis.",
    ),
    reserve(
        "responsables",
        &["vie_de_l_eleve.sanction.eleve_informe"],
        "Le fait est au dossier de l'élève ; le responsable a reçu la lettre.",
    ),
    reserve(
        "destinataire",
        &["vie_de_l_eleve.sanction.notifiee"],
        "Le fait est au dossier de l'élève ; le destinataire a reçu la décision.",
    ),
    reserve(
        "destinataires",
        &["vie_de_l_eleve.mot.ecrit"],
        "Le mot est au dossier de l'élève ; chaque destinataire le lit au carnet.",
    ),
    reserve(
        "referent",
        &["vie_de_l_eleve.stage.prepare"],
        "Le stage est au dossier de l'élève ; le référent le lit dans l'ENT.",
    ),
    reserve(
        "tuteur",
        &["vie_de_l_eleve.stage.tuteur_designe"],
        "Le stage est au dossier de l'élève ; le tuteur le lit dans l'ENT tant qu'il dure.",
    ),
    reserve(
        "tuteur",
        &["vie_de_l_eleve.stage.tuteur_retire"],
        "Le motif peut parler de l'élève : il est remis avec le dossier de celui-ci.",
    ),
    // What the person did: his or her own texts, and acts of office without what they say of others.
    acte(Champ("enseignant"), &["absences.appel.ouvert"], &["seance"]),
    acte(Champ("justification.par"), &["absences.dossier.annoncee"], &["creneau"]),
    reserve(
        "justification.par",
        &["absences.dossier.justifiee"],
        "La raison d'une absence peut dire la santé de l'élève : elle n'est remise qu'avec son dossier.",
    ),
    reserve(
        "justification.recueil.par",
        &["absences.dossier.annoncee", "absences.dossier.justifiee"],
        "Ce qui est enregistré pour une famille est sa parole : elle n'est remise qu'avec le dossier de l'élève.",
    ),
    acte(Champ("par"), &["absences.dossier.famille_contactee"], &["moyen", "le"]),
    acte(Champ("decision.par"), &["absences.dossier.reglee"], &["le"]),
    acte(Champ("referent"), &["absences.assiduite.suivi_ouvert"], &["le"]),
    acte(Champ("auteur"), &["notes.evaluation.creee"], &["fiche"]),
    acte(Champ("par"), &["notes.bulletin.lu"], &["le"]),
    acte(Champ("auteur"), &["cahier_de_textes.seance.redigee"], &["fiche", "contenu"]),
    acte(Champ("auteur"), &["cahier_de_textes.travail.donne"], &["fiche"]),
    acte(Champ("auteur"), &["cahier_de_textes.copie.annotee"], &["annotation"]),
    acte(Champ("par"), &["cahier_de_textes.cahier.vise"], &["enseignement", "qualite", "jusqu_au"]),
    acte(Champ("auteur"), &["publications.publication.redigee"], &["portail", "version", "contenu"]),
    acte(Champ("auteur"), &["publications.publication.modifiee"], &["version", "contenu"]),
    acte(
        Champ("directeur"),
        &["publications.publication.publiee"],
        &["version", "empreinte", "audience", "du", "au", "mode"],
    ),
    acte(
        Champ("par"),
        &["publications.publication.publiee"],
        &["version", "empreinte", "audience", "du", "au", "mode"],
    ),
    acte(Champ("par"), &["publications.espace.mode_fixe"], &["espace", "mode", "fondement", "motif", "le"]),
    acte(
        Champ("par"),
        &[
            "publications.publication.retiree",
            "publications.publication.masquee",
            "publications.publication.demasquee",
        ],
        &["motif"],
    ),
    acte(Champ("par"), &["publications.signalement.premiere_connaissance"], &["office", "le"]),
    acte(Champ("par"), &["publications.signalement.decision_rendue"], &["office", "decision", "le"]),
    acte(Champ("par"), &["portails.habilitation.accordee"], &["portail", "perimetres", "du", "au"]),
    acte(
        Champ("par"),
        &["portails.portail.delegation_accordee"],
        &["delegation", "attributions", "du", "au"],
    ),
    acte(Champ("par"), &["portails.mise_en_garde.adressee"], &["portail", "gravite", "objet", "texte"]),
    acte(Champ("par"), &["portails.mise_en_garde.lue"], &["le"]),
    acte(Champ("par"), &["portails.mise_en_garde.repondue"], &["reponse", "le"]),
    acte(Champ("fiche.habilite.personne"), &["portails.intervention.demandee"], &["fiche"]),
    acte(Champ("fiche.habilite.compte"), &["portails.intervention.demandee"], &["fiche"]),
    acte(Champ("par.personne"), &["portails.intervention.contresignee"], &["par"]),
    acte(Champ("par.compte"), &["portails.intervention.contresignee"], &["par"]),
    acte(Champ("par"), &["portails.intervention.close"], &["compte_rendu", "le"]),
    acte(Champ("par.personne"), ACTES_DE_CONSERVATION, &["le"]),
    acte(Champ("par.compte"), ACTES_DE_CONSERVATION, &["le"]),
    acte(Acteur, &["identite.session.ouverte"], &["fournisseur", "adresse"]),
    acte(Acteur, &["identite.session.profil_choisi"], &["choix"]),
    acte(Acteur, &["identite.session.close"], &["fin"]),
    // What is said of the person in what is about somebody or something else. The address from
    // which a sign-in failed is not handed over: it may be that of who tried another's compte.
    extrait(Voie::Compte, Flux, &["identite.compte.echec_inscrit"], &["fournisseur", "motif", "le"]),
    extrait(
        Voie::Enfant,
        Champ("responsables.responsable"),
        &["annuaire.personne.responsabilites_etablies"],
        &["personne", "responsables"],
    ),
    extrait(
        Voie::Enfant,
        Champ("dit.responsabilites.responsables.responsable"),
        &["annuaire.personne.parole_entendue"],
        &["personne", "dit"],
    ),
    extrait(
        Voie::Remplacement,
        Champ("absent"),
        &["annuaire.remplacement.confie"],
        &["enseignement", "du", "au"],
    ),
    // What is not handed over.
    reserve(
        "dit.enseignement.enseignant",
        &["annuaire.etablissement.parole_entendue"],
        "Parole qu'une meilleure source contredit : l'enseignement en vigueur est remis.",
    ),
    reserve(
        "objet.enseignement.enseignant",
        &["annuaire.etablissement.parole_retiree"],
        "Retrait d'une parole : l'enseignement retiré est remis là où il était en vigueur.",
    ),
    reserve(
        "cours.enseignants.qui",
        &["cahier_de_textes.emploi_du_temps.cours_place"],
        "Organisation de l'établissement, que chacun lit à son emploi du temps et emporte par son agenda.",
    ),
    reserve(
        "modification.enseignants",
        &["cahier_de_textes.emploi_du_temps.occurrence_modifiee"],
        "Organisation de l'établissement, que chacun lit à son emploi du temps et emporte par son agenda.",
    ),
    reserve(
        "dans",
        &["annuaire.identite.fondue"],
        "La fiche principale reçoit le même fait comme annuaire.identite.absorbee.",
    ),
    reserve(
        "absorbee",
        &["annuaire.identite.absorbee"],
        "La fiche absorbée reçoit le même fait comme annuaire.identite.fondue.",
    ),
    reserve(
        "de",
        &["annuaire.identite.separee"],
        "La fiche principale reçoit le même fait comme annuaire.identite.rendue.",
    ),
    reserve(
        "rendue",
        &["annuaire.identite.rendue"],
        "La fiche rendue reçoit le même fait comme annuaire.identite.separee.",
    ),
    reserve(
        "contenu.enseignements.enseignants.personne",
        &["notes.bulletin.fige"],
        "Le bulletin est celui de l'élève ; l'enseignant reçoit ses propres enseignements.",
    ),
    reserve(
        "lots.sujet.personne",
        &["conservation.destruction.demandee"],
        "Proposition que deux personnes examinent ; ce qui fut effacé se voit au dossier.",
    ),
    reserve(
        "portee.personne",
        &["conservation.gel.pose"],
        "Un gel sert une enquête ou un procès, auxquels le dire pourrait nuire (RGPD, art. 23.1).",
    ),
    reserve(
        "delegant",
        &["portails.portail.direction_prise"],
        "Le fait porte sur la direction d'un autre ; le délégant reçoit ses propres directions.",
    ),
    reserve(
        "directeur",
        &["portails.intervention.directeur_avise"],
        "L'avis lui fut adressé, et l'intervention se lit à son portail.",
    ),
    reserve(
        "directeur",
        &["portails.mise_en_garde.adressee"],
        "La mise en garde lui fut adressée ès qualités, et se lit à son portail.",
    ),
    reserve(
        "par",
        &["protection.rectification.demandee", "protection.remise.demandee"],
        "La demande est au dossier de la personne pour qui elle fut faite.",
    ),
    reserve(
        "par",
        &["protection.rectification.accordee", "protection.rectification.refusee"],
        "Réponse faite au nom de l'établissement, et remise à qui elle concerne.",
    ),
    reserve(
        "contenu.auteur",
        &["publications.signalement.recu"],
        "Dire à l'auteur qui l'a signalé exposerait celui-ci (DSA, art. 16) ; la décision lui est remise.",
    ),
];

const VIE_DE_L_ELEVE: &[&str] = &[
    "vie_de_l_eleve.punition.donnee",
    "vie_de_l_eleve.punition.reportee",
    "vie_de_l_eleve.punition.faite",
    "vie_de_l_eleve.punition.non_faite",
    "vie_de_l_eleve.sanction.procedure_engagee",
    "vie_de_l_eleve.sanction.eleve_informe",
    "vie_de_l_eleve.sanction.defense_recueillie",
    "vie_de_l_eleve.sanction.procedure_classee",
    "vie_de_l_eleve.sanction.avertissement_prononce",
    "vie_de_l_eleve.sanction.blame_prononce",
    "vie_de_l_eleve.sanction.responsabilisation_prononcee",
    "vie_de_l_eleve.sanction.exclusion_temporaire_prononcee",
    "vie_de_l_eleve.sanction.exclusion_definitive_prononcee",
    "vie_de_l_eleve.sanction.notifiee",
    "vie_de_l_eleve.sanction.executee",
    "vie_de_l_eleve.sanction.sursis_revoque",
    "vie_de_l_eleve.sanction.recours_note",
    "vie_de_l_eleve.sanction.annulee",
    "vie_de_l_eleve.sanction.effacement_demande",
    "vie_de_l_eleve.mot.ecrit",
    "vie_de_l_eleve.mot.signe",
    "vie_de_l_eleve.passage.ouvert",
    "vie_de_l_eleve.passage.soin_consigne",
    "vie_de_l_eleve.passage.clos",
    "vie_de_l_eleve.stage.prepare",
    "vie_de_l_eleve.stage.convention_signee",
    "vie_de_l_eleve.stage.convention_conclue",
    "vie_de_l_eleve.stage.tuteur_designe",
    "vie_de_l_eleve.stage.tuteur_retire",
    "vie_de_l_eleve.stage.visite_faite",
];

const ACTES_DE_CONSERVATION: &[&str] = &[
    "conservation.destruction.demandee",
    "conservation.destruction.executee",
    "conservation.destruction.abandonnee",
    "conservation.gel.pose",
    "conservation.gel.leve",
];

const fn entier(champ: &'static str, evenements: &'static [&'static str]) -> Mention {
    Mention { lieu: Champ(champ), evenements, suite: Suite::Entier }
}

const fn acte(lieu: Lieu, evenements: &'static [&'static str], champs: &'static [&'static str]) -> Mention {
    extrait(Voie::Acte, lieu, evenements, champs)
}

const fn extrait(
    voie: Voie,
    lieu: Lieu,
    evenements: &'static [&'static str],
    champs: &'static [&'static str],
) -> Mention {
    Mention { lieu, evenements, suite: Suite::Extrait(voie, champs) }
}

const fn reserve(champ: &'static str, evenements: &'static [&'static str], raison: &'static str) -> Mention {
    Mention { lieu: Champ(champ), evenements, suite: Suite::Reserve(raison) }
}
