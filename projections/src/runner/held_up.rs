//! Which views do not follow the record, and why: for the log, once, and for whoever asks
//! whether the program is ready.

use super::RunnerError;
use super::checkpoint::causes;
use crate::Projection;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A view that does not follow the record. It is told in French, to operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldUp {
    /// Its name.
    pub view: &'static str,
    /// Why.
    pub reason: Reason,
}

/// Why a view does not follow the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A version of another program lives.
    Version {
        /// This program's.
        wanted: i32,
        /// The one that lives.
        living: i32,
    },
    /// Something failed, and is tried again.
    Fault(String),
}

impl fmt::Display for HeldUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let view = self.view;
        match &self.reason {
            Reason::Version { wanted, living } if living < wanted => {
                write!(f, "la vue {view} (sa version {wanted} se construit à côté de la version {living})")
            }
            Reason::Version { living, .. } => {
                write!(
                    f,
                    "la vue {view} (sa version {living}, plus récente que ce programme, est en service)"
                )
            }
            Reason::Fault(_) => {
                write!(f, "la vue {view} (arrêtée par une faute ; de nouveaux essais ont lieu)")
            }
        }
    }
}

/// Where held-up views are written up.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<BTreeMap<&'static str, Reason>>>);

impl Board {
    fn reasons(&self) -> MutexGuard<'_, BTreeMap<&'static str, Reason>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn list(&self) -> Vec<HeldUp> {
        self.reasons().iter().map(|(view, reason)| HeldUp { view, reason: reason.clone() }).collect()
    }

    /// The view follows the record.
    pub fn free(&self, projection: &dyn Projection) {
        if self.reasons().remove(projection.name()).is_some() {
            tracing::info!(projection = projection.name(), "view follows the record again");
        }
    }

    /// The view is held up by an error.
    pub fn hold(&self, projection: &dyn Projection, error: &RunnerError) {
        if let RunnerError::Version { version } = error {
            return self.wait(projection, *version);
        }
        if self.write(projection, Reason::Fault(causes(error))) {
            tracing::warn!(
                projection = projection.name(),
                error = error as &dyn std::error::Error,
                "view is held up; trying again"
            );
        }
    }

    /// The view waits for its version to live.
    pub fn wait(&self, projection: &dyn Projection, living: i32) {
        let wanted = projection.version();
        if self.write(projection, Reason::Version { wanted, living }) {
            tracing::warn!(
                projection = projection.name(),
                wanted,
                living,
                "another version of the view lives; this program does not write it"
            );
        }
    }

    /// Whether that is news.
    fn write(&self, projection: &dyn Projection, reason: Reason) -> bool {
        self.reasons().insert(projection.name(), reason.clone()).as_ref() != Some(&reason)
    }
}
