//! What witnesses did not do, and when each is asked for it again: later every time, each
//! witness on its own, and each log that one does not take on its own too.

use ledger::sealer::log::Log;
use ledger::sealer::witnessing::WitnessFault;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Between two asks for the same, at most.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// See the module. By witness and log; without log, what the witness does to all of them.
pub struct Setbacks {
    first: Duration,
    held: BTreeMap<(String, Option<Log>), Setback>,
}

/// What went wrong, and until when it is let be.
pub struct Setback {
    /// What went wrong last.
    pub fault: WitnessFault,
    pause: Duration,
    until: Instant,
}

impl Setbacks {
    /// None yet. After the first one there is a pause twice as long as this.
    pub fn new(pause: Duration) -> Self {
        Self { first: pause, held: BTreeMap::new() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether a witness may be asked now, of a log or at all.
    pub fn is_due(&self, witness: &str, log: Option<&Log>, now: Instant) -> bool {
        let held = self.held.get(&(witness.to_owned(), log.cloned()));
        held.is_none_or(|held| held.until <= now)
    }

    /// What came of asking a witness at `now`: of what was due then, all that it did not
    /// fail again is well.
    pub fn heard(&mut self, witness: &str, faults: Vec<(Option<Log>, WitnessFault)>, now: Instant) {
        let held = std::mem::take(&mut self.held).into_iter();
        let (mut before, held): (BTreeMap<_, _>, _) =
            held.partition(|((name, _), setback)| name == witness && setback.until <= now);
        self.held = held;
        for (log, fault) in faults {
            let key = (witness.to_owned(), log);
            let last = before.remove(&key).map_or(self.first, |held| held.pause);
            let pause = (last * 2).min(LONGEST);
            self.held.insert(key, Setback { fault, pause, until: now + pause });
        }
    }

    /// Each, with its witness and log.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Log>, &Setback)> {
        self.held.iter().map(|((witness, log), setback)| (witness.as_str(), log.as_ref(), setback))
    }

    /// All of each witness.
    pub fn by_witness(&self) -> BTreeMap<&str, Vec<&Setback>> {
        let mut by_witness = BTreeMap::<_, Vec<_>>::new();
        for (witness, _, setback) in self.iter() {
            by_witness.entry(witness).or_default().push(setback);
        }
        by_witness
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::AnneeScolaire;
    use ledger::feed::Journal;

    const PAUSE: Duration = Duration::from_secs(10);

    fn log() -> Log {
        Log::Journal(Journal { portail: "0690001d".parse().unwrap(), annee: AnneeScolaire(2026) })
    }

    #[test]
    fn a_log_that_a_witness_does_not_know_slows_no_other_log_and_no_other_witness() {
        let (mut setbacks, now) = (Setbacks::new(PAUSE), Instant::now());
        setbacks.heard("rectorat", vec![(Some(log()), WitnessFault::Refused(404))], now);
        let later = now + PAUSE;
        assert!(!setbacks.is_due("rectorat", Some(&log()), later));
        assert!(setbacks.is_due("rectorat", Some(&Log::Meta), later));
        assert!(setbacks.is_due("rectorat", None, later));
        assert!(setbacks.is_due("region", Some(&log()), later));
        // The rest of it going well does not make that one well.
        setbacks.heard("rectorat", vec![], later);
        assert!(!setbacks.is_empty());
        setbacks.heard("rectorat", vec![], now + PAUSE * 2);
        assert!(setbacks.is_empty());
    }

    #[test]
    fn who_is_not_there_is_asked_less_and_less_often_and_then_as_before() {
        let (mut setbacks, mut now) = (Setbacks::new(PAUSE), Instant::now());
        for pause in [20, 40, 80, 160, 300, 300] {
            setbacks.heard("rectorat", vec![(None, WitnessFault::Unreached("no route".into()))], now);
            let pause = Duration::from_secs(pause);
            assert!(!setbacks.is_due("rectorat", None, now + pause - PAUSE));
            assert!(setbacks.is_due("region", None, now));
            now += pause;
            assert!(setbacks.is_due("rectorat", None, now));
        }
        setbacks.heard("rectorat", vec![], now);
        setbacks.heard("rectorat", vec![(None, WitnessFault::Refused(500))], now);
        assert!(setbacks.is_due("rectorat", None, now + PAUSE * 2));
    }
}
