//! The file that names the carriers (`ENT_ENVOIS`).
//!
//! ```toml
//! [courriel]
//! relais = "smtps://ent:secret@relais.exemple.fr:465"   # or smtp://…?tls=required, or file:///folder
//! expediteur = "ne-pas-repondre@ent.exemple.fr"
//!
//! [sms]
//! url = "https://passerelle.exemple.fr/messages"
//! jeton = "secret"
//! ```

use super::courriel::Courriels;
use super::sms::Sms;
use super::{Expedition, Passeur};
use anyhow::Context;
use secrecy::SecretString;
use serde::Deserialize;
use std::path::Path;

/// See the module.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envois {
    courriel: Option<Courriel>,
    sms: Option<PasserelleSms>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Courriel {
    relais: SecretString,
    expediteur: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasserelleSms {
    url: reqwest::Url,
    jeton: SecretString,
}

impl Envois {
    /// Reads the file. What it says wrong is named without its secrets.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let place = || format!("{}", path.display());
        let text = std::fs::read_to_string(path).with_context(place)?;
        use figment::providers::{Format, Toml};
        figment::Figment::from(Toml::string(&text)).extract().with_context(place)
    }

    /// The carriers that it names, for messages of the ENT at this domain.
    pub fn expedition(&self, base: &str) -> anyhow::Result<Expedition> {
        let mut passeurs: Vec<Box<dyn Passeur>> = Vec::new();
        if let Some(Courriel { relais, expediteur }) = &self.courriel {
            passeurs.push(Box::new(Courriels::par(relais, expediteur, base).context("courriel")?));
        }
        if let Some(PasserelleSms { url, jeton }) = &self.sms {
            passeurs.push(Box::new(Sms::par(url.clone(), jeton.clone()).context("sms")?));
        }
        Ok(Expedition::new(passeurs, base))
    }
}
