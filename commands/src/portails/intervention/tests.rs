//! What is put on the record of an intervention is held to what the policies open by it: a policy that
//! opened more would open what nobody ever hears was read.

use super::*;
use crate::rights::Rights;
use domain::{
    DivisionId, EnseignementId, EtablissementId, GroupeId, IncidentId, PublicationId, SignalementId,
};

/// What an intervention may change about an action and nothing else: the inspection's visa, which is a
/// fact of its own.
const ACTES: [(Action, Perimetre); 1] = [(Action::ViserCahier, Perimetre::CahierDeTextes)];

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn college(name: &str) -> EtablissementId {
    EtablissementId::derived(&[name])
}

fn portail_de(name: &str) -> PortailId {
    match name {
        "ici" => "0690001d".parse().unwrap(),
        _ => "0690002e".parse().unwrap(),
    }
}

/// A personne habilitée, with these parts of the collège open, or without an intervention.
fn habilite(perimetres: &[Perimetre]) -> Acteur {
    let open = InterventionEnCours {
        id: InterventionId::derived(&["1"]),
        portail: portail_de("ici"),
        etablissement: Some(college("ici")),
        perimetres: perimetres.iter().copied().collect(),
    };
    Acteur {
        compte_d_office: true,
        interventions: if perimetres.is_empty() { vec![] } else { vec![open] },
        ..Acteur::personnel(personne("Irène"))
    }
}

/// A thing of each kind, in a collège and at its portal.
fn choses(name: &str) -> Vec<Resource> {
    let (place, portail) = (college(name), portail_de(name));
    let (ada, ines, personnes) = (personne("Ada"), personne("Inès"), BTreeSet::new);
    vec![
        Resource::Etablissement { id: place },
        Resource::Division { id: DivisionId::derived(&[name]), etablissement: place },
        Resource::Groupe { id: GroupeId::derived(&[name]), etablissement: place, encadrants: personnes() },
        Resource::Personne { id: ines, etablissements: [place].into() },
        Resource::Enseignement {
            id: EnseignementId::derived(&[name]),
            etablissement: place,
            enseignants: [ada].into(),
            absents: personnes(),
        },
        Resource::Conseil {
            division: DivisionId::derived(&[name]),
            etablissement: place,
            enseignants: [ada].into(),
            principaux: personnes(),
        },
        Resource::Eleve { personne: ines, etablissement: Some(place) },
        Resource::DossierEleve { personne: ines, etablissement: place, principaux: personnes() },
        Resource::Constat { id: IncidentId::derived(&[name]).0, etablissement: place, auteur: ada },
        Resource::Portail { id: portail.clone(), etablissement: Some(place) },
        Resource::Publication {
            id: PublicationId::derived(&[name]),
            portail: portail.clone(),
            etablissement: Some(place),
            auteur: ada,
            en_ligne: false,
            publique: false,
        },
        Resource::Signalement {
            id: SignalementId::derived(&[name]),
            portail: portail.clone(),
            auteur_du_contenu: ada,
            signalant: ines,
        },
        Resource::Acces {
            compte: CompteId::personnel(ines),
            titulaire: Some(ines),
            etablissements: [place].into(),
            portails: [portail].into(),
        },
        Resource::Plateforme,
    ]
}

/// What an intervention on these parts lets do that is not let otherwise.
fn gained(rights: &Rights, perimetres: &[Perimetre], choses: &[Resource]) -> BTreeSet<Action> {
    let may = |acteur: &Acteur, action: Action, on: &Resource| rights.decide(acteur, action, on).is_ok();
    let (let_in, outside) = (habilite(perimetres), habilite(&[]));
    let opened =
        |action: &Action| choses.iter().any(|on| may(&let_in, *action, on) && !may(&outside, *action, on));
    Action::ALL.iter().copied().filter(opened).collect()
}

#[test]
fn what_an_intervention_opens_is_what_is_put_on_its_record() {
    let rights = Rights::load().unwrap();
    for part in Perimetre::TOUS {
        let recorded = Action::ALL.iter().copied().filter(|action| perimetre(*action) == Some(*part));
        let acts = ACTES.iter().filter(|(_, of)| of == part).map(|(action, _)| *action);
        let expected: BTreeSet<_> = recorded.chain(acts).collect();
        assert_eq!(gained(&rights, &[*part], &choses("ici")), expected, "{}", part.as_str());
    }
}

#[test]
fn an_intervention_opens_nothing_of_another_house() {
    let rights = Rights::load().unwrap();
    assert_eq!(gained(&rights, Perimetre::TOUS, &choses("ailleurs")), BTreeSet::new());
    assert_eq!(gained(&rights, &[], &choses("ici")), BTreeSet::new());
}

#[test]
fn what_is_read_is_put_on_the_record_of_the_intervention_that_opens_it_and_of_no_other() {
    let rights = Rights::load().unwrap();
    for part in Perimetre::TOUS {
        let acteur = habilite(&[*part]);
        for on in choses("ici").iter().chain(&choses("ailleurs")) {
            for action in Action::ALL {
                let Some(of) = perimetre(*action) else { continue };
                let read = rights.decide(&acteur, *action, on).is_ok();
                assert!(!read || reaches(&acteur.interventions[0], of, on), "{action} of {on}");
            }
        }
    }
}
