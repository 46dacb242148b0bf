//! Asks the configured witnesses for their cosignatures, as long as the program runs.

use super::setbacks::{Setback, Setbacks};
use crate::config::Config;
use anyhow::Context as _;
use futures::future::join_all;
use ledger::sealer::Sealer;
use ledger::sealer::log::Log;
use ledger::sealer::witnessing::{Answer, Unwitnessed, WitnessFault};
use ledger::tlog::cosignature::WitnessVerifier;
use ledger::tlog::policy::{Policy, Witness};
use ledger::wake;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, StatusCode, Url, redirect};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Between two asks: journals gather some checkpoints, a witness sees the newest.
const PAUSE: Duration = Duration::from_secs(10);
/// For one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer: some signature lines.
const MOST_BYTES: usize = 4 * 1024;

/// Who is asked, and whose word is enough.
pub struct Witnesses {
    policy: Policy,
    client: Client,
}

/// A witness, and where it is asked.
#[derive(Clone, Copy)]
struct Asked<'p> {
    name: &'p str,
    verifier: &'p WitnessVerifier,
    url: &'p str,
}

impl Witnesses {
    /// Those of the configuration; none if it names none.
    pub fn of(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(path) = &config.temoins else { return Ok(None) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("ENT_TEMOINS: {} cannot be read", path.display()))?;
        let policy = Policy::read(&text).with_context(|| format!("ENT_TEMOINS: {}", path.display()))?;
        for url in policy.witnesses().values().filter_map(|witness| witness.url.as_ref()) {
            Url::parse(url).with_context(|| format!("ENT_TEMOINS: {url} is no address"))?;
        }
        Ok(Some(Self::under(policy)?))
    }

    /// Those of a policy.
    pub fn under(policy: Policy) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).build()?;
        Ok(Self { policy, client })
    }

    /// Asks, and asks again, until `stop` is true: each witness on its own, so that one that is
    /// slow, or away, delays no other one. Who does not answer, and a log that one does not take,
    /// is asked less and less often.
    pub async fn run(self, sealer: Sealer, stop: watch::Receiver<bool>) {
        let setbacks = Mutex::new(Setbacks::new(PAUSE));
        let asking = self.asked().map(|asked| self.keep_asking(asked, &sealer, &setbacks, stop.clone()));
        join_all(asking.map(Box::pin)).await;
    }

    async fn keep_asking(
        &self,
        asked: Asked<'_>,
        sealer: &Sealer,
        setbacks: &Mutex<Setbacks>,
        mut stop: watch::Receiver<bool>,
    ) {
        while !*stop.borrow() {
            self.ask_if_due(asked, sealer, setbacks).await;
            tokio::select! {
                _ = stop.changed() => {}
                () = wake::tick(PAUSE) => {}
            }
        }
    }

    /// Asks every witness once; says whether all is well.
    pub async fn round(&self, sealer: &Sealer) -> bool {
        let setbacks = Mutex::new(Setbacks::new(PAUSE));
        for asked in self.asked() {
            self.ask_if_due(asked, sealer, &setbacks).await;
        }
        locked(&setbacks).is_empty()
    }

    /// Those that have an address.
    fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        self.policy.witnesses().iter().filter_map(|(name, witness)| {
            let Witness { verifier, url: Some(url) } = witness else { return None };
            Some(Asked { name, verifier, url })
        })
    }

    async fn ask_if_due(&self, asked: Asked<'_>, sealer: &Sealer, setbacks: &Mutex<Setbacks>) {
        let Asked { name, verifier, url } = asked;
        let now = Instant::now();
        if !locked(setbacks).is_due(name, None, now) {
            return;
        }
        let is_due = |log: &Log| locked(setbacks).is_due(name, Some(log), now);
        let faults = sealer.show_of(name, verifier, is_due, |request| self.ask(url, request)).await;
        noted(name, &faults);
        let reached = sealer.quorum(&self.policy).await.unwrap_or(false);
        metrics::gauge!("ledger_quorum_reached").set(f64::from(u8::from(reached)));
        let mut setbacks = locked(setbacks);
        setbacks.heard(name, faults, now);
        let said = said(&setbacks);
        metrics::gauge!("ledger_witnesses_behind").set(said.len() as f64);
        sealer.tell_of_witnesses(said, unwitnessed(&setbacks));
    }

    async fn ask(&self, url: &str, request: String) -> Result<Answer, reqwest::Error> {
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let mut answer = self.client.post(url).body(request).send().await?;
        let status = answer.status();
        let of_size = answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/x.tlog.size");
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_BYTES {
                return Ok(Answer::Refused(status.as_u16()));
            }
        }
        let body = String::from_utf8(body).unwrap_or_default();
        let saw = body.trim_end().parse().ok().filter(|_| of_size);
        Ok(match (status, saw) {
            (StatusCode::OK, _) => Answer::Cosigned(body),
            (StatusCode::CONFLICT, Some(saw)) => Answer::Saw(saw),
            (StatusCode::UNPROCESSABLE_ENTITY, _) => Answer::Inconsistent,
            _ => Answer::Refused(status.as_u16()),
        })
    }
}

/// Nothing that holds this lock can panic half-way.
fn locked(setbacks: &Mutex<Setbacks>) -> MutexGuard<'_, Setbacks> {
    setbacks.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The log of what a witness has just answered.
fn noted(name: &str, faults: &[(Option<Log>, WitnessFault)]) {
    let (grave, lesser): (Vec<_>, Vec<_>) = faults.iter().partition(|(_, fault)| fault.is_grave());
    for (_, fault) in grave {
        let error = fault as &dyn std::error::Error;
        tracing::error!(witness = name, error, "a witness contradicts the record");
    }
    if let Some((_, fault)) = lesser.first() {
        let (error, faults) = (fault as &dyn std::error::Error, lesser.len());
        tracing::warn!(witness = name, error, faults, "not cosigned; asking again");
    }
}

/// What an operator is told of witnesses: each contradiction, and of lesser faults how many.
fn said(setbacks: &Setbacks) -> Vec<String> {
    let mut said = Vec::new();
    for (name, of_it) in setbacks.by_witness() {
        let (grave, lesser): (Vec<&Setback>, Vec<_>) =
            of_it.into_iter().partition(|one| one.fault.is_grave());
        said.extend(grave.iter().map(|one| format!("le témoin {name} contredit le journal : {}", one.fault)));
        if let [first, ..] = lesser.as_slice() {
            let (fault, refusals) = (&first.fault, lesser.len());
            said.push(format!("le témoin {name} ne contresigne plus ({refusals} refus) : {fault}"));
        }
    }
    said
}

fn unwitnessed(setbacks: &Setbacks) -> Vec<Unwitnessed> {
    let of_logs = setbacks.iter().filter_map(|(witness, log, setback)| {
        let (witness, log) = (witness.to_owned(), log?.clone());
        Some(Unwitnessed { witness, log, contradicted: setback.fault.is_grave() })
    });
    of_logs.collect()
}
