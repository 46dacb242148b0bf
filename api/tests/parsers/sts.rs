//! STS: an export is read, or refused with its place.

use super::siecle::are_placed;
use super::{seeds::Language, target};
use api::importer::sts::Sts;

const STS: Language = Language {
    texts: &[
        include_bytes!("../fixtures/sts/sts_emp.xml"),
        b"<EDT_STS><PARAMETRES><UAJ>0690001B</UAJ></PARAMETRES></EDT_STS>",
    ],
    words: &[
        "<INDIVIDU ID=\"1\">",
        "<INDIVIDU ID=\"1\" TYPE=\"local\">",
        "<DIVISION CODE=\"3A\">",
        "</DIVISION>",
        "<SERVICE CODE_MATIERE=\"020700\">",
        "<ENSEIGNANT ID=\"1\"/>",
        "<DATE_NAISSANCE>1975-02-30</DATE_NAISSANCE>",
        "<GROUPE CODE=\"G\"/>",
        "&x;",
        "<?pi ?>",
        "\n",
    ],
};

#[test]
fn an_export_of_sts_is_read_or_refused_with_its_place() {
    target!("sts", |input| {
        let bytes = STS.text(input);
        if let Ok(lu) = Sts::de_textes(&[("essai.xml", &bytes)]) {
            are_placed(&lu.rejets, &bytes);
            assert!(lu.enseignants.len() as u64 <= lu.lus);
        }
    });
}
