//! The envelope: what is read can be written, and what is written reads back the same, byte
//! for byte, since its bytes are what is hashed.

use super::{seeds::Language, target};
use ledger::envelope::Envelope;

const ENVELOPE: Language = Language {
    texts: &[include_bytes!("__fuzz__/envelope/corpus/appel-clos.json")],
    words: &[
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "0",
        "9007199254740993",
        "18446744073709551615",
        "-1",
        "1.0",
        "1e3",
        "\\u0000",
        "\\uD83D\\uDE00",
        "\\ud800",
        "\u{1F600}",
        "é",
        "\"cause\":\"00000000-0000-4000-8000-000000000001\",",
        "\"personne\":null,",
        "2026-11-23T07:00:00.123456789Z",
        "2026-11-23T23:59:60Z",
        "+10000-01-01T00:00:00Z",
        "2026-11-23T07:00:00+02:00",
        "-0001-01-01",
        "{00000000-0000-4000-8000-000000000001}",
        "\"type\":\"x\",",
    ],
};

#[test]
fn an_envelope_reads_back_as_the_bytes_that_are_hashed() {
    target!("envelope", |input| {
        let Ok(read) = serde_json::from_slice::<Envelope>(&ENVELOPE.text(input)) else { return };
        let Ok(leaf) = read.to_canonical() else { return };
        let again: Envelope = serde_json::from_str(&leaf).expect("a leaf reads back");
        assert_eq!(again, read, "the leaf is of another envelope");
        assert_eq!(again.to_canonical().unwrap(), leaf, "two leaves of one envelope");
    });
}
