use super::*;
use serde_json::json;

const OIDC: &str = r#"
    [[fournisseur]]
    nom = "educonnect"
    libelle = "EduConnect"
    portail = "ac-lyon"
    protocole = "oidc"
    emetteur = "https://idp.exemple.fr"
    client_id = "ent"
    cles = { FrEduCtRefId = "educonnect" }
"#;
const CAS: &str = r#"
    [[fournisseur]]
    nom = "region"
    libelle = "Région"
    portail = "www"
    protocole = "cas"
    adresse = "https://cas.exemple.fr/cas"
    academie = "LYON"
    cles = { joinKey = "jointure", user = "identifiant" }
"#;

fn read(text: &str) -> Result<Fournisseurs, FournisseursFault> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fournisseurs.toml");
    std::fs::write(&path, text).unwrap();
    Fournisseurs::read(&path)
}

fn with(entries: &str) -> Result<Fournisseurs, FournisseursFault> {
    read(&format!("adresse = \"https://www.ent.exemple.fr\"\n{entries}"))
}

fn only(entries: &str) -> Fournisseur {
    with(entries).unwrap().tous.pop().unwrap()
}

fn cle(fournisseur: &Fournisseur, said: Value) -> Result<String, SansCle> {
    let cle = fournisseur.cle(said.as_object().unwrap())?;
    Ok(format!("{} {}", cle.nature().as_str(), cle.valeur()))
}

#[test]
fn several_providers_of_both_protocols_are_read() {
    let read = with(&format!("{OIDC}{CAS}")).unwrap();
    let names: Vec<_> = read.tous.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(names, ["educonnect", "region"]);
    assert!(matches!(&read.tous[0].protocole, Protocole::Oidc { scope, .. } if scope == &["openid"]));
}

#[test]
fn what_is_half_configured_is_refused_with_the_providers_name() {
    for (wrong, said) in [
        (OIDC.replace("https://idp", "http://idp"), "educonnect: `emetteur`"),
        (OIDC.replace("client_id = \"ent\"", ""), "educonnect: `client_id` is missing"),
        (OIDC.replace("{ FrEduCtRefId = \"educonnect\" }", "{}"), "educonnect: `cles`"),
        (OIDC.replace("client_id", "clientid"), "clientid"),
        (OIDC.replace("= \"educonnect\" }", "= \"ine\" }"), "ine"),
        (OIDC.replace("nom = \"educonnect\"", "nom = \"Edu\""), "Edu"),
        (format!("{OIDC}secret_file = \"/nowhere/secret\"\n"), "educonnect: /nowhere/secret"),
        (CAS.replace("LYON", "PARIS"), "region: `academie`"),
        (format!("{OIDC}{OIDC}"), "two providers have this name"),
        (String::new(), "fournisseur"),
    ] {
        let refused = with(&wrong).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}\n{wrong}");
    }
    let refused = read(&format!("adresse = \"https://www.ent.exemple.fr/ent\"\n{OIDC}")).unwrap_err();
    assert!(refused.to_string().contains("origin"), "{refused}");
}

#[test]
fn a_secret_is_in_a_file_of_its_own_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "correcthorse\n").unwrap();
    let one = only(&format!("{OIDC}secret_file = {:?}\n", path.to_str().unwrap()));
    assert!(matches!(&one.protocole, Protocole::Oidc { secret: Some(_), .. }));
    assert!(!format!("{one:?}").contains("correcthorse"));
}

#[test]
fn the_key_is_in_the_claim_that_is_configured() {
    let said = json!({ "sub": "x", "FrEduCtRefId": "{AAF}LYON|y|4512", "name": "Zoé" });
    assert_eq!(cle(&only(OIDC), said).unwrap(), "educonnect {AAF}LYON|y|4512");
}

#[test]
fn a_key_without_its_academie_is_of_the_configured_one() {
    let of = |value: Value| cle(&only(CAS), json!({ "joinKey": value }));
    assert_eq!(of(json!("4512")).unwrap(), "jointure Lyon$4512");
    assert_eq!(of(json!("[\"4512\"]")).unwrap(), "jointure Lyon$4512");
    assert_eq!(of(json!(["4512", "4512"])).unwrap(), "jointure Lyon$4512");
    assert_eq!(of(json!("GRENOBLE$4512")).unwrap(), "jointure GRENOBLE$4512");
}

#[test]
fn no_key_an_unreadable_one_and_several_are_refused() {
    let cas = only(CAS);
    assert_eq!(cle(&cas, json!({})), Err(SansCle::Illisible));
    assert_eq!(cle(&cas, json!({ "joinKey": null })), Err(SansCle::Illisible));
    assert_eq!(cle(&cas, json!({ "joinKey": "45 12", "user": "z.martin" })), Err(SansCle::Illisible));
    assert_eq!(cle(&cas, json!({ "joinKey": ["1", "2"] })), Err(SansCle::Plusieurs));
    assert_eq!(cle(&cas, json!({ "joinKey": "1", "user": "z.martin" })), Err(SansCle::Plusieurs));
}
