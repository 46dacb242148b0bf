//! Emplois du temps: an export of EDT, or what is given back to STS, is read, or refused with its
//! place; what is read of it is a course.

use super::siecle::are_placed;
use super::{seeds::Language, target};
use api::importer::edt::{EmploiDuTempsLu, lire_edt, lire_sts};

const EDT: Language = Language {
    texts: &[include_bytes!("../fixtures/edt/edt.xml"), include_bytes!("../fixtures/edt/emp_sts.xml")],
    words: &[
        "<Cours Jour=\"1\" NumeroPlaceDebut=\"0\" NombrePlaces=\"1\">",
        "</Cours>",
        "NombrePlaces=\"65535\"",
        "Semaines=\"18446744073709551615\"",
        "<Classe Ident=\"1\" Semaines=\"2\"/>",
        "DatePremierJourSemaine1=\"0000-01-01\"",
        "DatePremierJourSemaine1=\"+262142-12-31\"",
        "<HEURE_DEBUT>2359</HEURE_DEBUT>",
        "<DUREE>2359</DUREE>",
        "UAI=\"0690001B\"",
        "&x;",
        "\n",
    ],
};

fn are_courses(lu: &EmploiDuTempsLu, bytes: &[u8]) {
    are_placed(&lu.rejets, bytes);
    assert!(lu.cours.len() as u64 <= lu.lus);
    assert!(lu.cours.iter().all(|cours| cours.plage.debut < cours.plage.fin));
}

#[test]
fn an_emploi_du_temps_is_read_or_refused_with_its_place() {
    target!("edt", |input| {
        let bytes = EDT.text(input);
        for lu in [lire_edt("essai.xml", &bytes), lire_sts("essai.xml", &bytes)].into_iter().flatten() {
            are_courses(&lu, &bytes);
        }
    });
}
