//! Who signed a token: one signer, whose signature is over what the token says, how it is
//! said, and the very certificate that it is to be verified with (RFC 5652 §5.4, RFC 5816).

use super::ID_CT_TST_INFO;
use super::fault::Fault;
use cms::cert::x509::Certificate;
use cms::cert::x509::ext::pkix::name::{DirectoryString, GeneralName};
use cms::cert::x509::ext::pkix::{ExtendedKeyUsage, SubjectKeyIdentifier};
use cms::cert::x509::serial_number::SerialNumber;
use cms::cert::x509::spki::AlgorithmIdentifierOwned;
use cms::content_info::CmsVersion;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{Any, OctetString};
use der::oid::ObjectIdentifier;
use der::oid::db::rfc4519::COMMON_NAME;
use der::oid::db::rfc5280::ID_KP_TIME_STAMPING;
use der::oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE, ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST,
};
use der::oid::db::rfc5912::{
    ID_SHA_256, ID_SHA_384, ID_SHA_512, RSA_ENCRYPTION, SHA_256_WITH_RSA_ENCRYPTION,
    SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use der::{Decode, Encode, Sequence};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use sha2::Digest;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert};

/// `SigningCertificate` (RFC 2634 §5.4) and `SigningCertificateV2` (RFC 5035 §3). Policies
/// say what else the signature may be used for, which is not asked here.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
struct SigningCertificate {
    certs: Vec<EssCertId>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// `ESSCertID` and `ESSCertIDv2`: the first has no algorithm, and means SHA-1.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
struct EssCertId {
    #[asn1(optional = "true")]
    hash_algorithm: Option<AlgorithmIdentifierOwned>,
    cert_hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<IssuerSerial>,
}

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
struct IssuerSerial {
    issuer: Vec<GeneralName>,
    serial_number: SerialNumber,
}

/// The signer of a token, with its certificate.
pub struct Signer<'a> {
    info: &'a SignerInfo,
    certificate: &'a Certificate,
}

impl<'a> Signer<'a> {
    /// The one signer, and the certificate among these that it names.
    pub fn of(signed: &'a SignedData, certificates: &'a [Certificate]) -> Result<Self, Fault> {
        let signers = signed.signer_infos.0.as_slice();
        let [info] = signers else { return Err(Fault::Signers(signers.len())) };
        let version = match info.sid {
            SignerIdentifier::IssuerAndSerialNumber(_) => CmsVersion::V1,
            SignerIdentifier::SubjectKeyIdentifier(_) => CmsVersion::V3,
        };
        if info.version != version {
            return Err(Fault::Version);
        }
        let named = certificates.iter().find(|certificate| named(&info.sid, certificate));
        Ok(Self { info, certificate: named.ok_or(Fault::Certificate)? })
    }

    /// Its certificate.
    pub fn certificate(&self) -> &'a Certificate {
        self.certificate
    }

    /// That what is signed is this content, as a timestamp, under this certificate.
    pub fn is_bound(&self, content: &[u8]) -> Result<(), Fault> {
        let kind: ObjectIdentifier = self.attribute(ID_CONTENT_TYPE, "contentType")?;
        if kind != ID_CT_TST_INFO {
            return Err(Fault::ContentType);
        }
        let imprint: OctetString = self.attribute(ID_MESSAGE_DIGEST, "messageDigest")?;
        if digest(&self.info.digest_alg, content)? != imprint.as_bytes() {
            return Err(Fault::Content);
        }
        self.names_its_certificate()
    }

    /// The first of the certificates named is the signer's (RFC 5035 §5.4.1).
    fn names_its_certificate(&self) -> Result<(), Fault> {
        let der = self.certificate.to_der().map_err(Fault::Malformed)?;
        let second: Result<SigningCertificate, _> =
            self.attribute(ID_AA_SIGNING_CERTIFICATE_V_2, "signingCertificateV2");
        let (named, v2) = match second {
            Err(Fault::Attribute(_)) => {
                (self.attribute(ID_AA_SIGNING_CERTIFICATE, "signingCertificate")?, false)
            }
            found => (found?, true),
        };
        let first = named.certs.first().ok_or(Fault::SigningCertificate)?;
        let hash = match (&first.hash_algorithm, v2) {
            (Some(algorithm), true) => digest(algorithm, &der)?,
            (None, true) => sha2::Sha256::digest(&der).to_vec(),
            (None, false) => <sha1::Sha1 as sha1::Digest>::digest(&der).to_vec(),
            (Some(_), false) => return Err(Fault::SigningCertificate),
        };
        let ours = &self.certificate.tbs_certificate;
        let issued = first.issuer_serial.as_ref().is_none_or(|issued| {
            issued.serial_number == ours.serial_number
                && issued.issuer.contains(&GeneralName::DirectoryName(ours.issuer.clone()))
        });
        if hash == first.cert_hash.as_bytes() && issued { Ok(()) } else { Err(Fault::SigningCertificate) }
    }

    /// That its certificate is for time-stamping, critically, and for nothing else (RFC 3161
    /// §2.3).
    pub fn is_for_timestamping(&self) -> Result<(), Fault> {
        let usage = self.certificate.tbs_certificate.get::<ExtendedKeyUsage>().map_err(Fault::Malformed)?;
        match usage {
            Some((true, usage)) if usage.0 == [ID_KP_TIME_STAMPING] => Ok(()),
            _ => Err(Fault::Usage),
        }
    }

    /// That its key signed the attributes, as DER has them.
    pub fn signed(&self) -> Result<(), Fault> {
        let attributes = self.info.signed_attrs.as_ref().ok_or(Fault::Signature)?;
        let message = attributes.to_der().map_err(Fault::Malformed)?;
        let der = CertificateDer::from(self.certificate.to_der().map_err(Fault::Malformed)?);
        let certificate = EndEntityCert::try_from(&der).map_err(Fault::Chain)?;
        let signature = self.info.signature.as_bytes();
        let good = |algorithm: &&dyn SignatureVerificationAlgorithm| {
            certificate.verify_signature(*algorithm, &message, signature).is_ok()
        };
        if self.algorithms()?.iter().any(good) { Ok(()) } else { Err(Fault::Signature) }
    }

    /// What the signature may be: of one name there is one for each kind of key.
    fn algorithms(&self) -> Result<Vec<&'static dyn SignatureVerificationAlgorithm>, Fault> {
        let mut named = self.info.signature_algorithm.clone();
        // RFC 3370 §3.2: the name of the key alone, when the digest is named beside it.
        if named.oid == RSA_ENCRYPTION {
            without_parameters(&named)?;
            named.oid = match self.info.digest_alg.oid {
                ID_SHA_256 => SHA_256_WITH_RSA_ENCRYPTION,
                ID_SHA_384 => SHA_384_WITH_RSA_ENCRYPTION,
                ID_SHA_512 => SHA_512_WITH_RSA_ENCRYPTION,
                other => return Err(Fault::Digest(other.to_string())),
            };
            named.parameters = Some(Any::null());
        }
        let named = named.to_der().map_err(Fault::Malformed)?;
        let named = der::asn1::AnyRef::from_der(&named).map_err(Fault::Malformed)?;
        let known = ALL_VERIFICATION_ALGS.iter().copied();
        Ok(known.filter(|known| known.signature_alg_id().as_ref() == named.value()).collect())
    }

    /// The one value of a signed attribute that stands there once.
    fn attribute<T: for<'d> Decode<'d>>(
        &self,
        oid: ObjectIdentifier,
        name: &'static str,
    ) -> Result<T, Fault> {
        let all = self.info.signed_attrs.iter().flat_map(|attributes| attributes.iter());
        let mut these = all.filter(|attribute| attribute.oid == oid);
        let (Some(attribute), None) = (these.next(), these.next()) else {
            return Err(Fault::Attribute(name));
        };
        let [value] = attribute.values.as_slice() else { return Err(Fault::Attribute(name)) };
        T::from_der(&value.to_der().map_err(Fault::Malformed)?).map_err(Fault::Malformed)
    }

    /// Its common name, or the whole of its name.
    pub fn name(&self) -> String {
        let subject = &self.certificate.tbs_certificate.subject;
        let mut parts = subject.0.iter().flat_map(|part| part.0.iter());
        let common = parts.find(|part| part.oid == COMMON_NAME);
        let text = |value: &Any| match value.to_der().and_then(|der| DirectoryString::from_der(&der)) {
            Ok(DirectoryString::PrintableString(text)) => Some(text.to_string()),
            Ok(DirectoryString::Utf8String(text)) => Some(text),
            Ok(DirectoryString::TeletexString(text)) => Some(text.to_string()),
            Err(_) => None,
        };
        common.and_then(|part| text(&part.value)).unwrap_or_else(|| subject.to_string())
    }
}

fn named(sid: &SignerIdentifier, certificate: &Certificate) -> bool {
    let certificate = &certificate.tbs_certificate;
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == certificate.issuer && named.serial_number == certificate.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => certificate
            .get::<SubjectKeyIdentifier>()
            .is_ok_and(|found| found.is_some_and(|(_, identifier)| identifier == *named)),
    }
}

/// An algorithm that takes no parameters says so by NULL, or says nothing (RFC 5754 §2).
fn without_parameters(algorithm: &AlgorithmIdentifierOwned) -> Result<(), Fault> {
    match &algorithm.parameters {
        Some(parameters) if !parameters.is_null() => Err(Fault::Digest(algorithm.oid.to_string())),
        _ => Ok(()),
    }
}

/// The digest by its name; what is broken, or unknown, is not taken.
pub fn digest(algorithm: &AlgorithmIdentifierOwned, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    without_parameters(algorithm)?;
    match algorithm.oid {
        ID_SHA_256 => Ok(sha2::Sha256::digest(bytes).to_vec()),
        ID_SHA_384 => Ok(sha2::Sha384::digest(bytes).to_vec()),
        ID_SHA_512 => Ok(sha2::Sha512::digest(bytes).to_vec()),
        other => Err(Fault::Digest(other.to_string())),
    }
}
