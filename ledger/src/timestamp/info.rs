//! What a token says: `TSTInfo` (RFC 3161 §2.4.2).
//!
//! The crate's own cannot read fractions of a second, which most authorities give.

use super::fault::Fault;
use super::signer::digest;
use chrono::{DateTime, NaiveDateTime, Utc};
use cms::cert::x509::Certificate;
use cms::cert::x509::ext::Extensions;
use cms::cert::x509::ext::pkix::SubjectAltName;
use cms::cert::x509::ext::pkix::name::GeneralName;
use der::asn1::{Any, Int};
use der::oid::ObjectIdentifier;
use der::{Sequence, Tag, Tagged};
use x509_tsp::{Accuracy, MessageImprint, TspVersion};

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct TstInfo {
    pub version: TspVersion,
    pub policy: ObjectIdentifier,
    pub message_imprint: MessageImprint,
    pub serial_number: Int,
    /// A `GeneralizedTime`.
    pub gen_time: Any,
    #[asn1(optional = "true")]
    pub accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    pub ordering: bool,
    #[asn1(optional = "true")]
    pub nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub tsa: Option<GeneralName>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub extensions: Option<Extensions>,
}

impl TstInfo {
    /// When the token says that it was made.
    pub fn instant(&self) -> Result<DateTime<Utc>, Fault> {
        let text = match self.gen_time.tag() {
            Tag::GeneralizedTime => std::str::from_utf8(self.gen_time.value()).map_err(|_| Fault::Time)?,
            _ => return Err(Fault::Time),
        };
        instant(text).ok_or(Fault::Time)
    }

    /// Whether it is over this text, and says nothing that must be understood and is not.
    pub fn covers(&self, text: &[u8]) -> Result<(), Fault> {
        let imprint = &self.message_imprint;
        if digest(&imprint.hash_algorithm, text)? != imprint.hashed_message.as_bytes() {
            return Err(Fault::Imprint);
        }
        let mut extensions = self.extensions.iter().flatten();
        if extensions.any(|extension| extension.critical) { Err(Fault::Extension) } else { Ok(()) }
    }

    /// That the authority it names, if it names one, is one of the certificate's.
    pub fn names(&self, certificate: &Certificate) -> Result<(), Fault> {
        let Some(named) = &self.tsa else { return Ok(()) };
        let certificate = &certificate.tbs_certificate;
        let subject = GeneralName::DirectoryName(certificate.subject.clone());
        let others = certificate.get::<SubjectAltName>().map_err(Fault::Malformed)?;
        let others = others.map(|(_, names)| names.0).unwrap_or_default();
        if *named == subject || others.contains(named) { Ok(()) } else { Err(Fault::Authority) }
    }
}

/// `YYYYMMDDhhmmss[.s…]Z`: in UTC, without trailing zeros (RFC 3161 §2.4.2).
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_suffix('Z')?;
    let (whole, fraction) = match text.split_once('.') {
        None => (text, "0"),
        Some((_, fraction)) if fraction.is_empty() || fraction.ends_with('0') => return None,
        Some((whole, fraction)) => (whole, fraction),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || fraction.len() > 9 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = NaiveDateTime::parse_from_str(whole, "%Y%m%d%H%M%S").ok()?;
    let nanos: u32 = format!("{fraction:0<9}").parse().ok()?;
    Some(whole.and_utc() + chrono::TimeDelta::nanoseconds(i64::from(nanos)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_may_have_a_fraction() {
        let read = |text: &str| instant(text).map(|instant| instant.to_rfc3339());
        assert_eq!(read("20261124125630Z").unwrap(), "2026-11-24T12:56:30+00:00");
        assert_eq!(read("20261124125630.25Z").unwrap(), "2026-11-24T12:56:30.250+00:00");
        assert_eq!(read("20261124125630.123456789Z").unwrap(), "2026-11-24T12:56:30.123456789+00:00");
    }

    #[test]
    fn an_instant_is_written_in_one_way() {
        for text in [
            "20261124125630",
            "20261124125630+0100",
            "202611241256Z",
            "20261124125630.Z",
            "20261124125630.250Z",
            "20261124125630.1234567891Z",
            "20261324125630Z",
            "2026112412563é",
            "+026112412563 Z",
            "Z",
            "",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
