//! What the log is told of a decision: which policies refused and by which articles, and nobody's name.

use super::ecoute::Ecoute;
use super::monde::choses::{acces, eleve, enseignement, signalement};
use super::monde::{college, personne, portail};
use commands::rights::{Acteur, Action, Portees, Resource, Rights};
use domain::CompteId;

const LABEL: &str = "0690001d";

fn rights() -> Rights {
    Rights::load().expect("sound policies")
}

fn maths() -> Resource {
    enseignement("Ada", college())
}

fn ines() -> Resource {
    eleve("Inès", college())
}

/// The line that one decision leaves.
fn ligne(rights: &Rights, acteur: &Acteur, action: Action, resource: &Resource) -> String {
    let heard = Ecoute::default();
    tracing::subscriber::with_default(heard.clone(), || {
        let _ = rights.decide(acteur, action, resource);
    });
    let said: Vec<_> = heard.decisions().into_iter().map(|decision| decision.ligne).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    said.concat()
}

#[test]
fn a_refusal_tells_the_log_which_policy_decided_and_by_which_article() {
    let rights = rights();
    let suspended = Acteur { suspendu: true, ..Acteur::personnel(personne("Ada")) };
    let told = ligne(&rights, &suspended, Action::SaisirNotes, &maths());
    let forbidden = r#"motif="interdiction" politiques="compte-suspendu (RGPD, art. 32)""#;
    assert_eq!(told, format!("action=SaisirNotes permitted=false {forbidden}"));

    let told = ligne(&rights, &Acteur::personnel(personne("Sofia")), Action::SaisirNotes, &maths());
    assert!(told.contains(r#"motif="sans_permission""#), "{told}");
    assert!(told.contains("notes-enseignant (code de l'éducation, art. L912-1)"), "{told}");
    assert!(!told.contains("compte-suspendu"), "what forbids nothing decided nothing: {told}");

    let narrow = Acteur { portees: Portees::of_scope("absences"), ..Acteur::personnel(personne("Ada")) };
    let told = ligne(&rights, &narrow, Action::SaisirNotes, &maths());
    assert!(told.contains(r#"motif="hors_portee" politiques="""#), "{told}");

    let told = ligne(&rights, &Acteur::personnel(personne("Ada")), Action::SaisirNotes, &ines());
    assert!(told.contains(r#"motif="hors_schema""#), "{told}");

    let told = ligne(&rights, &Acteur::personnel(personne("Ada")), Action::SaisirNotes, &maths());
    assert_eq!(told, "action=SaisirNotes permitted=true");
}

#[test]
fn what_the_log_is_told_of_a_refusal_names_nobody() {
    let rights = rights();
    let marie = Acteur { directeur_de: [portail(LABEL)].into(), ..Acteur::personnel(personne("Marie")) };
    let suspended = Acteur { suspendu: true, enfants: [personne("Inès")].into(), ..marie.clone() };
    let acteurs = [Acteur::anonyme(), marie, suspended];
    let nobody = ["Ada", "Inès", "Marie"].map(|name| personne(name).to_string());
    let actions = [Action::SaisirNotes, Action::LireNotesEleve, Action::RendreDecision, Action::LireAcces];
    let compte = CompteId::personnel(personne("Marie")).to_string();
    for acteur in &acteurs {
        let signale = signalement(LABEL, personne("Ada"), personne("Inès"));
        for resource in [maths(), ines(), signale, acces("Inès", college(), LABEL)] {
            for action in actions {
                let told = ligne(&rights, acteur, action, &resource);
                assert!(nobody.iter().all(|one| !told.contains(one)), "{told}");
                assert!(!told.contains(&compte) && !told.contains(&college().to_string()), "{told}");
            }
        }
    }
}
