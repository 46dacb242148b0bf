//! Sealed contents: of all texts near a sealed one, none but itself opens.

use super::{seeds::Language, target};
use domain::EvenementId;
use ledger::seal::{SealError, open};

const KEY: [u8; 32] = [7; 32];
const SEALED: &str = include_str!("__fuzz__/seal/corpus/sealed.txt");
const COMMIT: &str = "da0949355a468c6938cb5496c7d2ab9da0da504283ad5c85cb4c6c5f9ca68194";

const PAYLOAD: Language = Language {
    texts: &[SEALED.as_bytes()],
    words: &[
        "{\"ct\":\"",
        "\"}",
        "{",
        "}",
        "\"",
        "=",
        "==",
        "A",
        "/",
        "+",
        "-",
        "_",
        " ",
        "\n",
        "\\u0041",
        "é",
        "null",
    ],
};

#[test]
fn only_what_was_sealed_opens() {
    let event = EvenementId::derived(&["sealed"]);
    assert_eq!(open(&KEY, event, SEALED, COMMIT).unwrap().as_slice(), b"content");
    target!("seal", |input| {
        let Ok(text) = String::from_utf8(PAYLOAD.text(input)) else { return };
        let opened = open(&KEY, event, &text, COMMIT);
        assert_eq!(opened.is_ok(), text == SEALED, "{text}");
        let other_key = open(&[8; 32], event, &text, COMMIT);
        assert!(matches!(other_key, Err(SealError::Damaged)), "{text}");
    });
}
