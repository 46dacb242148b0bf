//! Rolls that nobody opened: the vie scolaire is told which the timetable lacks.

use anyhow::{Context, Result};
use domain::CompteId;
use recits::{Ecole, global};
use serde_json::{Value, json};
use uuid::Uuid;

/// Places a course of Tuesdays that the teacher gives.
async fn placer(ecole: &Ecole, number: u128, (debut, fin): (&str, &str), semaines: &str) -> Result<()> {
    let cours = json!({ "uai": ecole.uai, "annee": 2026, "cours": Uuid::from_u128(number), "jour": "MARDI",
        "debut": debut, "fin": fin, "salles": [], "semaines": semaines,
        "enseignementIds": [global("Enseignement", ecole.enseignement)] });
    ecole.maison.granted(ecole.principal, "placerCours", cours, "").await?;
    Ok(())
}

/// What somebody reads of the rolls of a day that nobody opened, at an instant.
async fn lus(ecole: &Ecole, who: CompteId, date: &str, instant: &str) -> Result<Value> {
    ecole.maison.bench.clock.set(instant.parse()?);
    let query = "query($uai: String!, $date: NaiveDate!) { appelsNonOuverts(uai: $uai, date: $date) {
        date debut fin enseignement { id } enseignants { id } } }";
    let asked = json!({ "uai": ecole.uai, "date": date });
    Ok(ecole.maison.ask(Some(who), query, asked).await?["appelsNonOuverts"].take())
}

/// When the séances begin that the CPE is told of.
async fn manquent(ecole: &Ecole, date: &str, instant: &str) -> Result<Vec<String>> {
    let read = lus(ecole, ecole.cpe, date, instant).await?;
    let seances = read.as_array().context("no list")?;
    Ok(seances.iter().map(|one| one["debut"].as_str().unwrap_or_default().to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cpe_is_told_of_each_roll_that_the_timetable_lacks() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let weeks = json!({ "uai": ecole.uai, "annee": 2026, "jours": ["2026-11-23", "2026-12-07"] });
    maison.granted(ecole.principal, "fixerSemainesA", weeks, "").await?;
    placer(&ecole, 1, ("08:00:00", "09:00:00"), "TOUTES").await?;
    placer(&ecole, 2, ("14:00:00", "15:00:00"), "A").await?;

    // A quarter of an hour after its start, by the clock of the school.
    assert!(manquent(&ecole, "2026-11-24", "2026-11-24T07:14:00Z").await?.is_empty());
    let mut read = lus(&ecole, ecole.cpe, "2026-11-24", "2026-11-24T07:15:00Z").await?;
    let teachers = read[0]["enseignants"].take().to_string();
    assert!(teachers.contains(&global("Personne", ecole.enseignante.0)), "{teachers}");
    let expected = json!([{ "date": "2026-11-24", "debut": "08:00:00", "fin": "09:00:00",
        "enseignement": { "id": global("Enseignement", ecole.enseignement) }, "enseignants": null }]);
    assert_eq!(read, expected);
    for stranger in [ecole.enseignante, ecole.parent, ecole.autre_parent] {
        let read = lus(&ecole, stranger, "2026-11-24", "2026-11-24T07:15:00Z").await?;
        assert_eq!(read, Value::Null);
    }
    ecole.faire_l_appel(&ecole.heure("2026-11-24", "08:00:00", "09:00:00"), &[]).await?;
    assert!(manquent(&ecole, "2026-11-24", "2026-11-24T07:30:00Z").await?.is_empty());

    // The afternoon is of weeks A.
    assert_eq!(manquent(&ecole, "2026-11-24", "2026-11-24T17:00:00Z").await?, ["14:00:00"]);
    assert_eq!(manquent(&ecole, "2026-12-01", "2026-12-01T17:00:00Z").await?, ["08:00:00"]);

    // One hour is cancelled; one Tuesday the établissement is closed, and another is of the vacances.
    let annuler = json!({ "uai": ecole.uai, "coursId": global("Cours", Uuid::from_u128(1)),
                          "date": "2026-12-08", "annulee": "ENSEIGNANT_ABSENT" });
    maison.granted(ecole.principal, "modifierOccurrence", annuler, "").await?;
    assert_eq!(manquent(&ecole, "2026-12-08", "2026-12-08T17:00:00Z").await?, ["14:00:00"]);
    assert_eq!(manquent(&ecole, "2026-12-15", "2026-12-15T17:00:00Z").await?, ["08:00:00"]);
    let sortie = json!({ "collective": Uuid::from_u128(3), "uai": ecole.uai, "nature": "SORTIE",
        "libelle": "Musée", "divisionIds": [global("Division", ecole.division)],
        "creneau": { "date": "2026-12-08", "debut": "12:00:00", "fin": "18:00:00" } });
    maison.granted(ecole.cpe, "declarerAbsenceCollective", sortie, "").await?;
    assert!(manquent(&ecole, "2026-12-08", "2026-12-15T17:00:00Z").await?.is_empty(), "it was away");
    let politique = json!({ "uai": ecole.uai, "nom": "Collège", "limite": "12:00:00", "fermetures": [],
        "vacances": [{ "du": "2026-12-15", "au": "2026-12-15" }], "delaiDAppel": 30,
        "depuis": "2026-12-09" });
    let field = "reglement { politiques { delaiDAppel } }";
    let set = maison.granted(ecole.principal, "fixerPolitiqueDemiJournees", politique, field).await?;
    assert_eq!(set["reglement"]["politiques"], json!([{ "delaiDAppel": 30 }]));
    assert!(manquent(&ecole, "2026-12-15", "2026-12-15T17:00:00Z").await?.is_empty());
    assert!(manquent(&ecole, "2026-12-22", "2026-12-22T17:00:00Z").await?.is_empty());
    assert!(manquent(&ecole, "2027-01-05", "2027-01-05T07:29:00Z").await?.is_empty());
    assert_eq!(manquent(&ecole, "2027-01-05", "2027-01-05T07:30:00Z").await?, ["08:00:00"]);
    ecole.maison.close().await
}
