//! The staff is told of what it has to see to: a teacher of a roll that is not closed, the CPE and the
//! direction of a threshold of absences.

use anyhow::{Context, Result};
use api::envois::Distribution;
use domain::CompteId;
use domain::notifications::Canal;
use recits::passerelle::Passerelle;
use recits::{DOMAINE, Ecole, global, personal};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody of the collège who has this function.
async fn en_fonction(ecole: &Ecole, fonction: &str) -> Result<CompteId> {
    let found: Uuid = sqlx::query_scalar(
        "SELECT personne FROM rattachement r JOIN etablissement e ON e.id = r.etablissement
         WHERE e.uai = $1 AND $2 = ANY (r.fonctions) ORDER BY 1 LIMIT 1",
    )
    .bind(&ecole.uai)
    .bind(fonction)
    .fetch_one(&ecole.maison.bench.views)
    .await
    .context("nobody has this function")?;
    Ok(personal(found))
}

/// Somebody is told on paper, which needs no address.
async fn par_lettre(ecole: &Ecole, who: CompteId) -> Result<()> {
    let choix = json!({ "theme": "SUIVI_DES_ABSENCES", "canaux": ["LETTRE"], "rythme": "IMMEDIAT" });
    ecole.maison.granted(who, "choisirPreferences", json!({ "choix": [choix] }), "").await?;
    Ok(())
}

/// A pupil was away on two whole days: four half-days.
async fn deux_jours(ecole: &Ecole, number: u128, eleve: Uuid) -> Result<()> {
    let absence = json!({ "dossier": Uuid::from_u128(number), "uai": ecole.uai,
        "eleveId": global("Eleve", eleve), "creneau": { "date": "2026-11-16", "debut": "08:00:00",
            "dateFin": "2026-11-17", "fin": "17:00:00" } });
    ecole.maison.granted(ecole.cpe, "saisirAbsence", absence, "").await?;
    let constater = json!({ "uai": ecole.uai, "mois": "2026-11-30" });
    ecole.maison.granted(ecole.cpe, "constaterSeuils", constater, "").await?;
    Ok(())
}

/// What somebody was told, as he or she reads it.
async fn dits(ecole: &Ecole, who: CompteId) -> Result<Vec<Value>> {
    let query = "{ mesEnvois(first: 5) { edges { node { canal theme eleve { id } } } } }";
    let read = ecole.maison.ask(Some(who), query, json!({})).await?;
    let edges = read["mesEnvois"]["edges"].as_array().context("no list")?;
    Ok(edges.iter().map(|edge| edge["node"].clone()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_reaches_the_teacher_and_a_threshold_the_cpe_and_the_direction() -> Result<()> {
    let expedition = Passerelle::par(Canal::Courriel).expedition(DOMAINE);
    let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
    let maison = &ecole.maison;
    let distribution = Distribution::new(maison.commands.clone(), expedition);
    let (cpe, aed) = (en_fonction(&ecole, "EDU").await?, en_fonction(&ecole, "AED").await?);
    let eleve = ecole.eleves[0];
    for who in [ecole.enseignante, ecole.collegue, ecole.principal, cpe, aed, ecole.parent] {
        par_lettre(&ecole, who).await?;
    }

    let seance = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
                         "date": "2026-11-20", "debut": "08:00:00", "fin": "08:55:00" });
    let opened = maison.granted(ecole.enseignante, "ouvrirAppel", seance, "appel { id }").await?;
    ecole.distribuer(&distribution).await?;
    assert_eq!(dits(&ecole, ecole.enseignante).await?, Vec::<Value>::new());
    let rappel = json!({ "appelId": opened["appel"]["id"] });
    maison.granted(ecole.cpe, "rappelerAppel", rappel, "").await?;
    let told = |eleve: Value| json!({ "canal": "LETTRE", "theme": "SUIVI_DES_ABSENCES", "eleve": eleve });
    for _ in 0..2 {
        ecole.distribuer(&distribution).await?;
        assert_eq!(dits(&ecole, ecole.enseignante).await?, [told(Value::Null)], "told once");
    }
    for other in [ecole.collegue, ecole.principal, cpe, aed, ecole.parent] {
        assert_eq!(dits(&ecole, other).await?, Vec::<Value>::new());
    }

    for _ in 0..2 {
        deux_jours(&ecole, 1, eleve).await?;
        ecole.distribuer(&distribution).await?;
        for follows in [ecole.principal, cpe] {
            let of_pupil = told(json!({ "id": global("Personne", eleve) }));
            assert_eq!(dits(&ecole, follows).await?, [of_pupil], "told once");
        }
        for other in [ecole.collegue, aed, ecole.parent] {
            assert_eq!(dits(&ecole, other).await?, Vec::<Value>::new());
        }
    }
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_thresholds_of_an_evening_are_one_mail_of_the_next_digest() -> Result<()> {
    let passerelle = Passerelle::par(Canal::Courriel);
    let expedition = passerelle.expedition(DOMAINE);
    let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
    let maison = &ecole.maison;
    let distribution = Distribution::new(maison.commands.clone(), expedition);
    let cpe = en_fonction(&ecole, "EDU").await?;
    let address: String = sqlx::query_scalar("SELECT courriel FROM personne WHERE id = $1")
        .bind(cpe.0)
        .fetch_one(&maison.bench.views)
        .await?;
    // Both are stated in one evening, and looked at one after the other.
    for (number, (eleve, instant)) in
        (1..).zip(ecole.eleves.iter().zip(["2026-11-30T18:30:00Z", "2026-11-30T18:35:00Z"]))
    {
        maison.bench.clock.set(instant.parse()?);
        deux_jours(&ecole, number, *eleve).await?;
        ecole.distribuer(&distribution).await?;
    }
    assert_eq!(passerelle.messages()?, [], "nobody of the staff is written to in the evening");
    maison.bench.clock.set("2026-12-01T17:00:00Z".parse()?);
    ecole.distribuer(&distribution).await?;
    let mails = passerelle.messages()?;
    let mine: Vec<_> = mails.iter().filter(|mail| mail.adresse == address).collect();
    let texts: Vec<_> = mine.iter().map(|mail| mail.texte.matches("a atteint en 11/2026").count()).collect();
    assert_eq!(texts, [2], "{mails:#?}");
    ecole.maison.close().await
}
