//! What is asked of a time-stamping authority (RFC 3161 §2.4.1), and whether what it answers
//! is an answer to that: now, to this question, under the policy that was asked for.

use super::fault::Fault;
use super::roots::Roots;
use super::{LEEWAY, MOST_BYTES, Verdict, verify};
use chrono::{DateTime, Utc};
use cms::cert::x509::spki::AlgorithmIdentifier;
use cms::content_info::ContentInfo;
use der::asn1::{Any, Int, OctetString};
use der::oid::ObjectIdentifier;
use der::oid::db::rfc5912::ID_SHA_256;
use der::{Decode, Encode, Sequence};
use sha2::{Digest, Sha256};
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion};

/// `granted` and `grantedWithMods` (RFC 3161 §2.4.2).
const GRANTED: [u8; 2] = [0, 1];
/// Of what an authority says of itself, how much is repeated.
const MOST_SAID: usize = 200;

/// The policy under which an authority gives its timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy(ObjectIdentifier);

/// It is not an object identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not an object identifier")]
pub struct PolicyFault;

impl std::str::FromStr for Policy {
    type Err = PolicyFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ObjectIdentifier::new(text).map(Self).map_err(|_| PolicyFault)
    }
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One question.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    text: &'a [u8],
    nonce: Vec<u8>,
    policy: Option<Policy>,
    asked_at: DateTime<Utc>,
}

impl<'a> Query<'a> {
    /// Asks for a timestamp over a text. `nonce` must be one that nobody could foresee.
    pub fn new(text: &'a [u8], nonce: u64, policy: Option<Policy>, asked_at: DateTime<Utc>) -> Self {
        // A positive INTEGER of eight bytes, whatever was drawn.
        let nonce = (nonce & (u64::MAX >> 1) | 1 << 62).to_be_bytes().to_vec();
        Self { text, nonce, policy, asked_at }
    }

    /// What is sent, as `application/timestamp-query`.
    pub fn to_der(&self) -> Result<Vec<u8>, Fault> {
        let hash_algorithm = AlgorithmIdentifier { oid: ID_SHA_256, parameters: Some(Any::null()) };
        let imprint = Sha256::digest(self.text).to_vec();
        let request = TimeStampReq {
            version: TspVersion::V1,
            message_imprint: MessageImprint {
                hash_algorithm,
                hashed_message: OctetString::new(imprint).map_err(Fault::Malformed)?,
            },
            req_policy: self.policy.map(|policy| policy.0),
            nonce: Some(Int::new(&self.nonce).map_err(Fault::Malformed)?),
            cert_req: true,
            extensions: None,
        };
        request.to_der().map_err(Fault::Malformed)
    }

    /// Judges what was answered by `now`; gives the token and what it says.
    pub fn accept(
        &self,
        answer: &[u8],
        roots: &Roots,
        now: DateTime<Utc>,
    ) -> Result<(Vec<u8>, Verdict), Fault> {
        let token = token_in(answer)?;
        let verdict = verify(&token, self.text, roots, Some(now))?;
        if verdict.nonce.as_ref() != Some(&self.nonce) {
            return Err(Fault::Nonce);
        }
        if self.policy.is_some_and(|policy| policy.to_string() != verdict.policy) {
            return Err(Fault::Policy(verdict.policy));
        }
        if verdict.gen_time < self.asked_at - LEEWAY {
            return Err(Fault::Stale(verdict.gen_time));
        }
        Ok((token, verdict))
    }
}

/// The token of an answer that grants one.
fn granted_in(answer: &[u8]) -> Result<ContentInfo, Fault> {
    if answer.len() > MOST_BYTES {
        return Err(Fault::TooLong(answer.len()));
    }
    let answer = TimeStampResp::from_der(answer).map_err(Fault::Malformed)?;
    let status = answer.status.status as u8;
    if !GRANTED.contains(&status) {
        let said = answer.status.status_string.iter().flatten().map(|text| text.to_string());
        let reason = said.reduce(|all, next| format!("{all} {next}"));
        let reason = reason.map(|reason| reason.chars().take(MOST_SAID).collect());
        return Err(Fault::Refused { status, reason });
    }
    answer.time_stamp_token.ok_or(Fault::Missing)
}

/// The token of an answer that somebody kept, whatever was asked: it is still to be judged.
pub fn token_in(answer: &[u8]) -> Result<Vec<u8>, Fault> {
    granted_in(answer)?.to_der().map_err(Fault::Malformed)
}

/// `PKIStatusInfo` of an answer that grants.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
struct Status {
    status: u8,
}

/// `TimeStampResp` of an answer that grants.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
struct Granted {
    status: Status,
    token: ContentInfo,
}

/// A token as an authority answers it, which is what others read: a `TimeStampResp`.
pub fn response(token: &[u8]) -> Result<Vec<u8>, Fault> {
    let token = ContentInfo::from_der(token).map_err(Fault::Malformed)?;
    Granted { status: Status { status: 0 }, token }.to_der().map_err(Fault::Malformed)
}
