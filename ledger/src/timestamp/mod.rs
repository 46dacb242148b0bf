//! RFC 3161 timestamps: that somebody else's clock saw a text.
//!
//! A token is believed when it is over this very text, its one signer's certificate is for
//! time-stamping and for nothing else, a chain leads from it to a root that is trusted, all
//! of it valid at the time that the token names, and the signature is over all of that.
//! Neither a database nor the network is needed: whoever has the token, the text and the
//! roots can judge.
//!
//! - [`query`]: what is asked of an authority, and whether it answered that.
//! - `info`: what a token says; `signer`: who says it; [`roots`]: why to believe that.
//! - [`fault`]: why not.

pub mod fault;
mod info;
pub mod query;
pub mod roots;
mod signer;

use chrono::{DateTime, TimeDelta, Utc};
use cms::cert::CertificateChoices;
use cms::cert::x509::Certificate;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::SignedData;
use der::Decode;
use der::asn1::OctetStringRef;
use der::oid::ObjectIdentifier;
use der::oid::db::rfc5911::ID_SIGNED_DATA;
use fault::Fault;
use info::TstInfo;
use roots::Roots;
use signer::Signer;

/// `id-ct-TSTInfo` (RFC 3161 §2.4.2).
const ID_CT_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// Bytes of a token: a signature and a few certificates.
pub const MOST_BYTES: usize = 64 * 1024;
/// How far an authority's clock may be from ours.
pub const LEEWAY: TimeDelta = TimeDelta::minutes(5);

/// What a token that is believed says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// When the authority saw the text.
    pub gen_time: DateTime<Utc>,
    /// The authority, by the common name of its certificate, or its whole name.
    pub tsa: String,
    /// The token's number, in hexadecimal.
    pub serial: String,
    /// Under which of the authority's policies.
    pub policy: String,
    /// The number that was asked for with it, if one was.
    pub nonce: Option<Vec<u8>>,
}

/// Judges a token (DER of a `TimeStampToken`) over a text. What names an instant after `now`
/// is not believed; without a `now` every instant is.
pub fn verify(
    token: &[u8],
    text: &[u8],
    roots: &Roots,
    now: Option<DateTime<Utc>>,
) -> Result<Verdict, Fault> {
    let (signed, content) = opened(token)?;
    let info = TstInfo::from_der(&content).map_err(Fault::Malformed)?;
    let gen_time = info.instant()?;
    info.covers(text)?;
    if now.is_some_and(|now| gen_time > now + LEEWAY) {
        return Err(Fault::Future(gen_time));
    }
    let certificates = certificates(&signed);
    let signer = Signer::of(&signed, &certificates)?;
    signer.is_bound(&content)?;
    signer.is_for_timestamping()?;
    info.names(signer.certificate())?;
    roots.lead_to(signer.certificate(), &certificates, gen_time)?;
    signer.signed()?;
    Ok(Verdict {
        gen_time,
        tsa: signer.name(),
        serial: hexadecimal(info.serial_number.as_bytes()),
        policy: info.policy.to_string(),
        nonce: info.nonce.as_ref().map(|nonce| nonce.as_bytes().to_vec()),
    })
}

/// The signed data of a token, and what is signed.
fn opened(token: &[u8]) -> Result<(SignedData, Vec<u8>), Fault> {
    if token.len() > MOST_BYTES {
        return Err(Fault::TooLong(token.len()));
    }
    let outer = ContentInfo::from_der(token).map_err(Fault::Malformed)?;
    if outer.content_type != ID_SIGNED_DATA {
        return Err(Fault::ContentType);
    }
    let signed: SignedData = outer.content.decode_as().map_err(Fault::Malformed)?;
    // RFC 5652 §5.1: 3, because the content is not plain data.
    if signed.version != CmsVersion::V3 || signed.encap_content_info.econtent_type != ID_CT_TST_INFO {
        return Err(Fault::ContentType);
    }
    let content = signed.encap_content_info.econtent.as_ref().ok_or(Fault::ContentType)?;
    let content: OctetStringRef<'_> = content.decode_as().map_err(Fault::Malformed)?;
    let content = content.as_bytes().to_vec();
    Ok((signed, content))
}

fn certificates(signed: &SignedData) -> Vec<Certificate> {
    let choices = signed.certificates.iter().flat_map(|set| set.0.iter());
    let certificate = |choice: &CertificateChoices| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate.clone()),
        CertificateChoices::Other(_) => None,
    };
    choices.filter_map(certificate).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
