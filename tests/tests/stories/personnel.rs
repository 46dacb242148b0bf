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

    let absence = json!({ "dossier": Uuid::from_u128(1), "uai": ecole.uai, "eleveId": global("Eleve", eleve),
        "creneau": { "date": "2026-11-16", "debut": "08:00:00",
                     "dateFin": "2026-11-17", "fin": "17:00:00" } });
    maison.granted(ecole.cpe, "saisirAbsence", absence, "").await?;
    let constater = json!({ "uai": ecole.uai, "mois": "2026-11-30" });
    for _ in 0..2 {
        maison.granted(ecole.cpe, "constaterSeuils", constater.clone(), "").await?;
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
