//! What comes into the mailbox of reports: anybody can write to it.

use super::{seeds::Language, target};
use api::envois::rebonds::lire;

const RAPPORT: Language = Language {
    texts: &[b"To: rebonds+0123456789abcdef0123456789abcdef@ent.example\r\n\
          Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
          --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relais.example\r\n\r\n\
          Final-Recipient: rfc822; a@exemple.fr\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
          --b\r\nContent-Type: message/rfc822\r\n\r\n\
          Message-ID: <0123456789abcdef0123456789abcdef@ent.example>\r\n\r\nBonjour\r\n--b--\r\n"],
    words: &[
        "\r\n",
        "\r\n\r\n",
        "--b\r\n",
        "--b--",
        "Content-Type: ",
        "message/delivery-status",
        "text/rfc822-headers",
        "message/rfc822",
        "multipart/report; boundary=b",
        "Content-Transfer-Encoding: base64\r\n",
        "Status: ",
        "Action: failed",
        ";",
        "<",
        ">",
        "+",
        "@",
        " ",
        "4.4.7",
        "\u{e9}",
    ],
};

#[test]
fn a_report_names_one_of_our_messages_and_a_code_or_is_none() {
    target!("rebonds", |input| {
        let Some(rebond) = lire(&RAPPORT.text(input), "ent.example") else { return };
        assert!(rebond.message.len() == 32 && rebond.message.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(rebond.statut.len() <= 9 && rebond.statut.starts_with(['4', '5']), "{}", rebond.statut);
    });
}
