//! The evidence bundle of a question, judged with public tools alone: its own script (bash,
//! coreutils, openssl) and `sha256sum`.

use super::{SANS_CONSULTATION, bench, ran, ran_with_keys};
use anyhow::{Context, Result, ensure};
use api::program::Witnesses;
use base64::{Engine, engine::general_purpose::STANDARD};
use ledger::clock::{Clock, SystemClock};
use ledger::sealer::Sealer;
use ledger::sealer::log::Log;
use ledger::sealer::timestamping::Trust;
use ledger::timestamp::roots::Roots;
use ledger::tlog::cosignature::WitnessKey;
use recits::Bench;
use recits::horodateur::Horodateur;
use replay_tools::verdict::Verdict;
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// A roll of four acts, sealed and consigned, and where its bundle goes.
pub struct Dossier {
    /// Where it is recorded.
    pub bench: Bench,
    /// What sealed it.
    pub sealer: Sealer,
    nature: &'static str,
    objet: String,
    home: TempDir,
}

impl Dossier {
    /// One.
    pub async fn scelle() -> Result<Self> {
        let dossier = Self::of(bench().await?, "appel", "absences.appel").await?;
        dossier.sealer.pass().await?;
        dossier.sealer.consign().await?;
        Ok(dossier)
    }

    /// One on the first object of a kind, of which nothing is sealed yet.
    pub async fn of(bench: Bench, nature: &'static str, kind: &str) -> Result<Self> {
        let (sealer, home) = (bench.sealer()?, tempfile::tempdir()?);
        let keys = json!(sealer.verifier_keys(&Log::Meta));
        fs::write(home.path().join("cles.json"), keys.to_string())?;
        fs::create_dir_all(bench.tiles())?;
        let found = "SELECT aggregate_id FROM ledger.events WHERE aggregate_type = $1 LIMIT 1";
        let objet = sqlx::query_scalar(found).bind(kind).fetch_one(&bench.owner).await?;
        Ok(Self { bench, sealer, nature, objet, home })
    }

    /// Seals, closes what has ended by this instant, and consigns.
    pub async fn clos(&self, le: &str) -> Result<usize> {
        self.sealer.pass().await?;
        self.bench.clock.set(le.parse()?);
        let closed = self.sealer.close().await?;
        self.sealer.consign().await?;
        Ok(closed)
    }

    /// Has a witness cosign what was sealed; its key.
    pub async fn witnessed(&self) -> Result<String> {
        let (url, key) = super::temoin::witness(&self.sealer, &self.path("temoin")).await?;
        let witnesses = Witnesses::under(super::contreseings::policy(&url, &key)?)?;
        ensure!(witnesses.round(&self.sealer).await, "not cosigned");
        Ok(key)
    }

    /// Has an authority date what was consigned.
    pub async fn dated(&self, autorite: &Arc<Horodateur>) -> Result<()> {
        self.bench.clock.set(SystemClock.now());
        let trust = Trust { roots: Roots::read(&autorite.roots()?)?, policy: None };
        let reply = async move |query: Vec<u8>| autorite.reply(&query, "tsa");
        self.sealer.timestamp_now(&trust, 7, reply).await?.context("not dated")?;
        Ok(())
    }

    /// A file of this name in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Makes the bundle.
    pub async fn dresse(&self, name: &str, more: &[&str]) -> (Verdict, String) {
        let tuiles = self.bench.tiles();
        let arguments = self.arguments(name, tuiles.to_str().unwrap_or_default(), more);
        ran_with_keys(&self.bench, &arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// What the program is told to make it from tiles that are there.
    pub fn arguments(&self, name: &str, tuiles: &str, more: &[&str]) -> Vec<String> {
        let path = |name| self.path(name).to_str().unwrap_or_default().to_owned();
        let (vers, cles) = (path(name), path("cles.json"));
        let mut arguments = vec!["prouver", self.nature, &self.objet, "--question", "L'élève était-il là ?"];
        arguments.extend(["--demandeur", "la famille <tuteur>", "--motif", "recours", "--vers", &vers]);
        arguments.extend(["--sceaux", &cles, "--tuiles", tuiles]);
        if !more.contains(&"--consultation") {
            arguments.extend(SANS_CONSULTATION);
        }
        arguments.extend(more);
        arguments.into_iter().map(str::to_owned).collect()
    }

    /// A policy under which a witness of this key is enough.
    pub fn policy(&self, key: &str) -> Result<String> {
        let path = self.path("temoins");
        fs::write(&path, format!("witness rectorat {key}\nquorum rectorat\n"))?;
        Ok(path.to_str().unwrap_or_default().to_owned())
    }

    /// The bundle of this name, in a folder: what a judge has before him.
    pub fn ouvert(&self, name: &str) -> Result<Sac> {
        let home = tempfile::tempdir()?;
        zip::ZipArchive::new(File::open(self.path(name))?)?.extract(home.path())?;
        let stem = Path::new(name).file_stem().context("no name")?;
        Ok(Sac { racine: home.path().join(stem), _home: home })
    }
}

/// An opened bundle.
pub struct Sac {
    /// The bag's folder.
    pub racine: PathBuf,
    _home: TempDir,
}

impl Sac {
    /// That of one act.
    pub fn fait(&self, number: usize) -> PathBuf {
        self.racine.join(format!("data/faits/0690001b-2026-{number}"))
    }

    /// What its own script says of it.
    pub fn verify(&self, given: &[&Path]) -> Result<Output> {
        let script = self.racine.join("data/verify.sh");
        Ok(Command::new("bash").arg(script).args(given).output()?)
    }

    /// Whether `sha256sum` takes every file of a manifest.
    pub fn manifest(&self, name: &str) -> Result<bool> {
        let arguments = ["--strict", "--quiet", "-c", name];
        Ok(Command::new("sha256sum").args(arguments).current_dir(&self.racine).output()?.status.success())
    }

    /// A forger writes the manifests anew.
    pub fn remanifeste(&self) -> Result<()> {
        let write = "find data -type f -print0 | xargs -0 sha256sum > manifest-sha256.txt";
        ensure!(Command::new("bash").args(["-c", write]).current_dir(&self.racine).status()?.success());
        Ok(())
    }
}

/// All that a program said.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Flips the lowest bit of a byte.
pub fn flip(path: &Path, at: usize) -> Result<()> {
    let mut bytes = fs::read(path)?;
    *bytes.get_mut(at).context("too short")? ^= 1;
    Ok(fs::write(path, bytes)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_checked_with_public_tools_alone() -> Result<()> {
    let dossier = Dossier::scelle().await?;
    let (verdict, told) = dossier.dresse("preuve.zip", &[]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert!(told.contains("4 actes, 0 contenu absent"), "{told}");
    let sac = dossier.ouvert("preuve.zip")?;
    let judged = sac.verify(&[])?;
    assert!(judged.status.success() && said(&judged).ends_with("VALIDE\n"), "{}", said(&judged));
    assert!(said(&judged).contains("sceau consigné au méta-journal"), "{}", said(&judged));
    assert!(sac.manifest("manifest-sha256.txt")? && sac.manifest("tagmanifest-sha256.txt")?);
    let rapport = fs::read_to_string(sac.racine.join("data/rapport.html"))?;
    for expected in ["la famille &#60;tuteur&#62;", "a corrigé", "0690001b/2026/4", "consigné, preuve jointe"]
    {
        assert!(rapport.contains(expected), "{expected}: {rapport}");
    }
    let demande: serde_json::Value =
        serde_json::from_slice(&fs::read(sac.racine.join("data/demande.json"))?)?;
    assert_eq!(demande["objet"], json!({ "nature": "appel", "id": dossier.objet, "eleve": null }));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_anything_in_a_bundle_is_found_even_under_new_manifests() -> Result<()> {
    let dossier = Dossier::scelle().await?;
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    for (file, at, expected) in [
        ("feuille.json", 30, "la feuille n'est pas dans un journal scellé"),
        ("charge.json", 3, "le contenu chiffré"),
        ("contenu.json", 12, "le contenu n'est pas celui"),
        ("sel.hex", 0, "le contenu n'est pas celui"),
        ("preuve.tlog-proof", 40, "la feuille n'est pas dans un journal scellé"),
    ] {
        let sac = dossier.ouvert("preuve.zip")?;
        flip(&sac.fait(3).join(file), at)?;
        assert!(!sac.manifest("manifest-sha256.txt")?);
        let judged = sac.verify(&[])?;
        assert!(!judged.status.success() && said(&judged).contains("un fichier du dossier a changé"));
        sac.remanifeste()?;
        let judged = sac.verify(&[])?;
        assert!(!judged.status.success() && said(&judged).contains(expected), "{file}: {}", said(&judged));
    }
    let sac = dossier.ouvert("preuve.zip")?;
    let journal = sac.racine.join("data/journaux/0690001b-2026-4");
    flip(&journal.join("checkpoint"), 20)?;
    sac.remanifeste()?;
    let judged = sac.verify(&[])?;
    assert!(!judged.status.success() && said(&judged).contains("au méta-journal"), "{}", said(&judged));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_another_house_do_not_open_a_bundle() -> Result<()> {
    let (dossier, other) = (Dossier::scelle().await?, Dossier::scelle().await?);
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    let lines = |sealer: &Sealer| {
        sealer.verifier_keys(&Log::Meta).iter().map(|key| format!("{}\n", key.key)).collect::<String>()
    };
    let cles = dossier.path("cles.txt");
    fs::write(&cles, lines(&dossier.sealer))?;
    assert!(sac.verify(&[&cles])?.status.success());
    fs::write(&cles, lines(&other.sealer))?;
    let judged = sac.verify(&[&cles])?;
    assert!(!judged.status.success() && said(&judged).contains("INVALIDE"), "{}", said(&judged));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_tells_who_witnessed_it_and_a_witness_who_did_not_is_not_named() -> Result<()> {
    let dossier = Dossier::scelle().await?;
    let policy = dossier.policy(&dossier.witnessed().await?)?;
    assert_eq!(dossier.dresse("preuve.zip", &["--temoins", &policy]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    let judged = sac.verify(&[])?;
    assert!(judged.status.success(), "{}", said(&judged));
    assert!(said(&judged).contains("contresigné par rectorat le 2026-"), "{}", said(&judged));
    let rapport = fs::read_to_string(sac.racine.join("data/rapport.html"))?;
    assert!(rapport.contains("la politique jointe est satisfaite"), "{rapport}");
    // The time that it signed, another.
    let proof = sac.racine.join("data/journaux/0690001b-2026-4/meta.tlog-proof");
    let text = fs::read_to_string(&proof)?;
    let line = text.lines().find_map(|line| line.strip_prefix("— temoin.rectorat.fr ")).context("no line")?;
    let mut bytes = STANDARD.decode(line)?;
    bytes[11] ^= 1;
    fs::write(&proof, text.replace(line, &STANDARD.encode(bytes)))?;
    sac.remanifeste()?;
    let judged = sac.verify(&[])?;
    assert!(!judged.status.success() && said(&judged).contains("aurait contresigné"), "{}", said(&judged));
    let strange = WitnessKey::of("ailleurs.fr", &Zeroizing::new([5; 32])).context("no key")?.verifier_key();
    let policy = dossier.policy(&strange)?;
    assert_eq!(dossier.dresse("sans.zip", &["--temoins", &policy]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("sans.zip")?;
    assert!(said(&sac.verify(&[])?).contains("sans contreseing de rectorat"));
    let rapport = fs::read_to_string(sac.racine.join("data/rapport.html"))?;
    assert!(
        rapport.contains("n'est PAS satisfaite") && rapport.contains("Aucun témoin n'atteste"),
        "{rapport}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_content_is_absent_with_its_reason_and_its_act_still_proven() -> Result<()> {
    let dossier = Dossier::scelle().await?;
    sqlx::raw_sql("UPDATE ledger.keys SET wrapped = NULL WHERE subject LIKE 'personne:%'")
        .execute(&dossier.bench.owner)
        .await?;
    let (verdict, told) = dossier.dresse("preuve.zip", &["--json"]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    let sac = dossier.ouvert("preuve.zip")?;
    assert!(!sac.fait(2).join("contenu.json").exists());
    let judged = sac.verify(&[])?;
    assert!(judged.status.success(), "{}", said(&judged));
    assert!(said(&judged).contains("0690001b-2026-2 : scellé, contenu absent"), "{}", said(&judged));
    let rapport = fs::read_to_string(sac.racine.join("data/rapport.html"))?;
    assert!(rapport.contains("absent : effacé, sa clé a été détruite"), "{rapport}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_bundle_from_being_made_is_said() -> Result<()> {
    let dossier = Dossier::scelle().await?;
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let (verdict, told) = dossier.dresse("preuve.zip", &[]).await;
    assert_eq!(verdict, Verdict::Indetermine, "a bundle is never written over: {told}");
    let (_, told) = dossier.dresse("autre.zip", &["--consultation", "0690001b/2026/1"]).await;
    assert!(told.contains("0690001b/2026/1") && !dossier.path("autre.zip").exists(), "{told}");
    let nowhere = dossier.path("nulle-part");
    let cles = dossier.path("cles.json");
    let mut arguments = vec!["prouver", "appel", &dossier.objet, "--question", "q", "--demandeur", "d"];
    let vers = dossier.path("rien.zip");
    arguments.extend(["--motif", "m", "--vers", vers.to_str().unwrap(), "--sceaux", cles.to_str().unwrap()]);
    arguments.extend(SANS_CONSULTATION);
    let (verdict, told) = ran(&dossier.bench, &arguments).await;
    assert!(verdict == Verdict::Indetermine && told.contains("tuiles"), "{told}");
    arguments.extend(["--tuiles", nowhere.to_str().unwrap()]);
    let (_, told) = ran_with_keys(&dossier.bench, &arguments).await;
    assert!(told.contains("n'est pas un dossier de tuiles"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_is_not_sealed_yet_is_not_called_proven() -> Result<()> {
    let dossier = Dossier::of(bench().await?, "appel", "absences.appel").await?;
    let (verdict, told) = dossier.dresse("preuve.zip", &[]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(told.contains("n'est pas encore scellé"), "{told}");
    // Sealed, but not consigned: what is there is proven, and what is missing is said.
    dossier.sealer.pass().await?;
    let (verdict, told) = dossier.dresse("preuve.zip", &[]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let sac = dossier.ouvert("preuve.zip")?;
    assert!(sac.verify(&[])?.status.success());
    let rapport = fs::read_to_string(sac.racine.join("data/rapport.html"))?;
    assert!(rapport.contains("pas encore consigné"), "{rapport}");
    Ok(())
}
