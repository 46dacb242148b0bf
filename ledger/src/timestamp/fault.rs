//! Why a timestamp is not believed.

use chrono::{DateTime, Utc};

/// What is wrong with a token, or with the answer that it came in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is longer than any token.
    #[error("it has {0} bytes")]
    TooLong(usize),
    /// It is not DER of what it should be.
    #[error("it is no RFC 3161 timestamp")]
    Malformed(#[source] der::Error),
    /// It is signed data, but not of a timestamp.
    #[error("it does not sign a timestamp")]
    ContentType,
    /// The authority granted none.
    #[error("the authority refused (status {status}){}", said(.reason))]
    Refused {
        /// RFC 3161 §2.4.2.
        status: u8,
        /// In its own words.
        reason: Option<String>,
    },
    /// It is granted, but not there.
    #[error("the authority grants a timestamp and gives none")]
    Missing,
    /// It is over another text.
    #[error("it is over another text")]
    Imprint,
    /// The hash is one that we do not take.
    #[error("it hashes with {0}, which is not taken")]
    Digest(String),
    /// It answers another question.
    #[error("it has another nonce than was asked for")]
    Nonce,
    /// It is given under another policy.
    #[error("it is given under the policy {0}")]
    Policy(String),
    /// Its instant cannot be read.
    #[error("its time cannot be read")]
    Time,
    /// It is of another time than it was asked for.
    #[error("it names {0}, which is not when it was asked for")]
    Stale(DateTime<Utc>),
    /// It is of a time that has not come.
    #[error("it names {0}, which has not come")]
    Future(DateTime<Utc>),
    /// It says something that must be understood and is not.
    #[error("it has a critical extension that is not known")]
    Extension,
    /// One signs, and no more.
    #[error("{0} signed it, not one")]
    Signers(usize),
    /// The version of a signer's words is not the one of how it is named (RFC 5652 §5.3).
    #[error("its signer's version and name do not go together")]
    Version,
    /// Nobody knows who signed.
    #[error("the certificate of its signer is not in it")]
    Certificate,
    /// What should be signed along is not, or is there twice.
    #[error("its signed attribute {0} is missing or not alone")]
    Attribute(&'static str),
    /// The signature is over another content.
    #[error("its signature is over another content")]
    Content,
    /// The signature names another certificate.
    #[error("its signature names another certificate")]
    SigningCertificate,
    /// The certificate is not for time-stamping, and that alone.
    #[error("its signer's certificate is not for time-stamping alone")]
    Usage,
    /// It names an authority that the certificate does not.
    #[error("it names another authority than its certificate")]
    Authority,
    /// No chain to a trusted root that was valid then.
    #[error("no chain leads from its signer to a trusted root: {0}")]
    Chain(webpki::Error),
    /// It was signed by another key, or is not what was signed.
    #[error("its signature is not good")]
    Signature,
}

fn said(reason: &Option<String>) -> String {
    reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default()
}
