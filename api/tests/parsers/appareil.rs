//! The address of a push service, which whoever has a browser gives: what we take for a name outside
//! is one to who connects, too.

use super::{seeds::Language, target};
use domain::notifications::Appareil;
use reqwest::Url;

const ADRESSE: Language = Language {
    texts: &[
        b"https://fcm.googleapis.com/fcm/send/abc:APA91b-x_y",
        b"https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
    ],
    words: &[
        "https://",
        "http://",
        "://",
        "//",
        "/",
        "\\",
        "@",
        ":",
        ":443",
        ":8443",
        ".",
        "..",
        "?",
        "#",
        "%2e",
        "%00",
        "127.0.0.1",
        "0x7f",
        "2130706433",
        "[::1]",
        "localhost",
        "xn--",
        "-",
        "_",
        "\t",
        "\n",
        " ",
        "\u{3002}",
        "\u{ff0e}",
        "\u{2460}",
    ],
};
/// RFC 8291, appendix A.
const CLE: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

#[test]
fn an_address_that_is_taken_leads_to_a_name_by_https_and_nowhere_else() {
    target!("appareil", |input| {
        let text = String::from_utf8_lossy(&ADRESSE.text(input)).into_owned();
        let Ok(appareil) = Appareil::new(&text, CLE, SECRET, "essai") else { return };
        // What cannot be read is not written to.
        let Ok(url) = Url::parse(&appareil.adresse) else { return };
        assert_eq!((url.scheme(), url.port(), url.username(), url.password()), ("https", None, "", None));
        let host = url.domain().unwrap_or_else(|| panic!("{text} has no name"));
        assert!(text["https://".len()..].to_ascii_lowercase().starts_with(&format!("{host}/")), "{text}");
    });
}
