//! The load: several clients that take the roll and give marks, each command under an id
//! of its own, and what each of them was told.

use super::client::{Client, Command, Outcome};
use super::school::Enseignant;
use super::wait;
use anyhow::{Context, Result, bail};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use rand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

/// What a client does between an answer that it did not get and its next command.
const BREATH: Duration = Duration::from_millis(100);
/// How long commands of unknown outcome are asked again.
const RETRIES: Duration = Duration::from_secs(60);
/// Rolls of one day: they start a minute apart.
const PER_DAY: u64 = 600;
/// Acknowledged commands that are asked again, to see that the answer is the first one.
const ASKED_AGAIN: usize = 12;

/// What the clients were told: by command, what was asked and how it ended.
pub type Told = BTreeMap<Uuid, (Command, Outcome)>;

/// Numbers rolls of all loads of a site, so that no two are of one séance.
#[derive(Debug, Default, Clone)]
pub struct Numbers(Arc<AtomicU64>);

impl Numbers {
    /// Day and start of the roll that will be opened so many rolls from now.
    pub fn coming(&self, ahead: u64, today: NaiveDate) -> (NaiveDate, NaiveTime) {
        seance(self.0.load(Ordering::Relaxed) + ahead, today)
    }
}

/// Day and start of the roll with a number.
fn seance(number: u64, today: NaiveDate) -> (NaiveDate, NaiveTime) {
    let minutes = i64::try_from(480 + number % PER_DAY).unwrap_or_default();
    (today - Days::new(1 + number / PER_DAY), NaiveTime::MIN + TimeDelta::minutes(minutes))
}

/// Clients at work.
pub struct Load {
    clients: JoinSet<Told>,
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    doors: Vec<String>,
    numbers: Numbers,
    today: NaiveDate,
    stop: AtomicBool,
    acknowledged: AtomicUsize,
    unknown: AtomicUsize,
}

impl Load {
    /// Starts `clients` clients, each at one of the doors and in the name of one teacher.
    pub fn start(
        client: &Client,
        doors: Vec<String>,
        teachers: &[Enseignant],
        clients: usize,
        numbers: &Numbers,
        today: NaiveDate,
    ) -> Self {
        let shared = Arc::new(Shared {
            client: client.clone(),
            doors,
            numbers: numbers.clone(),
            today,
            stop: AtomicBool::new(false),
            acknowledged: AtomicUsize::new(0),
            unknown: AtomicUsize::new(0),
        });
        let mut set = JoinSet::new();
        for (number, teacher) in teachers.iter().cycle().take(clients).enumerate() {
            let worker =
                Worker { number, teacher: teacher.clone(), shared: shared.clone(), told: Told::new() };
            set.spawn(worker.work());
        }
        Self { clients: set, shared }
    }

    /// Commands acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.shared.acknowledged.load(Ordering::Relaxed)
    }

    /// Commands so far whose clients got no answer.
    pub fn unknown(&self) -> usize {
        self.shared.unknown.load(Ordering::Relaxed)
    }

    /// Waits until `more` commands are acknowledged from now on.
    pub async fn progress(&self, more: usize, patience: Duration) -> Result<()> {
        let goal = self.acknowledged() + more;
        let what = format!("{more} acknowledged commands");
        wait::until(&what, patience, async || Ok((self.acknowledged() >= goal).then_some(()))).await
    }

    /// Lets every client finish the command it is at, and gives back what they were told.
    pub async fn stop(mut self) -> Result<Told> {
        self.shared.stop.store(true, Ordering::Relaxed);
        let mut told = Told::new();
        while let Some(one) = self.clients.join_next().await {
            told.extend(one?);
        }
        Ok(told)
    }
}

/// Asks again, under the same ids, everything of which nobody knows what became of it, and
/// a few commands whose answer is known: that one must be given again. Says how many were
/// asked again because their outcome was open.
pub async fn retry(client: &Client, doors: &[String], told: &mut Told) -> Result<(usize, Vec<String>)> {
    let mut breaches = Vec::new();
    let open: Vec<Uuid> =
        told.iter().filter(|(_, (_, outcome))| is_open(outcome)).map(|(id, _)| *id).collect();
    let known = told.iter().filter_map(|(id, (_, outcome))| (!is_open(outcome)).then_some(*id));
    let again: Vec<Uuid> = known.take(ASKED_AGAIN).collect();
    for (number, id) in open.iter().enumerate() {
        if let Some((command, outcome)) = told.get_mut(id) {
            *outcome = settle(client, &doors[number % doors.len()], command).await?;
        }
    }
    for (number, id) in again.iter().enumerate() {
        let Some((command, first @ Outcome::Acknowledged { position, .. })) = told.get(id) else { continue };
        match settle(client, &doors[number % doors.len()], command).await? {
            Outcome::Acknowledged { position: second, .. } if second == *position => {}
            second => breaches
                .push(format!("{} {id} was first answered {first:?}, then {second:?}", command.mutation)),
        }
    }
    Ok((open.len(), breaches))
}

async fn settle(client: &Client, door: &str, command: &Command) -> Result<Outcome> {
    let mut last = String::new();
    let settled = wait::until("an answer", RETRIES, async || match client.send(door, command).await {
        Outcome::Unknown(why) => {
            last = why;
            Ok(None)
        }
        outcome => Ok(Some(outcome)),
    });
    settled.await.with_context(|| format!("{} {} is answered: {last}", command.mutation, command.id))
}

fn is_open(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown(_))
}

/// The id of what was made; a view that has set it aside shows none.
fn id_of(made: &Value) -> Result<&str> {
    made["id"].as_str().context("made, and not shown")
}

/// One client.
struct Worker {
    number: usize,
    teacher: Enseignant,
    shared: Arc<Shared>,
    told: Told,
}

impl Worker {
    async fn work(mut self) -> Told {
        while !self.stopped() {
            // What ends a séance early has been noted; the next one begins afresh.
            let _ = match self.number % 2 {
                0 => self.roll().await,
                _ => self.marks().await,
            };
        }
        self.told
    }

    fn stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    /// Opens, fills and closes a roll.
    async fn roll(&mut self) -> Result<()> {
        let number = self.shared.numbers.0.fetch_add(1, Ordering::Relaxed);
        let (date, start) = seance(number, self.shared.today);
        let seance = json!({
            "enseignementId": crate::global("Enseignement", self.teacher.enseignement),
            "date": date, "debut": start, "fin": start + TimeDelta::minutes(55),
        });
        let opened = self.tell("ouvrirAppel", seance, "appel { id }").await?;
        let appel = id_of(&opened["appel"])?;
        let pointages: Vec<Value> =
            self.pupils(2).map(|id| json!({ "eleveId": id, "etat": "ABSENT" })).collect();
        self.tell("pointerEleves", json!({ "appelId": appel, "pointages": pointages }), "").await?;
        self.tell("cloreAppel", json!({ "appelId": appel }), "").await?;
        Ok(())
    }

    /// Gives marks, publishes them and corrects one.
    async fn marks(&mut self) -> Result<()> {
        let evaluation = json!({
            "enseignementId": crate::global("Enseignement", self.teacher.enseignement),
            "titre": "Contrôle", "date": self.shared.today, "bareme": "20", "coefficient": "1",
        });
        let made = self.tell("creerEvaluation", evaluation, "evaluation { id }").await?;
        let evaluation = id_of(&made["evaluation"])?;
        let mark =
            |id: String, note: &str| json!({ "eleveId": id, "resultat": { "etat": "NOTE", "note": note } });
        let lignes: Vec<Value> = self.pupils(3).map(|id| mark(id, "12.5")).collect();
        self.tell("saisirNotes", json!({ "evaluationId": evaluation, "lignes": lignes }), "").await?;
        self.tell("publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
        let ligne = self.pupils(1).next().map(|id| mark(id, "13"));
        let correction = json!({ "evaluationId": evaluation, "ligne": ligne, "motif": "Erreur d'addition" });
        self.tell("corrigerNote", correction, "").await?;
        Ok(())
    }

    fn pupils(&self, count: usize) -> impl Iterator<Item = String> {
        self.teacher.eleves.iter().take(count).map(|id| crate::global("Eleve", *id))
    }

    /// Sends one command and notes how it ended; the payload is there if it succeeded.
    async fn tell(
        &mut self,
        mutation: &'static str,
        mut input: Value,
        fields: &'static str,
    ) -> Result<Value> {
        if self.stopped() {
            bail!("stopped");
        }
        let id = uuid::Builder::from_random_bytes(rand::rng().random()).into_uuid();
        input["clientMutationId"] = json!(id);
        let command = Command { id, compte: self.teacher.compte, mutation, input, fields };
        let door = &self.shared.doors[self.number % self.shared.doors.len()];
        let outcome = self.shared.client.send(door, &command).await;
        self.told.insert(id, (command, outcome.clone()));
        match outcome {
            Outcome::Acknowledged { payload, .. } => {
                self.shared.acknowledged.fetch_add(1, Ordering::Relaxed);
                Ok(payload)
            }
            Outcome::Refused(code) => bail!("refused: {code}"),
            Outcome::Unknown(why) => {
                self.shared.unknown.fetch_add(1, Ordering::Relaxed);
                wait::pause(BREATH).await;
                bail!("{why}")
            }
        }
    }
}
