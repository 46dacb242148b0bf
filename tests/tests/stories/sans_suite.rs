//! What nobody can be told of is closed on the record, so that it is not looked at again.

use anyhow::{Result, anyhow};
use api::envois::Distribution;
use domain::PersonneId;
use domain::annuaire::{
    EtatCivil, NiveauResponsabilite, Origine, Parole, Personne, PersonneCommand, Responsabilite,
};
use domain::notifications::Canal;
use recits::passerelle::Passerelle;
use recits::{DOMAINE, Ecole, global, personal};
use serde_json::json;
use uuid::Uuid;

/// Why nobody was told of something, in the order in which that was stated.
async fn sans_suite(ecole: &Ecole) -> Result<Vec<String>> {
    let sql = "SELECT motif FROM annonce_sans_suite ORDER BY le, envoi";
    Ok(sqlx::query_scalar(sql).fetch_all(&ecole.maison.bench.views).await?)
}

/// A pupil for whom nobody answers.
async fn nouvelle(ecole: &Ecole) -> Result<PersonneId> {
    let (nom, prenom) = ("Nouvelle".to_owned(), "Eve".to_owned());
    let newcomer = ecole.inscrire("eve", EtatCivil { nom, prenom, ..EtatCivil::default() }).await?;
    ecole.maison.bench.runner.catch_up().await?;
    Ok(newcomer)
}

/// A pupil has a mark, which is published.
async fn noter(ecole: &Ecole, eleve: Uuid) -> Result<()> {
    let (maison, prof) = (&ecole.maison, ecole.enseignante);
    let creation = json!({ "enseignementId": global("Enseignement", ecole.enseignement), "titre": "Droites",
                           "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    let made = maison.granted(prof, "creerEvaluation", creation, "evaluation { id }").await?;
    let evaluation = made["evaluation"]["id"].clone();
    let ligne = json!({ "eleveId": global("Eleve", eleve), "resultat": { "etat": "NOTE", "note": "4" } });
    let noter = json!({ "evaluationId": evaluation, "lignes": [ligne] });
    maison.granted(prof, "saisirNotes", noter, "").await?;
    maison.granted(prof, "publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_be_told_of_is_closed_once_with_the_reason() -> Result<()> {
    let passerelle = Passerelle::par(Canal::Courriel);
    let expedition = passerelle.expedition(DOMAINE);
    let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
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
    let newcomer = nouvelle(&ecole).await?;
    noter(&ecole, eleve).await?;
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

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_closed_before_the_directory_has_been_read() -> Result<()> {
    let passerelle = Passerelle::par(Canal::Courriel);
    let expedition = passerelle.expedition(DOMAINE);
    let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
    let bench = &ecole.maison.bench;
    let distribution = Distribution::new(ecole.maison.commands.clone(), expedition);
    bench.clock.set("2026-11-23T09:00:00Z".parse()?);
    let newcomer = nouvelle(&ecole).await?;
    noter(&ecole, newcomer.0).await?;
    bench.runner.catch_up().await?;
    // A feed says who answers for her, and the view of the directory waits for whoever holds its table.
    let sql = "SELECT p.id FROM personne p JOIN responsabilite s ON s.responsable = p.id
        WHERE p.courriel IS NOT NULL AND NOT p.suspendue ORDER BY 1 LIMIT 1";
    let responsable: Uuid = sqlx::query_scalar(sql).fetch_one(&bench.views).await?;
    let mut holder = bench.owner.begin().await?;
    sqlx::query("LOCK TABLE annuaire.responsabilite IN EXCLUSIVE MODE").execute(&mut *holder).await?;
    bench.clock.set("2026-11-23T09:05:00Z".parse()?);
    let line = Responsabilite {
        responsable: PersonneId(responsable),
        lien: "10".to_owned(),
        niveau: NiveauResponsabilite::Legale1,
        destinataire: true,
    };
    let parole = Parole::de(Origine::Aaf, "Lyon", "2026-11-23".parse()?);
    let command = PersonneCommand::EtablirResponsabilites { responsables: vec![line], parole };
    let context = bench.context(&"ac-lyon".parse()?, &["late"]);
    bench.record::<Personne>(context, newcomer, command).await?;
    bench.clock.set("2026-11-23T09:20:00Z".parse()?);
    distribution.round().await.map_err(|error| anyhow!(error))?;
    holder.rollback().await?;
    ecole.distribuer(&distribution).await?;
    assert_eq!(sans_suite(&ecole).await?, Vec::<String>::new());
    let told: Vec<Uuid> =
        sqlx::query_scalar("SELECT destinataire FROM envoi").fetch_all(&bench.views).await?;
    assert_eq!(told, [responsable], "somebody was found out late");
    ecole.maison.close().await
}
