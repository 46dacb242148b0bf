//! What nobody can be told of is closed on the record, so that it is not looked at again.

use anyhow::Result;
use api::envois::Distribution;
use domain::annuaire::EtatCivil;
use domain::notifications::Canal;
use recits::passerelle::Passerelle;
use recits::{DOMAINE, Ecole, Maison, global, personal};
use serde_json::json;
use uuid::Uuid;

/// Why nobody was told of something, in the order in which that was stated.
async fn sans_suite(ecole: &Ecole) -> Result<Vec<String>> {
    let sql = "SELECT motif FROM annonce_sans_suite ORDER BY le, envoi";
    Ok(sqlx::query_scalar(sql).fetch_all(&ecole.maison.bench.views).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_be_told_of_is_closed_once_with_the_reason() -> Result<()> {
    let passerelle = Passerelle::par(Canal::Courriel);
    let expedition = passerelle.expedition(DOMAINE);
    let ecole = Ecole::ouvrir_dans(Maison::open_telling(expedition.clone()).await?).await?;
    let (maison, bench) = (&ecole.maison, &ecole.maison.bench);
    let distribution = Distribution::new(maison.commands.clone(), expedition);
    let au = |instant: &str| -> Result<()> {
        bench.clock.set(instant.parse()?);
        Ok(())
    };
    au("2026-11-23T09:00:00Z")?;
    // All who answer for a pupil have it that marks are told by no way; for a newcomer nobody answers.
    let eleve = ecole.eleves[0];
    let sql = "SELECT responsable FROM responsabilite WHERE eleve = $1 AND destinataire";
    let parents: Vec<Uuid> = sqlx::query_scalar(sql).bind(eleve).fetch_all(&bench.views).await?;
    let silence = json!({ "choix": [{ "theme": "NOTES", "canaux": [], "rythme": "QUOTIDIEN" }] });
    for parent in parents {
        maison.granted(personal(parent), "choisirPreferences", silence.clone(), "").await?;
    }
    let (nom, prenom) = ("Nouvelle".to_owned(), "Eve".to_owned());
    let newcomer = ecole.inscrire("eve", EtatCivil { nom, prenom, ..EtatCivil::default() }).await?;
    bench.runner.catch_up().await?;
    let creation = json!({ "enseignementId": global("Enseignement", ecole.enseignement), "titre": "Droites",
                           "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    let made = maison.granted(ecole.enseignante, "creerEvaluation", creation, "evaluation { id }").await?;
    let evaluation = made["evaluation"]["id"].clone();
    let ligne = json!({ "eleveId": global("Eleve", eleve), "resultat": { "etat": "NOTE", "note": "4" } });
    let noter = json!({ "evaluationId": evaluation, "lignes": [ligne] });
    maison.granted(ecole.enseignante, "saisirNotes", noter, "").await?;
    maison.granted(ecole.enseignante, "publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
    ecole.faire_l_appel(&ecole.heure("2026-11-23", "09:00:00", "09:55:00"), &[newcomer.0]).await?;
    // The directory may know better in a moment; of an absence, tomorrow.
    au("2026-11-23T09:09:59Z")?;
    ecole.distribuer(&distribution).await?;
    bench.runner.catch_up().await?;
    assert_eq!(sans_suite(&ecole).await?, Vec::<String>::new());
    for (instant, closed) in [
        ("2026-11-23T09:10:00Z", vec!["sans_moyen"]),
        ("2026-11-24T08:59:59Z", vec!["sans_moyen"]),
        ("2026-11-24T09:00:00Z", vec!["sans_moyen", "sans_destinataire"]),
    ] {
        au(instant)?;
        for _ in 0..2 {
            ecole.distribuer(&distribution).await?;
            bench.runner.catch_up().await?;
            assert_eq!(sans_suite(&ecole).await?, closed, "{instant}");
        }
    }
    assert_eq!(passerelle.messages()?.len(), 0);
    crate::projections::replay::check(bench).await?;
    ecole.maison.close().await
}
