//! Who asks: one of each kind of user.

use super::{college, personne, portail};
use commands::rights::{Acteur, InterventionEnCours};
use domain::portails::Perimetre;
use domain::{CompteId, DivisionId, GroupeId, InterventionId};
use std::collections::BTreeSet;

/// A kind of user.
pub struct Role {
    pub sigle: &'static str,
    pub libelle: &'static str,
    pub acteur: Acteur,
}

/// Someone of the collège, known by the sigle.
fn membre(sigle: &str) -> Acteur {
    Acteur { etablissements: [college()].into(), ..Acteur::personnel(personne(sigle)) }
}

/// One of each. The collège's own are attached to it; the visitor, the administrateur's separate
/// compte, the partner's directeur and the operator are not.
pub fn distribution() -> Vec<Role> {
    let role = |sigle, libelle, acteur| Role { sigle, libelle, acteur };
    let administrateur = Acteur {
        compte: Some(CompteId::derived(&["administrateur"])),
        personne: Some(personne("AEN")),
        compte_d_office: true,
        administrateur_de: [portail("college")].into(),
        ..Acteur::default()
    };
    vec![
        role("ANO", "visiteur sans compte", Acteur::anonyme()),
        role(
            "ELE",
            "élève de 6e A",
            Acteur {
                divisions: [DivisionId::derived(&["6A"])].into(),
                groupes: [GroupeId::derived(&["latin"])].into(),
                ..membre("ELE")
            },
        ),
        role(
            "MAJ",
            "élève majeur de 6e A",
            Acteur { divisions: [DivisionId::derived(&["6A"])].into(), majeur: true, ..membre("MAJ") },
        ),
        role(
            "RES",
            "responsable légal de l'élève ELE, avec droit à l'information",
            Acteur { enfants: [personne("ELE")].into(), ..membre("RES") },
        ),
        role("RSI", "responsable légal de l'élève ELE, sans droit à l'information", membre("RSI")),
        role("ENS", "enseignant au collège", Acteur { enseigne_dans: [college()].into(), ..membre("ENS") }),
        role(
            "VSC",
            "vie scolaire du collège (CPE, AED)",
            Acteur { vie_scolaire_de: [college()].into(), ..membre("VSC") },
        ),
        role(
            "DIR",
            "direction du collège (chef, adjoint)",
            Acteur { direction_de: [college()].into(), ..membre("DIR") },
        ),
        role(
            "ADM",
            "personnel administratif du collège",
            Acteur { administratif_de: [college()].into(), ..membre("ADM") },
        ),
        role(
            "INF",
            "infirmier du collège",
            Acteur {
                administratif_de: [college()].into(),
                infirmier_de: [college()].into(),
                ..membre("INF")
            },
        ),
        role(
            "DPU",
            "directeur de publication du portail du collège, sans autre fonction",
            Acteur { directeur_de: [portail("college")].into(), ..membre("DPU") },
        ),
        role("AEN", "administrateur ENT du portail du collège (compte séparé)", administrateur),
        role(
            "DPP",
            "directeur de publication d'un portail partenaire, sans autre fonction",
            Acteur { directeur_de: [portail("ac-lyon")].into(), ..Acteur::personnel(personne("DPP")) },
        ),
        role(
            "EXP",
            "exploitant de la plateforme",
            Acteur { exploitant: true, ..Acteur::personnel(personne("EXP")) },
        ),
        role(
            "AUD",
            "auditeur du journal, nommé par la plateforme",
            Acteur { auditeur: true, ..Acteur::personnel(personne("AUD")) },
        ),
        role("HAB", "personne habilitée par l'établissement, sans intervention ouverte", habilite([].into())),
        role(
            "INT",
            "personne habilitée pendant une intervention ouverte sur tout le collège",
            habilite(Perimetre::TOUS.iter().copied().collect()),
        ),
        role(
            "FER",
            "enseignant du collège, si la maison lui est fermée (fin de l'adhésion, lycée privé)",
            Acteur { fermes: [college()].into(), ..Acteur::personnel(personne("FER")) },
        ),
        role("SUS", "compte suspendu, qui a par ailleurs toutes les fonctions du collège", suspendu()),
    ]
}

fn habilite(perimetres: BTreeSet<Perimetre>) -> Acteur {
    let open = InterventionEnCours {
        id: InterventionId::derived(&["1"]),
        portail: portail("college"),
        etablissement: Some(college()),
        perimetres,
    };
    Acteur {
        compte: Some(CompteId::derived(&["habilité"])),
        personne: Some(personne("HAB")),
        compte_d_office: true,
        habilite_de: [portail("college")].into(),
        interventions: vec![open],
        ..Acteur::default()
    }
}

fn suspendu() -> Acteur {
    Acteur {
        divisions: [DivisionId::derived(&["6A"])].into(),
        enfants: [personne("ELE")].into(),
        direction_de: [college()].into(),
        vie_scolaire_de: [college()].into(),
        enseigne_dans: [college()].into(),
        administratif_de: [college()].into(),
        directeur_de: [portail("college")].into(),
        administrateur_de: [portail("college")].into(),
        auditeur: true,
        suspendu: true,
        ..membre("SUS")
    }
}
