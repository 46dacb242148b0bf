//! No N+1: the number of SQL statements does not grow with what is shown.

use super::trimestre::Trimestre;
use anyhow::Result;
use domain::CompteId;
use domain::annuaire::EtatCivil;
use recits::{Ecole, global, personal};
use serde_json::json;
use std::cell::Cell;
use std::sync::Once;
use tracing::span;
use tracing::subscriber::Interest;

thread_local! {
    /// Statements seen on this thread, while they are counted.
    static COUNTED: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Counts what sqlx says that it executes, on the threads that count. One for the whole
/// process: subscribers that come and go are not noticed by every call site.
struct Statements;

impl tracing::Subscriber for Statements {
    fn register_callsite(&self, metadata: &'static tracing::Metadata<'static>) -> Interest {
        if metadata.target().starts_with("sqlx::query") { Interest::sometimes() } else { Interest::never() }
    }
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("sqlx::query") && COUNTED.get().is_some()
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        COUNTED.set(COUNTED.get().map(|count| count + 1));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Statements of one query, asked on this very thread, apart from everyone else's.
async fn statements(ecole: &Ecole, query: &str, variables: serde_json::Value) -> Result<usize> {
    statements_of(ecole, ecole.principal, query, variables).await
}

async fn statements_of(
    ecole: &Ecole,
    who: CompteId,
    query: &str,
    variables: serde_json::Value,
) -> Result<usize> {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Statements).unwrap());
    // A connection that has rested is asked whether it is there, which is a statement too.
    ecole.maison.ask(Some(who), query, variables.clone()).await?;
    COUNTED.set(Some(0));
    ecole.maison.ask(Some(who), query, variables).await?;
    Ok(COUNTED.take().unwrap_or_default())
}

// One thread: the subscriber is that thread's own.
#[tokio::test]
async fn twelve_divisions_cost_the_statements_of_one() -> Result<()> {
    let mut ecole = Ecole::ouvrir().await?;
    ecole.maison.still().await?;
    let one = "query($division: ID!) { division(id: $division) {
        eleves { nom } enseignements { matiere enseignants { nom } division { libelle }
            evaluations(first: 5) { nodes { titre notes { corrections { motif } } } } } } }";
    let all = "query($uai: String!) { etablissement(uai: $uai) { divisions {
        eleves { nom } enseignements { matiere enseignants { nom } division { libelle }
            evaluations(first: 5) { nodes { titre notes { corrections { motif } } } } } } } }";
    let for_one = statements(&ecole, one, json!({ "division": global("Division", ecole.division) })).await?;
    let for_all = statements(&ecole, all, json!({ "uai": ecole.uai })).await?;
    assert!(for_one > 3, "nothing was counted: {for_one}");
    assert!(for_all <= for_one + 1, "{for_all} statements for all divisions, {for_one} for one");
    ecole.maison.close().await
}

#[tokio::test]
async fn a_dozen_children_cost_the_statements_of_one() -> Result<()> {
    let mut ecole = Ecole::ouvrir().await?;
    ecole.maison.still().await?;
    let children = "{ moi { enfants { personne { nom } absences(first: 5) { nodes { debut matiere } }
        notes(first: 5) { nodes { titre matiere corrections { motif } } } } } }";
    let for_one = statements_of(&ecole, ecole.parent, children, json!({})).await?;
    sqlx::query(
        "INSERT INTO annuaire.responsabilite
         SELECT unnest($1::uuid[]), $2, 'parent', 'legal', true ON CONFLICT DO NOTHING",
    )
    .bind(&ecole.eleves)
    .bind(ecole.parent.0)
    .execute(&ecole.maison.bench.owner)
    .await?;
    let answer = ecole.maison.ask(Some(ecole.parent), "{ moi { enfants { id } } }", json!({})).await?;
    assert!(answer["moi"]["enfants"].as_array().is_some_and(|enfants| enfants.len() >= 12), "{answer}");
    assert_eq!(statements_of(&ecole, ecole.parent, children, json!({})).await?, for_one);
    assert!(for_one > 3, "nothing was counted: {for_one}");
    ecole.maison.close().await
}

/// Everything that is on the screen of the conseil.
const ECRAN: &str = "query($division: ID!) {
    conseilDeClasse(divisionId: $division, annee: 2026, rang: 1) {
        division { libelle } libelle etat politique { nom } deverrouillages { motif } generales { effectif }
        eleves { eleve { id nom prenom } generale { moyenne texte } version examen { synthese avis }
            assiduite { demiJournees }
            matieres { matiere appreciation moyenne { moyenne } division { mediane } }
            positionnements { niveau } bulletin { id } } } }";

#[tokio::test]
async fn the_screen_of_a_conseil_costs_as_much_for_thirty_five_pupils_as_for_twelve() -> Result<()> {
    let mut t = Trimestre::ouvrir().await?;
    t.evaluer().await?;
    t.ecole.faire_l_appel(&t.ecole.heure("2026-11-23", "08:00:00", "09:00:00"), &t.eleves[..1]).await?;
    t.tenir_conseil().await?;
    t.ecole.maison.still().await?;
    let asked = json!({ "division": global("Division", t.ecole.division) });
    let for_few = statements(&t.ecole, ECRAN, asked.clone()).await?;
    for number in t.ecole.eleves.len()..35 {
        let etat_civil = EtatCivil { nom: format!("Nombreux{number}"), ..EtatCivil::default() };
        t.ecole.inscrire(&format!("nombreux {number}"), etat_civil).await?;
    }
    t.ecole.maison.bench.runner.catch_up().await?;
    let screen = t.ecole.maison.ask(Some(t.ecole.principal), ECRAN, asked.clone()).await?;
    assert_eq!(screen["conseilDeClasse"]["eleves"].as_array().map(Vec::len), Some(35));
    assert_eq!(statements(&t.ecole, ECRAN, asked).await?, for_few);
    assert!(for_few > 10, "not everything was counted: {for_few}");
    t.ecole.maison.close().await
}

#[tokio::test]
async fn a_pupils_page_of_marks_costs_three_statements() -> Result<()> {
    let mut ecole = Ecole::ouvrir().await?;
    ecole.maison.still().await?;
    let page = "{ moi { eleve { notes(first: 20) { nodes {
        titre matiere date bareme resultat { etat note } } } } } }";
    let pupil = personal(ecole.eleves[0]);
    // Who asks, the pupil that he or she is, the marks with their evaluations and matières.
    assert_eq!(statements_of(&ecole, pupil, page, json!({})).await?, 3);
    ecole.maison.close().await
}

#[tokio::test]
async fn a_page_of_passages_costs_the_statements_of_one() -> Result<()> {
    let mut ecole = Ecole::ouvrir().await?;
    let (infirmier, eleve) = (ecole.infirmier().await?, global("Eleve", ecole.eleves[0]));
    for heure in 8..12 {
        let maison = &ecole.maison;
        maison.bench.clock.set(format!("2026-11-24T{heure:02}:00:00Z").parse()?);
        let input = json!({ "eleveId": eleve });
        let passage = maison.granted(infirmier, "ouvrirPassage", input, "passage { id }").await?;
        let id = &passage["passage"]["id"];
        let soin = json!({ "passageId": id, "motif": "Migraine", "soin": "Repos" });
        maison.granted(infirmier, "consignerSoin", soin, "").await?;
        let clore = json!({ "passageId": id, "orientation": "RETOUR_EN_CLASSE" });
        maison.granted(infirmier, "clorePassage", clore, "").await?;
    }
    ecole.maison.still().await?;
    let page = "query($id: ID!, $n: Int!) { vieDeLEleve(eleveId: $id) { passages(first: $n) { nodes {
        orientation soins { motif par { nom } } } } } }";
    let asked = |n: usize| json!({ "id": eleve, "n": n });
    let seen = ecole.maison.ask(Some(infirmier), page, asked(20)).await?;
    let nodes = seen["vieDeLEleve"]["passages"]["nodes"].as_array();
    assert_eq!(nodes.map(Vec::len), Some(4), "{seen:#}");
    let for_one = statements_of(&ecole, infirmier, page, asked(1)).await?;
    assert_eq!(statements_of(&ecole, infirmier, page, asked(20)).await?, for_one);
    assert!(for_one > 5, "not everything was counted: {for_one}");
    ecole.maison.close().await
}

#[tokio::test]
async fn a_page_of_incidents_costs_the_statements_of_one() -> Result<()> {
    let mut ecole = Ecole::ouvrir().await?;
    for eleve in &ecole.eleves[..6] {
        ecole.signaler_un_coup(*eleve, "2026-11-23", "id").await?;
    }
    ecole.maison.still().await?;
    let page = "query($id: ID!, $n: Int!) { incidents(etablissementId: $id, first: $n) { nodes {
        rapporteur { nom } averties { instance } suivis { texte } engagementObligatoire
        protagonistes { role personne { nom } } } } }";
    let asked = |n: usize| json!({ "id": ecole.etablissement().unwrap_or_default(), "n": n });
    let seen = ecole.maison.ask(Some(ecole.cpe), page, asked(20)).await?;
    assert_eq!(seen["incidents"]["nodes"].as_array().map(Vec::len), Some(6), "{seen:#}");
    let for_one = statements_of(&ecole, ecole.cpe, page, asked(1)).await?;
    assert_eq!(statements_of(&ecole, ecole.cpe, page, asked(20)).await?, for_one);
    assert!(for_one > 3, "not everything was counted: {for_one}");
    ecole.maison.close().await
}
