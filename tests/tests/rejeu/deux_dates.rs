//! Two dates: what was in force on a day, and what was known of it by another.

use super::ran_with_keys;
use anyhow::{Context, Result};
use recits::{Ecole, global};
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};

const MARDI: &str = "2026-11-24T09:00:00Z";

/// The one row of a table, replayed as of these dates.
async fn row(ecole: &Ecole, table: &str, dates: &[&str]) -> Result<Value> {
    let arguments: Vec<_> = ["rejouer", "--vue", table, "--json"].iter().chain(dates).copied().collect();
    let (verdict, told) = ran_with_keys(&ecole.maison.bench, &arguments).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    Ok(serde_json::from_str::<Value>(told.lines().next().context("no row")?)?["ligne"].take())
}

/// On Monday a pupil is entered absent; on Tuesday it is known that the pupil came late.
async fn absence(ecole: &Ecole) -> Result<()> {
    let (maison, who) = (&ecole.maison, ecole.enseignante);
    let seance = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
        "date": "2026-11-23", "debut": "08:00:00", "fin": "09:00:00" });
    let appel = maison.granted(who, "ouvrirAppel", seance, "appel { id }").await?["appel"]["id"].take();
    let eleve = global("Personne", ecole.eleves[0]);
    let pointage = json!({ "appelId": appel, "pointages": [{ "eleveId": eleve, "etat": "ABSENT" }] });
    maison.granted(who, "pointerEleves", pointage, "").await?;
    maison.granted(who, "cloreAppel", json!({ "appelId": appel }), "").await?;
    maison.bench.clock.set(MARDI.parse()?);
    let pointage = json!({ "eleveId": eleve, "etat": "EN_RETARD", "minutes": 10 });
    let correction = json!({ "appelId": appel, "pointage": pointage, "motif": "arrivé en retard" });
    maison.granted(ecole.cpe, "corrigerAppel", correction, "").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_justified_later_was_one_as_far_as_was_known_then() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    absence(&ecole).await?;
    for (dates, etat) in [
        (&["--au", "2026-11-23"][..], "absent"),
        (&["--au", "2026-11-23", "--connu-au", "2026-11-23"], "absent"),
        (&["--au", "2026-11-23", "--connu-au", "2026-11-24"], "en_retard"),
        (&["--connu-au", "2026-11-23"], "absent"),
        (&["--connu-au", "2026-11-24"], "en_retard"),
    ] {
        assert_eq!(row(&ecole, "appel_ligne", dates).await?["etat"], etat, "{dates:?}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_corrected_later_was_the_first_one_until_then() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, who) = (&ecole.maison, ecole.enseignante);
    let evaluation = json!({ "enseignementId": global("Enseignement", ecole.enseignement), "titre": "Dictée",
        "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    let created = maison.granted(who, "creerEvaluation", evaluation, "evaluation { id }").await?;
    let (id, eleve) = (&created["evaluation"]["id"], global("Personne", ecole.eleves[0]));
    let lignes = json!([{ "eleveId": eleve, "resultat": { "etat": "NOTE", "note": "8" } }]);
    maison.granted(who, "saisirNotes", json!({ "evaluationId": id, "lignes": lignes }), "").await?;
    maison.granted(who, "publierEvaluation", json!({ "evaluationId": id }), "").await?;
    maison.bench.clock.set(MARDI.parse()?);
    let ligne = json!({ "eleveId": eleve, "resultat": { "etat": "NOTE", "note": "12" } });
    let correction = json!({ "evaluationId": id, "ligne": ligne, "motif": "erreur" });
    maison.granted(who, "corrigerNote", correction, "").await?;
    for (dates, valeur) in [
        (&["--au", "2026-11-23"][..], 8),
        (&["--au", "2026-11-24"], 12),
        (&["--au", "2026-11-23", "--connu-au", "2026-11-24"], 8),
        (&["--connu-au", "2026-11-24"], 12),
    ] {
        assert_eq!(row(&ecole, "notes.note", dates).await?["valeur"], valeur, "{dates:?}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn as_of_the_end_views_are_those_of_now() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    absence(&ecole).await?;
    for table in ["appel_ligne", "portails.direction", "portails.delegation"] {
        let end = ["--au", "2026-11-24", "--connu-au", "2026-11-24"];
        let replayed = row(&ecole, table, &end).await?;
        let name = table.rsplit('.').next().unwrap_or(table);
        let live: String = sqlx::query_scalar(&format!("SELECT row_to_json(t)::text FROM {name} t"))
            .fetch_one(&ecole.maison.bench.views)
            .await?;
        assert_eq!(replayed, serde_json::from_str::<Value>(&live)?, "{table}");
    }
    ecole.maison.close().await
}
