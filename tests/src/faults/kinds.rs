//! The kinds of faults, each as one round that does harm to a site and undoes it.

mod clock;
mod cut;
pub(super) mod disk;
mod kill;
mod migration;
mod stall;
mod views;

use super::coupure::Cut;
use super::report::Round;
use super::site::{Settings, Site};
use anyhow::Result;
use clap::ValueEnum;
use std::process::{Command, Stdio};

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// `kill -9` of the program under load; it is started again
    KillEnt,
    /// `kill -9` of PostgreSQL and all its sessions under load; it is started again
    KillPostgres,
    /// `kill -9` of the private PostgreSQL of the program, which starts it again itself
    KillPrivatePostgres,
    /// The program is started before its database
    LatePostgres,
    /// A connection is cut when a batch is executed and not committed
    CutInBatch,
    /// A connection is cut when a batch is committed and not answered
    CutBeforeAnswer,
    /// PostgreSQL is stopped (SIGSTOP) for longer than a request may take
    StopPostgres,
    /// The disk of PostgreSQL is full (needs root, for a small file system)
    FullDisk,
    /// Every flush to the disk takes a tenth of a second (needs strace)
    SlowDisk,
    /// Two programs on one database, one of which is killed
    TwoPrograms,
    /// Four programs on one database, one of which is killed
    FourPrograms,
    /// The clock jumps back an hour (needs libfaketime)
    ClockBack,
    /// A view fails on one event for ever
    PoisonedView,
    /// A rebuild of the views is killed half-way
    KillRebuild,
    /// A migration is killed half-way
    KillMigration,
}

impl Kind {
    /// Its name on the command line and in reports.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Rounds in the short form.
    pub fn short(self) -> usize {
        match self {
            Self::KillEnt | Self::CutInBatch | Self::CutBeforeAnswer => 3,
            Self::KillPostgres | Self::KillPrivatePostgres | Self::TwoPrograms | Self::KillRebuild => 2,
            _ => 1,
        }
    }

    /// Why it cannot be tried on this machine, if it cannot.
    pub fn impossible(self) -> Option<String> {
        match self {
            Self::FullDisk => disk::SmallDisk::mount().err().map(|error| format!("{error:#}")),
            Self::SlowDisk => {
                let strace = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
                strace.is_err().then(|| "strace is not here (package strace)".to_owned())
            }
            Self::ClockBack => {
                clock::library().is_none().then(|| "libfaketime is not here (package faketime)".to_owned())
            }
            _ => None,
        }
    }

    /// Whether it leaves its site as it found it, so that another kind can follow there.
    pub fn shares_site(self) -> bool {
        !matches!(
            self,
            Self::FullDisk
                | Self::KillPrivatePostgres
                | Self::ClockBack
                | Self::CutInBatch
                | Self::CutBeforeAnswer
        )
    }

    /// A site on which to try it.
    pub async fn site(self, settings: Settings) -> Result<Site> {
        match self {
            Self::FullDisk => disk::site(settings).await,
            Self::KillPrivatePostgres => Site::private(settings).await,
            _ => Site::open(settings, None).await,
        }
    }

    /// How many programs serve.
    fn programs(self) -> usize {
        match self {
            Self::TwoPrograms => 2,
            Self::FourPrograms => 4,
            _ => 1,
        }
    }

    /// One fault and its count.
    pub async fn round(self, site: &mut Site) -> Result<Round> {
        site.programs(self.programs()).await?;
        match self {
            Self::KillEnt => kill::ent(site).await,
            Self::KillPostgres => kill::postgres(site).await,
            Self::KillPrivatePostgres => kill::private_postgres(site).await,
            Self::LatePostgres => kill::late_postgres(site).await,
            Self::CutInBatch => cut::wire(site, Cut::InBatch).await,
            Self::CutBeforeAnswer => cut::wire(site, Cut::BeforeAnswer).await,
            Self::StopPostgres => stall::stopped(site).await,
            Self::FullDisk => disk::full(site).await,
            Self::SlowDisk => stall::slow_disk(site).await,
            Self::TwoPrograms | Self::FourPrograms => kill::one_of(site).await,
            Self::ClockBack => clock::jumps_back(site).await,
            Self::PoisonedView => views::poisoned(site).await,
            Self::KillRebuild => views::rebuild_killed(site).await,
            Self::KillMigration => migration::killed(site).await,
        }
    }
}
