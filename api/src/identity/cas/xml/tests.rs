use super::*;
use serde_json::json;

/// As the protocol's own text gives it (appendix A).
const SUCCESS: &str = r#"<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
  <cas:authenticationSuccess>
    <cas:user>username</cas:user>
    <cas:attributes>
      <cas:firstname>John</cas:firstname>
      <cas:affiliation>staff</cas:affiliation>
      <cas:affiliation>faculty &amp; co</cas:affiliation>
      <cas:email/>
    </cas:attributes>
    <cas:proxyGrantingTicket>PGTIOU-84678-8a9d...</cas:proxyGrantingTicket>
  </cas:authenticationSuccess>
</cas:serviceResponse>"#;
const FAILURE: &str = r#"<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
  <cas:authenticationFailure code="INVALID_TICKET">
    Ticket ST-1856339-aA5Yuvrxzpv8Tau1cYQ7 not recognized
  </cas:authenticationFailure>
</cas:serviceResponse>"#;
const LOGOUT: &str = r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
    ID="1" Version="2.0" IssueInstant="2026-11-23T07:00:00Z">
  <saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID>
  <samlp:SessionIndex>ST-1856339-aA5Yuvrxzpv8Tau1cYQ7</samlp:SessionIndex>
</samlp:LogoutRequest>"#;

#[test]
fn an_answer_says_who_and_what_is_said_of_him() {
    let Ok(CasXml::Reconnu(reponse)) = lire_reponse(SUCCESS.as_bytes()) else { panic!("refused") };
    assert_eq!(reponse.user, "username");
    let said = json!({
        "user": "username", "firstname": "John", "affiliation": ["staff", "faculty & co"],
    });
    assert_eq!(Value::Object(reponse.said), said);
}

#[test]
fn a_ticket_that_is_nobodys_is_told_by_its_code() {
    assert_eq!(lire_reponse(FAILURE.as_bytes()), Ok(CasXml::Refuse("INVALID_TICKET".to_owned())));
}

#[test]
fn the_answer_that_an_ent_really_gave_is_read() {
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/cas/retour_ent.xml");
    let Ok(bytes) = std::fs::read(capture) else {
        eprintln!("SAUTÉ : la réponse captée ({capture}) n'est pas là");
        return;
    };
    let Ok(CasXml::Reconnu(reponse)) = lire_reponse(&bytes) else { panic!("refused") };
    assert_eq!(reponse.user, "henri.ford7");
    assert_eq!(reponse.said["joinKey"], json!("[\"3333923\"]"));
    assert_eq!(reponse.said["externalId"], json!("3349653"));
}

#[test]
fn a_notice_names_the_sign_in_that_ended() {
    assert_eq!(lire_deconnexion(LOGOUT.as_bytes()).as_deref(), Ok("ST-1856339-aA5Yuvrxzpv8Tau1cYQ7"));
    assert_eq!(lire_deconnexion(SUCCESS.as_bytes()), Err(XmlRefuse::Inattendu));
}

#[test]
fn what_could_hold_a_trap_is_refused() {
    let xxe = format!("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{SUCCESS}");
    assert_eq!(lire_reponse(xxe.as_bytes()), Err(XmlRefuse::Interdit));
    let entity = SUCCESS.replace("username", "&x;");
    assert_eq!(lire_reponse(entity.as_bytes()), Err(XmlRefuse::Interdit));
    let instruction = format!("<?xml-stylesheet href='x'?>{SUCCESS}");
    assert_eq!(lire_reponse(instruction.as_bytes()), Err(XmlRefuse::Interdit));
    let deep = SUCCESS.replace("username", &"<a>".repeat(20));
    assert_eq!(lire_reponse(deep.as_bytes()), Err(XmlRefuse::TropGrand));
    let long = SUCCESS.replace("username", &"a".repeat(20_000));
    assert_eq!(lire_reponse(long.as_bytes()), Err(XmlRefuse::TropGrand));
    let many = SUCCESS.replace("<cas:email/>", &"<cas:email/>".repeat(3_000));
    assert_eq!(lire_reponse(many.as_bytes()), Err(XmlRefuse::TropGrand));
    assert_eq!(lire_reponse(&vec![b' '; 200_000]), Err(XmlRefuse::TropGrand));
}

#[test]
fn what_only_looks_like_an_answer_is_refused() {
    for wrong in [
        String::new(),
        "<".to_owned(),
        SUCCESS.replace("http://www.yale.edu/tp/cas", "http://exemple.fr"),
        SUCCESS.replace("<cas:user>username</cas:user>", ""),
        SUCCESS.replace("username", " "),
        SUCCESS.replace("username</cas:user>", "username</cas:user><cas:user>another</cas:user>"),
        format!("{SUCCESS}{SUCCESS}"),
        SUCCESS.replace("</cas:serviceResponse>", ""),
        SUCCESS.replace(
            "</cas:authenticationSuccess>",
            "</cas:authenticationSuccess><cas:authenticationFailure/>",
        ),
    ] {
        assert!(lire_reponse(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn a_user_among_the_attributes_is_not_believed() {
    let forged = SUCCESS.replace("firstname", "user");
    let Ok(CasXml::Reconnu(reponse)) = lire_reponse(forged.as_bytes()) else { panic!("refused") };
    assert_eq!(reponse.said["user"], json!("username"));
    let nested = SUCCESS.replace(
        "<cas:email/>",
        "<cas:authenticationSuccess><cas:user>admin</cas:user></cas:authenticationSuccess>",
    );
    let Ok(CasXml::Reconnu(reponse)) = lire_reponse(nested.as_bytes()) else { panic!("refused") };
    assert_eq!(reponse.user, "username");
}
