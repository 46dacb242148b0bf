//! A relay's report that a mail came back (RFC 3464), read.
//!
//! Whoever knows where reports go may send one. It is believed of a message only whose name he
//! knows, which nobody is told but its recipient; and of an address only if that is where the message
//! went, which [`super`] asks the record.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// What a report says of one of our messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebond {
    /// The message: left part of its Message-ID.
    pub message: String,
    /// Why it came back, as a status code (RFC 3463).
    pub statut: String,
    /// The address of which the report says so.
    pub adresse: Option<String>,
}

/// Reads a mail; none where it is no report, or not that a message of this ENT came back.
pub fn lire(mail: &[u8], base: &str) -> Option<Rebond> {
    let mail = MessageParser::default().parse(mail)?;
    if !mail.is_content_type("multipart", "report") {
        return None;
    }
    let report = mail.parts.iter().find(|part| is_report(part))?;
    let fields = String::from_utf8_lossy(report.contents()).replace("\r\n", "\n");
    let (statut, adresse) = fields.split("\n\n").find_map(failed)?;
    let message = by_return_path(&mail).or_else(|| by_original(&mail, base))?;
    Some(Rebond { message, statut, adresse })
}

/// RFC 3464, and RFC 6533 where an address is not ASCII.
fn is_report(part: &MessagePart<'_>) -> bool {
    ["delivery-status", "global-delivery-status"].iter().any(|kind| part.is_content_type("message", kind))
}

/// What is said of one recipient whom the message did not reach, and will not (RFC 3464, §2.3).
fn failed(fields: &str) -> Option<(String, Option<String>)> {
    let fields = MessageParser::default().parse_headers(fields.trim_start())?;
    let field = |name: &'static str| Some(fields.header_raw(name)?.trim().to_owned());
    if !field("Action")?.eq_ignore_ascii_case("failed") {
        return None;
    }
    let statut = statut(&field("Status")?)?;
    // Where the message was sent, before anybody sent it on.
    let adresse = field("Original-Recipient").or_else(|| field("Final-Recipient"));
    let adresse = adresse.and_then(|typed| Some(typed.split_once(';')?.1.trim().to_owned()));
    Some((statut, adresse.map(|adresse| adresse.trim_matches(['<', '>']).to_owned())))
}

/// A code of three numbers, which a comment may follow.
fn statut(text: &str) -> Option<String> {
    let code = text.split_whitespace().next()?;
    let mut numbers = code.split('.');
    let class = numbers.next().filter(|class| ["4", "5"].contains(class));
    let number = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<_> = numbers.collect();
    (class.is_some() && rest.len() == 2 && rest.into_iter().all(number)).then(|| code.to_owned())
}

/// The message that left with the return path to which the report came.
fn by_return_path(mail: &Message<'_>) -> Option<String> {
    const LIEUX: [&str; 4] = ["Delivered-To", "X-Original-To", "Envelope-To", "To"];
    LIEUX.into_iter().filter_map(|lieu| mail.header_raw(lieu)).find_map(|text| {
        let mut tagged = text.split('+').skip(1).filter_map(|rest| rest.split_once('@'));
        tagged.find_map(|(tag, _)| nom_de_message(tag))
    })
}

/// The message that the report brings back, or its head.
fn by_original(mail: &Message<'_>, base: &str) -> Option<String> {
    let ours = |id: &str| {
        let (left, right) = id.split_once('@')?;
        right.eq_ignore_ascii_case(base).then(|| nom_de_message(left)).flatten()
    };
    mail.parts.iter().find_map(|part| match &part.body {
        PartType::Message(original) => ours(original.message_id()?),
        PartType::Text(text) if part.is_content_type("text", "rfc822-headers") => {
            ours(MessageParser::default().parse_headers(text.trim_start())?.message_id()?)
        }
        _ => None,
    })
}

/// What can be the name of one of our messages: 16 bytes in hexadecimal.
fn nom_de_message(text: &str) -> Option<String> {
    let fits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "0123456789abcdef0123456789abcdef";

    /// After RFC 3464, appendix B.1: a report, what it says of whom, and what it brings back.
    fn report(to: &str, recipients: &str, original: &str) -> Vec<u8> {
        let text = format!(
            "Date: Thu, 7 Jul 1994 17:16:05 -0400\n\
             From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>\n\
             Message-Id: <199407072116.RAA14128@CS.UTK.EDU>\n\
             Subject: Returned mail: Cannot send message for 5 days\n\
             To: <{to}>\n\
             MIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status;\n\
             \u{20}boundary=\"RAA14128.773615765/CS.UTK.EDU\"\n\n\
             --RAA14128.773615765/CS.UTK.EDU\n\n\
             The original message was received at Sat, 2 Jul 1994 17:10:28 -0400\n\n\
             --RAA14128.773615765/CS.UTK.EDU\n\
             content-type: message/delivery-status\n\n\
             Reporting-MTA: dns; cs.utk.edu\n\n\
             {recipients}\n\
             --RAA14128.773615765/CS.UTK.EDU\n\
             {original}\n\
             --RAA14128.773615765/CS.UTK.EDU--\n"
        );
        text.replace('\n', "\r\n").into_bytes()
    }

    fn whole() -> String {
        format!(
            "content-type: message/rfc822\n\nMessage-ID: <{MESSAGE}@ent.example>\nSubject: Absence\n\nBonjour,\n"
        )
    }

    const GONE: &str = "Original-Recipient: rfc822;louisl@larry.slip.umd.edu\n\
                        Final-Recipient: rfc822;louisl@larry.slip.umd.edu\n\
                        Action: failed\n\
                        Status: 5.1.1 (bad destination mailbox address)\n\
                        Diagnostic-Code: smtp; 550 5.1.1 no such user\n\
                        Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400\n";

    fn rebond() -> Option<Rebond> {
        Some(Rebond {
            message: MESSAGE.into(),
            statut: "5.1.1".into(),
            adresse: Some("louisl@larry.slip.umd.edu".into()),
        })
    }

    #[test]
    fn a_report_tells_which_message_came_back_and_why() {
        let mail = report("ent@ent.example", GONE, &whole());
        assert_eq!(lire(&mail, "ent.example"), rebond());
        let head = whole().replace("message/rfc822", "text/rfc822-headers");
        assert_eq!(lire(&report("ent@ent.example", GONE, &head), "ent.example"), rebond());
        assert_eq!(lire(&mail, "autre.example"), None, "it is another's message");
    }

    #[test]
    fn the_return_path_tells_it_where_nothing_is_brought_back() {
        let nothing = "content-type: text/plain\n\nLost.\n";
        let mail = report(&format!("rebonds+{MESSAGE}@ent.example"), GONE, nothing);
        assert_eq!(lire(&mail, "ent.example"), rebond());
        assert_eq!(lire(&report("rebonds@ent.example", GONE, nothing), "ent.example"), None);
    }

    #[test]
    fn what_is_late_or_arrived_did_not_come_back() {
        for action in ["delayed", "delivered", "relayed", "expanded"] {
            let other = GONE.replace("failed", action);
            assert_eq!(lire(&report("ent@ent.example", &other, &whole()), "ent.example"), None, "{action}");
        }
        // The second of two recipients is the one that failed.
        let both = format!("{}\n{GONE}", GONE.replace("failed", "delivered"));
        assert_eq!(lire(&report("ent@ent.example", &both, &whole()), "ent.example"), rebond());
    }

    #[test]
    fn what_is_no_report_tells_nothing() {
        let words = format!("From: a@exemple.fr\r\nTo: rebonds+{MESSAGE}@ent.example\r\n\r\nJe réponds.\r\n");
        for mail in ["", "\r\n", &words] {
            assert_eq!(lire(mail.as_bytes(), "ent.example"), None, "{mail}");
        }
        for status in ["", "5", "5.1", "2.1.1", "5.1.1.1", "5.a.1", "5.1.1000"] {
            let vague = GONE.replace("5.1.1 (bad", &format!("{status} (bad"));
            assert_eq!(lire(&report("e@ent.example", &vague, &whole()), "ent.example"), None, "{status}");
        }
    }
}
