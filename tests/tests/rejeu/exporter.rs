//! Journals carried away, and verified where neither the database nor its keys are.

use super::{SANS_CONSULTATION, bench, ran, ran_with_keys};
use anyhow::{Context, Result};
use domain::absences::{
    Creneau, DossierAbsence, DossierAbsenceCommand, Justification, MotifDAbsence, Scolarite,
};
use domain::journal::{Consultation, ConsultationCommand, NatureConsultation, Portee};
use domain::vie_de_l_eleve::{Passage, PassageCommand};
use domain::{AnneeScolaire, DossierAbsenceId, EtablissementId, PassageId, PersonneId};
use recits::{Bench, PORTAIL};
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const FORMATS: [&str; 3] = ["jsonl", "cloudevents", "parquet"];

/// Verifies an export with the program alone: no base is named, none is reached.
pub async fn verified(folder: &Path, more: &[&str]) -> (Verdict, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["ent-rejeu", "--base", "postgres://nobody@127.0.0.1:1/none", "verifier", "--export"];
    let arguments = arguments.iter().copied().chain(folder.to_str()).chain(more.iter().copied());
    let verdict = replay_tools::run(arguments, &mut out, &mut err).await;
    out.extend(err);
    (verdict, String::from_utf8(out).unwrap())
}

/// What the program is told to carry all away into a folder, under no consultation.
pub fn exporter<'a>(format: &'a str, folder: &'a Path) -> [&'a str; 7] {
    let [sans, motif] = SANS_CONSULTATION;
    ["exporter", "--format", format, "--vers", folder.to_str().unwrap_or_default(), sans, motif]
}

/// The same, under whichever consultation is named.
fn en_jsonl(folder: &Path) -> [&str; 5] {
    ["exporter", "--format", "jsonl", "--vers", folder.to_str().unwrap_or_default()]
}

#[tokio::test]
async fn a_journal_carried_away_is_valid_offline_in_every_format() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let mut roots = Vec::new();
    for format in FORMATS {
        let folder = home.path().join(format);
        let (verdict, told) = ran_with_keys(&bench, &exporter(format, &folder)).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let (verdict, told) = verified(&folder, &["--json"]).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let journal = serde_json::from_str::<Value>(&told)?["journaux"][0].take();
        assert_eq!(
            (&journal["evenements_conformes"], &journal["contenus_conformes"]),
            (&4.into(), &4.into())
        );
        roots.push(journal["racine"].clone());
    }
    assert!(roots[0].is_string() && roots.iter().all(|root| *root == roots[0]), "{roots:?}");
    Ok(())
}

#[tokio::test]
async fn without_keys_contents_stay_sealed_and_the_verdict_open_unless_they_are_left_out() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    for format in FORMATS {
        let folder = home.path().join(format);
        ran(&bench, &exporter(format, &folder)).await;
        assert_eq!(verified(&folder, &[]).await.0, Verdict::Indetermine);
        assert_eq!(verified(&folder, &["--sans-contenus"]).await.0, Verdict::Valide);
    }
    Ok(())
}

#[tokio::test]
async fn a_part_of_a_journal_says_that_it_is_one() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let folder = home.path().join("extrait");
    let arguments = [&exporter("jsonl", &folder)[..], &["--de", "2", "--a", "3"]].concat();
    assert_eq!(ran_with_keys(&bench, &arguments).await.0, Verdict::Valide);
    let (verdict, told) = verified(&folder, &[]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert!(told.contains("extrait, n° 2 à 3 sur 4"), "{told}");
    Ok(())
}

/// The operator puts an export of all years on the record; the place where it stands.
pub async fn inscrire(bench: &Bench) -> Result<String> {
    inscrite(bench, PORTAIL, NatureConsultation::Export, None).await
}

/// A consultation of this portal's journal is put on its record; the place where it stands.
async fn inscrite(
    bench: &Bench,
    portail: &str,
    nature: NatureConsultation,
    annee: Option<i16>,
) -> Result<String> {
    let id = format!("{portail} {nature:?} {annee:?}");
    let portee = Portee { nature, annee: annee.map(AnneeScolaire), objet: "tout".to_owned() };
    let command = ConsultationCommand::Consulter { portee, motif: "contrôle".to_owned(), permise: true };
    let context = bench.context(&recits::portail(portail), &[&id]);
    Ok(bench.record::<Consultation>(context, &id, command).await?.position.to_string())
}

/// A pupil comes to the infirmerie and is cared for.
pub async fn soigner(bench: &Bench) -> Result<()> {
    let (eleve, par) = (PersonneId::derived(&["eleve"]), PersonneId::derived(&["infirmiere"]));
    let (motif, soin) = ("Migraine".to_owned(), "Repos".to_owned());
    let arrivee = "2026-11-24T09:00:00Z".parse()?;
    for (wish, command) in [
        ("accueil", PassageCommand::AccueillirEleve { eleve, par, arrivee }),
        ("soin", PassageCommand::ConsignerSoin { motif, soin, par }),
    ] {
        let context = bench.context(&recits::portail(PORTAIL), &[wish]);
        bench.record::<Passage>(context, PassageId::derived(&["passage"]), command).await?;
    }
    Ok(())
}

/// A family says that its child is ill, and will be away.
async fn excuser(bench: &Bench) -> Result<()> {
    let justification = Justification {
        par: PersonneId::derived(&["parent"]),
        motif: MotifDAbsence::legaux().remove(0),
        texte: Some("Fièvre".to_owned()),
        piece: None,
        pieces: Vec::new(),
        recueil: None,
    };
    let command = DossierAbsenceCommand::AnnoncerAbsence {
        scolarite: Scolarite {
            eleve: PersonneId::derived(&["eleve"]),
            etablissement: EtablissementId::derived(&["college"]),
        },
        creneau: Creneau { debut: "2026-11-25T08:00:00".parse()?, fin: "2026-11-25T17:00:00".parse()? },
        justification,
        maintenant: "2026-11-24T09:00:00".parse()?,
    };
    let context = bench.context(&recits::portail(PORTAIL), &["annonce"]);
    bench.record::<DossierAbsence>(context, DossierAbsenceId::derived(&["fièvre"]), command).await?;
    Ok(())
}

/// How many contents of an export are those that were committed to, and how many are left sealed
/// because they are health data.
async fn contenus(folder: &Path) -> Result<(Value, Value)> {
    let (verdict, told) = verified(folder, &["--json"]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let mut journal = serde_json::from_str::<Value>(&told)?["journaux"][0].take();
    Ok((journal["contenus_conformes"].take(), journal["contenus_reserves"].take()))
}

#[tokio::test]
async fn health_data_stay_sealed_in_an_export_and_each_says_so() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    soigner(&bench).await?;
    for format in FORMATS {
        let folder = home.path().join(format);
        let (verdict, told) = ran_with_keys(&bench, &exporter(format, &folder)).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        assert!(told.contains("contenus ouverts, sauf ceux de santé"), "{told}");
        assert_eq!(contenus(&folder).await?, (4.into(), 2.into()), "{format}");
    }
    let told = verified(&home.path().join("jsonl"), &[]).await.1;
    assert!(told.contains("2 contenus de santé réservés"), "{told}");
    let lines = std::fs::read_to_string(home.path().join(format!("jsonl/{PORTAIL}-2026.jsonl")))?;
    assert_eq!(lines.matches(r#""contenu":{"etat":"sante"}"#).count(), 2, "{lines}");
    assert!(!lines.contains("Migraine"), "{lines}");
    Ok(())
}

#[tokio::test]
async fn why_a_pupil_was_away_stays_sealed_in_an_export_as_health_data_do() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    excuser(&bench).await?;
    let place = inscrire(&bench).await?;
    let (sans, avec) = (home.path().join("sans"), home.path().join("avec"));
    let (verdict, told) = ran_with_keys(&bench, &exporter("jsonl", &sans)).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert_eq!(contenus(&sans).await?, (5.into(), 1.into()));
    let asked = ["--avec-sante", "--motif", "Enquête sanitaire", "--consultation", place.as_str()];
    let (verdict, told) = ran_with_keys(&bench, &[&en_jsonl(&avec)[..], &asked[..]].concat()).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert_eq!(contenus(&avec).await?, (6.into(), 0.into()));
    for (folder, open) in [(sans, false), (avec, true)] {
        let lines = std::fs::read_to_string(folder.join(format!("{PORTAIL}-2026.jsonl")))?;
        for word in ["Maladie", "Fièvre"] {
            assert_eq!(lines.contains(word), open, "{word}: {lines}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn health_data_leave_with_a_reason_once_the_consultation_is_on_the_record() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    soigner(&bench).await?;
    let place = inscrire(&bench).await?;
    let folder = home.path().join("sante");
    let asked = [&en_jsonl(&folder)[..], &["--avec-sante"]].concat();
    let (motif, consultation) = (["--motif", "Enquête sanitaire"], ["--consultation", place.as_str()]);
    for (more, lacks) in [(&motif, "--consultation"), (&consultation, "--motif")] {
        let (verdict, told) = ran_with_keys(&bench, &[&asked[..], &more[..]].concat()).await;
        assert_eq!(verdict, Verdict::Indetermine, "{told}");
        assert!(told.contains("il manque") && told.contains(lacks) && !folder.exists(), "{told}");
    }
    let excused = [&asked[..], &motif[..], &SANS_CONSULTATION].concat();
    let (verdict, told) = ran_with_keys(&bench, &excused).await;
    assert!(verdict == Verdict::Indetermine && !folder.exists(), "no excuse opens these: {told}");
    let whole = [&asked[..], &motif[..], &consultation[..]].concat();
    let (_, told) = ran(&bench, &whole).await;
    assert!(
        told.contains("ENT_KEK_FILE") && !folder.exists(),
        "without keys there is nothing to open: {told}"
    );
    let (verdict, told) = ran_with_keys(&bench, &whole).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert_eq!(contenus(&folder).await?, (7.into(), 0.into()));
    let lines = std::fs::read_to_string(folder.join(format!("{PORTAIL}-2026.jsonl")))?;
    assert!(lines.contains("Migraine"), "{lines}");
    let manifeste: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("manifeste.json"))?)?;
    assert_eq!(manifeste["motif_sante"], "Enquête sanitaire");
    assert_eq!(manifeste["consultations"], json!([place]));
    Ok(())
}

#[tokio::test]
async fn an_export_stands_on_the_record_or_says_why_it_does_not() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let folder = home.path().join("export");
    let (verdict, told) = ran_with_keys(&bench, &en_jsonl(&folder)).await;
    assert!(verdict == Verdict::Indetermine && !folder.exists(), "{told}");
    let command = format!("ent inscrire-consultation --portail {PORTAIL} --auditeur 'QUI, EN QUELLE");
    for said in [command.as_str(), "--objet 'export jsonl' --motif 'POURQUOI'", "--sans-consultation MOTIF"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let sans = [&en_jsonl(&folder)[..], &["--sans-consultation", "plateforme arrêtée"]].concat();
    let (verdict, told) = ran_with_keys(&bench, &sans).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let said = "Sans consultation inscrite au journal, au motif « plateforme arrêtée »";
    assert!(told.contains(said), "{told}");
    let manifeste: Value = serde_json::from_slice(&std::fs::read(folder.join("manifeste.json"))?)?;
    assert_eq!(
        (&manifeste["consultations"], &manifeste["sans_consultation"]),
        (&json!([]), &json!("plateforme arrêtée"))
    );
    let (verdict, told) = verified(&folder, &[]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert!(told.contains(&format!("{said} (dit par le manifeste")), "{told}");
    Ok(())
}

#[tokio::test]
async fn an_export_is_made_under_a_consultation_that_covers_it() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let nature = NatureConsultation::Export;
    let elsewhere = inscrite(&bench, "0750001a", nature, None).await?;
    let own = ["--portail", PORTAIL];
    for (place, said) in [
        (format!("{PORTAIL}/2026/1"), "aucune consultation n'est inscrite à la place"),
        (format!("{PORTAIL}/2026/99"), "aucune consultation n'est inscrite à la place"),
        (inscrite(&bench, PORTAIL, NatureConsultation::Lecture, None).await?, "n'est pas celle d'une sortie"),
        (inscrite(&bench, PORTAIL, nature, Some(2025)).await?, "n'est pas inscrite au journal de"),
        (elsewhere.clone(), "n'est pas inscrite au journal de"),
        (inscrite(&bench, PORTAIL, nature, Some(2026)).await?, "Consultation inscrite au journal : "),
    ] {
        let folder = home.path().join(place.replace('/', "-"));
        let under = [&en_jsonl(&folder)[..], &own, &["--consultation", &place]].concat();
        let (_, told) = ran_with_keys(&bench, &under).await;
        assert!(told.contains(said), "{said}: {told}");
        assert_eq!(folder.exists(), said.starts_with("Consultation"), "{told}");
    }
    // Each portal has its own, and without keys the year of none can be read.
    let (place, folder) = (inscrire(&bench).await?, home.path().join("tout"));
    let of_one = [&en_jsonl(&folder)[..], &["--consultation", &place]].concat();
    let (_, told) = ran_with_keys(&bench, &of_one).await;
    assert!(told.contains("au journal de 0750001a (2026-2027) :") && !folder.exists(), "{told}");
    let (verdict, told) = ran(&bench, &[&of_one[..], &["--consultation", &elsewhere]].concat()).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert!(told.contains(&format!("{place}, {elsewhere}")), "{told}");
    assert!(told.contains("nul n'a pu lire si elle est bien celle d'un export, ni de quelle"), "{told}");
    Ok(())
}

#[tokio::test]
async fn an_export_is_never_overwritten() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let arguments = exporter("jsonl", home.path());
    assert_eq!(ran_with_keys(&bench, &arguments).await.0, Verdict::Valide);
    let (verdict, told) = ran_with_keys(&bench, &arguments).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert_eq!(verified(home.path(), &[]).await.0, Verdict::Valide);
    Ok(())
}

/// An export in JSON Lines, whose lines are then changed.
async fn tampered(change: impl FnOnce(&mut Vec<String>)) -> Result<(Verdict, Value)> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    ran_with_keys(&bench, &exporter("jsonl", home.path())).await;
    let file: PathBuf = home.path().join(format!("{PORTAIL}-2026.jsonl"));
    let mut lines: Vec<String> = std::fs::read_to_string(&file)?.lines().map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(&file, lines.join("\n"))?;
    let (verdict, told) = verified(home.path(), &["--json"]).await;
    Ok((verdict, serde_json::from_str::<Value>(&told).context(told)?["journaux"][0]["faute"].take()))
}

#[tokio::test]
async fn whatever_is_changed_in_an_export_is_found_and_named() -> Result<()> {
    fn replace(lines: &mut [String], from: &str, to: &str) {
        assert!(lines[2].contains(from), "{}", lines[2]);
        lines[2] = lines[2].replacen(from, to, 1);
    }
    type Change = Box<dyn FnOnce(&mut Vec<String>)>;
    let changes: [(Change, i64, &str); 8] = [
        (Box::new(|_| ()), 0, ""),
        (Box::new(|lines| replace(lines, "enseignant", "proviseur.")), 3, "empreinte"),
        (Box::new(|lines| replace(lines, r#"{\"ct\":\""#, r#"{\"ct\":\"A"#)), 3, "contenu_chiffre"),
        (Box::new(|lines| replace(lines, r#"\"absents\":1"#, r#"\"absents\":0"#)), 3, "engagement"),
        (Box::new(|lines| drop(lines.remove(1))), 2, "position"),
        (Box::new(|lines| lines.swap(1, 2)), 2, "position"),
        (Box::new(|lines| drop(lines.pop())), 4, "tete"),
        (Box::new(|lines| lines[3] = "{}".to_owned()), 4, "enveloppe"),
    ];
    for (change, position, nature) in changes {
        let (verdict, faute) = tampered(change).await?;
        if nature.is_empty() {
            assert_eq!((verdict, faute), (Verdict::Valide, Value::Null));
        } else {
            assert_eq!(verdict, Verdict::Invalide, "{nature}");
            assert_eq!((&faute["position"], &faute["nature"]), (&position.into(), &nature.into()));
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_event_rewritten_with_its_hash_does_not_make_the_announced_root() -> Result<()> {
    let (verdict, faute) = tampered(|lines| {
        let mut event: Value = serde_json::from_str(&lines[3]).unwrap();
        let leaf = event["feuille"].as_str().unwrap().replace("\"office\":\"", "\"office\":\"faux ");
        event["empreinte"] = ledger::seal::hex(&ledger::envelope::leaf_hash(leaf.as_bytes())).into();
        event["feuille"] = leaf.into();
        lines[3] = event.to_string();
    })
    .await?;
    assert_eq!((verdict, &faute["nature"]), (Verdict::Invalide, &"racine".into()));
    Ok(())
}
