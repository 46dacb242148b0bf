//! Which document a request means: the text that it carries, or a trusted one that it names.
//!
//! Trusted documents are those of GraphQL over HTTP, appendix A: a frontend's own, known to
//! the server before it starts and named by their SHA-256. Where only they are taken, nobody
//! can ask what no frontend asks.
//!
//! What has passed the guard is remembered by the SHA-256 of its text: frontends send the
//! same few documents all day long, and to copy a parsed one costs a fraction of parsing it.
//! One with words of its own is not: they would stay here, be they erased everywhere else.

use super::guard::{self, Bounds, DocumentRefusal, Surveyed};
use crate::identity::Identite;
use domain::CompteId;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// How many bytes the remembered documents may come to.
const REMEMBERED: u64 = 64 << 20;
/// How long one is remembered that nobody sends.
const IDLE: Duration = Duration::from_secs(600);
/// What a parsed document takes for each byte of its text at most: a field of one letter
/// and a blank is two hundred bytes once it is parsed.
const SWELLING: usize = 100;

/// The documents that are known beforehand, and whose own words are taken besides.
#[derive(Default)]
pub struct Trusted {
    by_id: HashMap<String, Arc<Surveyed>>,
    others: Others,
}

/// Whose documents are taken that are not known beforehand.
#[derive(Debug, Default)]
pub enum Others {
    /// Anybody's.
    #[default]
    OfAnybody,
    /// Those of these comptes.
    Of(BTreeSet<CompteId>),
}

impl Trusted {
    /// No document yet.
    pub fn new(others: Others) -> Self {
        Self { by_id: HashMap::new(), others }
    }

    /// Trusts a document, if it passes the guard; gives the id under which it is asked for.
    pub fn admit(&mut self, text: &str, bounds: &Bounds) -> Result<String, DocumentRefusal> {
        let id = Self::id(text);
        self.by_id.insert(id.clone(), Arc::new(guard::survey(text, bounds)?));
        Ok(id)
    }

    /// The id of a document: `sha256:` and the hash of its bytes in lower-case hexadecimal.
    pub fn id(text: &str) -> String {
        let hash = Sha256::digest(text);
        hash.iter().fold("sha256:".to_owned(), |id, byte| id + &format!("{byte:02x}"))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    fn takes_the_words_of(&self, identite: Identite) -> bool {
        match &self.others {
            Others::OfAnybody => true,
            Others::Of(comptes) => identite.compte().is_some_and(|compte| comptes.contains(&compte)),
        }
    }
}

/// How a request says which document it means.
pub(super) enum Meant {
    Text(String),
    Id(String),
}

/// Finds documents.
pub(super) struct Documents {
    pub bounds: Bounds,
    trusted: Trusted,
    passed: Cache<[u8; 32], Arc<Surveyed>>,
}

impl Documents {
    pub fn new(bounds: Bounds, trusted: Trusted) -> Self {
        let weigh = |_: &[u8; 32], surveyed: &Arc<Surveyed>| {
            u32::try_from(surveyed.bytes.saturating_mul(SWELLING)).unwrap_or(u32::MAX)
        };
        let passed = Cache::builder().max_capacity(REMEMBERED).weigher(weigh).time_to_idle(IDLE).build();
        Self { bounds, trusted, passed }
    }

    /// The document, parsed and within the bounds. Refusals are not remembered: who sends
    /// what is refused could send something else each time.
    pub fn find(&self, meant: &Meant, identite: Identite) -> Result<Arc<Surveyed>, DocumentRefusal> {
        match meant {
            Meant::Id(id) => self.trusted.by_id.get(id).cloned().ok_or(DocumentRefusal::Inconnu),
            Meant::Text(text) => {
                if !self.trusted.takes_the_words_of(identite) {
                    return self
                        .trusted
                        .by_id
                        .get(&Trusted::id(text))
                        .cloned()
                        .ok_or(DocumentRefusal::NonApprouve);
                }
                if text.len() > self.bounds.bytes {
                    return Err(DocumentRefusal::TropLong(self.bounds.bytes));
                }
                self.passed_before(text)
            }
        }
    }

    fn passed_before(&self, text: &str) -> Result<Arc<Surveyed>, DocumentRefusal> {
        let key: [u8; 32] = Sha256::digest(text).into();
        if let Some(surveyed) = self.passed.get(&key) {
            metrics::counter!("graphql_documents_total", "found" => "remembered").increment(1);
            return Ok(surveyed);
        }
        metrics::counter!("graphql_documents_total", "found" => "parsed").increment(1);
        let surveyed = Arc::new(guard::survey(text, &self.bounds)?);
        // No text is written in GraphQL without a quotation mark, and frontends put theirs into
        // variables.
        if !text.contains('"') {
            self.passed.insert(key, surveyed.clone());
        }
        Ok(surveyed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANYBODY: Identite = Identite::Anonyme;

    fn text(text: &str) -> Meant {
        Meant::Text(text.to_owned())
    }

    #[test]
    fn a_document_is_parsed_once() {
        let documents = Documents::new(Bounds::default(), Trusted::default());
        let first = documents.find(&text("{ a }"), ANYBODY).unwrap();
        let second = documents.find(&text("{ a }"), ANYBODY).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(!Arc::ptr_eq(&first, &documents.find(&text("{ a  }"), ANYBODY).unwrap()));
    }

    #[test]
    fn a_document_that_says_somebodys_name_is_not_kept() {
        let documents = Documents::new(Bounds::default(), Trusted::default());
        let all = [r#"{ a(n: "Zoé") }"#, r#"query($n: String = "Zoé") { a }"#, r#"{ a(n: """Zoé""") }"#];
        for words in all {
            assert!(documents.find(&text(words), ANYBODY).is_ok(), "{words}");
        }
        documents.passed.run_pending_tasks();
        assert_eq!(documents.passed.entry_count(), 0);
    }

    #[test]
    fn what_is_refused_is_refused_again_and_not_remembered() {
        let documents = Documents::new(Bounds::default(), Trusted::default());
        for _ in 0..2 {
            assert_eq!(documents.find(&text("{"), ANYBODY).unwrap_err().code(), "DOCUMENT_ILLISIBLE");
        }
        documents.passed.run_pending_tasks();
        assert_eq!(documents.passed.entry_count(), 0);
    }

    #[test]
    fn what_is_remembered_is_weighed_by_its_bytes() {
        let documents = Documents::new(Bounds::default(), Trusted::default());
        // Each weighs six megabytes: twice what may be kept.
        for n in 0..20 {
            documents.find(&text(&format!("{{ a }}#{n}{}", " ".repeat(60_000))), ANYBODY).unwrap();
        }
        documents.passed.run_pending_tasks();
        assert!(documents.passed.weighted_size() <= REMEMBERED, "{}", documents.passed.weighted_size());
    }

    #[test]
    fn an_id_is_the_hash_of_the_text() {
        // echo -n '{ a }' | sha256sum
        let hash = "1c7e1e347f726166b5b1c55afd61f278cc9b45e00c108ec33d540a566379811b";
        assert_eq!(Trusted::id("{ a }"), format!("sha256:{hash}"));
    }
}
