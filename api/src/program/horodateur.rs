//! Asks the configured authority for timestamps of the meta-journal's head (RFC 3161): once a
//! day as long as the program runs, when the clôtures of the day before are sealed, and
//! whenever a command asks.

use crate::config::Config;
use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use ledger::clock::{Clock, SystemClock};
use ledger::feed::Journal;
use ledger::sealer::Sealer;
use ledger::sealer::log::Log;
use ledger::sealer::timestamping::{Timestamp, TimestampingFault, Trust};
use ledger::timestamp::MOST_BYTES;
use ledger::timestamp::roots::Roots;
use ledger::wake;
use rand::TryRngCore;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Url, redirect};
use std::time::Duration;
use tokio::sync::watch;

/// Between two looks at whether there is something to date.
const PAUSE: Duration = Duration::from_secs(60);
/// After a look with a fault, at most.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// For one answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How old the last timestamp may be, where a clôture waits for one, before an operator is told:
/// a day, and some hours to ask.
const LATE: TimeDelta = TimeDelta::hours(30);

/// Why an authority gave nothing that could be judged.
#[derive(Debug, thiserror::Error)]
enum Unreached {
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("HTTP {0}")]
    Status(u16),
    #[error("an answer of more than {MOST_BYTES} bytes")]
    TooLong,
}

/// The authority that is asked, and what makes it believed.
pub struct Horodateur {
    url: Url,
    trust: Trust,
    client: Client,
}

impl Horodateur {
    /// That of the configuration; none if it names none.
    pub fn of(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(url) = &config.horodateur else { return Ok(None) };
        let Some(path) = &config.horodateur_racines else {
            bail!("ENT_HORODATEUR_RACINES names no roots: no timestamp could be believed");
        };
        let pem = std::fs::read(path)
            .with_context(|| format!("ENT_HORODATEUR_RACINES: {} cannot be read", path.display()))?;
        let roots =
            Roots::read(&pem).with_context(|| format!("ENT_HORODATEUR_RACINES: {}", path.display()))?;
        let trust = Trust { roots, policy: config.horodateur_politique };
        Self::under(url.clone(), trust).map(Some)
    }

    /// One at an address.
    pub fn under(url: Url, trust: Trust) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).build()?;
        Ok(Self { url, trust, client })
    }

    /// Asks whenever there is something to date, until `stop` is true.
    pub async fn run(self, sealer: Sealer, mut stop: watch::Receiver<bool>) {
        let mut pause = PAUSE;
        while !*stop.borrow() {
            pause = if self.round(&sealer).await { PAUSE } else { (pause * 2).min(LONGEST) };
            tokio::select! {
                _ = stop.changed() => {}
                () = wake::tick(pause) => {}
            }
        }
    }

    /// Asks if there is something to date; says whether all is well.
    pub async fn round(&self, sealer: &Sealer) -> bool {
        let dated = match sealer.wants_timestamp().await {
            Ok(true) => self.date(sealer).await.map(drop),
            Ok(false) => Ok(()),
            Err(error) => Err(error.into()),
        };
        let fault = dated.err();
        if let Some(fault) = &fault {
            let error = fault as &dyn std::error::Error;
            tracing::warn!(authority = %self.url, error, "not timestamped; asking again");
        }
        let last = sealer.last_timestamp().await.ok().flatten();
        let waits = sealer.has_undated_closing().await.unwrap_or(true);
        let late = last.filter(|last| waits && SystemClock.now() - last.gen_time > LATE);
        let late = late.map(|last| format!("le dernier horodatage est du {}", last.gen_time));
        let said = fault.as_ref().map(|fault| format!("l'horodateur ne date plus le journal : {fault}"));
        sealer.tell_of_timestamps(said.or(late));
        fault.is_none()
    }

    /// Has the head of the meta-journal dated, now.
    pub async fn date(&self, sealer: &Sealer) -> Result<Option<Timestamp>, TimestampingFault> {
        let nonce = rand::rngs::OsRng
            .try_next_u64()
            .map_err(|_| TimestampingFault::Unreached("the machine gives no randomness".to_owned()))?;
        sealer.timestamp_now(&self.trust, nonce, async |query| self.ask(query).await).await
    }

    async fn ask(&self, query: Vec<u8>) -> Result<Vec<u8>, Unreached> {
        let request = self.client.post(self.url.clone()).body(query);
        let request = request
            .header(CONTENT_TYPE, "application/timestamp-query")
            .header(ACCEPT, "application/timestamp-reply");
        let mut answer = request.send().await.map_err(reqwest::Error::without_url)?;
        if !answer.status().is_success() {
            return Err(Unreached::Status(answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(Unreached::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// `ent horodater`: has the record dated now, and says by whom and when. A journal that cannot
/// be sealed keeps no other from being dated, and is told.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    super::with_house(config, async |house| {
        let Some(horodateur) = Horodateur::of(config)? else {
            bail!("aucun horodateur n'est configuré : ENT_HORODATEUR et ENT_HORODATEUR_RACINES");
        };
        house.sealer.pass().await?;
        match horodateur.date(&house.sealer).await? {
            Some(dated) => println!("Horodaté le {} par {}, n° {}", dated.gen_time, dated.tsa, dated.size),
            None => println!("Il n'y a encore rien à horodater."),
        }
        match house.sealer.board().refused.into_iter().next() {
            Some((log, reason)) => {
                bail!("le journal {log} n'est pas scellé, et donc pas horodaté : {reason}")
            }
            None => Ok(()),
        }
    })
    .await
}

/// Seals this journal, and has it dated as it is now.
pub async fn date_journal(horodateur: &Horodateur, sealer: &Sealer, journal: Journal) -> anyhow::Result<()> {
    sealer.pass().await?;
    if let Some(reason) = sealer.board().refused.get(&Log::Journal(journal)) {
        bail!("il n'est pas scellé : {reason}");
    }
    horodateur.date(sealer).await?;
    Ok(())
}
