//! `temoin`: a witness of other people's logs ([C2SP tlog-witness]). A rectorat that runs one
//! cosigns what its établissements seal, and only what extends what it cosigned before: a
//! platform that rewrites a journal and signs it anew can't show it to anybody again.
//!
//! - [`confiance`]: whose logs it knows, and by which keys;
//! - [`jugement`]: what it answers, without a file or a socket;
//! - [`memoire`]: what it saw, on disk before any signature leaves;
//! - [`porte`]: the HTTP door;
//! - [`serveur`]: its connections, however slow.
//!
//! [C2SP tlog-witness]: https://c2sp.org/tlog-witness

pub mod confiance;
pub mod jugement;
pub mod memoire;
pub mod porte;
pub mod serveur;

use crate::cli;
use crate::obstacle::Obstacle;
use crate::verdict::Verdict;
use confiance::Confiance;
use ledger::clock::{Clock, SystemClock};
use ledger::tlog::cosignature::WitnessKey;
use memoire::{Memoire, MemoireFault};
use serveur::Limites;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// A witness.
pub struct Temoin {
    key: WitnessKey,
    confiance: Confiance,
    memoire: Memoire,
    clock: Arc<dyn Clock>,
}

/// Why there is no witness.
#[derive(Debug, thiserror::Error)]
pub enum TemoinFault {
    /// A key cannot have this name.
    #[error("« {0} » ne peut nommer une clé : ni espace ni +, de préférence un nom de domaine")]
    Name(String),
    /// Whom it trusts is not said.
    #[error("{0} n'est ni ce que publie /journal/cles ni une liste de clés publiques, une par ligne")]
    Keys(std::path::PathBuf),
    /// Its folder cannot be used.
    #[error(transparent)]
    Memoire(#[from] MemoireFault),
    /// It cannot listen there.
    #[error("impossible d'écouter sur {0}")]
    Listen(String, #[source] std::io::Error),
}

impl Temoin {
    /// The witness of this name, whose key and memory are in this folder: made at first.
    pub fn in_folder(
        folder: &Path,
        name: &str,
        confiance: Confiance,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TemoinFault> {
        let memoire = Memoire::in_folder(folder)?;
        let seed = memoire.seed()?;
        let key = WitnessKey::of(name, &seed).ok_or_else(|| TemoinFault::Name(name.to_owned()))?;
        Ok(Self { key, confiance, memoire, clock })
    }

    /// Its public key.
    pub fn verifier_key(&self) -> String {
        self.key.verifier_key()
    }
}

/// Runs the subcommand, until it is interrupted.
pub async fn run(options: &cli::Temoin, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let text = std::fs::read_to_string(&options.journaux)
        .map_err(|source| Obstacle::File { path: options.journaux.clone(), source })?;
    let confiance = Confiance::read(&text).ok_or_else(|| TemoinFault::Keys(options.journaux.clone()))?;
    let temoin = Temoin::in_folder(&options.dossier, &options.nom, confiance, Arc::new(SystemClock))?;
    let listen = |error| TemoinFault::Listen(options.ecoute.to_string(), error);
    let listener = TcpListener::bind(options.ecoute).await.map_err(listen)?;
    writeln!(out, "Clé publique du témoin, à donner à qui vérifie : {}", temoin.verifier_key())?;
    writeln!(out, "À l'écoute sur http://{}", listener.local_addr()?)?;
    out.flush()?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    };
    serveur::serve(listener, porte::router(Arc::new(temoin)), Limites::default(), stop).await;
    Ok(Verdict::Valide)
}
