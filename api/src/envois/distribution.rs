//! The round: prepare what facts have told, hand over what may leave, record what became of it.

use super::{Expedition, Message, Passeur, Refus};
use chrono::{DateTime, TimeDelta, Utc};
use commands::notifications::Issue;
use commands::rights::Acteur;
use commands::{Commands, Demande};
use domain::notifications::{Canal, Echec};
use domain::{AppareilId, CommandeId, EnvoiId, EvenementId, PersonneId, PortailId};
use futures::future::{join, join_all};
use futures::{StreamExt, stream};
use ledger::wake;
use projections::notifications::{AppareilConnu, Appareils, Envois, Pli};
use sqlx::PgConnection;
use sqlx::pool::PoolConnection;
use std::collections::BTreeSet;
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Between two rounds when there is nothing to do.
const PAUSE: Duration = Duration::from_secs(2);
/// After a carrier could not be reached.
const PANNE: Duration = Duration::from_secs(30);
/// The longest that a carrier which asks for it is left alone.
const ATTENTE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// How many envois a round hands over.
const LOT: i64 = 500;
/// The same of those to devices: a round lasts as long as the push services that people have chosen.
const LOT_D_APPAREILS: i64 = 100;
/// How many messages are under way at once.
const ENSEMBLE: usize = 8;
/// The advisory lock under which one process sends.
const VERROU: i64 = 0x454E_5645_4E56_4F49;

/// See the module.
pub struct Distribution {
    commands: Commands,
    expedition: Expedition,
}

impl Distribution {
    /// By these carriers.
    pub fn new(commands: Commands, expedition: Expedition) -> Self {
        Self { commands, expedition }
    }

    /// Makes its rounds until `stop` is true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut lock = None;
        while !*stop.borrow() {
            let pause = match self.locked_round(&mut lock).await {
                Ok(0) => PAUSE,
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = &*error as &dyn Error, "families could not be told; trying again");
                    PANNE
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = wake::tick(pause) => {}
            }
        }
    }

    async fn locked_round(
        &self,
        lock: &mut Option<PoolConnection<sqlx::Postgres>>,
    ) -> Result<usize, Box<dyn Error + Send + Sync>> {
        if lock.is_none() {
            *lock = Some(self.commands.views().acquire().await?);
        }
        let Some(connection) = lock.as_mut() else { return Ok(0) };
        // A connection that broke has lost the lock with it.
        match hold(connection).await {
            Ok(true) => self.round().await,
            Ok(false) => Ok(0),
            Err(error) => {
                *lock = None;
                Err(error.into())
            }
        }
    }

    /// One round; says how many envois were dealt with.
    pub async fn round(&self) -> Result<usize, Box<dyn Error + Send + Sync>> {
        let canaux = self.expedition.canaux();
        let prepared = self.commands.preparer_envois(&canaux, preparation).await?;
        let (appareils, others): (Vec<_>, Vec<_>) =
            canaux.into_iter().partition(|canal| *canal == Canal::Appareil);
        let (others, appareils) =
            (self.due(&others, LOT).await?, self.due(&appareils, LOT_D_APPAREILS).await?);
        // Whoever has a device chooses its push service: a slow one keeps no mail waiting.
        let (told, shown) = join(self.hand_over_all(others), self.hand_over_all(appareils)).await;
        Ok(prepared + told? + shown?)
    }

    /// What may leave by these ways, together what travels together.
    async fn due(&self, canaux: &[Canal], limit: i64) -> Result<Vec<Vec<Pli>>, Box<dyn Error + Send + Sync>> {
        let due = Envois::a_remettre(self.commands.views(), canaux, self.commands.now(), limit).await?;
        let mut messages: Vec<Vec<Pli>> = Vec::new();
        for pli in due {
            match messages.last_mut() {
                Some(last) if last.first().is_some_and(|first| travels_with(first, &pli)) => last.push(pli),
                Some(_) | None => messages.push(vec![pli]),
            }
        }
        Ok(messages)
    }

    /// Once a carrier is away no more is begun; what is under way ends, so that what it takes is
    /// recorded.
    async fn hand_over_all(&self, messages: Vec<Vec<Pli>>) -> Result<usize, Box<dyn Error + Send + Sync>> {
        let (mut handed, mut trouble) = (0, None);
        let away = AtomicBool::new(false);
        let mut under_way = stream::iter(messages)
            .take_while(|_| std::future::ready(!away.load(Ordering::Relaxed)))
            .map(|plis| self.hand_over(plis))
            .buffer_unordered(ENSEMBLE);
        while let Some(dealt) = under_way.next().await {
            match dealt {
                Ok(dealt) => handed += dealt,
                Err(error) => {
                    away.store(true, Ordering::Relaxed);
                    trouble = Some(error);
                }
            }
        }
        match trouble {
            Some(error) => Err(error),
            None => Ok(handed),
        }
    }

    async fn hand_over(&self, plis: Vec<Pli>) -> Result<usize, Box<dyn Error + Send + Sync>> {
        let Some(first) = plis.first() else { return Ok(0) };
        let portail: PortailId = first.portail.parse()?;
        let Some(canal) = Canal::ALL.iter().copied().find(|canal| canal.as_str() == first.canal) else {
            return Ok(0);
        };
        let Some(passeur) = self.expedition.par(canal) else { return Ok(0) };
        let asked: Vec<_> = plis.iter().map(|pli| EnvoiId(pli.id)).collect();
        let waiting =
            self.commands.en_attente(&console(constat(&asked, "lecture")), &portail, &asked).await?;
        let plis: Vec<_> = plis.into_iter().filter(|pli| waiting.contains(&EnvoiId(pli.id))).collect();
        if plis.is_empty() {
            return Ok(0);
        }
        let issue = match canal {
            Canal::Appareil => self.to_devices(passeur, &plis).await?,
            Canal::Courriel | Canal::Sms | Canal::Lettre => self.to_address(passeur, &plis, canal).await?,
        };
        metrics::counter!("ent_envois_total", "canal" => canal.as_str(), "issue" => issue_name(&issue))
            .increment(waiting.len() as u64);
        let demande = console(constat(&waiting, &self.commands.now().to_rfc3339()));
        self.commands.constater_envois(&demande, &portail, &waiting, &issue).await?;
        Ok(waiting.len())
    }

    async fn to_address(
        &self,
        passeur: &dyn Passeur,
        plis: &[Pli],
        canal: Canal,
    ) -> Result<Issue, Box<dyn Error + Send + Sync>> {
        let Some(message) = Message::of(plis, canal, self.expedition.base()) else {
            let nowhere = plis.iter().any(|pli| pli.adresse.is_none());
            return Ok(Issue::Echec(if nowhere { Echec::SansAdresse } else { Echec::ContenuEfface }));
        };
        match passeur.remettre(&message).await {
            Ok(()) => Ok(Issue::Remis(message.id)),
            Err(Refus::Message(Echec::AdresseInexistante)) if canal == Canal::Courriel => {
                Ok(Issue::SansBoite(message.adresse))
            }
            Err(Refus::Message(echec)) => Ok(Issue::Echec(echec)),
            Err(Refus::PlusTard(time)) => Ok(Issue::PlusTard(self.commands.now() + bounded(time))),
            Err(Refus::Passeur(error)) => Err(error.into()),
        }
    }

    /// To every device of somebody: one that takes it is enough. A device that its service knows no
    /// more is lost.
    async fn to_devices(
        &self,
        passeur: &dyn Passeur,
        plis: &[Pli],
    ) -> Result<Issue, Box<dyn Error + Send + Sync>> {
        let Some(first) = plis.first() else { return Ok(Issue::Echec(Echec::SansAdresse)) };
        let mut devices = Appareils::of(self.commands.views(), first.destinataire).await?;
        // One that was given under two fiches of the same person rings once.
        let mut rung = BTreeSet::new();
        devices.retain(|device| rung.insert(device.details.adresse.clone()));
        let base = self.expedition.base();
        let messages: Vec<_> =
            devices.iter().filter_map(|device| Message::discret(plis, &device.details, base)).collect();
        let Some(Message { id, .. }) = messages.first() else {
            let nowhere = devices.is_empty();
            return Ok(Issue::Echec(if nowhere { Echec::SansAdresse } else { Echec::ContenuEfface }));
        };
        let answers = join_all(messages.iter().map(|message| passeur.remettre(message))).await;
        for (device, answer) in devices.iter().zip(&answers) {
            if matches!(answer, Err(Refus::Message(Echec::AdresseInexistante))) {
                self.lose(device).await?;
            }
        }
        together(id, answers, self.commands.now())
    }

    async fn lose(&self, device: &AppareilConnu) -> Result<(), Box<dyn Error + Send + Sync>> {
        let since = device.depuis.to_rfc3339();
        let demande = console(CommandeId::derived(&["appareil perdu", &device.id.to_string(), &since]));
        let portail: PortailId = device.portail.parse()?;
        let (personne, appareil) = (PersonneId(device.personne), AppareilId(device.id));
        self.commands.perdre_appareil(&demande, &portail, personne, appareil).await?;
        Ok(())
    }
}

/// What became of one message to several devices: taken by one, it is taken; while one may take it
/// later, it waits.
fn together(
    message: &str,
    answers: Vec<Result<(), Refus>>,
    maintenant: DateTime<Utc>,
) -> Result<Issue, Box<dyn Error + Send + Sync>> {
    if answers.iter().any(Result::is_ok) {
        return Ok(Issue::Remis(message.to_owned()));
    }
    let (mut echec, mut soonest) = (Echec::AdresseInexistante, None::<Duration>);
    for refus in answers.into_iter().filter_map(Result::err) {
        match refus {
            Refus::Passeur(error) => return Err(error.into()),
            Refus::PlusTard(time) => soonest = Some(soonest.map_or(time, |known| known.min(time))),
            Refus::Message(Echec::AdresseInexistante) => {}
            Refus::Message(_) if echec == Echec::RefusPassager => {}
            Refus::Message(other) => echec = other,
        }
    }
    Ok(match soonest {
        // One that did not say for how long is asked again at its own pace.
        Some(time) if echec != Echec::RefusPassager => Issue::PlusTard(maintenant + bounded(time)),
        Some(_) | None => Issue::Echec(echec),
    })
}

/// As long as an envoi can wait at all, at most: what a carrier asks is any number.
fn bounded(time: Duration) -> TimeDelta {
    TimeDelta::from_std(time.min(ATTENTE_MAX)).unwrap_or_default()
}

fn issue_name(issue: &Issue) -> &'static str {
    match issue {
        Issue::Remis(_) => "remis",
        Issue::Echec(Echec::RefusPassager) | Issue::PlusTard(_) => "differe",
        Issue::Echec(_) | Issue::SansBoite(_) => "abandonne",
    }
}

async fn hold(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
                              AND ((classid::bigint << 32) | objid::bigint) = $1)
                   OR pg_try_advisory_lock($1)";
    sqlx::query_scalar(sql).bind(VERROU).fetch_one(connection).await
}

/// Whether two envois are told in one message: to the same person by the same way, due together.
fn travels_with(one: &Pli, other: &Pli) -> bool {
    (one.destinataire, &one.canal, one.pas_avant, &one.portail)
        == (other.destinataire, &other.canal, other.pas_avant, &other.portail)
}

fn preparation(commande: CommandeId, cause: EvenementId) -> Demande {
    Demande { cause: Some(cause), ..console(commande) }
}

fn constat(envois: &[EnvoiId], what: &str) -> CommandeId {
    let mut parts: Vec<_> = envois.iter().map(ToString::to_string).collect();
    parts.push(what.to_owned());
    CommandeId::derived(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The program itself.
fn console(commande: CommandeId) -> Demande {
    Demande { acteur: Acteur::console(), commande, corps: Vec::new(), cause: None }
}
