//! Timestamps (RFC 3161): of all bytes near a good token, none date another text, or say of
//! this one what the authority did not sign.

use super::target;
use ledger::timestamp::query::{Query, response};
use ledger::timestamp::roots::Roots;
use ledger::timestamp::verify;

/// Made by `openssl ts` under a root of its own.
const TOKEN: &[u8] = include_bytes!("horodatage/jeton.der");
const ROOT: &[u8] = include_bytes!("horodatage/racine.pem");
/// What it is over.
const TEXT: &[u8] = b"ent.exemple.fr/journal\n6\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

#[test]
fn nothing_near_a_timestamp_dates_anything_else() {
    let roots = Roots::read(ROOT).unwrap();
    let verdict = verify(TOKEN, TEXT, &roots, None).unwrap();
    let now = verdict.gen_time;
    let query = Query::new(TEXT, 0x1234_5678_9abc_def0, None, now);
    let answer = response(TOKEN).unwrap();
    assert!(query.accept(&answer, &roots, now).is_ok());

    target!("horodatage", |input| {
        for token in [input.to_vec(), edited(TOKEN, input)] {
            if let Ok(said) = verify(&token, TEXT, &roots, None) {
                assert_eq!(said, verdict);
            }
            assert!(verify(&token, b"another text", &roots, None).is_err());
        }
        for answer in [input.to_vec(), edited(&answer, input)] {
            if let Ok((_, said)) = query.accept(&answer, &roots, now) {
                assert_eq!(said, verdict);
            }
        }
        // What is trusted is read from a file too.
        let _ = Roots::read(&edited(ROOT, input));
    });
}

/// The bytes with some changed, cut out or put in: each by what is done, where, and with what.
fn edited(bytes: &[u8], input: &[u8]) -> Vec<u8> {
    let mut edited = bytes.to_vec();
    for change in input.chunks_exact(4).take(4) {
        let at = usize::from(u16::from_be_bytes([change[1], change[2]])) % (edited.len() + 1);
        let end = (at + 1).min(edited.len());
        let put: &[u8] = if change[0] % 3 == 1 { &[] } else { &change[3..] };
        edited.splice(at..if change[0] % 3 == 2 { at } else { end }, put.iter().copied());
    }
    edited
}
