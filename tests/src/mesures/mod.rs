//! Measures: how fast the house is beside its neighbours, on the same machine, the same
//! PostgreSQL and in the same run.
//!
//! One file per subject ([`ecriture`], [`lecture`], [`page`], [`preuve`], [`lundi`]...), which says what it compares; the rest
//! is what subjects share: where they measure ([`ground`]), what loads it ([`load`]), who
//! spent the CPU ([`cpu`]), what is printed ([`report`]).

mod brut;
pub mod cpu;
mod ecriture;
pub mod ground;
mod lecture;
pub mod load;
mod lundi;
mod ours;
pub mod page;
mod postgres_es;
mod preuve;
pub mod report;
mod retard;
mod rolls;

pub use lundi::Lundi;

use anyhow::Result;
use clap::ValueEnum;
use ground::Ground;
use report::Report;
use std::time::Duration;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// Commands recorded per second, beside plain postgres-es.
    Ecriture,
    /// Events replayed and verified per second.
    Lecture,
    /// How far views lag behind the record.
    Retard,
    /// Pages of GraphQL per second, beside a plain handler and PostGraphile.
    Page,
    /// Leaves sealed and verified per second, an evidence bundle, and what sealing costs.
    Preuve,
    /// The region's Monday: rolls and pages at their pace, and how far views lag meanwhile.
    Lundi,
    /// Everything.
    Tout,
}

/// How it is measured.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long each measure lasts, after it has warmed up.
    pub duration: Duration,
    /// How often it is made; the median is shown.
    pub rounds: u8,
    /// Commands or requests in flight, one load after the other.
    pub in_flight: Vec<usize>,
    /// Events of the journal that is proven.
    pub events: usize,
    /// How large a Monday.
    pub lundi: Lundi,
}

/// Measures these subjects; none are all.
pub async fn run(subjects: &[Subject], options: &Options) -> Result<Report> {
    let asked =
        |subject| subjects.is_empty() || subjects.contains(&Subject::Tout) || subjects.contains(&subject);
    let ground = Ground::prepare().await?;
    let mut report = Report::on(&ground).await?;
    if asked(Subject::Ecriture) {
        ecriture::measure(&ground, options, &mut report).await?;
    }
    if asked(Subject::Lecture) {
        lecture::measure(&ground, options, &mut report).await?;
    }
    if asked(Subject::Retard) {
        retard::measure(&ground, options, &mut report).await?;
    }
    if asked(Subject::Page) {
        page::measure(&ground, options, &mut report).await?;
    }
    if asked(Subject::Preuve) {
        preuve::measure(&ground, options, &mut report).await?;
    }
    if asked(Subject::Lundi) {
        lundi::measure(&ground, options, &mut report).await?;
    }
    ground.leave().await?;
    Ok(report)
}
