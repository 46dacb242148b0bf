//! What clients hand back: global ids and positions. An object has one id.

use super::{seeds::Language, target};
use api::graphql::ids;
use async_graphql::ID;
use ledger::unit::Position;

const HANDED_BACK: Language = Language {
    texts: &[
        b"RWxldmU6ZjVmZGVhNDktM2RhMy01ZTg4LTg4ZDgtOGM4N2RlMmRiYzNi",
        b"RWxldmU6e2Y1ZmRlYTQ5LTNkYTMtNWU4OC04OGQ4LThjODdkZTJkYmMzYn0",
        b"0690001d/2026/42",
    ],
    words: &["/", "-", "+", "0", "9223372036854775808", "=", ":", "e", "RWxldmU6", "é", "\u{0}", "ac-lyon/"],
};

#[test]
fn what_a_client_hands_back_is_what_it_was_given() {
    target!("ids", |input| {
        let Ok(text) = String::from_utf8(HANDED_BACK.text(input)) else { return };
        if let Some((kind, key)) = ids::parts(&text) {
            assert_eq!(ids::global_text(&kind, &key).as_str(), text);
            let id = ID(text.clone());
            if let Some(uuid) = ids::key(&kind, &id) {
                assert_eq!(ids::global(&kind, uuid), id, "two ids of one object");
                assert_eq!(ids::key("Autre", &id).is_some(), kind == "Autre");
            }
        }
        if let Ok(position) = text.parse::<Position>() {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
    });
}
