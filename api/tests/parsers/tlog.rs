//! What others show a log, a witness or an auditor, in the formats of C2SP: whatever it is,
//! nothing panics, what is read is written the same, and nothing unsigned is believed.

use super::{seeds::Language, target};
use ledger::tlog::addition::Addition;
use ledger::tlog::cosignature::WitnessVerifier;
use ledger::tlog::maison::PublicKeys;
use ledger::tlog::policy::Policy;
use ledger::tlog::text::Proof;
use ledger::tlog::tile::Tile;
use ledger::tlog::{bundle, note};

const NOTE: &[u8] = b"ent.fr/journal\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\
    \xe2\x80\x94 ent.fr/journal AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";

const TLOG: Language = Language {
    texts: &[
        NOTE,
        b"c2sp.org/tlog-proof@v1\nindex 2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nent.fr/journal\n3\n\
          AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
        b"old 2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nent.fr/journal\n3\n\
          AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
        b"# whom we ask\nlog ent.fr/journal+00000000+AAAA\nwitness a t.fr+00000000+BAAA https://t.fr/\n\
          group g any a a\nquorum g\n",
        b"[{\"cle\":\"ent.fr/journal+00000000+AQAA\",\"du\":\"2026-09-01T00:00:00Z\",\"au\":null}]",
        b"tile/0/x001/234.p/5",
        b"\x00\x03abc\x00\x00",
    ],
    words: &[
        "\n",
        "\n\n",
        " ",
        "+",
        "=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "18446744073709551615",
        "18446744073709551616",
        "-1",
        "00",
        "+1",
        "extra AAAA\n",
        "index 0\n",
        "old 0\n",
        "group h all g a\n",
        "group i 2 g h\n",
        "quorum none\n",
        "witness b t.fr+00000000+BAAA\n",
        "\u{2014} ",
        "\u{2014} a AAAAAAAA\n",
        "é",
        "\r\n",
        "\0",
        "x000/",
        ".p/256",
        "entries/",
    ],
};

#[test]
fn what_others_show_of_logs_is_read_the_same_or_refused() {
    target!("tlog", |input| {
        let bytes = TLOG.text(input);
        if let Some(leaves) = bundle::decode(&bytes) {
            assert_eq!(bundle::encode(leaves).unwrap(), bytes, "another bundle");
        }
        let Ok(text) = String::from_utf8(bytes) else { return };
        if let Some(tile) = Tile::from_path(&text) {
            assert_eq!(tile.to_string(), text, "another tile");
        }
        if let Some(addition) = Addition::parse(&text) {
            assert_eq!(Addition::parse(&addition.to_string()), Some(addition), "another addition");
        }
        if let Ok(proof) = Proof::parse(&text) {
            assert_eq!(Proof::parse(&proof.to_string()), Ok(proof), "another proof");
        }
        // What names no keys is believed of nobody; what names some signs nothing by itself.
        assert!(note::open(&text, []).is_err(), "believed without a key");
        assert!(note::open(&text, [text.as_str()]).is_err(), "believed by itself");
        let _ = note::read(&text);
        if let Ok(verifier) = WitnessVerifier::read(&text) {
            assert!(verifier.cosigned_at(&text).is_err(), "cosigned by itself");
        }
        if let Ok(policy) = Policy::read(&text) {
            let _ = (policy.reached(&text), policy.cosigned(&text));
        }
        if let Ok(keys) = PublicKeys::read(&text) {
            assert_eq!(PublicKeys::read(&keys.of_all().join("\n")).unwrap().of_all(), keys.of_all());
        }
    });
}
