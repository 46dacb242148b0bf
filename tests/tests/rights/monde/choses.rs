//! The things of the small school, as the rights know them.

use super::{college, lycee, personne, portail};
use commands::rights::Resource;
use domain::{
    CompteId, DivisionId, EnseignementId, EtablissementId, GroupeId, PersonneId, PublicationId, SignalementId,
};

pub fn division(name: &str, etablissement: EtablissementId) -> Resource {
    Resource::Division { id: DivisionId::derived(&[name]), etablissement }
}

pub fn groupe(name: &str, encadrant: &str, etablissement: EtablissementId) -> Resource {
    Resource::Groupe {
        id: GroupeId::derived(&[name]),
        etablissement,
        encadrants: [personne(encadrant)].into(),
    }
}

pub fn fiche(name: &str, etablissement: EtablissementId) -> Resource {
    Resource::Personne { id: personne(name), etablissements: [etablissement].into() }
}

pub fn acces(name: &str, etablissement: EtablissementId, label: &str) -> Resource {
    Resource::Acces {
        compte: CompteId::personnel(personne(name)),
        titulaire: Some(personne(name)),
        etablissements: [etablissement].into(),
        portails: [portail(label)].into(),
    }
}

pub fn enseignement(enseignant: &str, etablissement: EtablissementId) -> Resource {
    Resource::Enseignement {
        id: EnseignementId::derived(&[enseignant]),
        etablissement,
        enseignants: [personne(enseignant)].into(),
        absents: [].into(),
    }
}

pub fn conseil(enseignant: &str, principal: &str, etablissement: EtablissementId) -> Resource {
    Resource::Conseil {
        division: DivisionId::derived(&["6A"]),
        etablissement,
        enseignants: [personne(enseignant)].into(),
        principaux: [personne(principal)].into(),
    }
}

pub fn eleve(name: &str, etablissement: EtablissementId) -> Resource {
    eleve_de(personne(name), etablissement)
}

pub fn eleve_de(personne: PersonneId, etablissement: EtablissementId) -> Resource {
    Resource::Eleve { personne, etablissement: Some(etablissement) }
}

pub fn constat(auteur: PersonneId, etablissement: EtablissementId) -> Resource {
    Resource::Constat { id: uuid::Uuid::from_u128(1), etablissement, auteur }
}

pub fn dossier(personne: PersonneId, etablissement: EtablissementId, principal: &str) -> Resource {
    Resource::DossierEleve { personne, etablissement, principaux: [self::personne(principal)].into() }
}

pub fn publication(label: &str, auteur: PersonneId, en_ligne: bool, publique: bool) -> Resource {
    Resource::Publication {
        id: PublicationId::derived(&["actualité"]),
        portail: portail(label),
        etablissement: Some(if label == "lycee" { lycee() } else { college() }),
        auteur,
        en_ligne,
        publique,
    }
}

pub fn signalement(label: &str, auteur_du_contenu: PersonneId, signalant: PersonneId) -> Resource {
    Resource::Signalement {
        id: SignalementId::derived(&["1"]),
        portail: portail(label),
        auteur_du_contenu,
        signalant,
    }
}
