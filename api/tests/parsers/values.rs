//! The domain's own notations: what is read is written back, and reads the same.

use super::{seeds::Language, target};
use domain::PortailId;
use domain::annuaire::{Academie, Uai};
use domain::notes::Valeur;
use domain::publications::Empreinte;
use std::fmt::{Debug, Display};
use std::str::FromStr;

const NOTATION: Language = Language {
    texts: &[
        b"0690001B",
        b"12,5",
        b"-999999.99",
        b"ac-lyon",
        b"Clermont-Ferrand",
        b"c4ec249ae696cbe8465b580908c9218605d9f5312c58db9fa6071b638c3c46fb",
    ],
    words: &["0", "9", "-", "+", ",", ".", " ", "e9", "A", "a", "é", "\u{2028}", "\u{0}", "ß", "ı", "٣"],
};

#[test]
fn a_value_is_written_as_it_was_read() {
    target!("values", |input| {
        let Ok(text) = String::from_utf8(NOTATION.text(input)) else { return };
        if let Some(uai) = stable::<Uai>(&text) {
            assert!(uai.as_str().len() == 8 && stable::<PortailId>(uai.portail().as_str()).is_some());
        }
        if let Some(valeur) = stable::<Valeur>(&text) {
            assert!(valeur.decimal().scale() <= 2 && valeur.to_string().len() <= 10, "{valeur}");
        }
        stable::<PortailId>(&text);
        stable::<Academie>(&text);
        stable::<Empreinte>(&text);
    });
}

/// The value, if the text is one: then it is written and read again as itself.
fn stable<T: FromStr + Display + PartialEq + Debug>(text: &str) -> Option<T>
where
    T::Err: Debug + Display,
{
    match text.parse::<T>() {
        Ok(value) => {
            assert_eq!(value.to_string().parse::<T>().expect("reads back"), value);
            Some(value)
        }
        Err(refusal) => {
            // What is shown of a refused text is cut, whatever its length.
            assert!(refusal.to_string().chars().count() < 250, "{refusal}");
            None
        }
    }
}
