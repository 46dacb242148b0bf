//! A time-stamping authority for tests: `openssl ts` under a root made for the occasion.

use crate::absent::skipped;
use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// The policy under which it gives timestamps.
pub const POLITIQUE: &str = "1.3.6.1.4.1.99999.1";

/// What `openssl` reads: a small authority, and what its certificates are for.
const CONFIGURATION: &str = "\
[ca]\ndefault_ca = racine\n\
[racine]\ndatabase = ./index.txt\nserial = ./serial\nnew_certs_dir = .\ncertificate = ./racine.pem\n\
private_key = ./racine.key\ndefault_md = sha256\npolicy = noms\nunique_subject = no\nutf8 = yes\n\
[intermediaire]\ndatabase = ./index.txt\nserial = ./serial\nnew_certs_dir = .\ncertificate = ./intermediaire.pem\n\
private_key = ./intermediaire.key\ndefault_md = sha256\npolicy = noms\nunique_subject = no\nutf8 = yes\n\
[noms]\norganizationName = optional\ncommonName = supplied\n\
[req]\ndistinguished_name = sujet\nutf8 = yes\n[sujet]\n\
[autorite]\nbasicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n\
subjectKeyIdentifier = hash\n\
[horodatage]\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = critical, timeStamping\n\
subjectKeyIdentifier = hash\n\
[non-critique]\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = timeStamping\n\
[deux-usages]\nkeyUsage = critical, digitalSignature\n\
extendedKeyUsage = critical, timeStamping, codeSigning\n\
[sans-usage]\nkeyUsage = critical, digitalSignature\n\
[tsa]\ndefault_tsa = jetons\n\
[jetons]\nserial = ./jetons\nsigner_digest = sha256\ndefault_policy = 1.3.6.1.4.1.99999.1\n\
digests = sha256, sha384, sha512\naccuracy = secs:1\nclock_precision_digits = 6\nordering = no\n\
tsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n";

/// The authority, whose signers are certified as each test asks.
pub struct Horodateur {
    home: TempDir,
}

impl Horodateur {
    /// Makes one with its root and a good signer, `tsa`; none where `openssl` is not installed.
    pub fn open() -> Result<Option<Arc<Self>>> {
        if Command::new("openssl").arg("version").output().is_err() {
            skipped("openssl is not here")?;
            return Ok(None);
        }
        let horodateur = Self { home: tempfile::tempdir()? };
        for (name, content) in
            [("openssl.cnf", CONFIGURATION), ("index.txt", ""), ("serial", "10\n"), ("jetons", "01\n")]
        {
            fs::write(horodateur.path(name), content)?;
        }
        horodateur.root("racine")?;
        horodateur.signer("tsa", "horodatage", "rsa:2048", ("20200101000000Z", "20991231235959Z"))?;
        Ok(Some(Arc::new(horodateur)))
    }

    /// A file of this name in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Does something with `openssl`, in its folder.
    pub fn openssl(&self, arguments: &str) -> Result<()> {
        let output = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(self.home.path())
            .env("OPENSSL_CONF", self.path("openssl.cnf"))
            .output()?;
        ensure!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Makes a root.
    pub fn root(&self, name: &str) -> Result<()> {
        self.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -extensions autorite \
             -subj /O=Essai/CN=Racine -keyout {name}.key -out {name}.pem"
        ))
    }

    /// Certifies a signer for what a section says, from and to these days.
    pub fn signer(&self, name: &str, section: &str, key: &str, validity: (&str, &str)) -> Result<()> {
        self.certify("racine", name, section, key, validity)
    }

    /// The same by the root, or by the authority `intermediaire` that it certified before.
    pub fn certify(
        &self,
        by: &str,
        name: &str,
        section: &str,
        key: &str,
        (from, to): (&str, &str),
    ) -> Result<()> {
        self.openssl(&format!(
            "req -new -newkey {key} -nodes -subj /O=Essai/CN=Horodateur-{name} -keyout {name}.key -out {name}.csr"
        ))?;
        self.openssl(&format!(
            "ca -name {by} -batch -notext -in {name}.csr -out {name}.pem -extensions {section} -startdate {from} \
             -enddate {to}"
        ))
    }

    /// Answers a request, by this signer.
    pub fn reply(&self, query: &[u8], signer: &str) -> Result<Vec<u8>> {
        self.reply_with(query, signer, "")
    }

    /// The same with more arguments: ` -chain FILE` joins certificates to the signer's.
    pub fn reply_with(&self, query: &[u8], signer: &str, more: &str) -> Result<Vec<u8>> {
        let work = tempfile::tempdir_in(self.home.path())?;
        let (asked, answered) = (work.path().join("asked"), work.path().join("answered"));
        fs::write(&asked, query)?;
        self.openssl(&format!(
            "ts -reply -config openssl.cnf -queryfile {} -signer {signer}.pem -inkey {signer}.key -out {}{more}",
            asked.display(),
            answered.display()
        ))?;
        Ok(fs::read(answered)?)
    }

    /// What a token says, signed again by another signer: a token that no honest authority gives.
    pub fn signed_again(&self, token: &[u8], signer: &str) -> Result<Vec<u8>> {
        fs::write(self.path("token"), token)?;
        self.openssl("cms -verify -noverify -inform DER -in token -out tst")?;
        self.openssl(&format!(
            "cms -sign -binary -nodetach -cades -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -in tst \
             -signer {signer}.pem -inkey {signer}.key -outform DER -out again"
        ))?;
        Ok(fs::read(self.path("again"))?)
    }

    /// Whether `openssl ts` believes an answer over a text; `query` makes it hold to the nonce.
    pub fn believes(&self, answer: &[u8], text: &[u8], query: Option<&[u8]>, root: &str) -> Result<bool> {
        let work = tempfile::tempdir_in(self.home.path())?;
        let file = |name: &str, bytes: &[u8]| {
            let path = work.path().join(name);
            fs::write(&path, bytes).map(|()| path)
        };
        let (answer, text) = (file("answer", answer)?, file("text", text)?);
        let over = match query {
            Some(query) => format!("-queryfile {}", file("query", query)?.display()),
            None => format!("-data {}", text.display()),
        };
        let verify = format!("ts -verify -in {} {over} -CAfile {root}.pem", answer.display());
        Ok(self.openssl(&verify).is_ok())
    }

    /// The roots that it is believed under.
    pub fn roots(&self) -> Result<Vec<u8>> {
        fs::read(self.path("racine.pem")).context("no root")
    }

    /// Serves over HTTP (RFC 3161 §3.4); gives the address.
    pub async fn serve(self: &Arc<Self>) -> Result<String> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/tsa", listener.local_addr()?);
        let routes = Router::new().route("/tsa", post(answered)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(url)
    }

    /// Its folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }
}

async fn answered(State(horodateur): State<Arc<Horodateur>>, query: Bytes) -> Response {
    match horodateur.reply(&query, "tsa") {
        Ok(answer) => ([(header::CONTENT_TYPE, "application/timestamp-reply")], answer).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
