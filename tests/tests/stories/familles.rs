//! Nobody sees another family's child.

use anyhow::Result;
use domain::annuaire::{Personne, PersonneCommand};
use domain::{CompteId, PersonneId};
use recits::{Ecole, exploitant, global};
use serde_json::{Value, json};

const ELEVE: &str = "query($id: ID!) { eleve(id: $id) { personne { nom }
    absences(first: 5) { edges { node { date } } } notes(first: 5) { edges { node { titre } } } } }";

async fn seen(ecole: &Ecole, who: Option<CompteId>, eleve: uuid::Uuid) -> Result<Value> {
    Ok(ecole.maison.ask(who, ELEVE, json!({ "id": global("Eleve", eleve) })).await?["eleve"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_reads_its_own_child_and_no_other() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let child = ecole.eleves[0];
    assert!(seen(&ecole, Some(ecole.parent), child).await?["notes"].is_object());
    assert!(seen(&ecole, Some(recits::personal(child)), child).await?["notes"].is_object());
    for stranger in [
        Some(ecole.autre_parent),
        Some(recits::personal(ecole.autre_eleve)),
        Some(ecole.administrateur),
        Some(exploitant()),
        Some(CompteId::derived(&["nobody"])),
        None,
    ] {
        assert_eq!(seen(&ecole, stranger, child).await?, Value::Null, "{stranger:?}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_a_parent_to_another_familys_child() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let other = ecole.autre_eleve;
    let paths = json!({ "eleve": global("Eleve", other), "personne": global("Personne", other),
                        "division": global("Division", ecole.division), "uai": ecole.uai });
    let query = "query($eleve: ID!, $personne: ID!, $division: ID!, $uai: String!) {
        a: node(id: $eleve) { id } b: node(id: $personne) { id } c: eleve(id: $personne) { id }
        d: division(id: $division) { eleves { nom } }
        e: etablissement(uai: $uai) { divisions { eleves { nom } } }
        moi { enfants { id } } }";
    let answer = maison.ask(Some(ecole.parent), query, paths).await?;
    for path in ["a", "b", "c", "d"] {
        assert_eq!(answer[path], Value::Null, "{path}");
    }
    assert!(!answer.to_string().contains(&global("Eleve", other)));
    assert_eq!(answer["e"]["divisions"], json!([]), "a parent reads no class list");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_person_reads_nothing_more() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    suspend(&ecole, ecole.parent).await?;
    assert_eq!(seen(&ecole, Some(ecole.parent), ecole.eleves[0]).await?, Value::Null);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_answered_again_to_who_has_lost_the_right_since() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let evaluation = json!({ "clientMutationId": "00000000-0000-4000-8000-00000000000a",
        "enseignementId": global("Enseignement", ecole.enseignement),
        "titre": "Fractions", "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    let first = maison.granted(ecole.enseignante, "creerEvaluation", evaluation.clone(), "").await?;
    suspend(&ecole, ecole.enseignante).await?;
    let again = maison.granted(ecole.enseignante, "creerEvaluation", evaluation.clone(), "").await?;
    assert_eq!(again["position"], first["position"]);
    let mut another = evaluation;
    another["clientMutationId"] = json!("00000000-0000-4000-8000-00000000000b");
    assert_eq!(maison.refused(ecole.enseignante, "creerEvaluation", another).await?, "INTERDIT");
    ecole.maison.close().await
}

async fn suspend(ecole: &Ecole, who: CompteId) -> Result<()> {
    let bench = &ecole.maison.bench;
    let portail = "ac-lyon".parse()?;
    let personne = PersonneId(who.0);
    let context = bench.context(&portail, &["suspension"]);
    bench.record::<Personne>(context, personne, PersonneCommand::SuspendrePersonne).await?;
    Ok(bench.runner.catch_up().await?)
}
