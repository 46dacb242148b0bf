//! Who was told of an absence, by which way and when, told with it and proven with it.

use super::{SANS_CONSULTATION, ran_with_keys};
use anyhow::{Context, Result};
use api::envois::Distribution;
use domain::notifications::Canal;
use ledger::sealer::log::Log;
use recits::passerelle::Passerelle;
use recits::{DOMAINE, Ecole};
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::process::Command;
use uuid::Uuid;

const PREPARE: &str = "notifications.envoi.prepare";

/// A roll in which nobody is there.
struct Appel {
    ecole: Ecole,
    /// The id of its stream.
    id: String,
    /// A pupil one of whose family has an address.
    eleve: String,
}

/// It is closed on Monday at 8; at 10 families are told by mail, and who has no address by a letter
/// that waits.
async fn lundi() -> Result<Appel> {
    let expedition = Passerelle::par(Canal::Courriel).expedition(DOMAINE);
    let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
    ecole.faire_l_appel(&ecole.heure("2026-11-23", "08:00:00", "08:55:00"), &ecole.eleves).await?;
    ecole.maison.bench.clock.set("2026-11-23T09:00:00Z".parse()?);
    ecole.distribuer(&Distribution::new(ecole.maison.commands.clone(), expedition)).await?;
    let found = "SELECT aggregate_id FROM ledger.events WHERE aggregate_type = 'absences.appel' LIMIT 1";
    let id = sqlx::query_scalar(found).fetch_one(&ecole.maison.bench.owner).await?;
    let eleve: Uuid = sqlx::query_scalar(
        "SELECT s.eleve FROM responsabilite s JOIN personne p ON p.id = s.responsable
         WHERE s.eleve = ANY ($1) AND s.destinataire AND p.courriel IS NOT NULL ORDER BY 1 LIMIT 1",
    )
    .bind(&ecole.eleves)
    .fetch_one(&ecole.maison.bench.views)
    .await?;
    Ok(Appel { ecole, id, eleve: eleve.to_string() })
}

/// The acts of a tale whose types begin so.
async fn told(ecole: &Ecole, objet: &[&str], begins: &str) -> Result<Vec<Value>> {
    let arguments = [&["raconter"][..], objet, &["--json"]].concat();
    let (verdict, told) = ran_with_keys(&ecole.maison.bench, &arguments).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let lines: Vec<Value> = told.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let of_it = |line: &Value| line["type"].as_str().is_some_and(|kind| kind.starts_with(begins));
    Ok(lines.into_iter().filter(of_it).collect())
}

async fn counted(ecole: &Ecole, sql: &str) -> Result<usize> {
    let rows: i64 = sqlx::query_scalar(sql).fetch_one(&ecole.maison.bench.owner).await?;
    Ok(usize::try_from(rows)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_told_of_an_absence_is_told_with_it_and_of_no_other_pupil() -> Result<()> {
    let Appel { ecole, id, eleve } = lundi().await?;
    let all = told(&ecole, &["appel", &id], PREPARE).await?;
    let recorded = format!("SELECT count(*) FROM ledger.events WHERE event_type = '{PREPARE}'");
    assert_eq!(all.len(), counted(&ecole, &recorded).await?);
    let of_one = ["appel", id.as_str(), "--eleve", eleve.as_str()];
    let prepared = told(&ecole, &of_one, PREPARE).await?;
    assert!(!prepared.is_empty() && prepared.len() < all.len(), "{prepared:#?}");
    for line in &prepared {
        let phrase = line["phrase"].as_str().context("no sentence")?;
        assert!(phrase.starts_with("a préparé pour ") && phrase.contains("d'une absence"), "{phrase}");
    }
    // Of what became of each the same person is named.
    let handed = told(&ecole, &of_one, "notifications.envoi.remis").await?;
    assert!(!handed.is_empty() && handed.len() <= prepared.len(), "{handed:#?}");
    for line in &handed {
        let phrase = line["phrase"].as_str().context("no sentence")?;
        let (_, nom) = phrase.split_once("(envoi à ").context("nobody")?;
        let nom = nom.trim_end_matches(')');
        let named = |line: &Value| line["phrase"].as_str().is_some_and(|phrase| phrase.contains(nom));
        assert!(phrase.contains("à un relais, qui l'a pris") && prepared.iter().any(named), "{phrase}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_told_of_an_absence_is_proven_with_it_as_known_at_an_hour() -> Result<()> {
    let Appel { ecole, id, eleve } = lundi().await?;
    let (maison, home) = (&ecole.maison, tempfile::tempdir()?);
    maison.sealer.pass().await?;
    maison.sealer.consign().await?;
    let path = |name: &str| home.path().join(name).to_str().unwrap_or_default().to_owned();
    fs::write(path("cles.json"), json!(maison.sealer.verifier_keys(&Log::Meta)).to_string())?;
    let (cles, tuiles) = (path("cles.json"), maison.bench.tiles().display().to_string());
    let hours = [("apres", "2026-11-23T09:30:00Z", true), ("avant", "2026-11-23T08:30:00Z", false)];
    for (name, au, known) in hours {
        let vers = path(&format!("{name}.zip"));
        let mut arguments = vec!["prouver", "appel", &id, "--eleve", &eleve, "--au", au];
        arguments.extend(["--question", "Qui a su l'absence, et quand ?", "--demandeur", "la famille"]);
        arguments.extend(["--motif", "recours", "--vers", &vers, "--sceaux", &cles, "--tuiles", &tuiles]);
        arguments.extend(SANS_CONSULTATION);
        let (verdict, told) = ran_with_keys(&maison.bench, &arguments).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let opened = home.path().join(format!("{name}-ouvert"));
        zip::ZipArchive::new(File::open(&vers)?)?.extract(&opened)?;
        let data = opened.join(name).join("data");
        let judged = Command::new("bash").arg(data.join("verify.sh")).output()?;
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
        let rapport = fs::read_to_string(data.join("rapport.html"))?;
        for said in ["<li>Le 23/11/2026 à 10:00:00, La plateforme", "a préparé pour ", "a pris (envoi à "]
        {
            assert_eq!(rapport.contains(said), known, "{said}, {name}: {rapport}");
        }
        assert!(rapport.contains("ne prouve pas qu'il a été lu"), "{rapport}");
        assert_eq!(data.join("schemas/notifications.envoi.json").exists(), known);
    }
    ecole.maison.close().await
}
