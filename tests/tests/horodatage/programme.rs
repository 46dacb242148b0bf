//! The real program and its authority: each day by itself, at a command, and when it is away.

use super::now;
use anyhow::Result;
use chrono::TimeDelta;
use domain::CommandeId;
use domain::journal::{Consultation, ConsultationCommand, NatureConsultation, Portee};
use recits::faults::{Ent, Environment, Issuer, command, environment, wait};
use recits::horodateur::Horodateur;
use recits::{Bench, PORTAIL, portail};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// How long what must happen may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(90);
/// Nobody listens there.
const AWAY: &str = "http://127.0.0.1:9/";

/// A record of the day before yesterday, sealed and closed, and an authority.
struct Plateforme {
    bench: Bench,
    environment: Environment,
    autorite: Arc<Horodateur>,
    folder: TempDir,
}

impl Plateforme {
    /// One; none without `openssl`.
    async fn ouvrir() -> Result<Option<Self>> {
        let Some(autorite) = Horodateur::open()? else { return Ok(None) };
        let (bench, folder) = (Bench::open_at(now() - TimeDelta::days(2)).await?, tempfile::tempdir()?);
        let portee = Portee { nature: NatureConsultation::Lecture, annee: None, objet: "tout".to_owned() };
        let consulter =
            ConsultationCommand::Consulter { portee, motif: "contrôle".to_owned(), permise: true };
        let context = bench.context(&portail(PORTAIL), &["avant-hier"]);
        let id = CommandeId::derived(&["avant-hier"]).0;
        bench.record::<Consultation>(context, id, consulter).await?;
        bench.clock.set(now());
        let sealer = bench.sealer()?;
        sealer.pass().await?;
        sealer.close().await?;
        sealer.consign().await?;
        Issuer::new(&folder.path().join("jwks.json"))?;
        let mut environment = environment(&bench, folder.path()).await?;
        let roots = autorite.path("racine.pem");
        environment.insert("ENT_HORODATEUR_RACINES".to_owned(), roots.display().to_string());
        Ok(Some(Self { bench, environment, autorite, folder }))
    }

    /// The environment of a program that asks this authority.
    fn asking(&self, authority: &str) -> Environment {
        let mut environment = self.environment.clone();
        environment.insert("ENT_HORODATEUR".to_owned(), authority.to_owned());
        environment
    }

    /// Runs a command to its end: whether it went well, and what it said.
    async fn ent(&self, authority: &str, arguments: &[&str]) -> Result<(bool, String)> {
        let log = self.folder.path().join("commande.log");
        let _ = std::fs::remove_file(&log);
        let status = command(&self.asking(authority), &log, arguments)?.status().await?;
        Ok((status.success(), std::fs::read_to_string(&log)?))
    }

    async fn timestamps(&self) -> Result<i64> {
        let count = "SELECT count(*) FROM ledger.timestamps";
        Ok(sqlx::query_scalar(count).fetch_one(&self.bench.owner).await?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ent_has_a_closed_day_dated_by_itself_and_tells_of_an_authority_that_is_away() -> Result<()> {
    let Some(plateforme) = Plateforme::ouvrir().await? else { return Ok(()) };
    let mut ent = Ent::new(plateforme.asking(AWAY), plateforme.folder.path().join("ent.log"))?;
    ent.start().await?;
    let told = wait::until("a remark on the authority", PATIENCE, async || {
        Ok(ent.signale().await?.into_iter().find(|said| said.contains("l'horodateur ne date plus")))
    });
    told.await?;
    assert_eq!((ent.pret().await?.0, plateforme.timestamps().await?), (200, 0), "it serves all the same");
    ent.stop().await?;
    ent.set("ENT_HORODATEUR", &plateforme.autorite.serve().await?);
    ent.start().await?;
    wait::until("a timestamp", PATIENCE, async || Ok((plateforme.timestamps().await? == 1).then_some(())))
        .await?;
    ent.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_is_dated_as_it_is_recorded_and_the_record_at_a_command() -> Result<()> {
    let Some(plateforme) = Plateforme::ouvrir().await? else { return Ok(()) };
    let url = plateforme.autorite.serve().await?;
    let consult = ["inscrire-consultation", "--portail", PORTAIL, "--auditeur", "Rectorat, DPD", "--objet"];
    let consult: Vec<_> = consult.into_iter().chain(["export", "--motif", "Contrôle annuel"]).collect();
    let (done, said) = plateforme.ent(&url, &consult).await?;
    assert!(done && said.contains("Le journal est horodaté, consultation comprise."), "{said}");
    assert_eq!(plateforme.timestamps().await?, 1);
    // What is dated already is not dated anew; what came since is.
    for (consulted, expected) in [(false, 1), (true, 2)] {
        if consulted {
            let (done, said) = plateforme.ent(AWAY, &consult).await?;
            assert!(done && said.contains("ent horodater, plus tard"), "{said}");
        }
        let (done, said) = plateforme.ent(&url, &["horodater"]).await?;
        assert!(done && said.contains("par Horodateur-tsa"), "{said}");
        assert_eq!(plateforme.timestamps().await?, expected);
    }
    let (done, said) = plateforme.ent(AWAY, &["horodater"]).await?;
    assert!(done && said.contains("par Horodateur-tsa"), "nothing is new: {said}");
    plateforme.ent(AWAY, &consult).await?;
    let (done, said) = plateforme.ent(AWAY, &["horodater"]).await?;
    assert!(!done && said.contains("cannot be reached"), "{said}");
    // What is not sealed is not called dated: the seals are of another domain than this.
    let mut strange = plateforme;
    strange.environment.insert("ENT_BASE_DOMAIN".to_owned(), "ailleurs.fr".to_owned());
    let (done, said) = strange.ent(&url, &consult).await?;
    assert!(done && said.contains("n'est pas scellé") && said.contains("ent horodater, plus tard"), "{said}");
    assert!(!strange.ent(&url, &["horodater"]).await?.0);
    Ok(())
}
