//! CSV: a file is read, or refused line by line.

use super::siecle::are_placed;
use super::{seeds::Language, target};
use api::importer::csv::FichierCsv;

const CSV: Language = Language {
    texts: &[
        include_bytes!("../fixtures/personnes.csv"),
        b"identifiant,profil,nom,prenom\n1,autre,Fictif,Alix\n",
    ],
    words: &[
        ";",
        ",",
        "\"",
        "\"\"",
        "\n",
        "\r\n",
        "\r",
        "eleve",
        "responsable",
        "31/02/2012",
        "é",
        "\u{FEFF}",
        "oui",
    ],
};

#[test]
fn a_csv_file_is_read_or_refused_line_by_line() {
    target!("csv", |input| {
        let bytes = CSV.text(input);
        if let Ok(lu) = FichierCsv::de_texte("essai.csv", &bytes) {
            are_placed(&lu.rejets, &bytes);
            assert!(lu.lignes.len() as u64 <= lu.lues, "a line is read or refused");
        }
    });
}
