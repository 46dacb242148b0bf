//! How often: of one address, of one compte, at the door where people sign in, and at that of the record.
//!
//! Each has its own bucket (GCRA), made when it first asks and forgotten when it has long been
//! full again, and there is room for so many: whoever comes from a thousand addresses pushes out
//! the buckets of those that were quiet, and nobody's memory grows. A whole school comes from one
//! address, so that of an address is wide; that of a compte is not.

use super::{answer, exchange::Exchange, server::Peer};
use crate::identity::Identite;
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use domain::CompteId;
use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use moka::sync::Cache;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// How many addresses, and how many comptes, are remembered: some 20 MB.
const REMEMBERED: u64 = 100_000;
/// After so long without a request a bucket is full again.
const QUIET: Duration = Duration::from_secs(300);
/// A peak may be so many seconds' worth.
const PEAK: u32 = 10;

/// What is told to who asks too often: its code, its sentence.
pub(super) const TROP: (&str, &str) =
    ("CADENCE_DEPASSEE", "Trop de demandes en peu de temps. Attendez un instant, puis réessayez.");

/// How often each may ask.
#[derive(Debug, Clone)]
pub struct Cadence {
    /// Requests a second of one address.
    pub adresse: NonZeroU32,
    /// Requests a second of one compte; each operation over a socket is one.
    pub compte: NonZeroU32,
    /// Sign-ins a minute of one address.
    pub connexion: NonZeroU32,
    /// Readings of the record that one address may begin in a minute, over gRPC.
    pub flux: NonZeroU32,
    /// The header in which a proxy of ours says whom it speaks for; its last word counts, since
    /// the others are the client's own. Without it the peer is asked who it is, unless it is this
    /// machine: then it is a proxy that does not say.
    pub mandataire: Option<HeaderName>,
}

impl Default for Cadence {
    fn default() -> Self {
        let [adresse, compte, connexion, flux] = [NonZeroU32::MAX; 4];
        Self { adresse, compte, connexion, flux, mandataire: None }
    }
}

/// From where a request comes, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Adresse(pub Option<IpAddr>);

/// All buckets.
pub(crate) struct Cadences {
    adresses: Buckets<IpAddr>,
    comptes: Buckets<CompteId>,
    connexions: Buckets<IpAddr>,
    mandataire: Option<HeaderName>,
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

struct Buckets<K> {
    quota: Quota,
    by_key: Cache<K, Arc<Bucket>>,
}

impl<K: Hash + Eq + Send + Sync + 'static> Buckets<K> {
    fn new(quota: Quota) -> Self {
        let by_key = Cache::builder().max_capacity(REMEMBERED).time_to_idle(QUIET).build();
        Self { quota, by_key }
    }

    /// Takes one from the bucket; if it is empty, how long until there is one again.
    fn take(&self, key: K) -> Result<(), Duration> {
        let bucket = self
            .by_key
            .get_with(key, || Arc::new(RateLimiter::direct_with_clock(self.quota, MonotonicClock)));
        bucket.check().map_err(|until| until.wait_time_from(MonotonicClock.now()))
    }
}

impl Cadences {
    pub fn new(cadence: &Cadence) -> Self {
        let per_second = |rate: NonZeroU32| {
            Quota::per_second(rate)
                .allow_burst(NonZeroU32::new(PEAK).map_or(rate, |peak| rate.saturating_mul(peak)))
        };
        Self {
            adresses: Buckets::new(per_second(cadence.adresse)),
            comptes: Buckets::new(per_second(cadence.compte)),
            connexions: Buckets::new(Quota::per_minute(cadence.connexion)),
            mandataire: cadence.mandataire.clone(),
        }
    }

    /// One operation of who asks.
    pub fn of_compte(&self, identite: Identite) -> Result<(), Duration> {
        identite.compte().map_or(Ok(()), |compte| self.comptes.take(compte))
    }

    /// One sign-in from an address.
    pub fn of_connexion(&self, adresse: Adresse) -> Result<(), Duration> {
        adresse.0.map_or(Ok(()), |adresse| self.connexions.take(adresse))
    }

    fn adresse(&self, headers: &HeaderMap, peer: Option<Peer>) -> Adresse {
        venue_de(self.mandataire.as_ref(), headers, peer.map(|Peer(ip)| ip))
    }
}

/// Whom a request comes from, as far as it can be believed.
fn venue_de(mandataire: Option<&HeaderName>, headers: &HeaderMap, peer: Option<IpAddr>) -> Adresse {
    let said = mandataire.and_then(|name| {
        let last = headers.get_all(name).iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse().ok()
    });
    let peer = peer.filter(|ip| mandataire.is_none() && !ip.is_loopback());
    Adresse(said.or(peer))
}

/// How often an address begins to read the record over gRPC: that door is another one, with buckets
/// of its own.
pub(crate) struct Lectures {
    adresses: Buckets<IpAddr>,
    mandataire: Option<HeaderName>,
}

impl Lectures {
    pub fn new(cadence: &Cadence) -> Self {
        let adresses = Buckets::new(Quota::per_minute(cadence.flux));
        Self { adresses, mandataire: cadence.mandataire.clone() }
    }

    /// One reading that is asked for; if it is one too many, how long until there is one again.
    pub fn take(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<(), Duration> {
        let Adresse(adresse) = venue_de(self.mandataire.as_ref(), headers, peer);
        adresse.map_or(Ok(()), |adresse| self.adresses.take(adresse))
    }
}

/// Of one address, before anything is asked of anybody.
pub(super) async fn by_adresse(
    State(cadences): State<Arc<Cadences>>,
    Extension(exchange): Extension<Exchange>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let adresse = cadences.adresse(request.headers(), peer);
    request.extensions_mut().insert(adresse);
    match adresse.0.map_or(Ok(()), |adresse| cadences.adresses.take(adresse)) {
        Ok(()) => next.run(request).await,
        Err(wait) => too_often(&exchange, wait, "adresse"),
    }
}

/// Of one compte, once it is known.
pub(super) async fn by_compte(
    State(cadences): State<Arc<Cadences>>,
    Extension(exchange): Extension<Exchange>,
    Extension(identite): Extension<Identite>,
    request: Request,
    next: Next,
) -> Response {
    match cadences.of_compte(identite) {
        Ok(()) => next.run(request).await,
        Err(wait) => too_often(&exchange, wait, "compte"),
    }
}

fn too_often(exchange: &Exchange, wait: Duration, of: &'static str) -> Response {
    metrics::counter!("http_rate_limited_total", "of" => of).increment(1);
    let (code, message) = TROP;
    let mut response = answer::refusal(exchange, StatusCode::TOO_MANY_REQUESTS, code, message);
    response.headers_mut().insert(header::RETRY_AFTER, retry_after(wait));
    response
}

/// In whole seconds (RFC 9110 §10.2.3), one at least.
pub(crate) fn retry_after(wait: Duration) -> HeaderValue {
    HeaderValue::from(wait.as_secs().saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cadences(mandataire: Option<&'static str>) -> Cadences {
        let few = NonZeroU32::new(1).unwrap();
        let mandataire = mandataire.map(HeaderName::from_static);
        Cadences::new(&Cadence { adresse: few, compte: few, connexion: few, flux: few, mandataire })
    }

    fn peer(text: &str) -> Option<Peer> {
        Some(Peer(text.parse().unwrap()))
    }

    fn adresse(cadences: &Cadences, forwarded: &[&str], from: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        cadences.adresse(&headers, peer(from)).0.map(|ip| ip.to_string())
    }

    #[test]
    fn a_bucket_is_emptied_by_its_own_and_says_when_it_has_one_again() {
        let cadences = cadences(None);
        let (one, other) = (CompteId::derived(&["1"]), CompteId::derived(&["2"]));
        let taken = (0..PEAK).filter(|_| cadences.comptes.take(one).is_ok()).count();
        assert_eq!(taken, PEAK as usize);
        let wait = cadences.comptes.take(one).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(retry_after(wait), HeaderValue::from(wait.as_secs() + 1));
        assert!(cadences.comptes.take(other).is_ok());
    }

    #[test]
    fn the_last_word_of_our_proxy_counts_and_not_what_a_client_made_up() {
        let behind = cadences(Some("x-forwarded-for"));
        let address = |forwarded: &[&str]| adresse(&behind, forwarded, "10.0.0.1");
        assert_eq!(address(&["192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(address(&["198.51.100.1, 192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(address(&["198.51.100.1", "192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(address(&["unknown"]), None, "nobody is taken for the proxy");
    }

    #[test]
    fn a_reading_of_the_record_counts_for_the_peer_or_for_whom_our_proxy_names() {
        let few = NonZeroU32::new(1).unwrap();
        let lectures = |mandataire| Lectures::new(&Cadence { flux: few, mandataire, ..Cadence::default() });
        let (here, there) = (Some([192, 0, 2, 7].into()), Some([192, 0, 2, 8].into()));
        let alone = lectures(None);
        assert!(alone.take(&HeaderMap::new(), here).is_ok());
        assert!(alone.take(&HeaderMap::new(), here).is_err_and(|wait| wait <= Duration::from_secs(60)));
        assert!(alone.take(&HeaderMap::new(), there).is_ok());
        let behind = lectures(Some(HeaderName::from_static("x-forwarded-for")));
        let named = |address: &str| {
            let mut headers = HeaderMap::new();
            headers.append("x-forwarded-for", address.parse().unwrap());
            behind.take(&headers, here)
        };
        assert!(named("198.51.100.1").is_ok() && named("198.51.100.2").is_ok());
        assert!(named("198.51.100.1").is_err());
    }

    #[test]
    fn without_a_proxy_the_peer_is_who_it_is_and_this_machine_is_nobody() {
        let alone = cadences(None);
        assert_eq!(adresse(&alone, &["198.51.100.1"], "192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(adresse(&alone, &[], "127.0.0.1"), None);
    }
}
