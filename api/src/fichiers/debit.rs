//! How fast a file must come. A family on a slow telephone takes its time; who sends next to nothing,
//! to keep a place, is let go.

use super::Sans;
use axum::body::Bytes;
use futures::{Stream, StreamExt};
use std::time::{Duration, Instant};

/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(20);
/// Bytes a second that must come, over each window: a file of 20 MiB takes three quarters of an hour at
/// most.
const PLANCHER: u64 = 8 * 1024;
/// How long is waited, in all, before it is asked whether enough has come.
const FENETRE: Duration = Duration::from_secs(60);

/// A file that comes, bit by bit.
pub(super) struct Venue<S> {
    flot: S,
    silence: Duration,
    fenetre: Fenetre,
}

/// What has come, and how long it was waited for. What we take to keep it does not count.
#[derive(Default)]
struct Fenetre {
    attente: Duration,
    octets: u64,
}

impl Fenetre {
    /// Whether what comes still comes fast enough, after so many bytes that were waited for so long.
    fn suffit(&mut self, octets: usize, attente: Duration) -> bool {
        self.octets += octets as u64;
        self.attente += attente;
        if self.attente < FENETRE {
            return true;
        }
        let Self { attente, octets } = std::mem::take(self);
        octets >= PLANCHER * attente.as_secs()
    }
}

impl<S> Venue<S> {
    pub fn new(flot: S) -> Self {
        Self { flot, silence: SILENCE, fenetre: Fenetre::default() }
    }
}

impl<S: Stream<Item = Result<Bytes, axum::Error>> + Unpin> Venue<S> {
    /// The next bytes; none after the last ones.
    pub async fn suite(&mut self) -> Result<Option<Bytes>, Sans> {
        let since = Instant::now();
        let next = tokio::time::timeout(self.silence, self.flot.next()).await.map_err(|_| Sans::Lent)?;
        let Some(octets) = next.transpose().map_err(|_| Sans::Interrompu)? else { return Ok(None) };
        if self.fenetre.suffit(octets.len(), since.elapsed()) { Ok(Some(octets)) } else { Err(Sans::Lent) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    type Morceau = Result<Bytes, axum::Error>;

    /// Whether each of so many steps, of so many bytes and seconds, is fast enough.
    fn steps(count: usize, octets: usize, seconds: u64) -> Vec<bool> {
        let mut fenetre = Fenetre::default();
        (0..count).map(|_| fenetre.suffit(octets, Duration::from_secs(seconds))).collect()
    }

    #[test]
    fn a_slow_telephone_is_fast_enough_for_as_long_as_it_takes() {
        // Twelve kibibytes a second, in fits and starts: 20 MiB in half an hour.
        assert!(steps(114, 180 * 1024, 15).into_iter().all(|enough| enough));
    }

    #[test]
    fn who_sends_a_byte_now_and_then_is_let_go_within_a_window() {
        assert_eq!(steps(4, 1, 19), [true, true, true, false]);
        assert_eq!(steps(4, 7 * 1024 * 15, 15), [true, true, true, false]);
    }

    #[test]
    fn each_window_is_counted_by_itself() {
        let mut fenetre = Fenetre::default();
        assert!(fenetre.suffit(100 << 20, FENETRE), "all at once");
        assert!(!fenetre.suffit(1, FENETRE), "and then next to nothing");
    }

    #[tokio::test]
    async fn who_falls_silent_is_let_go_and_who_ends_has_ended() {
        let silence = Duration::from_millis(1);
        let first = stream::iter([Morceau::Ok(Bytes::from_static(b"%PDF"))]);
        let mut silent = Venue { silence, ..Venue::new(first.chain(stream::pending())) };
        assert!(silent.suite().await.ok().flatten().is_some());
        assert!(matches!(silent.suite().await, Err(Sans::Lent)));
        let mut ended = Venue::new(stream::empty::<Morceau>());
        assert!(matches!(ended.suite().await, Ok(None)));
        let mut broken = Venue::new(stream::iter([Morceau::Err(axum::Error::new("broken"))]));
        assert!(matches!(broken.suite().await, Err(Sans::Interrompu)));
    }
}
