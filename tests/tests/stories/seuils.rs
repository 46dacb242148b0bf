//! Which days count towards a threshold, and what the académie reads of those that are reached.

use super::assiduite::{decompte, length, seuils};
use anyhow::{Context, Result, anyhow};
use api::program::Constats;
use domain::CompteId;
use recits::{Ecole, exploitant, global};
use serde_json::{Value, json};
use uuid::Uuid;

/// A file that the vie scolaire enters covers the vacances of the Toussaint, another the 11 November:
/// a day on which nobody is expected makes no half-day.
#[tokio::test(flavor = "multi_thread")]
async fn days_without_school_make_no_half_day_and_reach_no_threshold() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let saisir = |number: u128, (date, date_fin): (&str, &str)| {
        json!({ "dossier": Uuid::from_u128(number), "uai": ecole.uai,
                "eleveId": global("Eleve", ecole.eleves[0]),
                "creneau": { "date": date, "debut": "14:00:00", "dateFin": date_fin, "fin": "11:00:00" } })
    };
    let constater = json!({ "uai": ecole.uai, "mois": "2026-11-30" });
    // From the Friday of the Toussaint to the first morning after, and around the 11 November.
    for (number, days) in [(41, ("2026-10-16", "2026-11-02")), (42, ("2026-11-10", "2026-11-12"))] {
        maison.granted(ecole.cpe, "saisirAbsence", saisir(number, days), "").await?;
    }
    maison.granted(ecole.cpe, "constaterSeuils", constater.clone(), "").await?;
    let counted = decompte(&ecole, ecole.cpe).await?;
    let expected = json!([{ "jour": "2026-11-02", "moment": "MATIN" },
                          { "jour": "2026-11-10", "moment": "APRES_MIDI" },
                          { "jour": "2026-11-12", "moment": "MATIN" }]);
    assert_eq!(counted["constatees"], expected);
    assert_eq!(seuils(&ecole).await?, json!([]), "the morning of the 11 November would be the fourth");
    maison.granted(ecole.cpe, "saisirAbsence", saisir(43, ("2026-11-19", "2026-11-20")), "").await?;
    maison.granted(ecole.cpe, "constaterSeuils", constater, "").await?;
    assert_eq!(length(&seuils(&ecole).await?), 1);
    ecole.maison.close().await
}

/// What the program states by itself at an instant, once it knows what was told before.
async fn le_programme_constate(ecole: &Ecole, constats: &mut Constats, instant: &str) -> Result<()> {
    let maison = &ecole.maison;
    maison.bench.clock.set(instant.parse()?);
    maison.bench.runner.catch_up().await?;
    constats.round(&maison.commands).await.map_err(|error| anyhow!(error))?;
    maison.bench.runner.catch_up().await?;
    Ok(())
}

/// Three mornings of November of two pupils are stated in November; in December a roll is called that
/// was forgotten, and one that is closed is corrected: each has a fourth.
#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_known_of_a_month_once_it_is_over_is_counted_in_that_month() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (oublie, corrige) = (ecole.eleves[0], ecole.eleves[1]);
    let matin = |date: &str| ecole.heure(date, "08:00:00", "11:00:00");
    maison.bench.clock.set("2026-11-30T16:00:00Z".parse()?);
    let mut constats = Constats::reprendre("2026-11-30T16:00:00Z".parse()?);
    for date in ["2026-11-16", "2026-11-17", "2026-11-19"] {
        ecole.faire_l_appel(&matin(date), &[oublie, corrige]).await?;
    }
    let present = ecole.faire_l_appel(&matin("2026-11-23"), &[]).await?;
    le_programme_constate(&ecole, &mut constats, "2026-11-30T17:00:00Z").await?;
    le_programme_constate(&ecole, &mut constats, "2026-11-30T18:30:00Z").await?;
    assert_eq!(length(&decompte(&ecole, ecole.cpe).await?["sansMotifLegitime"]), 3);
    assert_eq!(seuils(&ecole).await?, json!([]));

    maison.bench.clock.set("2026-12-01T09:00:00Z".parse()?);
    ecole.faire_l_appel(&matin("2026-11-20"), &[oublie]).await?;
    let absent = json!({ "appelId": present, "motif": "Confondu avec son frère",
                         "pointage": { "eleveId": global("Eleve", corrige), "etat": "ABSENT" } });
    maison.granted(ecole.cpe, "corrigerAppel", absent, "").await?;
    le_programme_constate(&ecole, &mut constats, "2026-12-01T10:00:00Z").await?;
    assert_eq!(seuils(&ecole).await?, json!([]), "thresholds are stated in the evening");
    for soir in ["2026-12-01T18:30:00Z", "2026-12-02T18:30:00Z"] {
        le_programme_constate(&ecole, &mut constats, soir).await?;
        let told = seuils(&ecole).await?;
        assert_eq!((length(&told), &told[0]["demiJournees"]), (2, &json!(4)), "once each: {told}");
    }
    ecole.maison.close().await
}

/// An établissement of which nothing can be stated, and which comes before all others.
async fn illisible(ecole: &Ecole) -> Result<()> {
    let (id, owner) = (Uuid::from_u128(1), &ecole.maison.bench.owner);
    sqlx::query(
        "INSERT INTO annuaire.etablissement (id, uai, nom, nature, academie, commune, portail)
         SELECT $1, '0000000', nom, nature, academie, commune, '0000000'
         FROM annuaire.etablissement WHERE uai = $2",
    )
    .bind(id)
    .bind(&ecole.uai)
    .execute(owner)
    .await?;
    sqlx::query(
        "INSERT INTO absences.dossier_absence
             (id, portail, etablissement, eleve, origine, etat, date, debut, fin)
         VALUES ($1, '0000000', $1, $1, 'saisie', 'constatee', '2026-11-16',
                 '2026-11-16 08:00', '2026-11-16 11:00')",
    )
    .bind(id)
    .execute(owner)
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_etablissement_of_which_nothing_can_be_stated_keeps_no_other_from_it() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    maison.bench.clock.set("2026-11-23T09:00:00Z".parse()?);
    let mut constats = Constats::reprendre("2026-11-23T09:00:00Z".parse()?);
    let absence = json!({ "dossier": Uuid::from_u128(2), "uai": ecole.uai,
        "eleveId": global("Eleve", ecole.eleves[0]), "creneau": { "date": "2026-11-16",
            "debut": "08:00:00", "dateFin": "2026-11-17", "fin": "17:00:00" } });
    maison.granted(ecole.cpe, "saisirAbsence", absence, "").await?;
    illisible(&ecole).await?;
    for soir in ["2026-11-23T18:30:00Z", "2026-11-23T18:31:00Z"] {
        let said = le_programme_constate(&ecole, &mut constats, soir).await;
        assert!(said.is_err(), "it is tried again, and not passed over in silence");
        maison.bench.runner.catch_up().await?;
        assert_eq!(length(&seuils(&ecole).await?), 1);
    }
    ecole.maison.close().await
}

/// The académie has its portal, and its recteur is the teacher's colleague.
async fn ouvrir_l_academie(ecole: &Ecole) -> Result<()> {
    let opening = json!({ "nature": "ACADEMIE", "hote": "ac-lyon", "nom": "Académie" });
    ecole.maison.granted(exploitant(), "ouvrirPortail", opening, "").await?;
    let direction = json!({ "portail": "ac-lyon", "directeurId": global("Personne", ecole.collegue.0),
                            "qualite": "recteur", "depuis": "2026-09-01" });
    ecole.maison.granted(exploitant(), "prendreDirection", direction, "").await?;
    Ok(())
}

/// The figures of November, as somebody reads them.
async fn chiffres(ecole: &Ecole, who: CompteId) -> Result<Value> {
    let query =
        "{ chiffresAbsences(portail: \"ac-lyon\", mois: \"2026-11-01\") { uai signalements suivis } }";
    Ok(ecole.maison.ask(Some(who), query, json!({})).await?["chiffresAbsences"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_academie_reads_numbers_and_no_small_one() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    ouvrir_l_academie(&ecole).await?;
    let read = chiffres(&ecole, ecole.collegue).await?;
    assert_eq!(length(&read), 2, "{read}");
    let five = ecole.eleves.get(..5).context("fewer than five pupils")?;
    let mut told = Vec::new();
    for (number, eleve) in (51..).zip(five) {
        // A Monday and a Tuesday: four half-days.
        let absence = json!({ "dossier": Uuid::from_u128(number), "uai": ecole.uai,
            "eleveId": global("Eleve", *eleve), "creneau": { "date": "2026-11-16", "debut": "08:00:00",
            "dateFin": "2026-11-17", "fin": "17:00:00" } });
        ecole.maison.granted(ecole.cpe, "saisirAbsence", absence, "").await?;
        let constater = json!({ "uai": ecole.uai, "mois": "2026-11-30" });
        ecole.maison.granted(ecole.cpe, "constaterSeuils", constater, "").await?;
        let read = chiffres(&ecole, ecole.collegue).await?;
        assert_eq!((&read[0]["uai"], &read[0]["suivis"]), (&json!(ecole.uai), &Value::Null), "{read}");
        told.push(read[0]["signalements"].clone());
    }
    assert_eq!(told, [Value::Null, Value::Null, Value::Null, Value::Null, json!(5)]);
    for stranger in [ecole.principal, ecole.cpe, ecole.parent, exploitant()] {
        assert_eq!(chiffres(&ecole, stranger).await?, Value::Null);
    }
    ecole.maison.close().await
}
