//! The identity providers that this ENT believes, from a file of their own.
//!
//! ```toml
//! adresse = "https://www.ent.exemple.fr"      # where browsers come back to
//!
//! [[fournisseur]]
//! nom = "educonnect"                          # in addresses: /connexion/educonnect
//! libelle = "EduConnect"                      # what people choose
//! portail = "ac-lyon"                         # whose journal keeps its sign-ins
//! protocole = "oidc"
//! emetteur = "https://idp.exemple.fr"
//! client_id = "ent"
//! secret_file = "/etc/ent/educonnect.secret"  # none for a public client
//! cles = { FrEduCtRefId = "educonnect" }      # which claim is which kind of key
//!
//! [[fournisseur]]
//! nom = "region"
//! libelle = "Région"
//! portail = "www"
//! protocole = "cas"
//! adresse = "https://cas.exemple.fr/cas"
//! academie = "LYON"                           # of keys that do not say it themselves
//! cles = { joinKey = "jointure", user = "identifiant" }
//! ```
//!
//! Everything is checked at start: a provider that is half configured lets nobody in.

use super::client::{Insecure, secure};
use domain::PortailId;
use domain::annuaire::Academie;
use domain::identite::{CleExterne, FournisseurId, NatureDeCle};
use figment::Figment;
use figment::providers::{Format, Toml};
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// `/connexion/profil` is where one chooses a profil.
const RESERVE: &str = "profil";
/// More than one choice fits a screen; more than these is a mistake.
const FOURNISSEURS_MAX: usize = 32;
/// Values of one claim that are looked at: who has more is not one person.
const VALEURS_MAX: usize = 16;

/// All of them.
#[derive(Debug)]
pub struct Fournisseurs {
    /// The origin at which browsers sign in, without a path.
    pub adresse: Url,
    /// In the order of the file.
    pub tous: Vec<Fournisseur>,
}

/// One of them.
#[derive(Debug)]
pub struct Fournisseur {
    /// Its name.
    pub id: FournisseurId,
    /// What people choose.
    pub libelle: String,
    /// In whose journal its sign-ins are.
    pub portail: PortailId,
    /// How it vouches.
    pub protocole: Protocole,
    cles: BTreeMap<String, NatureDeCle>,
    academie: Option<Academie>,
}

/// How a provider vouches.
#[derive(Debug)]
pub enum Protocole {
    /// OpenID Connect, authorization code with PKCE.
    Oidc {
        /// The issuer, to the letter.
        emetteur: Url,
        /// What it calls us.
        client_id: String,
        /// What we prove it with; a public client has none.
        secret: Option<SecretString>,
        /// What is asked for.
        scope: Vec<String>,
    },
    /// CAS, protocol 3.
    Cas {
        /// Its root.
        adresse: Url,
    },
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FournisseursFault {
    /// It is not of the expected form.
    #[error("{}: {reason}", path.display())]
    Illisible {
        /// Which file.
        path: PathBuf,
        /// Where, and what was expected.
        reason: String,
    },
    /// A value in it cannot be used.
    #[error("{}: {ou}: {reason}", path.display())]
    Valeur {
        /// Which file.
        path: PathBuf,
        /// Of which provider.
        ou: String,
        /// What is wrong.
        reason: String,
    },
}

/// Why a key was not found in what a provider says of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SansCle {
    /// There is none, or it cannot be read.
    Illisible,
    /// There are several.
    Plusieurs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    adresse: Url,
    fournisseur: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    nom: FournisseurId,
    libelle: String,
    portail: PortailId,
    protocole: Word,
    emetteur: Option<Url>,
    client_id: Option<String>,
    secret_file: Option<PathBuf>,
    scope: Option<String>,
    adresse: Option<Url>,
    academie: Option<String>,
    cles: BTreeMap<String, NatureDeCle>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Word {
    Oidc,
    Cas,
}

impl Fournisseurs {
    /// Reads the file, and the secrets that it names.
    pub fn read(path: &Path) -> Result<Self, FournisseursFault> {
        let illisible = |reason: String| FournisseursFault::Illisible { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| illisible(error.to_string()))?;
        let file: File =
            Figment::from(Toml::string(&text)).extract().map_err(|error| illisible(error.to_string()))?;
        let valeur =
            |ou: String, reason: String| FournisseursFault::Valeur { path: path.to_owned(), ou, reason };
        let adresse = origin(file.adresse).map_err(|reason| valeur("adresse".to_owned(), reason))?;
        if !(1..=FOURNISSEURS_MAX).contains(&file.fournisseur.len()) {
            return Err(illisible(format!("from 1 to {FOURNISSEURS_MAX} providers are expected")));
        }
        let mut tous: Vec<Fournisseur> = Vec::new();
        for entry in file.fournisseur {
            let nom = entry.nom.to_string();
            if nom == RESERVE {
                return Err(valeur(nom, "this name is that of a page of ours".to_owned()));
            }
            if tous.iter().any(|other| other.id == entry.nom) {
                return Err(valeur(nom, "two providers have this name".to_owned()));
            }
            tous.push(Fournisseur::of(entry).map_err(|reason| valeur(nom, reason))?);
        }
        Ok(Self { adresse, tous })
    }
}

impl Fournisseur {
    fn of(entry: Entry) -> Result<Self, String> {
        let needed = |what: Option<Url>, name: &str| {
            let url = what.ok_or_else(|| format!("`{name}` is missing"))?;
            secure(url).map_err(|insecure: Insecure| format!("`{name}`: {insecure}"))
        };
        let protocole = match entry.protocole {
            Word::Oidc => Protocole::Oidc {
                emetteur: needed(entry.emetteur, "emetteur")?,
                client_id: entry.client_id.ok_or("`client_id` is missing")?,
                secret: entry.secret_file.as_deref().map(secret).transpose()?,
                scope: scopes(entry.scope.as_deref().unwrap_or("openid")),
            },
            Word::Cas => Protocole::Cas { adresse: needed(entry.adresse, "adresse")? },
        };
        if entry.cles.is_empty() {
            return Err("`cles` names no key: nobody would be recognised".to_owned());
        }
        if entry.libelle.trim().is_empty() {
            return Err("`libelle` is empty: nobody could choose it".to_owned());
        }
        let academie =
            entry.academie.map(|name| name.parse().map_err(|error| format!("`academie`: {error}")));
        Ok(Self {
            id: entry.nom,
            libelle: entry.libelle,
            portail: entry.portail,
            protocole,
            cles: entry.cles,
            academie: academie.transpose()?,
        })
    }

    /// The claims that it takes keys from.
    pub fn wanted(&self) -> impl Iterator<Item = &str> {
        self.cles.keys().map(String::as_str)
    }

    /// The one key in what it says of somebody.
    pub fn cle(&self, said: &serde_json::Map<String, Value>) -> Result<CleExterne, SansCle> {
        let mut cles = BTreeSet::new();
        let mut read = Vec::new();
        for (name, nature) in &self.cles {
            for text in said.get(name).map(texts).unwrap_or_default() {
                let cle = CleExterne::read(*nature, &self.complete(*nature, &text));
                let cle = cle.map_err(|_| SansCle::Illisible)?;
                if cles.insert((nature.as_str(), cle.valeur().to_owned())) {
                    read.push(cle);
                }
            }
        }
        match read.len() {
            0 => Err(SansCle::Illisible),
            1 => read.pop().ok_or(SansCle::Illisible),
            _ => Err(SansCle::Plusieurs),
        }
    }

    /// A key of the directory that does not say of which académie it is.
    fn complete(&self, nature: NatureDeCle, text: &str) -> String {
        match (nature, self.academie) {
            (NatureDeCle::Jointure, Some(academie)) if !text.contains('$') => format!("{academie}${text}"),
            _ => text.to_owned(),
        }
    }
}

/// The texts in a claim: one, several, or several written as one, as CAS attributes are.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.starts_with('[') => match serde_json::from_str(text) {
            Ok(list @ Value::Array(_)) => texts(&list),
            Ok(_) | Err(_) => vec![text.clone()],
        },
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => {
            let texts = items.iter().filter_map(Value::as_str).take(VALEURS_MAX);
            texts.map(str::to_owned).collect()
        }
        Value::Number(number) => vec![number.to_string()],
        Value::Null | Value::Bool(_) | Value::Object(_) => vec![],
    }
}

/// Where browsers come back to: a scheme, a host and a port, and no more.
fn origin(url: Url) -> Result<Url, String> {
    let url = secure(url).map_err(|insecure| insecure.to_string())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if bare && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err("it must be an origin, like https://www.ent.exemple.fr".to_owned())
    }
}

fn scopes(text: &str) -> Vec<String> {
    let asked = text.split_ascii_whitespace().filter(|scope| *scope != "openid");
    std::iter::once("openid").chain(asked).map(str::to_owned).collect()
}

fn secret(path: &Path) -> Result<SecretString, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    match text.trim() {
        "" => Err(format!("{} is empty", path.display())),
        secret => Ok(SecretString::from(secret)),
    }
}

#[cfg(test)]
mod tests;
