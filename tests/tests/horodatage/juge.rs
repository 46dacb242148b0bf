//! A program that we did not write (`rfc3161-client`) judges the tokens that we keep as we do. It
//! takes no chain of `openssl ts`, which doesn't sort the certificates of one as DER would have it.

use super::{Essai, TEXTE, now};
use crate::rejeu::juges::{asked, juges, said};
use anyhow::{Context, Result};
use ledger::timestamp::query::{Query, response};
use ledger::timestamp::roots::Roots;
use std::path::Path;

/// Over which text, under which root, to which number: believed, or not and why.
const JUGE: &str = "
import sys, cryptography.x509 as x509
from rfc3161_client import VerifierBuilder, decode_timestamp_response
answer, text, root, nonce = sys.argv[1:]
read = lambda path: open(path, 'rb').read()
judge = VerifierBuilder().add_root_certificate(x509.load_pem_x509_certificate(read(root)))
if nonce: judge = judge.nonce(int(nonce, 16))
try:
    answer = decode_timestamp_response(read(answer))
    judge.build().verify_message(answer, read(text))
    print('CRU', answer.tst_info.gen_time.isoformat())
except Exception as reason:
    print('REFUSE', reason)
";

/// The judge at work in the authority's folder.
struct Juge<'a> {
    juges: &'a Path,
    essai: &'a Essai,
}

impl Juge<'_> {
    /// What it says of an answer over a text under a root; of its number too, if one is given.
    fn says(&self, answer: &[u8], text: &[u8], root: &str, nonce: &str) -> Result<String> {
        let file = |name: &str| self.essai.horodateur.path(name);
        std::fs::write(file("a-juger"), answer)?;
        std::fs::write(file("texte"), text)?;
        let paths = [file("a-juger"), file("texte"), file(&format!("{root}.pem"))];
        let paths = paths.iter().map(|path| path.to_str().context("a strange path"));
        let paths = paths.collect::<Result<Vec<_>>>()?;
        let arguments: Vec<_> = ["-c", JUGE].into_iter().chain(paths).chain([nonce]).collect();
        Ok(said(&asked(self.juges, "python3", &arguments)?))
    }

    /// That it believes just what we do.
    fn agrees(&self, answer: &[u8], text: &[u8], root: &str) -> Result<bool> {
        let roots = Roots::read(&std::fs::read(self.essai.horodateur.path(&format!("{root}.pem")))?)?;
        let query = Query::new(text, 0x1234_5678_9abc_def0, None, now());
        let ours = query.accept(answer, &roots, now()).is_ok();
        let its = self.says(answer, text, root, "523456789abcdef0")?;
        assert!(its.starts_with("CRU") || its.starts_with("REFUSE"), "{its}");
        assert_eq!(its.starts_with("CRU"), ours, "{its}");
        Ok(ours)
    }
}

#[test]
fn a_judge_that_we_did_not_write_believes_what_we_keep_and_nothing_near_it() -> Result<()> {
    let (Some(juges), Some(essai)) = (juges()?, Essai::open()?) else { return Ok(()) };
    let juge = Juge { juges: &juges, essai: &essai };
    assert!(juge.agrees(&essai.answer, TEXTE, "racine")?);
    // As it is published, from what is kept: the token alone.
    let (token, verdict) = essai.query.accept(&essai.answer, &essai.roots, now())?;
    let said = juge.says(&response(&token)?, TEXTE, "racine", "")?;
    // It reads no fractions of a second.
    assert_eq!(said.trim(), format!("CRU {}", verdict.gen_time.format("%Y-%m-%dT%H:%M:%S+00:00")));
    assert!(juge.says(&essai.answer, TEXTE, "racine", "7")?.contains("Nonce mismatch"));
    assert!(!juge.agrees(&essai.answer, b"autre texte", "racine")?);
    essai.horodateur.root("autre")?;
    assert!(!juge.agrees(&essai.answer, TEXTE, "autre")?);
    let find = |bytes: &[u8]| essai.answer.windows(bytes.len()).position(|window| window == bytes);
    let imprint = find(&essai.asked[24..32]).context("no imprint")?;
    for at in [imprint, imprint + 40, essai.answer.len() - 1, essai.answer.len() - 200] {
        let mut changed = essai.answer.clone();
        changed[at] ^= 1;
        assert!(!juge.agrees(&changed, TEXTE, "racine")?, "byte {at}");
    }
    essai.horodateur.signer("expire", "horodatage", "rsa:2048", ("20200101000000Z", "20210101000000Z"))?;
    assert!(!juge.agrees(&essai.horodateur.reply(&essai.asked, "expire")?, TEXTE, "racine")?);
    Ok(())
}
