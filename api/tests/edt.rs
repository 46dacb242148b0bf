//! Emplois du temps as programs export them: ours, written for this, and published samples that
//! are not part of the project. Where these are absent, the test says so.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use api::importer::edt::{lire_edt, lire_sts};
use chrono::NaiveDate;
use domain::AnneeScolaire;
use domain::JourDeSemaine;
use domain::cahier_de_textes::Semaines;
use std::path::PathBuf;

fn mondays(semaines: Semaines, annee: AnneeScolaire) -> Vec<String> {
    semaines.lundis(annee).map(|day| day.to_string()).collect()
}

#[test]
fn an_export_of_edt_has_its_grid_its_lists_and_its_masks() {
    let lu = lire_edt("edt.xml", include_bytes!("fixtures/edt/edt.xml")).unwrap();
    assert_eq!((lu.uai.as_str(), lu.annee, lu.lus), ("0690001B", AnneeScolaire(2026), 3));
    let [maths, latin] = &lu.cours[..] else { panic!("{:?}", lu.cours) };
    assert_eq!(maths.jour, JourDeSemaine::Mardi);
    assert_eq!(
        (maths.plage.debut.to_string(), maths.plage.fin.to_string()),
        ("08:00:00".into(), "10:00:00".into())
    );
    let (teacher, weeks) = &maths.enseignants[0];
    assert_eq!((teacher.cle.as_deref(), teacher.nom.as_str()), (Some("1"), "FICTIF"));
    assert_eq!(mondays(*weeks, lu.annee), ["2026-08-31", "2026-09-07", "2026-09-14", "2026-09-21"]);
    let rooms: Vec<_> =
        maths.salles.iter().map(|(room, weeks)| (room.as_str(), mondays(*weeks, lu.annee).len())).collect();
    assert_eq!(rooms, [("B12", 2), ("C03", 2)]);
    let (groupe, _) = &latin.groupes[0];
    assert_eq!(
        (groupe.code.as_str(), &groupe.divisions[..]),
        ("3LATIN", &["3A".to_owned(), "3B".to_owned()][..])
    );
    // The third course is at a place that the grid does not have.
    let refused: Vec<_> = lu.rejets.iter().map(|rejet| (rejet.motif.code(), rejet.ligne)).collect();
    assert_eq!(refused, [("FICHIER_ELEMENT_INVALIDE", 47)]);
}

#[test]
fn hostile_exports_end_with_their_reason() {
    for (text, reason) in [
        ("", "vide"),
        ("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><ExportEmploiDuTemps/>", "DOCTYPE"),
        ("<ExportEmploiDuTemps UAI=\"&lol;\"/>", "entité"),
        ("<ExportEmploiDuTemps UAI=\"0690001A\"/>", "0690001A"),
        ("<ExportEmploiDuTemps UAI=\"0690001B\"/>", "année scolaire"),
        ("<Autre/>", "racine"),
    ] {
        let told = lire_edt("edt.xml", text.as_bytes()).unwrap_err();
        assert!(told.contains(reason), "{text}: {told}");
    }
}

#[test]
fn published_samples_of_what_is_given_back_to_sts_are_read() {
    let dossier = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/sts");
    if !dossier.is_dir() {
        eprintln!("skipped: no reference samples beside the project");
        return;
    }
    let bytes = std::fs::read(dossier.join("case1/emp_sts.xml")).unwrap();
    let lu = lire_sts("emp_sts.xml", &bytes).unwrap();
    let [cours] = &lu.cours[..] else { panic!("{:?}", lu.cours) };
    // The year is that of its calendar.
    assert_eq!((lu.annee, cours.jour), (AnneeScolaire(2099), JourDeSemaine::Jeudi));
    assert_eq!(
        (cours.plage.debut.to_string(), cours.plage.fin.to_string()),
        ("14:02:00".into(), "15:02:00".into())
    );
    assert_eq!((cours.divisions[0].0.as_str(), cours.salles[0].0.as_str()), ("3A", "15"));
    let monday = cours.divisions[0].1.lundis(lu.annee).next().unwrap();
    let first = monday + chrono::TimeDelta::days(i64::try_from(cours.jour.rang()).unwrap());
    assert_eq!(first, "2099-09-03".parse::<NaiveDate>().unwrap());
    let bytes = std::fs::read(dossier.join("case2/emp_sts.xml")).unwrap();
    let lu = lire_sts("emp_sts.xml", &bytes).unwrap();
    let groupe = &lu.cours[0].groupes[0].0;
    assert_eq!((groupe.code.as_str(), groupe.divisions[0].as_str()), ("3B_G2", "3B"));
}
