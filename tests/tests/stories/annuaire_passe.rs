//! The directory as it was on a past school day: who was in the class, who answered for whom, who
//! taught. What changed since changes none of it.

use anyhow::Result;
use domain::annuaire::{
    Etablissement, EtablissementCommand, Origine, Parole, Personne, PersonneCommand, Uai,
};
use domain::{Aggregate, CompteId};
use recits::{Ecole, global};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const AVANT: &str = "2026-12-01";
const APRES: &str = "2027-01-11";

async fn read(ecole: &Ecole, who: CompteId, le: Option<&str>) -> Result<Value> {
    let query = "query ($division: ID!, $eleve: ID!, $enseignement: ID!, $le: NaiveDate) {
        division: node(id: $division) { ... on Division { eleves(le: $le) { id } } }
        eleve: node(id: $eleve) { ... on Eleve {
            responsables(le: $le) { personne { id } niveau destinataire }
            personne { rattachements(le: $le) { profil division { id } } } } }
        enseignement: node(id: $enseignement) { ... on Enseignement { enseignants(le: $le) { id } } } }";
    let variables = json!({ "division": global("Division", ecole.division),
        "eleve": global("Eleve", ecole.eleves[0]), "le": le,
        "enseignement": global("Enseignement", ecole.enseignement) });
    ecole.maison.ask(Some(who), query, variables).await
}

async fn said<A: Aggregate>(ecole: &Ecole, id: impl ToString, name: &str, command: A::Command) -> Result<()> {
    let bench = &ecole.maison.bench;
    let context = bench.context(&"ac-lyon".parse()?, &[name]);
    bench.record::<A>(context, id, command).await?;
    Ok(())
}

/// In January the feed says that the pupil has left the class, that nobody answers for him any
/// more, and that another teaches.
async fn january(ecole: &Ecole) -> Result<()> {
    let bench = &ecole.maison.bench;
    bench.clock.set(format!("{APRES}T08:00:00Z").parse()?);
    let (eleve, etablissement) = (ecole.eleves[0], ecole.uai.parse::<Uai>()?.etablissement());
    let parole = Parole::de(Origine::Aaf, "Lyon", APRES.parse()?);
    let leave = PersonneCommand::AffecterEleve { etablissement, division: None, parole: parole.clone() };
    said::<Personne>(ecole, eleve, "sortie", leave).await?;
    let alone = PersonneCommand::EtablirResponsabilites { responsables: vec![], parole: parole.clone() };
    said::<Personne>(ecole, eleve, "seul", alone).await?;
    let nobody =
        EtablissementCommand::LimiterEnseignements { enseignant: None, sauf: BTreeSet::new(), parole };
    said::<Etablissement>(ecole, etablissement, "fin", nobody).await?;
    Ok(bench.runner.catch_up().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_so_on_a_day_stays_so_on_that_day() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let before = read(&ecole, ecole.principal, None).await?;
    assert_eq!(
        before,
        read(&ecole, ecole.principal, Some(AVANT)).await?,
        "the history of now is the present"
    );
    january(&ecole).await?;
    assert_eq!(before, read(&ecole, ecole.principal, Some(AVANT)).await?);
    let after = read(&ecole, ecole.principal, None).await?;
    assert_eq!(after, read(&ecole, ecole.principal, Some(APRES)).await?);
    let eleve = json!({ "id": global("Personne", ecole.eleves[0]) });
    let listed = |seen: &Value| seen["division"]["eleves"].as_array().is_some_and(|all| all.contains(&eleve));
    assert!(listed(&before) && !listed(&after));
    assert_eq!(
        before["enseignement"]["enseignants"][0]["id"],
        json!(global("Personne", ecole.enseignante.0))
    );
    assert_eq!(after["enseignement"]["enseignants"], json!([]));
    assert_ne!(before["eleve"]["responsables"], json!([]));
    assert_eq!(after["eleve"]["responsables"], json!([]));
    assert_eq!(after["eleve"]["personne"]["rattachements"], json!([{ "profil": "ELEVE", "division": null }]));
    ecole.maison.close().await
}

/// Whether an établissement's lists of a day name a division, and a groupe.
async fn listed(ecole: &Ecole, le: Option<&str>, groupe: &Value) -> Result<[bool; 2]> {
    let query = "query($uai: String!, $le: NaiveDate) { etablissement(uai: $uai) {
        divisions(le: $le) { id } groupes(le: $le) { id } } }";
    let asked = json!({ "uai": ecole.uai, "le": le });
    let told = ecole.maison.ask(Some(ecole.principal), query, asked).await?["etablissement"].take();
    let names =
        |list: &str, id: &Value| told[list].as_array().is_some_and(|all| all.contains(&json!({ "id": id })));
    let division = json!(global("Division", ecole.division));
    Ok([names("divisions", &division), names("groupes", groupe)])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_of_a_day_name_the_divisions_and_groupes_in_which_somebody_was() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let latin = json!({ "uai": ecole.uai, "annee": 2026, "code": "LATIN", "libelle": "Latin" });
    let latin = maison.granted(ecole.principal, "creerGroupe", latin, "groupe { id }").await?;
    let latin = &latin["groupe"]["id"];
    let zoe = json!({ "groupeId": latin, "membres": [global("Eleve", ecole.autre_eleve)] });
    maison.granted(ecole.principal, "ajouterAuGroupe", zoe.clone(), "").await?;
    maison.bench.runner.catch_up().await?;
    assert_eq!(listed(&ecole, Some(AVANT), latin).await?, [true, true]);
    assert!(!listed(&ecole, Some("2026-11-01"), latin).await?[1], "it was not there yet");
    // In January everybody leaves, and the groupe is open still.
    maison.bench.clock.set(format!("{APRES}T08:00:00Z").parse()?);
    maison.granted(ecole.principal, "retirerDuGroupe", zoe, "").await?;
    let etablissement = ecole.uai.parse::<Uai>()?.etablissement();
    for eleve in &ecole.eleves {
        let parole = Parole::de(Origine::Aaf, "Lyon", APRES.parse()?);
        let leave = PersonneCommand::AffecterEleve { etablissement, division: None, parole };
        said::<Personne>(&ecole, *eleve, &format!("sortie {eleve}"), leave).await?;
    }
    maison.bench.runner.catch_up().await?;
    assert_eq!(listed(&ecole, Some(AVANT), latin).await?, [true, true]);
    assert_eq!(listed(&ecole, Some(APRES), latin).await?, [false, false]);
    assert_eq!(listed(&ecole, None, latin).await?, [true, true], "both are there, and empty");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_read_by_who_may_read_the_present() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    for (who, le) in
        [(ecole.parent, Some(AVANT)), (ecole.autre_parent, Some(AVANT)), (ecole.autre_parent, None)]
    {
        let seen = read(&ecole, who, le).await?;
        assert_eq!(seen["division"], Value::Null);
    }
    let mine = read(&ecole, ecole.parent, Some(AVANT)).await?;
    assert_ne!(mine["eleve"]["responsables"], json!([]));
    let others = read(&ecole, ecole.autre_parent, Some(AVANT)).await?;
    assert_eq!(others["eleve"], Value::Null);
    ecole.maison.close().await
}
