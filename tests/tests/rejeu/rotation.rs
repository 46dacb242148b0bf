//! The keys of the house replaced by its own commands, while it serves: what the old ones sealed
//! is verified still, by whoever knows that they were; what they wrapped opens with the new alone.

use super::prouver::{Dossier, Sac, said};
use super::{ran_with_keys, tamper};
use crate::horodatage::now;
use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use domain::PersonneId;
use domain::publications::{Contenu, Publication, PublicationCommand};
use ledger::kek::{FileKek, KekProvider, Wrapped};
use ledger::seal::SealError;
use recits::faults::{Ent, Environment, Issuer, command, environment, wait};
use recits::horodateur::Horodateur;
use recits::{Bench, DOMAINE, PORTAIL, portail};
use replay_tools::verdict::Verdict;
use reqwest::header::HOST;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

/// How long what must happen may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(90);

/// A version more of the only publication.
pub async fn redige(bench: &Bench, corps: &str) -> Result<()> {
    let auteur = PersonneId::derived(&["directrice"]);
    let contenu = Contenu { titre: "Portes ouvertes".to_owned(), corps: corps.to_owned() };
    let command = if bench.journals().await?.is_empty() {
        PublicationCommand::RedigerActualite { portail: portail(PORTAIL), auteur, contenu }
    } else {
        PublicationCommand::ModifierPublication { auteur, contenu }
    };
    let context = bench.context(&portail(PORTAIL), &[corps]);
    bench.record::<Publication>(context, Uuid::from_u128(7), command).await?;
    Ok(())
}

/// A record of the day before yesterday, closed and dated; and what its programs are told.
struct Maison {
    dossier: Dossier,
    environment: Environment,
    racine: PathBuf,
    folder: TempDir,
    _autorite: Arc<Horodateur>,
}

impl Maison {
    /// One; none without `openssl`.
    async fn ouvrir() -> Result<Option<Self>> {
        let Some(autorite) = Horodateur::open()? else { return Ok(None) };
        let bench = Bench::open_at(now() - TimeDelta::days(2)).await?;
        redige(&bench, "Samedi à 9 h.").await?;
        let dossier = Dossier::of(bench, "publication", "publications.publication").await?;
        ensure!(dossier.clos(&now().to_rfc3339()).await? > 0, "no day was closed");
        dossier.dated(&autorite).await?;
        let folder = tempfile::tempdir()?;
        Issuer::new(&folder.path().join("jwks.json"))?;
        let environment = environment(&dossier.bench, folder.path()).await?;
        let racine = autorite.path("racine.pem");
        Ok(Some(Self { dossier, environment, racine, folder, _autorite: autorite }))
    }

    /// Runs a command of the program to its end; what it said.
    async fn ent(&self, arguments: &[&str]) -> Result<String> {
        let log = self.folder.path().join("commande.log");
        let _ = fs::remove_file(&log);
        let status = command(&self.environment, &log, arguments)?.status().await?;
        let said = fs::read_to_string(&log)?;
        ensure!(status.success(), "{arguments:?}: {said}");
        Ok(said)
    }

    /// Waits until both versions are sealed.
    async fn scellee(&self) -> Result<()> {
        let sealed = "SELECT max(size) FROM ledger.checkpoints WHERE portail = $1";
        let owner = &self.dossier.bench.owner;
        wait::until("a seal over what was recorded after the rotation", PATIENCE, async || {
            let size: Option<i64> = sqlx::query_scalar(sealed).bind(PORTAIL).fetch_one(owner).await?;
            Ok(size.filter(|size| *size >= 2).map(drop))
        })
        .await
    }

    /// What the auditor's program says of the record, to who knows these of the house's keys.
    async fn verifie(&self, cles: &[Value]) -> Result<(Verdict, Value)> {
        let path = self.dossier.path("connues.json");
        fs::write(&path, json!(cles).to_string())?;
        let arguments = ["verifier", "--json", "--sceaux", path.to_str().unwrap_or_default()];
        let (verdict, told) = ran_with_keys(&self.dossier.bench, &arguments).await;
        Ok((verdict, serde_json::from_str(&told)?))
    }

    /// Whether a bundle's own script takes it, with these of the house's keys.
    fn juge(&self, sac: &Sac, cles: &[Value]) -> Result<(bool, String)> {
        let path = self.dossier.path("connues.txt");
        let lines = cles.iter().filter_map(|cle| Some(format!("{}\n", cle["cle"].as_str()?)));
        fs::write(&path, lines.collect::<String>())?;
        let judged = sac.verify(&[path.as_path(), self.racine.as_path()])?;
        Ok((judged.status.success(), said(&judged)))
    }
}

/// The keys that sign, as the program publishes them.
async fn published(ent: &Ent, path: &Path) -> Result<Vec<Value>> {
    let answer = reqwest::Client::new().get(ent.url("/journal/cles")).header(HOST, DOMAINE).send().await?;
    let text = answer.error_for_status()?.text().await?;
    fs::write(path, &text)?;
    Ok(serde_json::from_str(&text)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sealed_over_a_rotation_is_verified_with_all_keys_and_with_no_fewer() -> Result<()> {
    let Some(maison) = Maison::ouvrir().await? else { return Ok(()) };
    let shown = maison.ent(&["cles-de-sceau"]).await?;
    assert_eq!(shown.matches(" en service").count(), 1, "{shown}");
    let turned = maison.ent(&["cles-de-sceau", "--tourner"]).await?;
    assert_eq!(turned.matches("/journal+").count(), 2, "{turned}");
    assert_eq!((turned.matches(" en service").count(), turned.matches(" au ").count()), (1, 1), "{turned}");
    let mut ent = Ent::new(maison.environment.clone(), maison.folder.path().join("ent.log"))?;
    ent.start().await?;
    redige(&maison.dossier.bench, "Samedi à 10 h.").await?;
    maison.scellee().await?;
    let cles = published(&ent, &maison.dossier.path("cles.json")).await?;
    ent.stop().await?;
    let [ancienne, nouvelle] = cles.as_slice() else { anyhow::bail!("not two keys: {cles:?}") };
    assert!(turned.contains(ancienne["cle"].as_str().context("no key")?), "{turned}");
    assert_eq!((&ancienne["au"], &nouvelle["au"]), (&nouvelle["du"], &Value::Null));

    let (verdict, told) = maison.verifie(&cles).await?;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let journal = &told["journaux"][0];
    assert_eq!((&journal["sceaux_conformes"], &journal["scelle_jusqu_au"]), (&json!(2), &json!(2)));
    for (alone, fault) in [(ancienne, 2), (nouvelle, 1)] {
        let (verdict, told) = maison.verifie(std::slice::from_ref(alone)).await?;
        assert_eq!(verdict, Verdict::Invalide, "{told}");
        let faute = &told["journaux"][0]["faute"];
        assert_eq!((&faute["nature"], &faute["position"]), (&json!("sceau"), &json!(fault)), "{told}");
    }

    // What was dated before was signed by the old key, the newest fact is sealed by the new one.
    let (verdict, told) = maison.dossier.dresse("preuve.zip", &[]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let sac = maison.dossier.ouvert("preuve.zip")?;
    let (taken, told) = maison.juge(&sac, &cles)?;
    assert!(taken && told.ends_with("VALIDE\n") && told.contains("existaient le"), "{told}");
    for alone in [ancienne, nouvelle] {
        let (taken, told) = maison.juge(&sac, std::slice::from_ref(alone))?;
        assert!(!taken && told.contains("INVALIDE"), "{told}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_that_wraps_is_replaced_while_the_house_serves_and_old_copies_open_nothing() -> Result<()> {
    let Some(maison) = Maison::ouvrir().await? else { return Ok(()) };
    let bench = &maison.dossier.bench;
    let copied = "CREATE TABLE public.copie AS SELECT * FROM ledger.keys";
    sqlx::raw_sql(copied).execute(&bench.owner).await?;
    let mut ent = Ent::new(maison.environment.clone(), maison.folder.path().join("ent.log"))?;
    ent.start().await?;
    let told = maison.ent(&["cles", "tourner"]).await?;
    assert!(told.contains("rechiffrées sous kek-2 ; retirées du fichier : kek-1."), "{told}");
    let cles = published(&ent, &maison.dossier.path("cles.json")).await?;
    let (verdict, told) = maison.verifie(&cles).await?;
    assert_eq!((verdict, &told["journaux"][0]["contenus_conformes"]), (Verdict::Valide, &json!(1)), "{told}");
    assert_eq!(maison.dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let (taken, told) = maison.juge(&maison.dossier.ouvert("preuve.zip")?, &cles)?;
    assert!(taken && told.contains("contenu conforme"), "{told}");
    ent.stop().await?;

    // A backup of the key table, with the file as it is now: one by one, then put back whole.
    let file = FileKek::read(&bench.kek_file())?;
    let copies: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT kek_id, wrapped FROM public.copie").fetch_all(&bench.owner).await?;
    assert!(!copies.is_empty());
    for (kek_id, bytes) in copies {
        assert!(matches!(file.unwrap(&Wrapped { kek_id, bytes }), Err(SealError::UnknownKek)));
    }
    let restored = "UPDATE ledger.keys k SET kek_id = c.kek_id, wrapped = c.wrapped
                    FROM public.copie c WHERE c.id = k.id";
    tamper(bench, restored).await?;
    let (verdict, told) = ran_with_keys(bench, &["verifier"]).await;
    assert!(verdict == Verdict::Indetermine && told.contains("il n'ouvre aucune de ses clés"), "{told}");
    Ok(())
}
