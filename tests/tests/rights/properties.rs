//! Random acteurs and things, against oracles written without looking at the policies.

use super::monde::portail;
use commands::rights::{Acteur, Action, Resource, Rights};
use domain::{
    CompteId, DivisionId, EnseignementId, EtablissementId, GroupeId, IncidentId, PersonneId, PublicationId,
    SignalementId,
};
use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static RIGHTS: LazyLock<Rights> = LazyLock::new(|| Rights::load().unwrap());

fn permits(acteur: &Acteur, action: Action, resource: &Resource) -> bool {
    RIGHTS.decide(acteur, action, resource).is_ok()
}

/// Three of each kind: few enough that relations often meet.
fn one<T: std::fmt::Debug + Clone + 'static>(make: fn(&[&str]) -> T) -> impl Strategy<Value = T> {
    select(vec![make(&["1"]), make(&["2"]), make(&["3"])])
}

fn some<T: std::fmt::Debug + Clone + Ord + 'static>(
    make: fn(&[&str]) -> T,
) -> impl Strategy<Value = BTreeSet<T>> {
    btree_set(one(make), 0..2)
}

fn portal(parts: &[&str]) -> domain::PortailId {
    portail(&parts.concat())
}

fn acteur() -> impl Strategy<Value = Acteur> {
    let who = (
        option::weighted(0.9, one(CompteId::derived)),
        option::of(one(PersonneId::derived)),
        prop::bool::weighted(0.2),
        some(PersonneId::derived),
    );
    let school = (
        some(EtablissementId::derived),
        some(EtablissementId::derived),
        some(EtablissementId::derived),
        some(EtablissementId::derived),
        some(EtablissementId::derived),
        some(EtablissementId::derived),
    );
    let family =
        (some(DivisionId::derived), some(PersonneId::derived), prop::bool::ANY, some(GroupeId::derived));
    let rare = || prop::bool::weighted(0.1);
    let office = (some(portal), some(portal), rare(), rare(), rare());
    (who, school, family, office).prop_map(|(who, school, family, office)| Acteur {
        compte: who.0,
        personne: who.1,
        compte_d_office: who.2,
        // Nobody has other fiches without a principal one.
        fiches: who.3.into_iter().filter(|fiche| who.1.is_some_and(|one| one != *fiche)).collect(),
        etablissements: school.0,
        direction_de: school.1,
        vie_scolaire_de: school.2,
        enseigne_dans: school.3,
        administratif_de: school.4,
        infirmier_de: school.5,
        divisions: family.0,
        enfants: family.1,
        majeur: family.2,
        groupes: family.3,
        directeur_de: office.0,
        administrateur_de: office.1,
        exploitant: office.2,
        suspendu: office.3,
        auditeur: office.4,
        ..Acteur::default()
    })
}

fn eleve() -> impl Strategy<Value = (PersonneId, Option<EtablissementId>)> {
    (one(PersonneId::derived), option::of(one(EtablissementId::derived)))
}

/// A pupil's life at one établissement, with the professeurs principaux.
fn dossier_eleve() -> impl Strategy<Value = Resource> {
    let of = (one(PersonneId::derived), one(EtablissementId::derived), some(PersonneId::derived));
    of.prop_map(|(personne, etablissement, principaux)| Resource::DossierEleve {
        personne,
        etablissement,
        principaux,
    })
}

fn constat() -> impl Strategy<Value = Resource> {
    (one(EtablissementId::derived), one(PersonneId::derived)).prop_map(|(etablissement, auteur)| {
        Resource::Constat { id: IncidentId::derived(&["1"]).0, etablissement, auteur }
    })
}

fn publication() -> impl Strategy<Value = Resource> {
    let place = (one(portal), option::of(one(EtablissementId::derived)));
    (place, one(PersonneId::derived), any::<bool>(), any::<bool>()).prop_map(
        |((portail, etablissement), auteur, en_ligne, publique)| Resource::Publication {
            id: PublicationId::derived(&["1"]),
            portail,
            etablissement,
            auteur,
            en_ligne,
            publique,
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    let etablissement = || one(EtablissementId::derived);
    prop_oneof![
        etablissement().prop_map(|id| Resource::Etablissement { id }),
        (one(DivisionId::derived), etablissement())
            .prop_map(|(id, etablissement)| Resource::Division { id, etablissement }),
        (one(PersonneId::derived), some(EtablissementId::derived))
            .prop_map(|(id, etablissements)| Resource::Personne { id, etablissements }),
        (one(GroupeId::derived), etablissement(), some(PersonneId::derived))
            .prop_map(|(id, etablissement, encadrants)| Resource::Groupe { id, etablissement, encadrants }),
        (one(EnseignementId::derived), etablissement(), some(PersonneId::derived), some(PersonneId::derived))
            .prop_map(|(id, etablissement, enseignants, absents)| Resource::Enseignement {
                id,
                etablissement,
                enseignants,
                absents
            }),
        (one(DivisionId::derived), etablissement(), some(PersonneId::derived), some(PersonneId::derived))
            .prop_map(|(division, etablissement, enseignants, principaux)| Resource::Conseil {
                division,
                etablissement,
                enseignants,
                principaux
            }),
        eleve().prop_map(|(personne, etablissement)| Resource::Eleve { personne, etablissement }),
        dossier_eleve(),
        constat(),
        (one(portal), option::of(etablissement()))
            .prop_map(|(id, etablissement)| Resource::Portail { id, etablissement }),
        publication(),
        (one(portal), one(PersonneId::derived), one(PersonneId::derived)).prop_map(
            |(portail, auteur_du_contenu, signalant)| Resource::Signalement {
                id: SignalementId::derived(&["1"]),
                portail,
                auteur_du_contenu,
                signalant,
            }
        ),
        (
            one(CompteId::derived),
            option::of(one(PersonneId::derived)),
            some(EtablissementId::derived),
            some(portal)
        )
            .prop_map(|(compte, titulaire, etablissements, portails)| Resource::Acces {
                compte,
                titulaire,
                etablissements,
                portails,
            }),
        Just(Resource::Plateforme),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn marks_and_absences_are_read_by_who_has_a_tie_to_the_pupil_and_by_nobody_else(
        acteur in acteur(), (personne, etablissement) in eleve(),
    ) {
        let in_service = acteur.compte.is_some() && !acteur.suspendu && !acteur.exploitant;
        let itself = acteur.is(personne) && !acteur.compte_d_office;
        let seen = acteur.personne.filter(|_| acteur.fiches.contains(&personne)).unwrap_or(personne);
        let family = itself || acteur.enfants.contains(&seen);
        let at = |places: &BTreeSet<EtablissementId>| etablissement.is_some_and(|place| places.contains(&place));
        let eleve = Resource::Eleve { personne, etablissement };
        prop_assert_eq!(
            permits(&acteur, Action::LireNotesEleve, &eleve),
            in_service && (family || at(&acteur.direction_de))
        );
        prop_assert_eq!(
            permits(&acteur, Action::LireAbsencesEleve, &eleve),
            in_service && (family || at(&acteur.direction_de) || at(&acteur.vie_scolaire_de))
        );
    }

    #[test]
    fn why_a_pupil_came_to_the_infirmerie_is_read_by_the_infirmier_and_by_nobody_else(
        acteur in acteur(), dossier in dossier_eleve(),
    ) {
        let Resource::DossierEleve { personne, etablissement, .. } = &dossier else { unreachable!() };
        let in_service = acteur.compte.is_some() && !acteur.suspendu && !acteur.exploitant;
        let infirmier = acteur.infirmier_de.contains(etablissement);
        for action in [Action::LireSoins, Action::TenirInfirmerie] {
            prop_assert_eq!(permits(&acteur, action, &dossier), in_service && infirmier, "{}", action);
        }
        let itself = acteur.is(*personne) && !acteur.compte_d_office;
        let seen = acteur.personne.filter(|_| acteur.fiches.contains(personne)).unwrap_or(*personne);
        let family = itself || acteur.enfants.contains(&seen);
        let school = acteur.direction_de.contains(etablissement) || acteur.vie_scolaire_de.contains(etablissement);
        prop_assert_eq!(
            permits(&acteur, Action::LirePassages, &dossier),
            in_service && (infirmier || family || school)
        );
    }

    #[test]
    fn only_the_direction_pronounces_and_effaces(acteur in acteur(), dossier in dossier_eleve()) {
        let Resource::DossierEleve { etablissement, .. } = &dossier else { unreachable!() };
        let in_service = acteur.compte.is_some() && !acteur.suspendu && !acteur.exploitant;
        for action in [Action::PrononcerSanction, Action::EffacerSanction] {
            let may = in_service && acteur.direction_de.contains(etablissement);
            prop_assert_eq!(permits(&acteur, action, &dossier), may, "{}", action);
        }
    }

    #[test]
    fn whoever_may_follow_an_incident_may_read_it(acteur in acteur(), constat in constat()) {
        for action in [Action::TraiterIncident, Action::ConclurePunition, Action::VisiterStage] {
            prop_assert!(!permits(&acteur, action, &constat) || permits(&acteur, Action::LireConstat, &constat));
        }
    }

    #[test]
    fn suspension_takes_everything(acteur in acteur(), resource in resource()) {
        let acteur = Acteur { compte: Some(CompteId::derived(&["1"])), suspendu: true, ..acteur };
        for action in Action::ALL {
            prop_assert!(!permits(&acteur, *action, &resource), "{}", action);
        }
    }

    #[test]
    fn a_visitor_reads_public_pages_and_mentions_legales_and_nothing_else(
        acteur in acteur(), resource in resource(),
    ) {
        let visitor = Acteur { compte: None, ..acteur };
        for action in Action::ALL {
            let open = match (action, &resource) {
                (Action::LirePortail, Resource::Portail { .. }) => true,
                (Action::LirePublication, Resource::Publication { en_ligne, publique, .. }) => *en_ligne && *publique,
                _ => false,
            };
            prop_assert_eq!(permits(&visitor, *action, &resource), open, "{}", action);
        }
    }

    #[test]
    fn whoever_may_report_or_edit_or_publish_a_content_may_read_it(
        acteur in acteur(), publication in publication(),
    ) {
        for action in [
            Action::SignalerContenu,
            Action::ModifierPublication,
            Action::SoumettrePublication,
            Action::PublierPublication,
            Action::DiffuserPublication,
            Action::RetirerPublication,
        ] {
            prop_assert!(
                !permits(&acteur, action, &publication) || permits(&acteur, Action::LirePublication, &publication),
                "{}", action
            );
        }
    }

    #[test]
    fn whoever_may_decide_on_a_report_may_read_it(acteur in acteur(), resource in resource()) {
        for action in [Action::PrendreConnaissance, Action::RendreDecision] {
            prop_assert!(!permits(&acteur, action, &resource) || permits(&acteur, Action::LireSignalement, &resource));
        }
    }

    #[test]
    fn an_answer_is_the_same_the_second_time(acteur in acteur(), resource in resource()) {
        for action in Action::ALL {
            prop_assert_eq!(
                RIGHTS.decide(&acteur, *action, &resource),
                RIGHTS.decide(&acteur, *action, &resource)
            );
        }
    }
}
