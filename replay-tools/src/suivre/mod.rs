//! `suivre`: the record of a portal, live, through the gRPC door of `ent` and with the client of
//! EventStoreDB. Neither database nor key: contents stay sealed.
//!
//! - [`porte`]: the door, and what it answers;
//! - [`repere`]: how far one has read, and the file that remembers it;
//! - [`ligne`]: how an act is told.
//!
//! A lost connection is opened again from the last act that was written, so none is missed or
//! written twice. What was written is remembered after it was flushed: whoever kills the program
//! between the two finds that last act once more, and never misses one.

mod ligne;
mod porte;
mod repere;

use crate::cli;
use crate::obstacle::Obstacle;
use crate::verdict::Verdict;
use ligne::Acte;
use porte::{Entendu, Porte, Suite};
use repere::{Repere, Reprise};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long the second attempt waits; each later one waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Attempts in vain, one after the other, after which a script is told that it waits in vain.
const ATTEMPTS_OF_A_SCRIPT: u32 = 6;

/// Why the record is not followed any further.
#[derive(Debug, thiserror::Error)]
pub enum SuivreFault {
    /// The door lets only auditors in.
    #[error("la porte n'ouvre pas : ce jeton n'est pas, ou n'est plus, celui d'un auditeur de ce portail")]
    Refused,
    /// What is asked is not had there.
    #[error("la porte ne répond pas à cette demande : {0}")]
    Denied(String),
    /// Nobody answers, and a script does not wait for ever.
    #[error("la porte reste injoignable ({0})")]
    Away(String),
    /// The address is none.
    #[error(
        "{0} n'est pas l'adresse d'une porte, telle que https://journal.ent.exemple.fr ou http://127.0.0.1:2113"
    )]
    Address(String),
    /// There is no token.
    #[error("il faut le jeton d'un auditeur : donnez ENT_JETON_AUDITEUR, ou un fichier (--jeton)")]
    NoToken,
    /// Two ways of saying where to begin contradict each other.
    #[error("{0} n'est pas un repère de ce que l'on suit ici : attendu {1}")]
    Elsewhere(String, &'static str),
    /// The file of where one was is none.
    #[error("{path} n'est pas un fichier de reprise de ce que l'on suit ici")]
    NotAReprise {
        /// Which.
        path: PathBuf,
    },
    /// An envelope is not one, or of another portal.
    #[error("l'enveloppe de l'acte qui suit {0} est illisible, ou d'un autre portail")]
    Envelope(String),
}

/// Runs the subcommand until it is told to stop, or has read what there is.
pub async fn run(
    options: &cli::Suivre,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Verdict, Obstacle> {
    let porte = Porte::of(options)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut suivi = Suivi::new(options, porte)?;
    // An act is written and remembered without a pause in between, so a signal cuts none in two.
    tokio::select! {
        verdict = suivi.follow(out, err) => verdict,
        _ = terminate.recv() => Ok(Verdict::Valide),
        _ = interrupt.recv() => Ok(Verdict::Valide),
    }
}

/// What is followed, and how far it was.
struct Suivi<'a> {
    options: &'a cli::Suivre,
    porte: Porte,
    reprise: Option<Reprise<'a>>,
    repere: Repere,
    /// Attempts since the door last said something.
    attempts: u32,
}

/// Why one following ended.
enum Ended {
    /// All there was is read, and no more was asked.
    Complete,
    /// The connection is lost.
    Lost(String),
}

impl<'a> Suivi<'a> {
    fn new(options: &'a cli::Suivre, porte: Porte) -> Result<Self, Obstacle> {
        let reprise = options.reprise.as_ref().map(|path| Reprise::of(path, options));
        let remembered = reprise.as_ref().map(Reprise::read).transpose()?.flatten();
        let repere = match (remembered, &options.depuis) {
            (Some(repere), _) => repere,
            (None, Some(text)) => Repere::asked(text, options)?,
            (None, None) => Repere::Debut,
        };
        Ok(Self { options, porte, reprise, repere, attempts: 0 })
    }

    async fn follow(&mut self, out: &mut dyn Write, err: &mut dyn Write) -> Result<Verdict, Obstacle> {
        loop {
            let why = match self.once(out).await? {
                Ended::Complete => return Ok(Verdict::Valide),
                Ended::Lost(why) => why,
            };
            self.attempts += 1;
            if self.options.jusqu_a_present && self.attempts >= ATTEMPTS_OF_A_SCRIPT {
                return Err(SuivreFault::Away(why).into());
            }
            let pause = pause(self.attempts);
            let seconds = pause.as_secs_f32();
            writeln!(err, "ent-rejeu : connexion perdue ({why}) ; nouvel essai dans {seconds} s")?;
            // There is nothing to wait on: the door tells nobody that it is open again.
            #[allow(clippy::disallowed_methods)]
            tokio::time::sleep(pause).await;
        }
    }

    /// Follows over one connection. The client is a new one each time: one that once found nobody
    /// finds nobody ever after.
    async fn once(&mut self, out: &mut dyn Write) -> Result<Ended, Obstacle> {
        let mut suite = match self.porte.open(&self.repere).await? {
            Suite::Open(suite) => *suite,
            Suite::Lost(why) => return Ok(Ended::Lost(why)),
        };
        loop {
            match suite.next().await? {
                Entendu::Acte(recu) => {
                    self.attempts = 0;
                    let acte = Acte::read(&recu, &self.porte.portail)
                        .ok_or_else(|| SuivreFault::Envelope(self.repere.to_string()))?;
                    if self.options.types(&acte.envelope.event_type) {
                        if self.options.json {
                            acte.write_json(out)?
                        } else {
                            acte.write(out)?
                        }
                        out.flush()?;
                    }
                    self.reached(self.porte.repere(&recu))?;
                }
                Entendu::Jusque(repere) => self.reached(repere)?,
                Entendu::Present if self.options.jusqu_a_present => return Ok(Ended::Complete),
                Entendu::Present | Entendu::Rien => self.attempts = 0,
                Entendu::Perdue(why) => return Ok(Ended::Lost(why)),
            }
        }
    }

    fn reached(&mut self, repere: Repere) -> Result<(), Obstacle> {
        if let Some(reprise) = &self.reprise {
            reprise.write(&repere)?;
        }
        self.repere = repere;
        Ok(())
    }
}

fn pause(attempts: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
    FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)
}

impl cli::Suivre {
    /// Whether acts of this type are wanted.
    fn types(&self, event_type: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|prefix| event_type.starts_with(prefix.as_str()))
    }
}

/// A file that cannot be read or written.
fn file(path: &std::path::Path, source: io::Error) -> Obstacle {
    Obstacle::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attempt_in_vain_waits_longer_up_to_half_a_minute() {
        let pauses: Vec<_> = [1, 2, 3, 7, u32::MAX].map(|n| pause(n).as_millis()).into();
        assert_eq!(pauses, [500, 1_000, 2_000, 30_000, 30_000]);
    }
}
