//! Thousands of subscriptions on the real program: what they hold while nothing happens,
//! what somebody else's writing costs them, and how soon all hear what they wait for.

mod listener;
mod program;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use listener::{News, Subscription};
use program::Program;
use serde_json::json;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{sleep, timeout_at};

/// Sockets that open at a time.
const OPENING: usize = 32;
/// How long a delivery is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Facts of another portal.
const FOREIGN: u32 = 50;
/// A séance of the demonstration that nobody has held yet.
const SEANCE: &str = "2026-11-20";

/// Where and for how long.
pub struct Settings {
    /// The data directory.
    pub data: PathBuf,
    /// How long nothing happens.
    pub idle: Duration,
}

/// How subscriptions are spread over sockets.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Sockets.
    pub sockets: usize,
    /// Subscriptions on each.
    pub operations: usize,
}

/// What was measured.
pub struct Measure {
    layout: Layout,
    memory_before: u64,
    memory_after: u64,
    memory_delivered: u64,
    cpu_idle: f64,
    cpu_per_fact: Duration,
    heard: Vec<Duration>,
    ended: usize,
}

/// Starts the program, opens the subscriptions, and measures.
pub async fn measure(settings: &Settings, layout: Layout) -> Result<Measure> {
    let program = Program::start(&settings.data, layout.sockets + 16).await?;
    let measured = measure_on(&program, settings, layout).await;
    program.stop().await?;
    measured
}

async fn measure_on(program: &Program, settings: &Settings, layout: Layout) -> Result<Measure> {
    let roll = Roll::open(program).await?;
    let memory_before = program.memory()?;
    let (told, mut news) = unbounded_channel();
    let subscription = Subscription {
        address: program.address("ws", "/graphql/ws"),
        token: program.token("enseignant")?.to_owned(),
        query: format!(
            "subscription {{ appelsDeLaDivision(divisionId: \"{}\", date: \"{SEANCE}\") {{ appels {{ id lignes {{ etat minutes }} }} }} }}",
            roll.division
        ),
    };
    let listeners: Vec<_> = stream::iter(0..layout.sockets)
        .map(|_| subscription.open(layout.operations, told.clone()))
        .buffer_unordered(OPENING)
        .try_collect()
        .await
        .context("opening sockets")?;
    let memory_after = program.memory()?;

    let before = program.cpu()?;
    #[allow(clippy::disallowed_methods)] // that nothing happens for a while is what is measured
    sleep(settings.idle).await;
    let cpu_idle = (program.cpu()? - before).as_secs_f64() / settings.idle.as_secs_f64();

    let before = program.cpu()?;
    for number in 0..FOREIGN {
        open_another_portal(program, number).await?;
    }
    let cpu_per_fact = (program.cpu()? - before) / FOREIGN;

    let expected = layout.sockets * layout.operations;
    let (heard, ended) = deliver(program, &roll, expected, &mut news).await?;
    let memory_delivered = program.memory()?;
    for listener in listeners {
        listener.abort();
    }
    Ok(Measure {
        layout,
        memory_before,
        memory_after,
        memory_delivered,
        cpu_idle,
        cpu_per_fact,
        heard,
        ended,
    })
}

/// Marks a pupil of the division, and waits until all have heard of it.
async fn deliver(
    program: &Program,
    roll: &Roll,
    expected: usize,
    news: &mut UnboundedReceiver<News>,
) -> Result<(Vec<Duration>, usize)> {
    while news.try_recv().is_ok() {}
    let start = Instant::now();
    roll.mark(program).await?;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let (mut heard, mut ended) = (Vec::with_capacity(expected), 0);
    while heard.len() + ended < expected {
        match timeout_at(deadline, news.recv()).await {
            Ok(Some(News::Heard(at))) => heard.push(at - start),
            Ok(Some(News::Ended)) => ended += 1,
            Ok(None) | Err(_) => break,
        }
    }
    heard.sort_unstable();
    Ok((heard, ended))
}

/// A fact that concerns none of those who wait.
async fn open_another_portal(program: &Program, number: u32) -> Result<()> {
    let host = format!("veille-{}-{number}", std::process::id());
    let input = json!({"nature": "PARTENAIRES", "nom": "Veille", "hote": host});
    let query =
        "mutation($input: OuvrirPortailInput!) { ouvrirPortail(input: $input) { userErrors { code } } }";
    program.ask("exploitant", query, json!({"input": input})).await?;
    Ok(())
}

/// A roll of the division that is followed.
struct Roll {
    division: String,
    appel: String,
    pupil: String,
}

impl Roll {
    /// The first division of the teacher, and a roll of hers, opened once.
    async fn open(program: &Program) -> Result<Self> {
        let query = "{ moi { enseignements { id division { id eleves { id } } } } }";
        let data = program.ask("enseignant", query, json!({})).await?;
        let enseignement = &data["moi"]["enseignements"][0];
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let input = json!({
            "clientMutationId": "00000000-0000-4000-8000-0000000000aa", "enseignementId": enseignement["id"],
            "date": SEANCE, "debut": "17:00:00", "fin": "17:55:00",
        });
        let query = "mutation($input: OuvrirAppelInput!) {
            ouvrirAppel(input: $input) { userErrors { code } appel { id } } }";
        let opened = program.ask("enseignant", query, json!({"input": input})).await?;
        Ok(Self {
            division: text(&enseignement["division"]["id"]).context("the teacher has no division")?,
            pupil: text(&enseignement["division"]["eleves"][0]["id"]).context("the division has no pupil")?,
            appel: text(&opened["ouvrirAppel"]["appel"]["id"])
                .with_context(|| format!("no roll: {opened}"))?,
        })
    }

    /// Says of a pupil what was not said before.
    async fn mark(&self, program: &Program) -> Result<()> {
        let minutes = 1 + rand::random_range(0..50);
        let pointage = json!({"eleveId": self.pupil, "etat": "EN_RETARD", "minutes": minutes});
        let query =
            "mutation($input: PointerElevesInput!) { pointerEleves(input: $input) { userErrors { code } } }";
        let input = json!({"appelId": self.appel, "pointages": [pointage]});
        program.ask("enseignant", query, json!({"input": input})).await?;
        Ok(())
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Layout { sockets, operations } = self.layout;
        let subscriptions = sockets * operations;
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let each = self.memory_after.saturating_sub(self.memory_before) / (subscriptions as u64).max(1);
        writeln!(f, "## {subscriptions} subscriptions, {operations} on each of {sockets} sockets\n")?;
        writeln!(f, "| what | |\n|---|---|")?;
        writeln!(f, "| memory before | {:.1} MiB |", mib(self.memory_before))?;
        writeln!(f, "| memory, all waiting | {:.1} MiB |", mib(self.memory_after))?;
        writeln!(f, "| of which each | {:.1} KiB |", each as f64 / 1024.0)?;
        writeln!(f, "| memory after a delivery | {:.1} MiB |", mib(self.memory_delivered))?;
        writeln!(f, "| CPU while nothing happens | {:.1} % of a core |", self.cpu_idle * 100.0)?;
        writeln!(
            f,
            "| CPU for a fact of another portal | {:.1} ms |",
            self.cpu_per_fact.as_secs_f64() * 1e3
        )?;
        let at = |part: usize| {
            let rank = (self.heard.len() * part / 100).min(self.heard.len().saturating_sub(1));
            self.heard.get(rank).map_or_else(|| "never".to_owned(), |time| format!("{} ms", time.as_millis()))
        };
        writeln!(
            f,
            "| one fact heard by {} | first {}, half {}, 99 % {}, last {} |",
            self.heard.len(),
            at(0),
            at(50),
            at(99),
            at(100)
        )?;
        writeln!(f, "| subscriptions that ended | {} |\n", self.ended)
    }
}
