//! SIECLE and STS as they are published: samples that are not part of the project. Where they are
//! absent, these tests say so.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use api::importer::siecle::Siecle;
use api::importer::sts::Sts;
use commands::annuaire::AuditoireDecrit;
use std::path::PathBuf;

/// The folder of a format, where the samples are there.
fn exemples(format: &str) -> Option<PathBuf> {
    let dossier = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference").join(format);
    if !dossier.is_dir() {
        eprintln!("skipped: no reference samples beside the project");
        return None;
    }
    Some(dossier)
}

fn texte(dossier: &std::path::Path, nom: &str) -> Vec<u8> {
    std::fs::read(dossier.join(nom)).unwrap()
}

#[test]
fn published_samples_of_siecle_are_read() {
    let Some(dossier) = exemples("siecle") else { return };
    let eleves = texte(&dossier, "eleves_avec_adresse_avec_double_structure.xml");
    let lu = Siecle::de_textes(&[("eleves.xml", &eleves)]).unwrap();
    assert_eq!((lu.uai.as_str(), lu.du.to_string().as_str()), ("0660864F", "2019-08-29"));
    assert_eq!((lu.eleves.len(), lu.rejets.len(), lu.responsables.is_none()), (1, 0, true));
    let place = lu.places.first().unwrap();
    assert_eq!((place.eleve.as_str(), place.division.as_deref()), ("1541944", Some("301")));
    assert_eq!(place.groupes.iter().collect::<Vec<_>>(), ["_301P1"]);
    let (responsables, nomenclatures) = (
        texte(&dossier, "responsables_avec_adresses_simple.xml"),
        texte(&dossier, "nomenclature_simple.xml"),
    );
    // The samples are of two établissements and of two school years.
    let eleves = String::from_utf8_lossy(&eleves).replace("0660864F", "0140070A");
    let eleves = eleves.replace("<ANNEE_SCOLAIRE>2019<", "<ANNEE_SCOLAIRE>2018<").into_bytes();
    let lu = Siecle::de_textes(&[
        ("eleves.xml", &eleves),
        ("responsables.xml", &responsables),
        ("nomenclatures.xml", &nomenclatures),
    ])
    .unwrap();
    let (personnes, liens) = lu.responsables.unwrap();
    assert_eq!((personnes.len(), liens.len(), lu.rejets.len()), (3, 3, 0));
    assert_eq!(
        liens.iter().map(|lien| (lien.niveau, lien.paie)).collect::<Vec<_>>()[..2],
        [(1, true), (1, false)]
    );
    assert_eq!(lu.mefs.len(), 1);
}

/// This sample closes another tag than it opened: it is refused, at that tag.
#[test]
fn a_published_sample_that_is_no_xml_is_refused_with_its_place() {
    let Some(dossier) = exemples("siecle") else { return };
    let eleves = texte(&dossier, "eleves_avec_adresse_simple.xml");
    let lu = Siecle::de_textes(&[("eleves.xml", &eleves)]).unwrap();
    let (_, rejet) = lu.rejets.last().unwrap();
    let fautive = 1 + eleves
        .split(|octet| *octet == b'\n')
        .position(|ligne| String::from_utf8_lossy(ligne).contains("<STRICTURES"))
        .unwrap() as u64;
    assert_eq!((rejet.motif.code(), rejet.motif.fatal()), ("FICHIER_XML_MAL_FORME", true));
    assert!((fautive..fautive + 8).contains(&rejet.ligne), "{rejet}");
}

#[test]
fn published_samples_of_sts_are_read() {
    let Some(dossier) = exemples("sts") else { return };
    // What each teaches: case 1 a course of the division 3A; case 2 one of a groupe.
    let tous: [(&str, &[&str], &[&str]); 2] = [("case1", &["3A"], &[]), ("case2", &[], &["3B_G2"])];
    for (cas, divisions, groupes) in tous {
        let dossier = dossier.join(cas);
        let lu = Sts::lire(&dossier).unwrap();
        assert_eq!(
            (lu.uai.as_str(), lu.academie.as_str(), lu.rejets.len()),
            ("0771991W", "CRETEIL", 0),
            "{cas}"
        );
        assert_eq!(lu.nature.as_deref(), Some("COLLEGE"));
        let enseignant = lu.enseignants.first().unwrap();
        assert_eq!(enseignant.disciplines.iter().map(String::as_str).collect::<Vec<_>>(), ["L0202"]);
        let enseignements: Vec<_> =
            lu.enseignements.iter().map(|lu| (lu.auditoire.clone(), lu.enseignant.as_str())).collect();
        let a_division = divisions.iter().map(|code| AuditoireDecrit::Division((*code).to_owned()));
        let a_groupe = groupes.iter().map(|code| AuditoireDecrit::Groupe((*code).to_owned()));
        let attendus = a_division.chain(a_groupe).map(|auditoire| (auditoire, enseignant.id.as_str()));
        let attendus: Vec<_> = attendus.collect();
        assert_eq!(enseignements, attendus, "{cas}");
        let connues = divisions
            .iter()
            .map(|code| ((*code).to_owned(), (Some("3EMEA".to_owned()), Some("10310019110".to_owned()))));
        assert_eq!(lu.divisions, connues.collect(), "{cas}");
        assert_eq!(lu.groupes.keys().collect::<Vec<_>>(), groupes, "{cas}");
        for groupe in lu.groupes.values() {
            assert_eq!(groupe.libelle.as_deref(), Some("G2"));
            assert_eq!(groupe.divisions.iter().collect::<Vec<_>>(), ["3B"]);
            assert_eq!(groupe.enseignants.iter().collect::<Vec<_>>(), [&enseignant.id]);
            assert!(groupe.doubles.is_empty());
        }
    }
}
