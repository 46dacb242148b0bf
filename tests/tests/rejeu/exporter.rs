//! Journals carried away, and verified where neither the database nor its keys are.

use super::{bench, ran, ran_with_keys};
use anyhow::{Context, Result};
use domain::absences::{
    Creneau, DossierAbsence, DossierAbsenceCommand, Justification, MotifDAbsence, Scolarite,
};
use domain::journal::{Consultation, ConsultationCommand, NatureConsultation, Portee};
use domain::vie_de_l_eleve::{Passage, PassageCommand};
use domain::{DossierAbsenceId, EtablissementId, PassageId, PersonneId};
use recits::{Bench, PORTAIL};
use replay_tools::verdict::Verdict;
use serde_json::Value;
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

fn vers(folder: &Path) -> &str {
    folder.to_str().unwrap()
}

#[tokio::test]
async fn a_journal_carried_away_is_valid_offline_in_every_format() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let mut roots = Vec::new();
    for format in FORMATS {
        let folder = home.path().join(format);
        let arguments = ["exporter", "--format", format, "--vers", vers(&folder)];
        let (verdict, told) = ran_with_keys(&bench, &arguments).await;
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
        ran(&bench, &["exporter", "--format", format, "--vers", vers(&folder)]).await;
        assert_eq!(verified(&folder, &[]).await.0, Verdict::Indetermine);
        assert_eq!(verified(&folder, &["--sans-contenus"]).await.0, Verdict::Valide);
    }
    Ok(())
}

#[tokio::test]
async fn a_part_of_a_journal_says_that_it_is_one() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let folder = home.path().join("extrait");
    let arguments = ["exporter", "--format", "jsonl", "--vers", vers(&folder), "--de", "2", "--a", "3"];
    assert_eq!(ran_with_keys(&bench, &arguments).await.0, Verdict::Valide);
    let (verdict, told) = verified(&folder, &[]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert!(told.contains("extrait, n° 2 à 3 sur 4"), "{told}");
    Ok(())
}

/// The operator puts an export on the record; the place where it stands.
async fn inscrire(bench: &Bench) -> Result<String> {
    let portee = Portee { nature: NatureConsultation::Export, annee: None, objet: "tout".to_owned() };
    let command = ConsultationCommand::Consulter { portee, motif: "contrôle".to_owned(), permise: true };
    let context = bench.context(&recits::portail(PORTAIL), &["consultation"]);
    Ok(bench.record::<Consultation>(context, "c", command).await?.position.to_string())
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
        let arguments = ["exporter", "--format", format, "--vers", vers(&folder)];
        let (verdict, told) = ran_with_keys(&bench, &arguments).await;
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

fn en_jsonl(folder: &Path) -> [&str; 5] {
    ["exporter", "--format", "jsonl", "--vers", vers(folder)]
}

#[tokio::test]
async fn why_a_pupil_was_away_stays_sealed_in_an_export_as_health_data_do() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    excuser(&bench).await?;
    let place = inscrire(&bench).await?;
    let (sans, avec) = (home.path().join("sans"), home.path().join("avec"));
    let (verdict, told) = ran_with_keys(&bench, &en_jsonl(&sans)).await;
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
    let asked = ["exporter", "--format", "jsonl", "--vers", vers(&folder), "--avec-sante"];
    let (motif, consultation) = (["--motif", "Enquête sanitaire"], ["--consultation", place.as_str()]);
    for (more, lacks) in [(&motif, "--consultation"), (&consultation, "--motif")] {
        let (verdict, told) = ran_with_keys(&bench, &[&asked[..], &more[..]].concat()).await;
        assert_eq!(verdict, Verdict::Indetermine, "{told}");
        assert!(told.contains("il manque") && told.contains(lacks) && !folder.exists(), "{told}");
    }
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
    assert_eq!(manifeste["consultation"], place);
    Ok(())
}

#[tokio::test]
async fn an_export_names_the_record_of_its_own_consultation_or_says_that_it_has_none() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let folder = home.path().join("sans");
    let (_, told) = ran(&bench, &["exporter", "--format", "jsonl", "--vers", vers(&folder)]).await;
    assert!(told.contains("n'est inscrit à aucun journal"), "{told}");
    for (place, said) in [
        (inscrire(&bench).await?, "Exporté dans"),
        (format!("{PORTAIL}/2026/1"), "aucune consultation n'est inscrite à la place"),
    ] {
        let folder = home.path().join(place.replace('/', "-"));
        let arguments =
            ["exporter", "--format", "jsonl", "--vers", vers(&folder), "--consultation", place.as_str()];
        let (_, told) = ran(&bench, &arguments).await;
        assert!(told.contains(said) && !told.contains("n'est inscrit à aucun journal"), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn an_export_is_never_overwritten() -> Result<()> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let arguments = ["exporter", "--format", "jsonl", "--vers", vers(home.path())];
    assert_eq!(ran_with_keys(&bench, &arguments).await.0, Verdict::Valide);
    let (verdict, told) = ran_with_keys(&bench, &arguments).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert_eq!(verified(home.path(), &[]).await.0, Verdict::Valide);
    Ok(())
}

/// An export in JSON Lines, whose lines are then changed.
async fn tampered(change: impl FnOnce(&mut Vec<String>)) -> Result<(Verdict, Value)> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let arguments = ["exporter", "--format", "jsonl", "--vers", vers(home.path())];
    ran_with_keys(&bench, &arguments).await;
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
