//! Nobody sees another family's child.

use anyhow::Result;
use domain::CompteId;
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
    use domain::PersonneId;
    use domain::annuaire::{Personne, PersonneCommand};
    let ecole = Ecole::ouvrir().await?;
    let bench = &ecole.maison.bench;
    let portail = "ac-lyon".parse()?;
    let parent = PersonneId(ecole.parent.0);
    let context = bench.context(&portail, &["suspension"]);
    bench.record::<Personne>(context, parent, PersonneCommand::SuspendrePersonne).await?;
    bench.runner.catch_up().await?;
    assert_eq!(seen(&ecole, Some(ecole.parent), ecole.eleves[0]).await?, Value::Null);
    ecole.maison.close().await
}
