//! What was done and found: per kind of fault, as data to resume from and as Markdown.

use super::client::Outcome;
use super::load::Told;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// One fault and its count.
#[derive(Debug, Clone, Default)]
pub struct Round {
    acknowledged: usize,
    refused: usize,
    retried: usize,
    back: Duration,
    /// What did not agree.
    pub breaches: Vec<String>,
}

impl Round {
    /// The figures of one round.
    pub fn of(told: &Told, retried: usize, back: Duration, breaches: Vec<String>) -> Self {
        let acknowledged =
            told.values().filter(|(_, outcome)| matches!(outcome, Outcome::Acknowledged { .. }));
        let refused = told.values().filter(|(_, outcome)| matches!(outcome, Outcome::Refused(_)));
        Self { acknowledged: acknowledged.count(), refused: refused.count(), retried, back, breaches }
    }

    /// A round without load: only what was found.
    pub fn found(back: Duration, breaches: Vec<String>) -> Self {
        Self { back, breaches, ..Self::default() }
    }
}

/// All rounds of one kind.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Rounds done.
    pub rounds: usize,
    acknowledged: usize,
    refused: usize,
    retried: usize,
    /// How long the program took to acknowledge again, in milliseconds.
    back_ms: Vec<u64>,
    /// What did not agree.
    pub breaches: Vec<String>,
    /// Why the kind could not be tried here.
    pub skipped: Option<String>,
}

impl Tally {
    fn add(&mut self, round: Round) {
        self.rounds += 1;
        self.acknowledged += round.acknowledged;
        self.refused += round.refused;
        self.retried += round.retried;
        self.back_ms.push(u64::try_from(round.back.as_millis()).unwrap_or(u64::MAX));
        self.breaches.extend(round.breaches);
    }

    fn median_and_max(&self) -> (u64, u64) {
        let mut sorted = self.back_ms.clone();
        sorted.sort_unstable();
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
        (median, sorted.last().copied().unwrap_or_default())
    }
}

/// The whole run, by kind of fault.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Report(BTreeMap<String, Tally>);

impl Report {
    /// Rounds of a kind that are done.
    pub fn done(&self, kind: &str) -> usize {
        self.0.get(kind).map_or(0, |tally| tally.rounds)
    }

    /// Takes a round in.
    pub fn add(&mut self, kind: &str, round: Round) {
        self.0.entry(kind.to_owned()).or_default().add(round);
    }

    /// Notes what kept a kind from being tried, or ended it early.
    pub fn skip(&mut self, kind: &str, reason: String) {
        self.0.entry(kind.to_owned()).or_default().skipped = Some(reason);
    }

    /// Notes a breach that belongs to no round.
    pub fn breach(&mut self, kind: &str, breach: String) {
        self.0.entry(kind.to_owned()).or_default().breaches.push(breach);
    }

    /// Everything that did not agree.
    pub fn breaches(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(kind, tally)| {
            tally.breaches.iter().map(move |breach| (kind.as_str(), breach.as_str()))
        })
    }

    /// One table, then the breaches in words.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "| fault | rounds | acknowledged | refused | unknown, asked again | breaches | back: median, ms | max, ms |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for (kind, tally) in &self.0 {
            let (median, max) = tally.median_and_max();
            let Tally { rounds, acknowledged, refused, retried, breaches, .. } = tally;
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "| {kind} | {rounds} | {acknowledged} | {refused} | {retried} | {} | {median} | {max} |",
                breaches.len()
            );
        }
        for (kind, tally) in &self.0 {
            let notes = tally.skipped.iter().map(|reason| format!("not tried: {reason}"));
            for note in notes.chain(tally.breaches.iter().take(20).cloned()) {
                let _ = write!(text, "\n- {kind}: {note}");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_resumed_from_what_it_wrote() {
        let mut report = Report::default();
        report.add("kill-ent", Round::found(Duration::from_millis(40), vec!["lost".to_owned()]));
        let written = serde_json::to_string(&report).unwrap();
        let again: Report = serde_json::from_str(&written).unwrap();
        assert_eq!(again.done("kill-ent"), 1);
        assert_eq!(again.breaches().collect::<Vec<_>>(), [("kill-ent", "lost")]);
        assert!(again.markdown().contains("| kill-ent | 1 | 0 | 0 | 0 | 1 | 40 | 40 |"));
    }
}
