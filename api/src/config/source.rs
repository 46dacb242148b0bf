//! Where values come from: the file, then the environment over it, each value with its
//! place, so that a refusal says where to mend it.

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Every key, with the variables that set it: the last that is set prevails.
const KEYS: [(&str, &[&str]); 39] = [
    ("data_dir", &["ENT_DATA_DIR"]),
    ("listen", &["ENT_LISTEN"]),
    ("flux", &["ENT_FLUX"]),
    ("base_domain", &["ENT_BASE_DOMAIN"]),
    ("database_url", &["DATABASE_URL", "ENT_DATABASE_URL"]),
    ("database_owner_url", &["ENT_DATABASE_OWNER_URL"]),
    ("kek_file", &["ENT_KEK_FILE"]),
    ("sceau_file", &["ENT_SCEAU_FILE"]),
    ("tuiles", &["ENT_TUILES"]),
    ("pieces", &["ENT_PIECES"]),
    ("temoins", &["ENT_TEMOINS"]),
    ("horodateur", &["ENT_HORODATEUR"]),
    ("horodateur_racines", &["ENT_HORODATEUR_RACINES"]),
    ("horodateur_politique", &["ENT_HORODATEUR_POLITIQUE"]),
    ("issuer", &["ENT_ISSUER"]),
    ("audience", &["ENT_AUDIENCE"]),
    ("jwks", &["ENT_JWKS"]),
    ("fournisseurs", &["ENT_FOURNISSEURS"]),
    ("pdf", &["ENT_PDF"]),
    ("envois", &["ENT_ENVOIS"]),
    ("vacances", &["ENT_VACANCES"]),
    ("mandataire", &["ENT_MANDATAIRE"]),
    ("cadence_adresse", &["ENT_CADENCE_ADRESSE"]),
    ("cadence_compte", &["ENT_CADENCE_COMPTE"]),
    ("cadence_connexion", &["ENT_CADENCE_CONNEXION"]),
    ("cadence_flux", &["ENT_CADENCE_FLUX"]),
    ("exploitants", &["ENT_EXPLOITANTS"]),
    ("auditeurs", &["ENT_AUDITEURS"]),
    ("log", &["ENT_LOG"]),
    ("log_format", &["ENT_LOG_FORMAT"]),
    ("pool_size", &["ENT_POOL_SIZE"]),
    ("request_timeout_s", &["ENT_REQUEST_TIMEOUT_S"]),
    ("max_body_bytes", &["ENT_MAX_BODY_BYTES"]),
    ("max_piece_bytes", &["ENT_MAX_PIECE_BYTES"]),
    ("max_sockets", &["ENT_MAX_SOCKETS"]),
    ("max_connections", &["ENT_MAX_CONNECTIONS"]),
    ("drain_timeout_s", &["ENT_DRAIN_TIMEOUT_S"]),
    ("documents", &["ENT_DOCUMENTS"]),
    ("documents_only", &["ENT_DOCUMENTS_SEULS"]),
];

/// The file of a data directory.
const FILE: &str = "ent.toml";

/// Where data go when nobody says.
pub(super) fn default_data_dir() -> PathBuf {
    PathBuf::from("./.ent")
}

/// Why the configuration cannot be used. No message holds a value that may be secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration file {} is not TOML: {reason}", path.display())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where, and what was expected.
        reason: String,
    },
    /// The file has a key that nothing reads.
    #[error("unknown key `{key}` in the configuration file {}; known keys: {known}", path.display())]
    UnknownKey {
        /// The key.
        key: String,
        /// Which file.
        path: PathBuf,
        /// Those that exist.
        known: String,
    },
    /// A value cannot be used.
    #[error("the value of `{key}` ({origin}) cannot be used: {reason}")]
    Value {
        /// The key.
        key: &'static str,
        /// Where it was read.
        origin: String,
        /// What is wrong.
        reason: String,
    },
}

/// One variable of the environment, as a layer of the configuration.
struct Variable {
    name: &'static str,
    key: &'static str,
    value: String,
}

impl Provider for Variable {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("environment variable {}", self.name))
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let layer = Dict::from([(self.key.to_owned(), Value::from(self.value.clone()))]);
        Ok(Profile::Default.collect(layer))
    }
}

/// All values, each with its place.
pub(super) struct Sources(Figment);

impl Sources {
    pub(super) fn gather(
        file: Option<PathBuf>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let set = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        let data_dir = set("ENT_DATA_DIR").map_or_else(default_data_dir, PathBuf::from);
        let named = file.or_else(|| set("ENT_CONFIG").map(PathBuf::from));
        let found = named.or_else(|| Some(data_dir.join(FILE)).filter(|path| path.exists()));
        let mut figment = match found {
            Some(path) => Figment::from(read_file(&path)?),
            None => Figment::new(),
        };
        for (key, names) in KEYS {
            for name in names {
                if let Some(value) = set(name) {
                    figment = figment.merge(Variable { name, key, value });
                }
            }
        }
        Ok(Self(figment))
    }

    /// A text, checked; none if it is not set.
    pub(super) fn check<T>(
        &self,
        key: &'static str,
        check: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        let Ok(value) = self.0.find_value(key) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.refuse(key, "it must be a text"))?;
        check(text.trim()).map(Some).map_err(|reason| self.refuse(key, &reason))
    }

    /// A list of texts, or in one text separated by commas, each checked.
    pub(super) fn check_list<T>(
        &self,
        key: &'static str,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<Vec<T>>, Error> {
        let Ok(value) = self.0.find_value(key) else { return Ok(None) };
        let texts: Option<Vec<&str>> = match &value {
            Value::Array(_, items) => items.iter().map(Value::as_str).collect(),
            other => other.as_str().map(|text| text.split(',').collect()),
        };
        let texts = texts.ok_or_else(|| self.refuse(key, "it must be a list of texts"))?;
        let items = texts.into_iter().map(|text| check(text.trim())).collect::<Result<_, _>>();
        items.map(Some).map_err(|reason| self.refuse(key, &reason))
    }

    /// A yes or no: a boolean in the file, the word in the environment.
    pub(super) fn check_flag(&self, key: &'static str) -> Result<Option<bool>, Error> {
        let Ok(value) = self.0.find_value(key) else { return Ok(None) };
        let flag = value.to_bool().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
        flag.map(Some).ok_or_else(|| self.refuse(key, "it must be true or false"))
    }

    /// A whole number within bounds.
    pub(super) fn check_number(
        &self,
        key: &'static str,
        bounds: RangeInclusive<u32>,
    ) -> Result<Option<u32>, Error> {
        let Ok(value) = self.0.find_value(key) else { return Ok(None) };
        let number = match value.as_str() {
            Some(text) if self.is_variable(key) => text.trim().parse().ok(),
            Some(_) => None,
            None => value.to_i128().and_then(|number| u32::try_from(number).ok()),
        };
        let within = number.filter(|number| bounds.contains(number));
        let (least, most) = bounds.into_inner();
        let reason = format!("it must be a whole number from {least} to {most}");
        within.map(Some).ok_or_else(|| self.refuse(key, &reason))
    }

    /// How many of something may be asked in a unit of time: one at least.
    pub(super) fn check_rate(&self, key: &'static str, usual: u32) -> Result<NonZeroU32, Error> {
        let rate = self.check_number(key, 1..=1_000_000)?.unwrap_or(usual);
        NonZeroU32::new(rate).ok_or_else(|| self.refuse(key, "it must not be zero"))
    }

    /// The error of a key, with its place.
    pub(super) fn refuse(&self, key: &'static str, reason: &str) -> Error {
        let origin = self.origin(key).unwrap_or_else(|| "default".to_owned());
        Error::Value { key, origin, reason: reason.to_owned() }
    }

    /// The place of each key that is set.
    pub(super) fn origins(&self) -> BTreeMap<&'static str, String> {
        KEYS.iter().filter_map(|(key, _)| Some((*key, self.origin(key)?))).collect()
    }

    fn origin(&self, key: &str) -> Option<String> {
        let found = self.0.find_metadata(key)?;
        Some(found.source.as_ref().map_or_else(|| found.name.to_string(), ToString::to_string))
    }

    /// The environment has texts only.
    fn is_variable(&self, key: &str) -> bool {
        self.0.find_metadata(key).is_some_and(|found| found.source.is_none())
    }
}

/// A file as a layer, in which there are only known keys.
fn read_file(path: &Path) -> Result<File, Error> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let syntax = |error: figment::Error| Error::Syntax {
        path: path.to_owned(),
        reason: without_extract(&error.kind.to_string()),
    };
    let layers = Toml::string(&text).data().map_err(syntax)?;
    let keys = layers.values().flat_map(Dict::keys);
    if let Some(key) = keys.into_iter().find(|key| !KEYS.iter().any(|(known, _)| known == key)) {
        let known = KEYS.map(|(key, _)| key).join(", ");
        return Err(Error::UnknownKey { key: key.clone(), path: path.to_owned(), known });
    }
    Ok(File { path: path.to_owned(), layers })
}

/// What a file holds.
struct File {
    path: PathBuf,
    layers: Map<Profile, Dict>,
}

impl Provider for File {
    fn metadata(&self) -> Metadata {
        Metadata::from("configuration file", figment::Source::Custom(self.path.display().to_string()))
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        Ok(self.layers.clone())
    }
}

/// A message of the parser without the lines that quote the file, which may hold a
/// password (`3 | database_url = …`).
fn without_extract(message: &str) -> String {
    let quoted = |line: &&str| !line.contains(" | ") && !line.trim_end().ends_with('|');
    let lines = message.lines().filter(quoted).map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(": ")
}
