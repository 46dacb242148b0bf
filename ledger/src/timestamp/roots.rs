//! Why to believe a signer: a chain of certificates to a root that the operator chose to
//! trust, all of them valid at the time of the token (RFC 5280 §6).
//!
//! Revocation is not asked for: an authority whose key was stolen says so in the lists of
//! its own, which an auditor years later could not fetch.

use super::fault::Fault;
use chrono::{DateTime, Utc};
use cms::cert::x509::Certificate;
use der::Encode;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// `id-kp-timeStamping`, 1.3.6.1.5.5.7.3.8, as DER has it.
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// Why a file of roots is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootsFault {
    /// A block is no certificate.
    #[error("certificate {0} cannot be read")]
    Certificate(usize),
    /// There is nobody to trust.
    #[error("there is no certificate in it")]
    Empty,
}

/// Whom to trust.
#[derive(Debug, Clone)]
pub struct Roots(Vec<TrustAnchor<'static>>);

impl Roots {
    /// The roots of a PEM file: self-signed or not, what is in it is trusted.
    pub fn read(pem: &[u8]) -> Result<Self, RootsFault> {
        let mut roots = Vec::new();
        for (index, block) in CertificateDer::pem_slice_iter(pem).enumerate() {
            let der = block.map_err(|_| RootsFault::Certificate(index + 1))?;
            let root = anchor_from_trusted_cert(&der).map_err(|_| RootsFault::Certificate(index + 1))?;
            roots.push(root.to_owned());
        }
        if roots.is_empty() { Err(RootsFault::Empty) } else { Ok(Self(roots)) }
    }

    /// That a chain leads from a root to this certificate, over certificates of the token.
    pub(super) fn lead_to(
        &self,
        certificate: &Certificate,
        between: &[Certificate],
        at: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let der = |certificate: &Certificate| {
            certificate.to_der().map(CertificateDer::from).map_err(Fault::Malformed)
        };
        let signer = der(certificate)?;
        let between = between.iter().map(der).collect::<Result<Vec<_>, Fault>>()?;
        let seconds = u64::try_from(at.timestamp()).map_err(|_| Fault::Time)?;
        EndEntityCert::try_from(&signer)
            .and_then(|signer| {
                let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
                let usage = KeyUsage::required_if_present(TIME_STAMPING);
                signer
                    .verify_for_usage(ALL_VERIFICATION_ALGS, &self.0, &between, time, usage, None, None)
                    .map(drop)
            })
            .map_err(Fault::Chain)
    }
}
