//! The configuration of `ent`: defaults, then the file `ent.toml`, then the environment.
//!
//! Everything has a default that makes a first run work, but for what only the operator
//! knows. A value that cannot be used is refused at start, with the place it was read
//! in; a key that does not exist is refused too, since it is a setting that its author
//! believes to be in force. What is in force is printed by [`Config`]'s `Display`,
//! without its secrets.

mod check;
mod source;

pub use source::Error;

use crate::http::Cadence;
use domain::CompteId;
use ledger::objects::ObjectPlace;
use ledger::timestamp::query::Policy;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use source::Sources;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where the keys that sign tokens are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jwks {
    /// Fetched, and fetched again when a key is unknown.
    Url(Url),
    /// Read once.
    File(PathBuf),
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a terminal.
    Text,
    /// For a collector.
    Json,
}

/// The keys that sign the heads of journals, in the data directory.
const SCEAU_FILE: &str = "sceau.json";
/// The tiles of journals, in the data directory.
const TUILES: &str = "tuiles";
/// The files that accompany what is written, in the data directory.
const PIECES: &str = "pieces";

/// What is in force.
#[derive(Debug)]
pub struct Config {
    /// The data directory: private PostgreSQL, keys.
    pub data_dir: PathBuf,
    /// Where the program listens.
    pub listen: SocketAddr,
    /// Where auditors follow the record over gRPC; nowhere when absent.
    pub flux: Option<SocketAddr>,
    /// The domain under which every portal has its host.
    pub base_domain: String,
    /// The database; a private PostgreSQL is started when absent.
    pub database_url: Option<SecretString>,
    /// The same database as its owner, for migrations; `database_url` when absent.
    pub database_owner_url: Option<SecretString>,
    /// The key-encryption keys.
    pub kek_file: PathBuf,
    /// The keys that sign the heads of journals.
    pub sceau_file: PathBuf,
    /// Where the tiles of journals are.
    pub tuiles: ObjectPlace,
    /// Where the files are that accompany what is written.
    pub pieces: ObjectPlace,
    /// The policy that names the witnesses of the record; none asks nobody.
    pub temoins: Option<PathBuf>,
    /// The authority that dates the record (RFC 3161); none asks nobody.
    pub horodateur: Option<Url>,
    /// The roots that it is believed under.
    pub horodateur_racines: Option<PathBuf>,
    /// The policy that it must date under; any when absent.
    pub horodateur_politique: Option<Policy>,
    /// Who issues the tokens that are accepted: compared to the letter (RFC 7519 §4.1.1).
    pub issuer: Option<String>,
    /// For whom the tokens must be issued.
    pub audience: String,
    /// The keys of the issuer.
    pub jwks: Option<Jwks>,
    /// The file of the identity providers by which browsers sign in; without one none does.
    pub fournisseurs: Option<PathBuf>,
    /// The program that makes PDFs of pages (WeasyPrint); without one there are none.
    pub pdf: Option<PathBuf>,
    /// The file of the carriers by which families are told; without one nobody is.
    pub envois: Option<PathBuf>,
    /// The file of the vacances of the school years that this program does not know by itself.
    pub vacances: Option<PathBuf>,
    /// How often an address and a compte may ask, and an address sign in or begin to read the record.
    pub cadence: Cadence,
    /// Who runs the platform.
    pub exploitants: Vec<CompteId>,
    /// Who audits the record.
    pub auditeurs: Vec<CompteId>,
    /// What is logged, in the syntax of `RUST_LOG`.
    pub log: String,
    /// How it is written.
    pub log_format: LogFormat,
    /// Connections to the database for requests; views have a quarter as many beside them.
    pub pool_size: u32,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long the body of a request may be.
    pub max_body_bytes: usize,
    /// How long a file may be that is deposited.
    pub max_piece_bytes: u32,
    /// How many WebSockets and event streams may be open.
    pub max_sockets: usize,
    /// How many connections may be open, sockets among them; enough for them when absent.
    pub max_connections: Option<u32>,
    /// How long requests under way have to finish once the program is told to stop.
    pub drain_timeout: Duration,
    /// Where the trusted documents are: a folder or a manifest.
    pub documents: Option<PathBuf>,
    /// Whether nothing but trusted documents is taken, but from exploitants.
    pub documents_only: bool,
    origins: BTreeMap<&'static str, String>,
}

impl Config {
    /// Reads the configuration of this process. `file` must exist if given; otherwise
    /// `ENT_CONFIG` names the file, or `ent.toml` of the data directory if it is there.
    pub fn load(file: Option<PathBuf>) -> Result<Self, Error> {
        Self::read(file, |name| std::env::var(name).ok())
    }

    /// Puts the data directory elsewhere: the command line has the last word.
    pub fn move_data_to(&mut self, data_dir: PathBuf) {
        for (file, name) in [(&mut self.kek_file, "kek.json"), (&mut self.sceau_file, SCEAU_FILE)] {
            if *file == self.data_dir.join(name) {
                *file = data_dir.join(name);
            }
        }
        for (place, name) in [(&mut self.tuiles, TUILES), (&mut self.pieces, PIECES)] {
            if *place == ObjectPlace::Folder(self.data_dir.join(name)) {
                *place = ObjectPlace::Folder(data_dir.join(name));
            }
        }
        self.data_dir = data_dir;
        self.origins.insert("data_dir", "--donnees".to_owned());
    }

    /// The same with an environment handed in.
    pub fn read(file: Option<PathBuf>, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let sources = Sources::gather(file, &environment)?;
        let data_dir = sources.check("data_dir", check::path)?.unwrap_or_else(source::default_data_dir);
        let config = Self {
            listen: sources
                .check("listen", check::address)?
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            flux: sources.check("flux", check::address)?,
            base_domain: sources
                .check("base_domain", check::domain)?
                .unwrap_or_else(|| "ent.auvergnerhonealpes.fr".to_owned()),
            database_url: sources.check("database_url", check::database)?,
            database_owner_url: sources.check("database_owner_url", check::database)?,
            kek_file: sources.check("kek_file", check::path)?.unwrap_or_else(|| data_dir.join("kek.json")),
            sceau_file: sources
                .check("sceau_file", check::path)?
                .unwrap_or_else(|| data_dir.join(SCEAU_FILE)),
            tuiles: sources
                .check("tuiles", check::objects)?
                .unwrap_or_else(|| ObjectPlace::Folder(data_dir.join(TUILES))),
            pieces: sources
                .check("pieces", check::objects)?
                .unwrap_or_else(|| ObjectPlace::Folder(data_dir.join(PIECES))),
            temoins: sources.check("temoins", check::path)?,
            horodateur: sources.check("horodateur", check::authority)?,
            horodateur_racines: sources.check("horodateur_racines", check::path)?,
            horodateur_politique: sources.check("horodateur_politique", check::policy)?,
            issuer: sources.check("issuer", check::issuer)?,
            audience: sources.check("audience", check::text)?.unwrap_or_else(|| "ent".to_owned()),
            jwks: sources.check("jwks", check::jwks)?,
            fournisseurs: sources.check("fournisseurs", check::path)?,
            pdf: sources.check("pdf", check::path)?,
            envois: sources.check("envois", check::path)?,
            vacances: sources.check("vacances", check::path)?,
            cadence: Cadence {
                adresse: sources.check_rate("cadence_adresse", 500)?,
                compte: sources.check_rate("cadence_compte", 50)?,
                connexion: sources.check_rate("cadence_connexion", 300)?,
                flux: sources.check_rate("cadence_flux", 600)?,
                mandataire: sources.check("mandataire", check::header)?,
            },
            exploitants: sources.check_list("exploitants", check::compte)?.unwrap_or_default(),
            auditeurs: sources.check_list("auditeurs", check::compte)?.unwrap_or_default(),
            log: sources.check("log", check::filter)?.unwrap_or_else(|| "info".to_owned()),
            log_format: sources.check("log_format", check::log_format)?.unwrap_or(LogFormat::Text),
            pool_size: sources.check_number("pool_size", 1..=1000)?.unwrap_or(16),
            request_timeout: Duration::from_secs(
                sources.check_number("request_timeout_s", 1..=3600)?.unwrap_or(30).into(),
            ),
            max_body_bytes: sources
                .check_number("max_body_bytes", 1024..=1 << 30)?
                .map_or(1 << 20, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX)),
            max_piece_bytes: sources.check_number("max_piece_bytes", 1024..=1 << 30)?.unwrap_or(20 << 20),
            max_sockets: sources
                .check_number("max_sockets", 1..=1 << 20)?
                .map_or(4096, |sockets| usize::try_from(sockets).unwrap_or(usize::MAX)),
            max_connections: sources.check_number("max_connections", 1..=1 << 20)?,
            drain_timeout: Duration::from_secs(
                sources.check_number("drain_timeout_s", 0..=3600)?.unwrap_or(30).into(),
            ),
            documents: sources.check("documents", check::path)?,
            documents_only: sources.check_flag("documents_only")?.unwrap_or(false),
            origins: sources.origins(),
            data_dir,
        };
        if config.documents_only && config.documents.is_none() {
            return Err(sources.refuse("documents_only", "there are no trusted documents: set `documents`"));
        }
        if config.horodateur.is_some() && config.horodateur_racines.is_none() {
            return Err(sources.refuse("horodateur", "no roots make it believed: set `horodateur_racines`"));
        }
        match (&config.database_url, &config.database_owner_url) {
            (None, Some(_)) => {
                Err(sources.refuse("database_owner_url", "there is an owner's URL without a database_url"))
            }
            (Some(_) | None, _) => Ok(config),
        }
    }

    /// Each key with what it is set to, fit to be shown.
    fn shown(&self) -> Vec<(&'static str, String)> {
        let url = |url: &Option<SecretString>, absent: &str| {
            url.as_ref().map_or_else(|| absent.to_owned(), |url| check::without_password(url.expose_secret()))
        };
        let path = |path: &Option<PathBuf>| {
            path.as_ref().map_or_else(|| "(none)".to_owned(), |path| path.display().to_string())
        };
        let comptes = |comptes: &[CompteId]| {
            let comptes: Vec<String> = comptes.iter().map(ToString::to_string).collect();
            format!("[{}]", comptes.join(", "))
        };
        vec![
            ("data_dir", self.data_dir.display().to_string()),
            ("listen", self.listen.to_string()),
            ("flux", self.flux.map_or_else(|| "none".to_owned(), |address| address.to_string())),
            ("base_domain", self.base_domain.clone()),
            ("database_url", url(&self.database_url, "(private PostgreSQL)")),
            ("database_owner_url", url(&self.database_owner_url, "(as database_url)")),
            ("kek_file", self.kek_file.display().to_string()),
            ("sceau_file", self.sceau_file.display().to_string()),
            ("tuiles", self.tuiles.to_string()),
            ("pieces", self.pieces.to_string()),
            ("temoins", path(&self.temoins)),
            (
                "horodateur",
                self.horodateur
                    .as_ref()
                    .map_or_else(|| "(none)".to_owned(), |url| check::without_password(url.as_str())),
            ),
            ("horodateur_racines", path(&self.horodateur_racines)),
            (
                "horodateur_politique",
                self.horodateur_politique.map_or_else(|| "(any)".to_owned(), |policy| policy.to_string()),
            ),
            ("issuer", self.issuer.clone().unwrap_or_else(|| "(none)".to_owned())),
            ("audience", self.audience.clone()),
            (
                "jwks",
                match &self.jwks {
                    Some(Jwks::Url(url)) => check::without_password(url.as_str()),
                    Some(Jwks::File(path)) => path.display().to_string(),
                    None => "(none)".to_owned(),
                },
            ),
            ("fournisseurs", path(&self.fournisseurs)),
            ("pdf", path(&self.pdf)),
            ("envois", path(&self.envois)),
            ("vacances", path(&self.vacances)),
            (
                "mandataire",
                self.cadence.mandataire.as_ref().map_or_else(|| "(none)".to_owned(), ToString::to_string),
            ),
            ("cadence_adresse", self.cadence.adresse.to_string()),
            ("cadence_compte", self.cadence.compte.to_string()),
            ("cadence_connexion", self.cadence.connexion.to_string()),
            ("cadence_flux", self.cadence.flux.to_string()),
            ("exploitants", comptes(&self.exploitants)),
            ("auditeurs", comptes(&self.auditeurs)),
            ("log", self.log.clone()),
            (
                "log_format",
                match self.log_format {
                    LogFormat::Text => "text".to_owned(),
                    LogFormat::Json => "json".to_owned(),
                },
            ),
            ("pool_size", self.pool_size.to_string()),
            ("request_timeout_s", self.request_timeout.as_secs().to_string()),
            ("max_body_bytes", self.max_body_bytes.to_string()),
            ("max_piece_bytes", self.max_piece_bytes.to_string()),
            ("max_sockets", self.max_sockets.to_string()),
            (
                "max_connections",
                self.max_connections
                    .map_or("(max_sockets and 4096 more)".to_owned(), |most| most.to_string()),
            ),
            ("drain_timeout_s", self.drain_timeout.as_secs().to_string()),
            ("documents", path(&self.documents)),
            ("documents_only", self.documents_only.to_string()),
        ]
    }
}

/// One line a key: its value and where it comes from.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, value) in self.shown() {
            let origin = self.origins.get(key).map_or("default", String::as_str);
            writeln!(f, "{key} = {value}  # {origin}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
