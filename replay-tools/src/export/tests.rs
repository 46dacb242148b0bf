//! What is carried away comes back byte for byte.

use super::*;
use std::io::Write as _;

/// A leaf as the record has it.
fn feuille(sequence: u64) -> String {
    format!(
        r#"{{"actor":{{"compte":"00000000-0000-0000-0000-000000000001","office":"enseignant"}},"annee":2026,"authority":{{"policies":["p"],"policy_set":"00"}},"business_date":"2026-11-23","command_id":"00000000-0000-0000-0000-000000000002","commit":"00","ct_sha256":"00","event_id":"00000000-0000-0000-0000-000000000003","format":1,"key_id":"00000000-0000-0000-0000-000000000004","portail":"0690001d","recorded_at":"2026-11-23T07:00:00.500000Z","sequence":{sequence},"stream":{{"id":"a","kind":"absences.appel"}},"type":"absences.appel.clos","version":1}}"#
    )
}

fn events() -> Vec<Evenement> {
    let opened =
        Contenu::Ouvert { sel: "ab".repeat(32), texte: r#"{ "type" : "é\u0041", "data":1.50}"#.into() };
    let event = |position: i64, contenu: &Contenu| Evenement {
        position,
        empreinte: "cd".repeat(32),
        feuille: feuille(position.unsigned_abs()),
        charge: r#"{"ct":"AA=="}"#.to_owned(),
        contenu: contenu.clone(),
    };
    [opened, Contenu::Efface, Contenu::Sante, Contenu::Ferme]
        .iter()
        .zip(7..)
        .map(|(contenu, at)| event(at, contenu))
        .collect()
}

const FORMATS: [Format; 3] = [Format::Jsonl, Format::CloudEvents, Format::Parquet];

#[test]
fn every_format_gives_back_the_exact_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let path = folder.path().join(format.extension());
        let mut writer = format.create(&path).unwrap();
        events().iter().for_each(|event| writer.write(event).unwrap());
        writer.finish().unwrap();
        let read: Vec<_> = format.read(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(read, events(), "{format:?}");
    }
}

#[test]
fn an_export_never_takes_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let path = folder.path().join(format.extension());
        assert!(format.create(&path).is_ok());
        assert!(matches!(format.create(&path), Err(ExportFault::File { .. })));
    }
}

#[test]
fn what_is_no_event_ends_the_reading_without_panic() {
    let folder = tempfile::tempdir().unwrap();
    for (format, text) in [
        (Format::Jsonl, "{}\n{}\n"),
        (Format::Jsonl, "\u{0}"),
        (Format::CloudEvents, r#"{"specversion":"1.0"}"#),
        (Format::CloudEvents, "[[[[[["),
    ] {
        let path = folder.path().join("x");
        File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        let read: Vec<_> = format.read(&path).unwrap().collect();
        assert!(matches!(read.as_slice(), [Err(ExportFault::Event { after: 0 })]), "{text}");
    }
    let path = folder.path().join("x");
    assert!(matches!(Format::Parquet.read(&path), Err(ExportFault::Parquet(_))));
}

#[test]
fn a_cloudevent_has_the_attributes_of_the_specification() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let mut writer = Format::CloudEvents.create(&path).unwrap();
    writer.write(&events()[0]).unwrap();
    writer.finish().unwrap();
    let event: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["source"], "/journal/0690001d/2026");
    assert_eq!(event["type"], "absences.appel.clos");
    assert_eq!(event["time"], "2026-11-23T07:00:00.500Z");
    for name in event.as_object().unwrap().keys() {
        assert!(name.len() <= 20 && name.bytes().all(|b| b.is_ascii_lowercase()), "{name}");
    }
}
