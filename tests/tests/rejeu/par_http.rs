//! What an auditor verifies who has no database, at the platform's own door: a journal whole,
//! witnessed and dated, and the journal of all journals.

use super::contreseings::policy;
use super::temoin::witness;
use crate::horodatage::now;
use anyhow::{Context, Result};
use api::http::{CancellationToken, Connections, serve};
use api::program::{Horodateur, Witnesses};
use ledger::sealer::log::Log;
use ledger::sealer::timestamping::Trust;
use ledger::timestamp::roots::Roots;
use recits::{DOMAINE, Ecole, auditeur, horodateur};
use replay_tools::verdict::Verdict;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A school whose days are closed, witnessed and dated, served, and what an auditor brings.
struct Plateforme {
    ecole: Ecole,
    autorite: Arc<horodateur::Horodateur>,
    valise: TempDir,
    port: u16,
}

impl Plateforme {
    /// One; none without `openssl`.
    async fn ouvrir() -> Result<Option<Self>> {
        let Some(autorite) = horodateur::Horodateur::open()? else { return Ok(None) };
        let (ecole, valise) = (Ecole::ouvrir().await?, tempfile::tempdir()?);
        let (sealer, clock) = (&ecole.maison.sealer, &ecole.maison.bench.clock);
        sealer.pass().await?;
        clock.set("2026-11-25T08:00:00Z".parse()?);
        sealer.close().await?;
        clock.set(now());
        let trust = Trust { roots: Roots::read(&autorite.roots()?)?, policy: None };
        assert!(Horodateur::under(autorite.serve().await?.parse()?, trust)?.date(sealer).await?.is_some());
        let (url, key) = witness(sealer, &valise.path().join("temoin")).await?;
        assert!(Witnesses::under(policy(&url, &key)?)?.round(sealer).await);
        let put = |name: &str, text: &[u8]| std::fs::write(valise.path().join(name), text);
        put("temoins", format!("witness rectorat {key}\nquorum rectorat\n").as_bytes())?;
        put("racines.pem", &autorite.roots()?)?;
        put("cles.json", json!(sealer.verifier_keys(&Log::Meta)).to_string().as_bytes())?;
        put("jeton", ecole.maison.token(auditeur())?.as_bytes())?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let router = ecole.maison.router.clone();
        tokio::spawn(serve(listener, router, Connections::default(), CancellationToken::new()));
        Ok(Some(Self { ecole, autorite, valise, port }))
    }

    fn file(&self, name: &str) -> String {
        let path: &Path = &self.valise.path().join(name);
        path.to_str().unwrap_or_default().to_owned()
    }

    async fn verifie(&self, path: &str, more: &[&str]) -> (Verdict, String) {
        let (url, cles) =
            (format!("http://{path}").replace('@', &self.port.to_string()), self.file("cles.json"));
        let arguments =
            ["ent-rejeu", "verifier", "--tuiles", &url, "--joindre", "127.0.0.1", "--sceaux", &cles];
        let arguments = arguments.iter().chain(more).map(|argument| (*argument).to_owned());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = replay_tools::run(arguments.collect::<Vec<_>>(), &mut out, &mut err).await;
        out.extend(err);
        (verdict, String::from_utf8(out).unwrap_or_default())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_verifies_and_dates_what_the_platform_publishes_at_its_own_door() -> Result<()> {
    let Some(plateforme) = Plateforme::ouvrir().await? else { return Ok(()) };
    let (racines, temoins, jeton) =
        (plateforme.file("racines.pem"), plateforme.file("temoins"), plateforme.file("jeton"));
    let journal = format!("{}.{DOMAINE}:@/journal/2026", plateforme.ecole.portail);
    let dated = ["--racines", &racines, "--temoins", &temoins];
    let read = [&dated[..], &["--jeton", &jeton]].concat();
    for more in [&dated[..], &read] {
        let (verdict, told) = plateforme.verifie(&journal, more).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        for expected in [
            "3 événements, 1 sceau conforme jusqu'au n° 3",
            "méta-journal : VALIDE",
            "politique satisfaite",
            "Horodatages : 1 crus sous ces racines",
            "n° 1 à 3 avant le ",
        ] {
            assert!(told.contains(expected), "{expected}: {told}");
        }
        let (verdict, told) = plateforme.verifie(&format!("{DOMAINE}:@/journal"), more).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        assert!(told.contains("méta-journal : VALIDE") && told.contains("1 crus"), "{told}");
    }
    // What is recorded since is sealed, and not dated yet.
    let bench = &plateforme.ecole.maison.bench;
    let redaction = json!({ "portail": plateforme.ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
    let enseignante = plateforme.ecole.enseignante;
    plateforme.ecole.maison.granted(enseignante, "redigerActualite", redaction, "").await?;
    plateforme.ecole.maison.sealer.pass().await?;
    let (verdict, told) = plateforme.verifie(&journal, &["--racines", &racines]).await;
    assert!(verdict == Verdict::Valide && told.contains("n° 1 à 3 avant le "), "{told}");
    // Nobody dates under another root, and what is not there dates nothing.
    plateforme.autorite.root("autre")?;
    let other = plateforme.autorite.path("autre.pem");
    let other = other.to_str().context("no path")?;
    let (verdict, told) = plateforme.verifie(&journal, &["--racines", other]).await;
    assert!(verdict == Verdict::Indetermine && told.contains("n'est pas cru"), "{told}");
    let flip = "UPDATE ledger.timestamps SET token = set_byte(token, length(token) - 9,
                get_byte(token, length(token) - 9) # 1)";
    super::tamper(bench, flip).await?;
    for path in [journal.as_str(), &format!("{DOMAINE}:@/journal")] {
        let (verdict, told) = plateforme.verifie(path, &["--racines", &racines]).await;
        assert_eq!(verdict, Verdict::Invalide, "{told}");
    }
    super::tamper(bench, "DELETE FROM ledger.timestamps").await?;
    let (verdict, told) = plateforme.verifie(&journal, &["--racines", &racines]).await;
    assert!(verdict == Verdict::Indetermine && told.contains("aucun ne le date encore"), "{told}");
    plateforme.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_says_where_the_meta_journal_is_or_is_not_dated() -> Result<()> {
    let Some(plateforme) = Plateforme::ouvrir().await? else { return Ok(()) };
    let racines = plateforme.file("racines.pem");
    // The portal by its number, not by its name: nobody knows whose copy that is.
    let (verdict, told) = plateforme.verifie("127.0.0.1:@/journal/2026", &["--racines", &racines]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    let journal = format!("{}.{DOMAINE}:@/journal/2026", plateforme.ecole.portail);
    let meta = format!("http://{DOMAINE}:{}/journal", plateforme.port);
    let (verdict, told) = plateforme.verifie(&journal, &["--racines", &racines, "--meta", &meta]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let nowhere = format!("http://{}.{DOMAINE}:{}/journal/2026", plateforme.ecole.portail, plateforme.port);
    let (verdict, told) = plateforme.verifie(&journal, &["--racines", &racines, "--meta", &nowhere]).await;
    assert_ne!(verdict, Verdict::Valide, "{told}");
    plateforme.ecole.maison.close().await
}
