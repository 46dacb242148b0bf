//! The file that names the carriers (`ENT_ENVOIS`).
//!
//! ```toml
//! [courriel]
//! relais = "smtps://ent:secret@relais.exemple.fr:465"   # or smtp://…?tls=required, or file:///folder
//! expediteur = "ne-pas-repondre@ent.exemple.fr"
//! retours = "rebonds@ent.exemple.fr"                   # takes rebonds+…@; `ent relever-rebonds` reads it
//!
//! [sms]
//! url = "https://passerelle.exemple.fr/messages"
//! jeton = "secret"
//!
//! [appareils]
//! cle = "…"                                            # a private key of P-256, 32 bytes in base64url
//! contact = "mailto:exploitant@exemple.fr"
//! essai = "http://127.0.0.1:9000"                      # all goes there, for a trial
//! ```

use super::appareils::Appareils;
use super::courriel::Courriels;
use super::sms::Sms;
use super::vapid::Vapid;
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
    appareils: Option<CleDesNotifications>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Courriel {
    relais: SecretString,
    expediteur: String,
    retours: Option<String>,
}

impl Courriel {
    fn passeur(&self, base: &str) -> anyhow::Result<Courriels> {
        let courriels = Courriels::par(&self.relais, &self.expediteur, base)?;
        match &self.retours {
            Some(retours) => courriels.revenant_a(retours),
            None => Ok(courriels),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasserelleSms {
    url: reqwest::Url,
    jeton: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CleDesNotifications {
    cle: SecretString,
    contact: String,
    essai: Option<reqwest::Url>,
}

impl CleDesNotifications {
    fn passeur(&self) -> anyhow::Result<Appareils> {
        let vapid = Vapid::par(&self.cle, &self.contact)?;
        match &self.essai {
            Some(essai) => Appareils::a_l_essai(vapid, essai.clone()),
            None => Appareils::par(vapid),
        }
    }
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
        if let Some(courriel) = &self.courriel {
            passeurs.push(Box::new(courriel.passeur(base).context("courriel")?));
        }
        if let Some(PasserelleSms { url, jeton }) = &self.sms {
            passeurs.push(Box::new(Sms::par(url.clone(), jeton.clone()).context("sms")?));
        }
        if let Some(notifications) = &self.appareils {
            passeurs.push(Box::new(notifications.passeur().context("appareils")?));
        }
        Ok(Expedition::new(passeurs, base))
    }
}
