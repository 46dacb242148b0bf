//! A table of marks: a file is read into lines that are in it, or refused.

use super::{seeds::Language, target};
use commands::notes::lignes_de_tableau;

const TABLEAU: Language = Language {
    texts: &[b"nom;prenom;resultat\nFictif;Alix;12,5\n", b"nom,prenom,resultat\nFictif,Alix,ABS\n"],
    words: &[";", ",", "\"", "\"\"", "\n", "\r\n", "\r", "NR0", "DISP", "20", "-1", "\u{e9}", "\u{FEFF}"],
};

#[test]
fn a_table_of_marks_is_read_into_its_own_lines_or_refused() {
    target!("tableau", |input| {
        let text = String::from_utf8_lossy(&TABLEAU.text(input)).into_owned();
        if let Ok(lignes) = lignes_de_tableau(&text) {
            let most = text.split(['\n', '\r']).count() as u64;
            assert!(lignes.iter().all(|ligne| (2..=most).contains(&ligne.numero)));
        }
    });
}
