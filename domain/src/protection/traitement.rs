//! The register of processing activities, as data (RGPD, art. 30).
//!
//! Each activity holds the events of some kinds of streams; how long they are kept is what the
//! rules of conservation say of their classes. Every type of event is in exactly one activity,
//! so that nothing is recorded which the register does not name.

use crate::conservation::Regle;
use crate::{EventSpec, Retention, catalogue};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeSet;

/// What data are held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traitement {
    /// Its name, in French.
    pub nom: &'static str,
    /// What for.
    pub finalite: &'static str,
    /// By what right (RGPD, art. 6).
    pub base_legale: &'static str,
    /// Whose data.
    pub personnes: &'static [&'static str],
    /// Which data.
    pub donnees: &'static [&'static str],
    /// Who reads them. The rights themselves are the policies.
    pub destinataires: &'static [&'static str],
    /// The kinds of streams in which they are recorded.
    pub flux: &'static [&'static str],
}

const MISSION: &str = "mission d'intérêt public (RGPD, art. 6.1.e ; code de l'éducation, art. L131-2)";
const OBLIGATION: &str = "obligation légale (RGPD, art. 6.1.c)";
const TOUS: &[&str] = &["élèves", "responsables légaux", "personnels", "partenaires"];

/// Every activity.
pub const TRAITEMENTS: &[Traitement] = &[
    Traitement {
        nom: "Annuaire",
        finalite: "Ouvrir à chacun les services de l'ENT selon ce qu'il est à l'école",
        base_legale: MISSION,
        personnes: TOUS,
        donnees: &[
            "état civil",
            "adresse électronique",
            "rattachements",
            "responsabilités légales",
            "classes et groupes",
        ],
        destinataires: &[
            "les personnels de l'établissement",
            "la personne elle-même",
            "ses responsables légaux",
        ],
        flux: &[
            "annuaire.etablissement",
            "annuaire.personne",
            "annuaire.alimentation",
            "annuaire.groupe",
            "annuaire.calendrier",
            "annuaire.remplacement",
            "annuaire.identite",
            "annuaire.inscription",
            "annuaire.bascule",
        ],
    },
    Traitement {
        nom: "Portails et fonctions",
        finalite: "Savoir qui répond de chaque portail, et par délégation de qui",
        base_legale: OBLIGATION,
        personnes: &["directeurs de publication", "administrateurs ENT"],
        donnees: &["fonction", "dates d'exercice"],
        destinataires: &["le public, pour les mentions légales"],
        flux: &["portails.portail", "portails.mise_en_garde"],
    },
    Traitement {
        nom: "Portails",
        finalite: "Ouvrir à chaque portail les services qu'il propose, sous son apparence",
        base_legale: MISSION,
        personnes: &["directeurs de publication", "administrateurs ENT"],
        donnees: &["auteur de chaque réglage"],
        destinataires: &["la direction de l'établissement", "l'administrateur ENT"],
        flux: &["portails.adhesion", "portails.catalogue", "portails.theme"],
    },
    Traitement {
        nom: "Habilitations et interventions",
        finalite: "Dépanner et contrôler sous le regard d'un second, chaque lecture consignée",
        base_legale: MISSION,
        personnes: &["personnes habilitées", "personnes dont les données sont lues"],
        donnees: &["habilitations", "motifs et durées d'intervention", "lectures"],
        destinataires: &["le directeur de publication", "l'administrateur ENT"],
        flux: &["portails.habilitation", "portails.intervention"],
    },
    Traitement {
        nom: "Comptes et connexions",
        finalite: "Reconnaître qui se connecte, et défendre son compte",
        base_legale: OBLIGATION,
        personnes: TOUS,
        donnees: &["identités externes", "connexions et échecs", "adresses IP", "verrous"],
        destinataires: &["la personne", "qui répond du compte"],
        flux: &["identite.liaison", "identite.session", "identite.compte", "identite.tentative"],
    },
    Traitement {
        nom: "Vie scolaire : absences",
        finalite: "Contrôler l'assiduité et en informer les familles",
        base_legale: OBLIGATION,
        personnes: &["élèves", "enseignants"],
        donnees: &[
            "absences et retards",
            "motifs et pièces annoncées par la famille",
            "demi-journées, seuils et suivis",
            "passages à l'infirmerie, sans leur cause",
            "dispenses, sans leur cause",
        ],
        destinataires: &[
            "les enseignants de l'élève",
            "la vie scolaire",
            "la direction",
            "l'élève et ses responsables légaux",
            "l'académie, en nombres seulement",
        ],
        flux: &[
            "absences.appel",
            "absences.dossier",
            "absences.collective",
            "absences.dispense",
            "absences.reglement",
            "absences.assiduite",
        ],
    },
    Traitement {
        nom: "Évaluation des élèves",
        finalite: "Évaluer les acquis et en informer les familles",
        base_legale: OBLIGATION,
        personnes: &["élèves", "enseignants"],
        donnees: &[
            "notes",
            "corrections et leurs raisons",
            "moyennes, appréciations et avis du conseil de classe",
            "absences et retards d'une période, donnés au conseil de classe",
            "bulletins et leur première lecture",
            "positionnements dans le socle commun",
        ],
        destinataires: &[
            "l'enseignant",
            "le conseil de classe",
            "la direction",
            "l'élève et ses responsables légaux",
        ],
        flux: &[
            "notes.evaluation",
            "notes.politique",
            "notes.periode",
            "notes.appreciation",
            "notes.conseil",
            "notes.bulletin",
            "notes.positionnement",
        ],
    },
    Traitement {
        nom: "Information des familles et du personnel hors de l'ENT",
        finalite: "Prévenir sans délai d'une absence, et dire ce qui attend dans l'ENT",
        base_legale: OBLIGATION,
        personnes: &["élèves", "responsables légaux", "personnels"],
        donnees: &[
            "préférences",
            "téléphone",
            "appareils",
            "ce qui fut envoyé, par quel moyen et quand",
            "adresses en défaut",
        ],
        destinataires: &[
            "la personne",
            "la vie scolaire",
            "la direction",
            "les relais de courriel et de SMS",
            "les services de notification des navigateurs",
        ],
        flux: &["notifications.preferences", "notifications.envoi"],
    },
    Traitement {
        nom: "Cahier de textes et emploi du temps",
        finalite: "Dire quand et où l'on enseigne, ce qui est fait en classe et ce qui est à faire",
        base_legale: MISSION,
        personnes: &["élèves", "enseignants", "personnels"],
        donnees: &["cours et leurs enseignants", "séances", "travaux", "copies et annotations", "visas"],
        destinataires: &[
            "les enseignants de l'élève",
            "la vie scolaire",
            "la direction",
            "l'inspecteur habilité, pendant une intervention",
            "l'élève et ses responsables légaux",
        ],
        flux: &[
            "cahier_de_textes.emploi_du_temps",
            "cahier_de_textes.seance",
            "cahier_de_textes.travail",
            "cahier_de_textes.copie",
            "cahier_de_textes.cahier",
            "cahier_de_textes.abonnement",
        ],
    },
    Traitement {
        nom: "Pièces jointes",
        finalite: "Garder les fichiers qui accompagnent une copie, une séance, un travail ou un justificatif",
        base_legale: MISSION,
        personnes: &["élèves", "responsables légaux", "enseignants"],
        donnees: &["fichiers déposés, leur nom et leur empreinte"],
        destinataires: &["qui lit ce que le fichier accompagne"],
        flux: &["pieces.piece"],
    },
    Traitement {
        nom: "Publications",
        finalite: "Informer le public et la communauté éducative",
        base_legale: MISSION,
        personnes: &["auteurs"],
        donnees: &["contenus publiés", "auteur", "versions"],
        destinataires: &["le public de chaque publication"],
        flux: &["publications.publication"],
    },
    Traitement {
        nom: "Modération",
        finalite: "Recevoir les signalements de contenus et en décider",
        base_legale: OBLIGATION,
        personnes: &["signalants", "auteurs des contenus"],
        donnees: &["signalement", "contenu signalé", "décision et motifs"],
        destinataires: &["le directeur de publication", "l'administrateur ENT"],
        flux: &["publications.signalement", "publications.espace"],
    },
    Traitement {
        nom: "Conservation et effacement",
        finalite: "Effacer ce dont le temps est venu, et prouver qu'il l'a été",
        base_legale: OBLIGATION,
        personnes: TOUS,
        donnees: &["gels", "destructions"],
        destinataires: &["le directeur de publication", "l'administrateur ENT"],
        flux: &["conservation.gel", "conservation.destruction"],
    },
    Traitement {
        nom: "Droits des personnes",
        finalite: "Remettre à chacun ses données et répondre aux demandes de rectification",
        base_legale: OBLIGATION,
        personnes: TOUS,
        donnees: &["demandes", "réponses", "empreinte de ce qui fut remis"],
        destinataires: &["la personne et ses responsables légaux", "la direction de l'établissement"],
        flux: &["protection.remise", "protection.rectification"],
    },
    Traitement {
        nom: "Contrôle du journal",
        finalite: "Savoir qui lit le journal probant et ce qu'une vérification y trouve",
        base_legale: OBLIGATION,
        personnes: &["personnels", "auditeurs"],
        donnees: &["lectures du journal et leurs motifs", "constats"],
        destinataires: &["le directeur de publication", "les auditeurs"],
        flux: &["journal.consultation", "journal.verification"],
    },
    Traitement {
        nom: "Vie de l'élève : incidents, punitions et sanctions",
        finalite: "Répondre aux manquements au règlement intérieur, et en informer les familles",
        base_legale: OBLIGATION,
        personnes: &["élèves", "personnels", "témoins et victimes"],
        donnees: &["faits et récits", "punitions", "procédures, décisions et recours", "effacements"],
        destinataires: &["la vie scolaire", "la direction", "l'élève et ses responsables légaux"],
        flux: &["vie_de_l_eleve.incident", "vie_de_l_eleve.punition", "vie_de_l_eleve.sanction"],
    },
    Traitement {
        nom: "Carnet de correspondance et stages",
        finalite: "Correspondre avec les familles, et suivre les élèves en entreprise",
        base_legale: MISSION,
        personnes: &["élèves", "responsables légaux", "personnels", "tuteurs en entreprise"],
        donnees: &["mots et accusés de réception", "conventions, signatures et visites"],
        destinataires: &["les personnels de l'établissement", "l'élève et ses responsables légaux"],
        flux: &["vie_de_l_eleve.mot", "vie_de_l_eleve.stage"],
    },
    Traitement {
        nom: "Infirmerie",
        finalite: "Soigner les élèves, et savoir où ils sont",
        base_legale: "mission d'intérêt public et soins (RGPD, art. 6.1.e et 9.2.h ; code de l'éducation, art. L541-1)",
        personnes: &["élèves"],
        donnees: &["présence à l'infirmerie", "motifs et soins, données de santé"],
        destinataires: &[
            "l'infirmier pour les soins",
            "la vie scolaire, la direction, l'élève et ses responsables légaux pour la présence",
        ],
        flux: &["vie_de_l_eleve.passage"],
    },
];

/// A class of contents of an activity, and how long it is kept.
#[derive(Debug, Clone, Serialize)]
pub struct DureeInscrite {
    /// Which class.
    pub classe: Retention,
    /// For how many months, from the starting point that `libelle` says.
    pub mois: u32,
    /// The rule, in French.
    pub libelle: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its version.
    pub version: u32,
}

/// An activity as the register shows it on a day.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct TraitementInscrit {
    pub nom: &'static str,
    pub finalite: &'static str,
    pub base_legale: &'static str,
    pub categories_de_personnes: &'static [&'static str],
    pub categories_de_donnees: &'static [&'static str],
    pub destinataires: &'static [&'static str],
    pub durees: Vec<DureeInscrite>,
    pub evenements: Vec<EventSpec>,
    /// Where data go outside the Union: nowhere.
    pub transferts: &'static [&'static str],
    /// How they are secured (art. 32), in general terms.
    pub mesures: &'static [&'static str],
}

const MESURES: &[&str] = &[
    "contenus chiffrés sous une clé par personne, classe et année scolaire",
    "journal scellé, que nul rôle du programme ne peut modifier",
    "droits refusés par défaut, chacun avec sa source",
    "effacement par destruction des clés, décidé par deux personnes",
];

impl Traitement {
    /// The types of its events.
    pub fn evenements(&self) -> Vec<EventSpec> {
        let all = catalogue();
        let mine = all.iter().filter(|(flux, _, _)| self.flux.contains(flux));
        mine.flat_map(|(_, specs, _)| *specs).copied().collect()
    }

    /// The activity with the rules in force on a day.
    pub fn inscrit(&self, le: NaiveDate) -> TraitementInscrit {
        let evenements = self.evenements();
        let classes: BTreeSet<_> = evenements.iter().map(|spec| spec.retention).collect();
        let duree = |classe| {
            let Regle { mois, libelle, source, version, .. } = *Regle::en_vigueur(classe, le)?;
            Some(DureeInscrite { classe, mois, libelle, source, version })
        };
        TraitementInscrit {
            nom: self.nom,
            finalite: self.finalite,
            base_legale: self.base_legale,
            categories_de_personnes: self.personnes,
            categories_de_donnees: self.donnees,
            destinataires: self.destinataires,
            durees: classes.into_iter().filter_map(duree).collect(),
            evenements,
            transferts: &[],
            mesures: MESURES,
        }
    }
}

/// The whole register on a day.
pub fn registre(le: NaiveDate) -> Vec<TraitementInscrit> {
    TRAITEMENTS.iter().map(|traitement| traitement.inscrit(le)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_type_is_in_exactly_one_activity() {
        for (flux, specs, _) in catalogue() {
            for spec in specs {
                let naming = TRAITEMENTS.iter().filter(|traitement| traitement.evenements().contains(spec));
                assert_eq!(naming.count(), 1, "{flux} {}", spec.name);
            }
        }
    }

    #[test]
    fn every_stream_of_an_activity_exists() {
        let all: BTreeSet<_> = catalogue().iter().map(|(flux, _, _)| *flux).collect();
        for traitement in TRAITEMENTS {
            assert!(traitement.flux.iter().all(|flux| all.contains(flux)), "{}", traitement.nom);
        }
    }

    #[test]
    fn every_activity_says_what_for_whose_which_by_what_right_and_how_long() {
        for inscrit in registre("2026-11-23".parse().unwrap()) {
            assert!(!inscrit.finalite.is_empty() && !inscrit.base_legale.is_empty(), "{}", inscrit.nom);
            assert!(!inscrit.categories_de_personnes.is_empty(), "{}", inscrit.nom);
            assert!(!inscrit.categories_de_donnees.is_empty(), "{}", inscrit.nom);
            assert!(!inscrit.destinataires.is_empty() && !inscrit.durees.is_empty(), "{}", inscrit.nom);
        }
    }
}
