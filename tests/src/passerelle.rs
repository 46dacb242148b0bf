//! A carrier that keeps what it is given, and hands it to nobody.

use anyhow::{Context, Result, anyhow};
use api::envois::{Expedition, Message, Passeur, Refus};
use async_trait::async_trait;
use domain::notifications::Canal;
use std::sync::{Arc, Mutex};

/// See the module. Clones keep the same messages.
#[derive(Clone)]
pub struct Passerelle {
    canal: Canal,
    kept: Arc<Mutex<Vec<Message>>>,
}

impl Passerelle {
    /// One by which messages of this canal leave.
    pub fn par(canal: Canal) -> Self {
        Self { canal, kept: Arc::default() }
    }

    /// An expédition that has no other carrier.
    pub fn expedition(&self, domaine: &str) -> Expedition {
        Expedition::new(vec![Box::new(self.clone())], domaine)
    }

    /// What it was given, in this order.
    pub fn messages(&self) -> Result<Vec<Message>> {
        Ok(self.kept.lock().map_err(|_| anyhow!("poisoned"))?.clone())
    }

    /// The newest of them.
    pub fn last(&self) -> Result<Message> {
        self.messages()?.pop().context("nothing was sent")
    }
}

#[async_trait]
impl Passeur for Passerelle {
    fn canal(&self) -> Canal {
        self.canal
    }

    async fn remettre(&self, message: &Message) -> Result<(), Refus> {
        let mut kept = self.kept.lock().map_err(|_| Refus::Passeur(anyhow!("poisoned")))?;
        kept.push(message.clone());
        Ok(())
    }
}
