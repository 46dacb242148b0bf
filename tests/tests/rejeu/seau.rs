//! Tiles in a bucket, of a program that speaks S3's protocol and that we did not write
//! (`moto`): what is sealed there is proven from there.

use super::bench;
use super::juges::{juges, opened};
use super::prouver::{Dossier, said};
use anyhow::{Result, ensure};
use domain::journal::{Consultation, ConsultationCommand, NatureConsultation, Portee};
use domain::{AnneeScolaire, CommandeId};
use ledger::sealer::store::TileStore;
use recits::faults::program;
use recits::{PORTAIL, portail};
use secrecy::ExposeSecret;
use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Where the tiles are.
pub const SEAU: &str = "s3://journaux/academie";

/// The server, with one bucket.
pub struct Seau {
    child: Child,
    address: SocketAddr,
}

impl Drop for Seau {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seau {
    /// One that listens there.
    pub async fn open(juges: &Path, address: SocketAddr) -> Result<Self> {
        let mut serve = Command::new(juges.join("moto_server"));
        serve.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
        let child = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let seau = Self { child, address };
        opened(&address.to_string()).await?;
        let made = reqwest::Client::new().put(format!("{}/journaux", seau.url())).send().await?;
        ensure!(made.status().is_success(), "{made:?}");
        Ok(seau)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What tells a program how to reach it.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let url = self.url();
        let set = [
            ("AWS_ENDPOINT", url.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "eu-west-3"),
            ("AWS_ACCESS_KEY_ID", "essai"),
            ("AWS_SECRET_ACCESS_KEY", "essai"),
        ];
        set.map(|(name, value)| (name.into(), value.into())).into()
    }

    /// What the auditor's program says that makes a bundle of this name from there.
    pub fn ent_rejeu(&self, dossier: &Dossier, name: &str, more: &[&str]) -> Result<Output> {
        let (url, kek) = (dossier.bench.base().auditor_url(), dossier.bench.kek_file());
        let mut command = Command::new(program("ent-rejeu")?);
        command.env_clear().envs(self.environment());
        command.env("ENT_AUDITEUR_URL", url.expose_secret()).env("ENT_KEK_FILE", kek);
        Ok(command.args(dossier.arguments(name, SEAU, more)).output()?)
    }
}

/// One event more.
async fn consulte(dossier: &Dossier, motif: &str) -> Result<()> {
    let annee = Some(AnneeScolaire(2026));
    let portee = Portee { nature: NatureConsultation::Lecture, annee, objet: "tout".to_owned() };
    let command = ConsultationCommand::Consulter { portee, motif: motif.to_owned(), permise: true };
    let id = CommandeId::derived(&[motif]).0;
    let context = dossier.bench.context(&portail(PORTAIL), &[motif]);
    dossier.bench.record::<Consultation>(context, id, command).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_in_a_bucket_prove_what_tiles_in_a_folder_do() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let seau = Seau::open(&juges, address).await?;
    let mut dossier = Dossier::of(bench().await?, "appel", "absences.appel").await?;
    dossier.sealer = dossier.bench.sealer_over(TileStore::in_bucket(SEAU, seau.environment())?)?;
    assert_eq!(dossier.sealer.pass().await?, 1);
    dossier.sealer.consign().await?;
    let made = seau.ent_rejeu(&dossier, "preuve.zip", &[])?;
    assert!(made.status.success(), "{}", said(&made));
    let judged = dossier.ouvert("preuve.zip")?.verify(&[])?;
    assert!(judged.status.success(), "{}", said(&judged));
    // Without its bucket nothing is signed; once it is back, all of it.
    consulte(&dossier, "contrôle").await?;
    drop(seau);
    assert_eq!((dossier.sealer.pass().await?, dossier.sealer.board().refused.len()), (0, 1));
    let _back = Seau::open(&juges, address).await?;
    assert_eq!((dossier.sealer.pass().await?, dossier.sealer.board().refused.len()), (1, 0));
    Ok(())
}
