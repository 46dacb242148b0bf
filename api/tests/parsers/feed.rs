//! The AAF reader: a feed is read, or refused with its place.

use super::{seeds::Language, target};
use api::importer::aaf::{AafReader, Entree, Rejet};
use domain::annuaire::NatureDeLivraison;
use std::io::Read;

const FEED: Language = Language {
    texts: &[
        include_bytes!("../fixtures/aaf/complete/ENT2D-ENT10_Complet_20260914_Eleve_0000.xml"),
        include_bytes!("../fixtures/aaf/complete/ENT2D-ENT10_Complet_20260914_EtabEducNat_0000.xml"),
        include_bytes!("../fixtures/aaf/complete/ENT2D-ENT10_Complet_20260914_PersEducNat_0000.xml"),
        include_bytes!("../fixtures/aaf/complete/ENT2D-ENT10_Complet_20260914_PersRelEleve_0000.xml"),
        b"<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?>\n<ficAlimMENESR/>\n",
        include_bytes!("../fixtures/aaf/delta/ENT2D-ENT10_Delta_20260915_Eleve_0000.xml"),
    ],
    words: &[
        "<addRequest>",
        "</addRequest>",
        "<ficAlimMENESR>",
        "</ficAlimMENESR>",
        "<attributes>",
        "<identifier>",
        "<attr name=\"ENTPersonJointure\">",
        "</attr>",
        "<value>",
        "</value>",
        "<value/>",
        "<id>",
        "<!-- ",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?pi ",
        "?>",
        "<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">",
        "&amp;",
        "&#0;",
        "&#x10FFFF;",
        "&xxe;",
        "$",
        "\n",
        "\u{FEFF}",
        "\u{FFFE}",
        "<?xml version=\"1.0\"?>",
        "31/12/2009",
        "0690001B",
        " encoding=\"ISO-8859-1\"",
        "<updateRequest>",
        "<modifyRequest>",
        "</modifyRequest>",
        "<modifications>",
        "<modification name=\"sn\" operation=\"replace\">",
        "</modification>",
        "<deleteRequest>",
        "</deleteRequest>",
        "é",
    ],
};

const FILE: &str = "essai.xml";

#[test]
fn a_feed_is_read_or_refused_with_its_place() {
    target!("feed", |input| {
        let bytes = FEED.text(input);
        for nature in [NatureDeLivraison::Complete, NatureDeLivraison::Delta] {
            is_read_or_refused(&bytes, nature);
        }
    });
}

fn is_read_or_refused(bytes: &[u8], nature: NatureDeLivraison) {
    let read: Vec<_> = AafReader::new(FILE, bytes).de_nature(nature).collect();
    let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    for (rank, entry) in read.iter().enumerate() {
        if let Err(refusal) = entry {
            is_placed(refusal, lines);
            assert!(!refusal.motif.fatal() || rank + 1 == read.len(), "something follows {refusal}");
        }
    }
    let slowly: Vec<_> = AafReader::new(FILE, Crumbs(bytes)).de_nature(nature).collect();
    assert_eq!(said(&slowly), said(&read), "what a feed says depends on how its bytes come");
}

fn is_placed(refusal: &Rejet, lines: u64) {
    assert!((1..=lines).contains(&refusal.ligne), "line {} of {lines}", refusal.ligne);
    assert!(["AAF_", "FICHIER_"].iter().any(|prefix| refusal.motif.code().starts_with(prefix)));
    assert!(refusal.to_string().starts_with(&format!("{FILE}, ligne {} : ", refusal.ligne)));
}

fn said(read: &[Result<Entree, Rejet>]) -> Vec<String> {
    read.iter().map(|entry| format!("{entry:?}")).collect()
}

/// A source that gives three bytes at a time.
struct Crumbs<'a>(&'a [u8]);

impl Read for Crumbs<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let few = buffer.len().min(3);
        self.0.read(&mut buffer[..few])
    }
}
