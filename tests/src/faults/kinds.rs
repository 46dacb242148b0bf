//! The kinds of faults, each as one round that does harm to a site and undoes it.

mod kill;

use super::report::Round;
use super::site::{Settings, Site};
use anyhow::Result;
use clap::ValueEnum;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// `kill -9` of the program under load; it is started again
    KillEnt,
}

impl Kind {
    /// All of them, in the order in which they are tried.
    pub const ALL: &[Self] = &[Self::KillEnt];

    /// Its name on the command line and in reports.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Rounds in the short form.
    pub fn short(self) -> usize {
        match self {
            Self::KillEnt => 5,
        }
    }

    /// A site on which to try it.
    pub async fn site(self, settings: Settings) -> Result<Site> {
        Site::open(settings, None).await
    }

    /// One fault and its count.
    pub async fn round(self, site: &mut Site) -> Result<Round> {
        match self {
            Self::KillEnt => kill::ent(site).await,
        }
    }
}
