//! A push service on this machine, and devices that it has messages for: it keeps what is posted, and
//! answers as it is told.

use anyhow::{Context, Result, anyhow, ensure};
use api::envois::{Envois, Expedition};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::{Auth, decrypt};

/// The keys of who writes: those of RFC 8291, appendix A.
const CLE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
/// Its public half, which browsers are given.
pub const CLE_PUBLIQUE: &str =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
/// The service that devices name; what is posted to it comes here.
const HOTE: &str = "https://push.exemple.fr";

/// A message that was posted.
#[derive(Debug, Clone)]
pub struct Coup {
    chemin: String,
    entetes: HeaderMap,
    corps: Bytes,
}

#[derive(Clone, Default)]
struct Tenu {
    coups: Arc<Mutex<Vec<Coup>>>,
    reponses: Arc<Mutex<BTreeMap<String, (StatusCode, u32)>>>,
}

/// See the module.
pub struct Sonnette {
    port: u16,
    tenu: Tenu,
    serving: JoinHandle<()>,
}

impl Sonnette {
    /// Opens it.
    pub async fn ouvrir() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let tenu = Tenu::default();
        let router = Router::new().fallback(take).with_state(tenu.clone());
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { port, tenu, serving })
    }

    /// An expédition that has no other carrier.
    pub fn expedition(&self, domaine: &str) -> Result<Expedition> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("envois.toml");
        let who = format!("cle = \"{CLE}\"\ncontact = \"mailto:ent@{domaine}\"");
        std::fs::write(&file, format!("[appareils]\n{who}\nessai = \"http://127.0.0.1:{}\"\n", self.port))?;
        Envois::read(&file)?.expedition(domaine)
    }

    /// Has it answer what comes for a device with this status from now on.
    pub fn repond(&self, appareil: &Pushable, status: u16) -> Result<()> {
        self.repond_apres(appareil, status, 0)
    }

    /// The same, asking to be left alone for so many seconds.
    pub fn repond_apres(&self, appareil: &Pushable, status: u16, secondes: u32) -> Result<()> {
        let mut reponses = self.tenu.reponses.lock().map_err(|_| anyhow!("poisoned"))?;
        reponses.insert(appareil.chemin(), (StatusCode::from_u16(status)?, secondes));
        Ok(())
    }

    /// What was posted for a device, taken or not, in this order.
    pub fn pour(&self, appareil: &Pushable) -> Result<Vec<Coup>> {
        let coups = self.tenu.coups.lock().map_err(|_| anyhow!("poisoned"))?;
        Ok(coups.iter().filter(|coup| coup.chemin == appareil.chemin()).cloned().collect())
    }
}

impl Drop for Sonnette {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(
    State(tenu): State<Tenu>,
    uri: Uri,
    entetes: HeaderMap,
    corps: Bytes,
) -> (StatusCode, [(HeaderName, String); 1]) {
    let chemin = uri.path().to_owned();
    let known = tenu.reponses.lock().ok().and_then(|reponses| reponses.get(&chemin).copied());
    let kept = tenu.coups.lock().map(|mut coups| coups.push(Coup { chemin, entetes, corps }));
    let (status, secondes) = match kept {
        Ok(()) => known.unwrap_or((StatusCode::CREATED, 0)),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, 0),
    };
    (status, [(header::RETRY_AFTER, secondes.to_string())])
}

/// A browser that takes messages.
pub struct Pushable {
    nom: &'static str,
    cle: SecretKey,
    secret: [u8; 16],
}

impl Pushable {
    /// One under this name, with keys of its own.
    pub fn new(nom: &'static str) -> Result<Self> {
        let seed = nom.bytes().fold(1_u8, u8::wrapping_add).max(1);
        let cle = SecretKey::from_slice(&[seed; 32]).map_err(|_| anyhow!("no key"))?;
        Ok(Self { nom, cle, secret: [seed; 16] })
    }

    fn chemin(&self) -> String {
        format!("/envoi/{}", self.nom)
    }

    /// What it gives of itself, as `declarerAppareil` takes it.
    pub fn declaration(&self) -> Value {
        let point = self.cle.public_key().to_encoded_point(false);
        json!({ "adresse": format!("{HOTE}{}", self.chemin()), "nom": self.nom,
                "cle": URL_SAFE_NO_PAD.encode(point.as_bytes()), "secret": URL_SAFE_NO_PAD.encode(self.secret) })
    }

    /// What a message says, to the device and to nobody else.
    pub fn lit(&self, coup: &Coup) -> Result<Value> {
        let clear = decrypt(coup.corps.to_vec(), &self.cle, &Auth::from(self.secret));
        Ok(serde_json::from_slice(&clear.map_err(|error| anyhow!("{error}"))?)?)
    }
}

impl Coup {
    /// A header, once it is there.
    pub fn entete(&self, name: &str) -> Result<&str> {
        Ok(self.entetes.get(name).with_context(|| format!("no {name}"))?.to_str()?)
    }

    /// Whether who writes is who browsers were told of: the token is good at the service that the
    /// device names, and at no other.
    pub fn est_de_nous(&self) -> Result<Value> {
        let said = self.entete("authorization")?;
        let token = said.strip_prefix("vapid t=").and_then(|said| said.strip_suffix(CLE_PUBLIQUE));
        let token = token.and_then(|token| token.strip_suffix(", k=")).context(said.to_owned())?;
        let point = URL_SAFE_NO_PAD.decode(CLE_PUBLIQUE)?;
        ensure!(point.len() == 65);
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[HOTE]);
        let key = DecodingKey::from_ec_components(&x, &y)?;
        Ok(jsonwebtoken::decode::<Value>(token, &key, &validation)?.claims)
    }
}
