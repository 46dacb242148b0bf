//! Files that lie, break off or attack: one fatal refusal with its line, after what stands before it.

use crate::{fichier, lire, matiere};
use api::importer::aaf::{AafReader, ELEMENT_MAX, MotifRejet, PROFONDEUR_MAX};
use proptest::prelude::*;
use proptest::test_runner::Config;
use std::io::{self, Read};

/// The refusal that ends this file, with its line, and the number of entries before it.
#[track_caller]
fn fatal(octets: &[u8]) -> (usize, u64, MotifRejet) {
    let (entrees, mut rejets) = lire(octets);
    assert_eq!(rejets.len(), 1, "{rejets:?}");
    let rejet = rejets.remove(0);
    assert!(rejet.motif.fatal(), "{rejet:?}");
    (entrees.len(), rejet.ligne, rejet.motif)
}

fn mal_forme(motif: &MotifRejet) -> bool {
    matches!(motif, MotifRejet::XmlMalForme { .. })
}

/// A file with a good entry on line 3 and this on line 4.
fn apres_une_entree(suite: &str) -> String {
    fichier(&format!("{}\n{suite}", matiere("1")))
}

#[test]
fn the_dtd_of_the_format_may_be_named_and_nothing_else_declared() {
    let avec = |doctype: &str| {
        fichier(&matiere("1")).replace("<ficAlimMENESR>", &format!("{doctype}<ficAlimMENESR>"))
    };
    for admis in [
        "<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">",
        "<!DOCTYPE  ficAlimMENESR  SYSTEM\n'ficAlimMENESR.dtd' >",
    ] {
        assert_eq!(lire(avec(admis).as_bytes()).0.len(), 1, "{admis}");
    }
    for refuse in [
        "<!DOCTYPE ficAlimMENESR>",
        "<!DOCTYPE ficAlimMENESR SYSTEM \"/etc/passwd\">",
        "<!DOCTYPE ficAlimMENESR SYSTEM \"http://localhost/ficAlimMENESR.dtd\">",
        "<!DOCTYPE ficAlimMENESR PUBLIC \"x\" \"ficAlimMENESR.dtd\">",
        "<!DOCTYPE autre SYSTEM \"ficAlimMENESR.dtd\">",
        "<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\" [<!ENTITY a \"b\">]>",
        "<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\"[]>",
        "<!DOCTYPE ficAlimMENESR [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>",
    ] {
        assert_eq!(fatal(avec(refuse).as_bytes()), (0, 2, MotifRejet::DoctypeRefuse), "{refuse}");
    }
    let deux = "<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n".repeat(2);
    assert_eq!(fatal(avec(&deux).as_bytes()), (0, 3, MotifRejet::DoctypeRefuse));
    let tard = apres_une_entree("<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">");
    assert_eq!(fatal(tard.as_bytes()), (1, 4, MotifRejet::DoctypeRefuse));
}

#[test]
fn a_billion_laughs_are_not_heard() {
    let mut dtd = String::from("<!DOCTYPE ficAlimMENESR [<!ENTITY a0 \"ha\">");
    for rang in 1..30 {
        let precedent = format!("&a{};", rang - 1).repeat(10);
        dtd.push_str(&format!("<!ENTITY a{rang} \"{precedent}\">"));
    }
    dtd.push_str("]>");
    let texte = fichier("&a29;").replace("<ficAlimMENESR>", &format!("{dtd}<ficAlimMENESR>"));
    assert_eq!(fatal(texte.as_bytes()), (0, 2, MotifRejet::DoctypeRefuse));
}

#[test]
fn an_entity_that_is_not_predefined_ends_the_file() {
    for reference in ["&eacute;", "&xxe;", "&AMP;"] {
        let entree = matiere("2").replace("LATIN", reference);
        assert_eq!(
            fatal(apres_une_entree(&entree).as_bytes()),
            (1, 4, MotifRejet::EntiteRefusee),
            "{reference}"
        );
    }
    let attribut = matiere("2").replace("\"ENTMatJointure\"", "\"&xxe;\"");
    assert_eq!(fatal(apres_une_entree(&attribut).as_bytes()), (1, 4, MotifRejet::EntiteRefusee));
    for interdit in ["&#0;", "&#x1F;", "&#xFFFE;", "&#xD800;", "&#99999999999;", "&#-1;", "&#;"] {
        let entree = matiere("2").replace("LATIN", interdit);
        assert_eq!(
            fatal(apres_une_entree(&entree).as_bytes()),
            (1, 4, MotifRejet::CaractereInterdit),
            "{interdit}"
        );
    }
}

#[test]
fn tags_are_not_nested_without_end() {
    let juste = "<b>".repeat(PROFONDEUR_MAX - 1) + &"</b>".repeat(PROFONDEUR_MAX - 1);
    assert_eq!(lire(fichier(&juste).as_bytes()).1[0].motif, MotifRejet::FormeInattendue);
    let texte = apres_une_entree(&"<b>".repeat(1_000_000));
    assert_eq!(fatal(texte.as_bytes()), (1, 4, MotifRejet::TropProfond { max: PROFONDEUR_MAX }));
}

/// A file whose end never comes.
struct SansFin {
    debut: io::Cursor<Vec<u8>>,
    suite: u8,
    donnes: u64,
}

impl Read for SansFin {
    fn read(&mut self, tampon: &mut [u8]) -> io::Result<usize> {
        let lus = self.debut.read(tampon)?;
        let lus = if lus == 0 { io::repeat(self.suite).read(tampon)? } else { lus };
        self.donnes += lus as u64;
        assert!(self.donnes < 4 * ELEMENT_MAX, "the reader goes on for ever");
        Ok(lus)
    }
}

#[test]
fn an_endless_element_is_given_up() {
    for debut in ["", "<!-- ", "<?pi ", "<", "<a b=\"", "<attr name='", "</", "&", "<![CDATA[", "<!DOCTYPE "]
    {
        let texte = format!("<ficAlimMENESR>\n{}\n<addRequest>{debut}", matiere("1"));
        let source = SansFin { debut: io::Cursor::new(texte.into_bytes()), suite: b'x', donnes: 0 };
        let mut lecteur = AafReader::new("essai.xml", source);
        assert!(lecteur.next().unwrap().is_ok());
        let rejet = lecteur.next().unwrap().unwrap_err();
        assert_eq!(rejet.motif, MotifRejet::ElementTropGrand { max: ELEMENT_MAX }, "{debut}");
        assert_eq!(rejet.ligne, 3);
        assert!(lecteur.next().is_none());
    }
}

#[test]
fn an_encoding_that_lies_is_found_at_its_line() {
    let latin = |texte: String| texte.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>();
    let entree = matiere("2").replace("LATIN", "École");
    let texte = apres_une_entree(&entree);
    let ment = |declare| (1, 4, MotifRejet::EncodageMensonger { declare });
    assert_eq!(fatal(&latin(texte.clone())), ment("UTF-8"));
    assert_eq!(fatal(texte.replace("UTF-8", "ISO-8859-15").as_bytes()), ment("ISO-8859-15"));
    assert_eq!(fatal(texte.replace("UTF-8", "iso-8859-1").as_bytes()), ment("ISO-8859-1"));
    let marque = [b"\xEF\xBB\xBF", texte.replace("UTF-8", "ISO-8859-15").as_bytes()].concat();
    assert_eq!(fatal(&marque), (0, 1, MotifRejet::EncodageMensonger { declare: "ISO-8859-15" }));
}

#[test]
fn an_encoding_that_is_not_accepted_is_named() {
    for declare in ["UTF-16", "windows-1252", "UTF-7", ""] {
        let texte = fichier(&matiere("1")).replace("UTF-8", declare);
        assert_eq!(fatal(texte.as_bytes()), (0, 1, MotifRejet::EncodageRefuse { declare: declare.into() }));
    }
    let texte = fichier(&matiere("1"));
    let petit = |marque: &[u8]| [marque, &texte.bytes().flat_map(|o| [o, 0]).collect::<Vec<_>>()].concat();
    let grand = |marque: &[u8]| [marque, &texte.bytes().flat_map(|o| [0, o]).collect::<Vec<_>>()].concat();
    for octets in [petit(b"\xFF\xFE"), grand(b"\xFE\xFF"), petit(b""), grand(b"")] {
        assert_eq!(fatal(&octets), (0, 1, MotifRejet::EncodageRefuse { declare: "UTF-16".into() }));
    }
}

#[test]
fn a_mark_of_utf_8_is_taken_for_what_it_is() {
    let texte = fichier(&matiere("1").replace("LATIN", "École"));
    let sans_declaration = texte.split_once('\n').unwrap().1;
    for contenu in [texte.as_str(), sans_declaration] {
        let (entrees, rejets) = lire(&[b"\xEF\xBB\xBF", contenu.as_bytes()].concat());
        assert_eq!((entrees.len(), rejets), (1, vec![]));
    }
}

#[test]
fn a_file_cut_anywhere_keeps_its_first_entries_and_says_so() {
    let texte = fichier(&format!("{}\n{}", matiere("1"), matiere("2")));
    let premiere = texte.find("</addRequest>").unwrap() + "</addRequest>".len();
    let fin = texte.find("</ficAlimMENESR>").unwrap();
    for coupe in premiere..fin {
        let (entrees, _, motif) = fatal(&texte.as_bytes()[..coupe]);
        assert!(entrees >= 1, "{coupe}");
        assert!(motif == MotifRejet::FichierTronque || mal_forme(&motif), "{coupe}: {motif:?}");
    }
}

#[test]
fn what_is_no_feed_is_refused() {
    assert_eq!(fatal(b""), (0, 1, MotifRejet::FichierVide));
    assert_eq!(fatal(b" \n\n"), (0, 3, MotifRejet::FichierVide));
    assert_eq!(
        fatal(b"<?xml version='1.0'?><html/>"),
        (0, 1, MotifRejet::RacineInattendue { attendue: "ficAlimMENESR" })
    );
    assert_eq!(fatal(b"PK\x03\x04zip"), (0, 1, MotifRejet::CaractereInterdit));
    for texte in
        ["nom;prenom\n", "{\"a\": 1}", "<ficAlimMENESR/><ficAlimMENESR/>", "<ficAlimMENESR/>x", "]]>"]
    {
        let (entrees, ligne, motif) = fatal(texte.as_bytes());
        assert!((entrees, ligne) == (0, 1) && mal_forme(&motif), "{texte}: {motif:?}");
    }
    for suite in
        ["<addRequest></autre>", "</autre>", "<?xml version='1.0'?>", "<a b=c>", "<!oups>", "x & y", "x"]
    {
        let (entrees, ligne, motif) = fatal(apres_une_entree(suite).as_bytes());
        assert!((entrees, ligne) == (1, 4) && mal_forme(&motif), "{suite}: {motif:?}");
    }
}

#[test]
fn a_control_character_ends_the_file_at_its_line() {
    for controle in ["\0", "\u{1}", "\u{1b}", "\u{FFFE}"] {
        let texte = apres_une_entree(&matiere("2").replace("LATIN", controle));
        assert_eq!(fatal(texte.as_bytes()), (1, 4, MotifRejet::CaractereInterdit), "{controle:?}");
    }
}

#[test]
fn an_empty_feed_has_no_entry_and_no_fault() {
    assert_eq!(lire(b"<ficAlimMENESR/>"), (vec![], vec![]));
}

/// A source that fails.
struct Casse;

impl Read for Casse {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[test]
fn a_source_that_fails_is_a_refusal() {
    let texte = format!("<ficAlimMENESR>{}", matiere("1"));
    let mut lecteur = AafReader::new("essai.xml", texte.as_bytes().chain(Casse));
    let rejets: Vec<_> = lecteur.by_ref().filter_map(Result::err).collect();
    assert_eq!(rejets[0].motif, MotifRejet::Lecture { erreur: io::ErrorKind::ConnectionReset });
    assert_eq!(rejets.len(), 1);
}

/// Pieces of feeds and of attacks, in any order.
fn morceaux() -> impl Strategy<Value = Vec<u8>> {
    let connus = prop::sample::select(vec![
        "<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?>",
        "<ficAlimMENESR>",
        "</ficAlimMENESR>",
        "<addRequest>",
        "</addRequest>",
        "<attributes>",
        "</attributes>",
        "<attr name=\"sn\">",
        "</attr>",
        "<value>",
        "</value>",
        "<value/>",
        "<identifier><id>1</id></identifier>",
        "&amp;",
        "&#65;",
        "&x;",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">",
        "é",
        "\n",
        "\u{FFFE}",
        "<",
        "&",
        "\"",
        ">",
        "$",
    ]);
    let morceau = prop_oneof![
        8 => connus.prop_map(|texte| texte.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(morceau, 0..60).prop_map(|parts| parts.concat())
}

/// Gives one byte at a time.
struct Goutte<'a>(&'a [u8]);

impl Read for Goutte<'_> {
    fn read(&mut self, tampon: &mut [u8]) -> io::Result<usize> {
        let un = tampon.len().min(1);
        self.0.read(&mut tampon[..un])
    }
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_bytes_are_read_to_their_end_or_refused(octets in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let (_, rejets) = lire(&octets);
        prop_assert!(rejets.iter().filter(|rejet| rejet.motif.fatal()).count() <= 1);
    }

    #[test]
    fn any_pieces_of_feeds_are_read_alike_however_they_come(octets in morceaux()) {
        let (entrees, rejets) = lire(&octets);
        let lignes = octets.iter().filter(|octet| **octet == b'\n').count() as u64 + 1;
        prop_assert!(rejets.iter().all(|rejet| (1..=lignes).contains(&rejet.ligne)));
        prop_assert!(rejets.iter().rev().skip(1).all(|rejet| !rejet.motif.fatal()));
        let goutte = crate::partager(AafReader::new("essai.xml", Goutte(&octets)));
        prop_assert_eq!(goutte, (entrees, rejets));
    }
}
