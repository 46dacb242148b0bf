//! Several teach together, and someone stands in for who is absent: within the days of the
//! replacement, and not a day longer.

use anyhow::Result;
use domain::CompteId;
use domain::annuaire::{Etablissement, EtablissementCommand, Matiere, Origine, Parole, Uai};
use domain::{EtablissementId, PersonneId};
use recits::edt::importer;
use recits::{Ecole, global};
use serde_json::{Value, json};
use uuid::Uuid;

fn seance(ecole: &Ecole, debut: &str) -> Value {
    json!({ "enseignementId": global("Enseignement", ecole.enseignement),
            "date": "2026-11-23", "debut": format!("{debut}:00:00"), "fin": format!("{debut}:55:00") })
}

fn replacement(ecole: &Ecole) -> Value {
    json!({ "enseignementId": global("Enseignement", ecole.enseignement),
            "absentId": global("Personne", ecole.enseignante.0),
            "remplacantId": global("Personne", ecole.collegue.0),
            "du": "2026-11-23", "au": "2026-11-30" })
}

async fn reads_gradebook(ecole: &Ecole, who: CompteId) -> Result<bool> {
    let query = "query($id: ID!) { node(id: $id) { ... on Enseignement { evaluations(first: 1) { edges { cursor } } } } }";
    let id = json!({ "id": global("Enseignement", ecole.enseignement) });
    Ok(ecole.maison.ask(Some(who), query, id).await?["node"]["evaluations"].is_object())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_substitute_calls_the_roll_within_the_days_and_the_absent_teacher_reads() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    assert_eq!(maison.refused(ecole.collegue, "ouvrirAppel", seance(&ecole, "08")).await?, "INTERDIT");
    assert_eq!(
        maison.refused(ecole.enseignante, "confierRemplacement", replacement(&ecole)).await?,
        "INTERDIT"
    );
    let fields = "enseignement { enseignants { id } remplacements { du au } }";
    let told = maison.granted(ecole.principal, "confierRemplacement", replacement(&ecole), fields).await?;
    assert_eq!(told["enseignement"]["remplacements"], json!([{ "du": "2026-11-23", "au": "2026-11-30" }]));
    let today = told["enseignement"]["enseignants"].to_string();
    assert!(today.contains(&global("Personne", ecole.collegue.0)), "{today}");
    assert!(!today.contains(&global("Personne", ecole.enseignante.0)), "{today}");

    let opened = maison.granted(ecole.collegue, "ouvrirAppel", seance(&ecole, "08"), "appel { id }").await?;
    let mine = "query { moi { enseignements { id } } }";
    let seen = maison.ask(Some(ecole.collegue), mine, json!({})).await?.to_string();
    assert!(seen.contains(&global("Enseignement", ecole.enseignement)), "{seen}");
    assert_eq!(maison.refused(ecole.enseignante, "ouvrirAppel", seance(&ecole, "09")).await?, "INTERDIT");
    let read = "query($id: ID!) { appel(id: $id) { clos } }";
    let id = json!({ "id": opened["appel"]["id"] });
    for reader in [ecole.enseignante, ecole.collegue] {
        assert!(maison.ask(Some(reader), read, id.clone()).await?["appel"].is_object(), "{reader:?}");
        assert!(reads_gradebook(&ecole, reader).await?, "{reader:?}");
    }

    maison.bench.clock.set("2026-11-30T07:00:00Z".parse()?);
    assert!(!reads_gradebook(&ecole, ecole.collegue).await?, "the span is over");
    let later = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
                        "date": "2026-11-30", "debut": "08:00:00", "fin": "08:55:00" });
    assert_eq!(maison.refused(ecole.collegue, "ouvrirAppel", later.clone()).await?, "INTERDIT");
    maison.granted(ecole.enseignante, "ouvrirAppel", later, "").await?;
    ecole.maison.close().await
}

/// The hours of somebody's week, in order: when, and who gives them.
async fn semaine(ecole: &Ecole, who: CompteId, jour: &str) -> Result<Value> {
    let query = "query($uai: String!, $id: ID!, $jour: NaiveDate!) {
        semaineEnseignant(uai: $uai, personneId: $id, jour: $jour) { date debut enseignants { id } } }";
    let asked = json!({ "uai": ecole.uai, "id": global("Personne", who.0), "jour": jour });
    Ok(ecole.maison.ask(Some(who), query, asked).await?["semaineEnseignant"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_shows_the_hours_to_who_stands_in_and_no_longer_to_the_absent_teacher() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    importer(&ecole, "B12", false).await?;
    let hour = |date: &str, debut: &str, who: CompteId| json!({ "date": date, "debut": debut, "enseignants": [{ "id": global("Personne", who.0) }] });
    let (absente, remplacant) = (ecole.enseignante, ecole.collegue);
    let own = hour("2026-11-24", "09:00:00", remplacant);
    let hers = hour("2026-11-24", "08:00:00", absente);
    assert_eq!(semaine(&ecole, absente, "2026-11-24").await?, json!([hers]));
    assert_eq!(semaine(&ecole, remplacant, "2026-11-24").await?, json!([own]));
    ecole.maison.granted(ecole.principal, "confierRemplacement", replacement(&ecole), "").await?;
    let taken = hour("2026-11-24", "08:00:00", remplacant);
    assert_eq!(semaine(&ecole, remplacant, "2026-11-24").await?, json!([taken, own]));
    assert_eq!(semaine(&ecole, absente, "2026-11-24").await?, json!([]));
    // The replacement ends on the Monday before.
    let (hers, own) = (hour("2026-12-01", "08:00:00", absente), hour("2026-12-01", "09:00:00", remplacant));
    assert_eq!(semaine(&ecole, absente, "2026-12-01").await?, json!([hers]));
    assert_eq!(semaine(&ecole, remplacant, "2026-12-01").await?, json!([own]));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_earlier_teaches_at_once() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    maison.granted(ecole.principal, "confierRemplacement", replacement(&ecole), "").await?;
    let back = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
                       "remplacantId": global("Personne", ecole.collegue.0),
                       "du": "2026-11-23", "au": "2026-11-23" });
    maison.granted(ecole.principal, "ecourterRemplacement", back, "").await?;
    maison.granted(ecole.enseignante, "ouvrirAppel", seance(&ecole, "08"), "").await?;
    assert_eq!(maison.refused(ecole.collegue, "ouvrirAppel", seance(&ecole, "09")).await?, "INTERDIT");
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

/// The sources say that somebody teaches it too.
pub async fn attribuer(ecole: &Ecole, enseignement: Uuid, enseignant: CompteId) -> Result<()> {
    let maison = &ecole.maison;
    let (division, code, libelle): (String, String, String) = sqlx::query_as(
        "SELECT d.code, n.matiere_code, n.matiere_libelle FROM enseignement n JOIN division d ON d.id = n.division
         WHERE n.id = $1",
    )
    .bind(enseignement)
    .fetch_one(&maison.bench.views)
    .await?;
    let etablissement: EtablissementId = ecole.uai.parse::<Uai>()?.etablissement();
    let command = EtablissementCommand::AttribuerEnseignement {
        division,
        matiere: Matiere { code, libelle },
        enseignant: PersonneId(enseignant.0),
        principal: false,
        parole: Parole::de(Origine::Sts, &ecole.uai, "2026-11-23".parse()?),
    };
    let context = maison.bench.context(&"ac-lyon".parse()?, &["co-enseignement"]);
    maison.bench.record::<Etablissement>(context, etablissement, command).await?;
    Ok(maison.bench.runner.catch_up().await?)
}

/// The sources say that both teach it: the same rights for each.
#[tokio::test(flavor = "multi_thread")]
async fn two_who_teach_together_both_call_the_roll() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    attribuer(&ecole, ecole.enseignement, ecole.collegue).await?;
    for (who, debut) in [(ecole.enseignante, "08"), (ecole.collegue, "09")] {
        maison.granted(who, "ouvrirAppel", seance(&ecole, debut), "").await?;
    }
    ecole.maison.close().await
}
