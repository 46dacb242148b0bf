//! A session ends with its token: what stays open must not outlive the right to open it.

use crate::identity::{Clock, Identite};
use std::time::Duration;
use tokio::time::{Instant, interval_at};

/// Whether whoever opened it is still who he was. Nobody stays nobody.
pub(super) fn holds(clock: &Clock, identite: Identite) -> bool {
    match identite {
        Identite::Compte(jeton) => clock() < jeton.expire,
        Identite::Anonyme => true,
    }
}

/// Resolves once it has ended, looking at every beat: the clock at hand may be set.
pub(super) async fn ended(clock: Clock, identite: Identite, beat: Duration) {
    let mut beats = interval_at(Instant::now() + beat, beat);
    while holds(&clock, identite) {
        beats.tick().await;
    }
}
