use super::*;
use domain::portails::Perimetre;
use domain::{
    CompteId, DivisionId, EnseignementId, EtablissementId, InterventionId, PersonneId, PortailId,
    PublicationId, SignalementId,
};

fn rights() -> Rights {
    Rights::load().expect("sound policies")
}

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn college() -> EtablissementId {
    EtablissementId::derived(&["collège"])
}

fn portail() -> PortailId {
    "0690001d".parse().unwrap()
}

fn maths() -> Resource {
    Resource::Enseignement {
        id: EnseignementId::derived(&["maths"]),
        etablissement: college(),
        enseignants: [personne("Ada"), personne("Emmy")].into(),
        absents: [personne("Alan")].into(),
    }
}

fn eleve() -> Resource {
    Resource::Eleve { personne: personne("Inès"), etablissement: Some(college()) }
}

fn actualite(en_ligne: bool, publique: bool) -> Resource {
    Resource::Publication {
        id: PublicationId::derived(&["kermesse"]),
        portail: portail(),
        etablissement: Some(college()),
        auteur: personne("Ada"),
        en_ligne,
        publique,
    }
}

fn signalement() -> Resource {
    Resource::Signalement {
        id: SignalementId::derived(&["1"]),
        portail: portail(),
        auteur_du_contenu: personne("Ada"),
        signalant: personne("Inès"),
    }
}

fn directeur(name: &str) -> Acteur {
    Acteur { directeur_de: [portail()].into(), ..Acteur::personnel(personne(name)) }
}

fn permits(acteur: &Acteur, action: Action, resource: &Resource) -> bool {
    rights().decide(acteur, action, resource).is_ok()
}

#[test]
fn a_yes_names_its_policies_their_articles_and_the_whole_set() {
    let rights = rights();
    let ada = Acteur::personnel(personne("Ada"));
    let autorite = rights.decide(&ada, Action::SaisirNotes, &maths()).unwrap();
    assert_eq!(autorite.politiques, ["notes-enseignant"]);
    assert_eq!(autorite.articles, ["code de l'éducation, art. L912-1"]);
    assert_eq!(autorite.empreinte, rights.empreinte());
    assert_eq!(autorite.empreinte.len(), 64);
}

#[test]
fn whoever_has_two_reasons_is_told_both_in_order() {
    let acteur = Acteur { etablissements: [college()].into(), ..Acteur::personnel(personne("Ada")) };
    let autorite = rights().decide(&acteur, Action::LirePublication, &actualite(true, true)).unwrap();
    assert_eq!(autorite.politiques, ["lecture-auteur", "lecture-publique", "lecture-rattaches"]);
    assert_eq!(autorite.articles.len(), 3);
}

#[test]
fn a_no_does_not_tell_whether_the_thing_exists() {
    let refusal = rights().decide(&Acteur::anonyme(), Action::LireNotesEleve, &eleve()).unwrap_err();
    assert_eq!(refusal.spec().code, "INTERDIT");
    assert_eq!(refusal.to_string(), Interdit.to_string());
}

#[test]
fn an_action_asked_of_the_wrong_kind_of_thing_is_refused() {
    let ada = Acteur::personnel(personne("Ada"));
    assert!(!permits(&ada, Action::SaisirNotes, &eleve()));
    assert!(!permits(&directeur("Ada"), Action::PublierPublication, &signalement()));
}

#[test]
fn co_teachers_share_the_gradebook() {
    for name in ["Ada", "Emmy"] {
        assert!(permits(&Acteur::personnel(personne(name)), Action::SaisirNotes, &maths()));
    }
    assert!(!permits(&Acteur::personnel(personne("Sofia")), Action::SaisirNotes, &maths()));
}

#[test]
fn a_pupil_enrolled_nowhere_is_read_by_no_establishment() {
    let chef = Acteur { direction_de: [college()].into(), ..Acteur::personnel(personne("Marie")) };
    let gone = Resource::Eleve { personne: personne("Inès"), etablissement: None };
    assert!(permits(&chef, Action::LireNotesEleve, &eleve()));
    assert!(!permits(&chef, Action::LireNotesEleve, &gone));
    assert!(permits(&Acteur::personnel(personne("Inès")), Action::LireNotesEleve, &gone));
}

#[test]
fn a_draft_is_its_authors_and_what_is_online_is_the_directors() {
    let ada = Acteur::personnel(personne("Ada"));
    assert!(permits(&ada, Action::ModifierPublication, &actualite(false, true)));
    assert!(!permits(&ada, Action::ModifierPublication, &actualite(true, true)));
    assert!(permits(&directeur("Marie"), Action::ModifierPublication, &actualite(true, true)));
    assert!(!permits(&directeur("Marie"), Action::ModifierPublication, &actualite(false, true)));
}

#[test]
fn nobody_decides_about_his_own_content_under_any_hat() {
    let hat = |name: &str| Acteur {
        compte: Some(CompteId::derived(&["administrateur", name])),
        personne: Some(personne(name)),
        administrateur_de: [portail()].into(),
        ..Acteur::default()
    };
    for acteur in [directeur("Ada"), hat("Ada")] {
        assert!(permits(&acteur, Action::PrendreConnaissance, &signalement()));
        assert!(!permits(&acteur, Action::RendreDecision, &signalement()));
    }
    for acteur in [directeur("Marie"), hat("Marie")] {
        assert!(permits(&acteur, Action::RendreDecision, &signalement()));
    }
}

#[test]
fn a_compte_without_a_person_signs_no_decision() {
    let nobody = Acteur {
        compte: Some(CompteId::derived(&["administrateur"])),
        administrateur_de: [portail()].into(),
        ..Acteur::default()
    };
    assert!(!permits(&nobody, Action::RendreDecision, &signalement()));
    assert!(permits(&nobody, Action::RetirerPublication, &actualite(true, true)));
}

#[test]
fn relations_without_a_compte_open_nothing() {
    let ghost = Acteur { compte: None, ..directeur("Marie") };
    assert!(!permits(&ghost, Action::PublierPublication, &actualite(false, true)));
    assert!(!permits(&ghost, Action::LirePublication, &actualite(false, true)));
    assert!(permits(&ghost, Action::LirePublication, &actualite(true, true)));
}

fn acces(name: &str) -> Resource {
    Resource::Acces {
        compte: CompteId::personnel(personne(name)),
        titulaire: Some(personne(name)),
        etablissements: [college()].into(),
        portails: [portail()].into(),
    }
}

#[test]
fn a_token_narrows_what_its_compte_may_do_and_never_widens_it() {
    let marie = |scope| Acteur { portees: Portees::of_scope(scope), ..directeur("Marie") };
    assert!(permits(&marie("publications"), Action::PublierPublication, &actualite(false, true)));
    assert!(!permits(&marie("notes"), Action::PublierPublication, &actualite(false, true)));
    assert!(!permits(&marie("notes"), Action::SaisirNotes, &maths()));
}

#[test]
fn who_acts_as_a_parent_or_elsewhere_does_not_teach() {
    let ada = |acteur: Acteur| permits(&acteur, Action::SaisirNotes, &maths());
    let whole = || Acteur::personnel(personne("Ada"));
    assert!(ada(whole()));
    assert!(ada(Acteur { etablissement_choisi: Some(college()), ..whole() }));
    assert!(!ada(Acteur { etablissement_choisi: Some(college()), sans_fonction: true, ..whole() }));
    let elsewhere = EtablissementId::derived(&["lycée"]);
    assert!(!ada(Acteur { etablissement_choisi: Some(elsewhere), ..whole() }));
    assert!(!ada(Acteur { sans_fonction: true, ..whole() }));
}

#[test]
fn nobody_of_a_school_says_which_compte_an_identity_opens_and_nobody_for_himself() {
    let chef = Acteur { direction_de: [college()].into(), ..directeur("Marie") };
    assert!(permits(&chef, Action::VerrouillerCompte, &acces("Inès")));
    assert!(!permits(&chef, Action::LierIdentite, &acces("Inès")));
    let exploitant = Acteur { exploitant: true, ..Acteur::personnel(personne("Théo")) };
    assert!(permits(&exploitant, Action::LierIdentite, &acces("Inès")));
    assert!(!permits(&exploitant, Action::LierIdentite, &acces("Théo")));
}

/// A request carries what the schema declares, no more and no less: the engine, asked to
/// check what it usually is spared, agrees.
#[test]
fn what_the_policies_see_is_what_the_schema_declares() {
    let Sound { schema, .. } = policies::read(SCHEMA, POLICIES).unwrap();
    let vocabulary = Vocabulary::new().unwrap();
    let resources = [
        Resource::Etablissement { id: college() },
        Resource::Division { id: DivisionId::derived(&["6A"]), etablissement: college() },
        Resource::Personne { id: personne("Inès"), etablissements: [college()].into() },
        maths(),
        eleve(),
        Resource::Portail { id: portail(), etablissement: Some(college()) },
        actualite(true, false),
        signalement(),
        acces("Inès"),
        Resource::DossierEleve {
            personne: personne("Inès"),
            etablissement: college(),
            principaux: [personne("Ada")].into(),
        },
        Resource::Constat { id: uuid::Uuid::from_u128(1), etablissement: college(), auteur: personne("Ada") },
    ];
    for resource in resources {
        let entity = vocabulary.resource(&resource).unwrap();
        Entities::from_entities([entity], Some(&schema)).unwrap();
    }
    for acteur in [Acteur::anonyme(), directeur("Marie")] {
        let entity = vocabulary.acteur(&acteur).unwrap();
        Entities::from_entities([entity], Some(&schema)).unwrap();
    }
}

/// Leaving out the policies that speak of other actions changes no answer.
#[test]
fn a_bench_answers_as_the_whole_set_would() {
    let rights = rights();
    let Sound { policies, .. } = policies::read(SCHEMA, POLICIES).unwrap();
    let acteurs = [Acteur::anonyme(), directeur("Ada"), Acteur { suspendu: true, ..directeur("Ada") }];
    for acteur in &acteurs {
        for resource in [maths(), eleve(), actualite(true, true), actualite(false, true), signalement()] {
            for action in Action::ALL {
                let question =
                    Question { anonyme: acteur.compte.is_none(), action: *action, about: resource.kind() };
                let Some(bench) = rights.questions.get(&question) else { continue };
                let whole = Bench { action: bench.action.clone(), policies: policies.clone() };
                let short = rights.ask(bench, acteur, &resource).unwrap();
                let long = rights.ask(&whole, acteur, &resource).unwrap();
                assert_eq!(short.decision(), long.decision(), "{action}");
            }
        }
    }
}

#[test]
fn every_fiche_of_a_person_is_that_person() {
    let ada = Acteur { fiches: [personne("Ada bis")].into(), ..Acteur::personnel(personne("Ada")) };
    let taught = |name| Resource::Enseignement {
        id: EnseignementId::derived(&["maths"]),
        etablissement: college(),
        enseignants: [personne(name)].into(),
        absents: [].into(),
    };
    for name in ["Ada", "Ada bis"] {
        assert!(permits(&ada, Action::SaisirNotes, &taught(name)), "{name}");
    }
    assert!(!permits(&ada, Action::SaisirNotes, &taught("Emmy")));
    let own = Resource::Signalement {
        id: SignalementId::derived(&["1"]),
        portail: portail(),
        auteur_du_contenu: personne("Ada bis"),
        signalant: personne("Inès"),
    };
    let directrice = Acteur { directeur_de: [portail()].into(), ..ada };
    assert!(!permits(&directrice, Action::RendreDecision, &own), "nobody is judge of his own content");
}

#[test]
fn who_is_replaced_reads_and_no_longer_writes() {
    let alan = Acteur::personnel(personne("Alan"));
    for action in [Action::LireAppel, Action::LireCarnetDeNotes] {
        assert!(permits(&alan, action, &maths()), "{action}");
    }
    for action in [Action::OuvrirAppel, Action::CloreAppel, Action::SaisirNotes, Action::PublierEvaluation] {
        assert!(!permits(&alan, action, &maths()), "{action}");
    }
}

#[test]
fn an_intervention_on_the_cahiers_lets_the_inspection_put_its_visa_and_read_no_marks() {
    let habilite = |perimetre: Perimetre| Acteur {
        compte_d_office: true,
        interventions: vec![InterventionEnCours {
            id: InterventionId::derived(&["1"]),
            portail: portail(),
            etablissement: Some(college()),
            perimetres: [perimetre].into(),
        }],
        ..Acteur::personnel(personne("Irène"))
    };
    let (cahiers, notes) = (habilite(Perimetre::CahierDeTextes), habilite(Perimetre::Notes));
    let autorite = rights().decide(&cahiers, Action::ViserCahier, &maths()).unwrap();
    assert_eq!(autorite.office, "inspection");
    assert!(permits(&cahiers, Action::LireCahier, &maths()));
    assert!(!permits(&cahiers, Action::LireCarnetDeNotes, &maths()));
    assert!(permits(&notes, Action::LireCarnetDeNotes, &maths()));
    for action in [Action::LireCahier, Action::ViserCahier] {
        assert!(!permits(&notes, action, &maths()), "{action}");
    }
}

#[test]
fn who_wrote_a_draft_puts_it_online_a_posteriori_only_while_of_the_staff() {
    let gone = Acteur::personnel(personne("Ada"));
    let there = Acteur { enseigne_dans: [college()].into(), ..gone.clone() };
    let colleague = Acteur { enseigne_dans: [college()].into(), ..Acteur::personnel(personne("Emmy")) };
    let draft = actualite(false, true);
    assert!(permits(&there, Action::DiffuserPublication, &draft));
    assert!(!permits(&there, Action::DiffuserPublication, &actualite(true, true)), "it is online");
    assert!(!permits(&there, Action::PublierPublication, &draft));
    assert!(permits(&directeur("Ana"), Action::DiffuserPublication, &draft));
    for other in [gone, colleague] {
        assert!(!permits(&other, Action::DiffuserPublication, &draft));
    }
}

#[test]
fn every_action_can_be_asked() {
    let rights = rights();
    for action in Action::ALL {
        assert!(rights.questions.keys().any(|question| question.action == *action), "{action}");
    }
}
