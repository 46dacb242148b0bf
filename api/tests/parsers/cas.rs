//! The XML of CAS: whoever is let in is named by the document in plain sight, and nothing is
//! named by what could hide it.

use super::{seeds::Language, target};
use api::identity::cas::{CasXml, lire_deconnexion, lire_reponse};

const DOCUMENTS: Language = Language {
    texts: &[
        br#"<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess><cas:user>zoe</cas:user><cas:attributes><cas:joinKey>["4512"]</cas:joinKey></cas:attributes></cas:authenticationSuccess></cas:serviceResponse>"#,
        br#"<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure></cas:serviceResponse>"#,
        br#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:SessionIndex>ST-1</samlp:SessionIndex></samlp:LogoutRequest>"#,
    ],
    words: &[
        "<cas:user>admin</cas:user>",
        "<cas:attributes>",
        "</cas:authenticationSuccess>",
        "<user xmlns=\"\">",
        "<!DOCTYPE x [<!ENTITY x \"y\">]>",
        "&x;",
        "&#0;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?x?>",
        " xmlns:cas=\"http://exemple.fr\"",
        "é",
    ],
};

#[test]
fn whoever_is_let_in_is_named_in_plain_sight() {
    target!("cas", |input| {
        let bytes = DOCUMENTS.text(input);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Ok(CasXml::Reconnu(reponse)) = lire_reponse(&bytes) {
            assert!(!reponse.user.is_empty() && reponse.user == reponse.user.trim());
            assert_eq!(reponse.said["user"], reponse.user.as_str());
            assert!(text.contains("authenticationSuccess") && text.contains("http://www.yale.edu/tp/cas"));
            assert!(!text.contains("<!DOCTYPE") || text.contains("<!--") || text.contains("CDATA"), "{text}");
            assert!(lire_deconnexion(&bytes).is_err(), "two kinds of document");
        }
        if let Ok(ticket) = lire_deconnexion(&bytes) {
            assert!(!ticket.is_empty() && text.contains("LogoutRequest"));
        }
    });
}
