//! The servers that are compared, each a process of its own, so that what it spends is its
//! own: `ent`, the plain handler, and PostGraphile.

use super::client::Client;
use super::ecole::Ecole;
use super::emetteur::{AUDIENCE, Emetteur, ISSUER};
use crate::mesures::cpu;
use crate::mesures::ground::Place;
use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use axum::http::Request;
use http_body_util::Full;
use sqlx::ConnectOptions;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a server may take to answer its first request.
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN: Duration = Duration::from_millis(100);

/// A server under measure, killed when it is dropped.
pub struct Serveur {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

impl Serveur {
    /// The real program, as an operator would start it.
    pub async fn ent(place: &Place, emetteur: &Emetteur, folder: &Path) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(beside("ent")?);
        command
            .arg("serve")
            .env("ENT_DATA_DIR", folder.join("ent"))
            .env("ENT_DATABASE_URL", place.app.to_url_lossy().as_str())
            .env("ENT_DATABASE_OWNER_URL", place.owner.to_url_lossy().as_str())
            .env("ENT_LISTEN", address.to_string())
            .env("ENT_ISSUER", ISSUER)
            .env("ENT_AUDIENCE", AUDIENCE)
            .env("ENT_JWKS", &emetteur.jwks)
            .env("ENT_CADENCE_COMPTE", "1000000")
            .env("ENT_LOG", "warn");
        Self::start(command, address, "/pret").await
    }

    /// The plain handler (see `temoin`).
    pub async fn temoin(ecole: &Ecole, emetteur: &Emetteur) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(beside("temoin")?);
        command
            .arg(address.to_string())
            .arg(&emetteur.jwks)
            .env("DATABASE_URL", ecole.place.app.to_url_lossy().as_str());
        Self::start(command, address, "/pret").await
    }

    /// PostGraphile, if it is installed; `./mesures` installs it where node is.
    pub async fn postgraphile(ecole: &Ecole) -> Result<Option<Self>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mesures-postgraphile");
        if !folder.join("node_modules").exists() {
            return Ok(None);
        }
        let address = free_address()?;
        let mut command = Command::new("node");
        command
            .arg(folder.join("serveur.js"))
            .env("NODE_ENV", "production")
            .env("PORT", address.port().to_string())
            .env("DATABASE_URL", ecole.place.owner.to_url_lossy().as_str());
        Self::start(command, address, "/").await.map(Some)
    }

    /// CPU time that it has spent, with its own processes.
    pub fn spent(&self) -> Result<Duration> {
        cpu::of_tree(self.child.id().context("the server has ended")?)
    }

    async fn start(mut command: Command, address: SocketAddr, probe: &str) -> Result<Self> {
        let child = command.stdin(Stdio::null()).kill_on_drop(true).spawn().context("starting a server")?;
        let mut serveur = Self { address, child };
        tokio::time::timeout(PATIENCE, serveur.answers(probe)).await.context("a server does not start")??;
        Ok(serveur)
    }

    /// Waits until something is answered, whatever it is.
    #[allow(clippy::disallowed_methods)] // another process tells us nothing: it is asked again
    async fn answers(&mut self, probe: &str) -> Result<()> {
        loop {
            ensure!(self.child.try_wait()?.is_none(), "a server has ended at once");
            if let Ok(client) = Client::connect(self.address, 1).await {
                let request =
                    Request::get(probe).header("host", "localhost").body(Full::<Bytes>::default())?;
                match client.send(0, request).await {
                    Ok(_) => return Ok(()),
                    Err(error) if error.to_string().starts_with("404") => return Ok(()),
                    Err(_) => {}
                }
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }
}

/// A program that was built with this one.
fn beside(program: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(program);
    ensure!(path.exists(), "{} is not built: start ./mesures", path.display());
    Ok(path)
}

/// An address that nobody listens on.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
