//! SMS, by a gateway over HTTP: `POST {"to", "text", "reference"}` with a bearer token, which
//! answers 2xx for what it takes. A gateway that wants another form stands behind an adapter.

use super::{Message, Passeur, Refus};
use async_trait::async_trait;
use domain::notifications::{Canal, Echec};
use reqwest::{Client, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::time::Duration;

/// For the gateway to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the module.
pub struct Sms {
    client: Client,
    url: Url,
    jeton: SecretString,
}

impl Sms {
    /// By the gateway at a URL.
    pub fn par(url: Url, jeton: SecretString) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        Ok(Self { client: client.build()?, url, jeton })
    }
}

#[async_trait]
impl Passeur for Sms {
    fn canal(&self) -> Canal {
        Canal::Sms
    }

    async fn remettre(&self, message: &Message) -> Result<(), Refus> {
        let body = json!({ "to": message.adresse, "text": message.texte, "reference": message.id });
        let asked = self.client.post(self.url.clone()).bearer_auth(self.jeton.expose_secret()).json(&body);
        let status = asked.send().await.map_err(|error| Refus::Passeur(error.without_url().into()))?.status();
        match status {
            status if status.is_success() => Ok(()),
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => {
                Err(Refus::Message(Echec::AdresseRefusee))
            }
            status => Err(Refus::Passeur(anyhow::anyhow!("the gateway answers {status}"))),
        }
    }
}
