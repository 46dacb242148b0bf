//! SIECLE: an export is read, or refused with its place.

use super::{seeds::Language, target};
use api::importer::fichier::Rejet;
use api::importer::siecle::Siecle;

const SIECLE: Language = Language {
    texts: &[
        include_bytes!("../fixtures/siecle/eleves.xml"),
        include_bytes!("../fixtures/siecle/responsables.xml"),
        b"<BEE_NOMENCLATURES><PARAMETRES><UAJ>0690001B</UAJ></PARAMETRES></BEE_NOMENCLATURES>",
    ],
    words: &[
        "<ELEVE ELEVE_ID=\"1\">",
        "</ELEVE>",
        "<STRUCTURE>",
        "<TYPE_STRUCTURE>D</TYPE_STRUCTURE>",
        "<PERSONNE PERSONNE_ID=\"7\">",
        "<NIVEAU_RESPONSABILITE>9</NIVEAU_RESPONSABILITE>",
        "<DATE_SORTIE>01/09/2026</DATE_SORTIE>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]>",
        "&b;",
        "&amp;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "\u{FFFE}",
        "é",
        "\n",
    ],
};

/// Every refusal has a line of the file.
pub fn are_placed<'a>(rejets: impl IntoIterator<Item = &'a Rejet>, bytes: &[u8]) {
    let lines = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
    for rejet in rejets {
        assert!((1..=lines).contains(&rejet.ligne), "line {} of {lines}", rejet.ligne);
        assert!(rejet.identifiant.as_ref().is_none_or(|id| id.chars().count() <= 64));
    }
}

#[test]
fn an_export_of_siecle_is_read_or_refused_with_its_place() {
    target!("siecle", |input| {
        let bytes = SIECLE.text(input);
        if let Ok(lu) = Siecle::de_textes(&[("essai.xml", &bytes)]) {
            are_placed(lu.rejets.iter().map(|(_, rejet)| rejet), &bytes);
            assert!(lu.eleves.len() as u64 <= lu.lus.0);
        }
    });
}
