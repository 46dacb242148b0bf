//! What an evidence bundle holds beside its facts: what the journal held on their days, the
//! page as it was read, who read the record, what payloads are made of, and the slip under
//! which it is archived.

use super::exporter::inscrire;
use super::prouver::{Dossier, Sac, flip, said};
use super::{SANS_CONSULTATION, ran_with_keys};
use crate::ledger::sealing::Growing;
use anyhow::{Context, Result};
use domain::journal::{Consultation, ConsultationCommand, NatureConsultation, Portee};
use domain::publications::{Audience, Contenu, ModeDeModeration, Parution, Publication, PublicationCommand};
use domain::{AnneeScolaire, PersonneId};
use ledger::clock::Clock;
use recits::horodateur::Horodateur;
use recits::{Bench, PORTAIL, portail};
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::fs;

const JOURNAL: &str = "data/journaux/0690001b-2026-4";

fn text(sac: &Sac, path: &str) -> Result<String> {
    fs::read_to_string(sac.racine.join(path)).with_context(|| path.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_shown_to_go_on_from_what_it_held_at_its_clotures() -> Result<()> {
    let dossier = Dossier::scelle().await?;
    assert_eq!(dossier.clos("2026-11-26T08:00:00Z").await?, 3);
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    let judged = sac.verify(&[])?;
    // Monday and Tuesday are the days of the facts; Wednesday, empty, is the last one closed.
    for day in ["2026-11-23", "2026-11-24", "2026-11-25"] {
        assert!(said(&judged).contains(&format!("prolonge sa clôture du {day}")), "{}", said(&judged));
    }
    assert!(judged.status.success(), "{}", said(&judged));
    let rapport = text(&sac, "data/rapport.html")?;
    assert!(rapport.contains("23/11/2026, 24/11/2026, 25/11/2026"), "{rapport}");
    for (file, at, expected) in [
        ("2026-11-23/cloture.json", 60, "n'est pas au méta-journal"),
        ("2026-11-23/prolongement", 10, "ne prolonge pas"),
        ("2026-11-23/meta.tlog-proof", 40, "n'est pas au méta-journal"),
    ] {
        let sac = dossier.ouvert("preuve.zip")?;
        flip(&sac.racine.join(JOURNAL).join("clotures").join(file), at)?;
        sac.remanifeste()?;
        let judged = sac.verify(&[])?;
        assert!(!judged.status.success() && said(&judged).contains(expected), "{file}: {}", said(&judged));
    }
    // The clôture of one day with what extends that of another.
    let sac = dossier.ouvert("preuve.zip")?;
    let days = sac.racine.join(JOURNAL).join("clotures");
    fs::copy(days.join("2026-11-24/prolongement"), days.join("2026-11-23/prolongement"))?;
    sac.remanifeste()?;
    let judged = sac.verify(&[])?;
    assert!(!judged.status.success() && said(&judged).contains("ne prolonge pas"), "{}", said(&judged));
    Ok(())
}

/// The script computes what RFC 9162 says, whatever the two sizes.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_follows_trees_of_any_two_sizes() -> Result<()> {
    let mut record = Growing::open().await?;
    let sealer = record.bench.sealer()?;
    let mut day = record.bench.clock.now();
    for by in [1, 1, 1, 1, 2, 1, 1, 3, 5, 1, 4] {
        record.grow(by).await?;
        sealer.pass().await?;
        day += chrono::TimeDelta::days(1);
        record.bench.clock.set(day);
    }
    let last = (day + chrono::TimeDelta::days(1)).to_rfc3339();
    let dossier = Dossier::of(record.bench, "appel", "absences.appel").await?;
    assert!(dossier.clos(&last).await? >= 11);
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let judged = dossier.ouvert("preuve.zip")?.verify(&[])?;
    assert!(judged.status.success(), "{}", said(&judged));
    assert!(said(&judged).matches("prolonge sa clôture").count() >= 11, "{}", said(&judged));
    Ok(())
}

/// A publication of two versions, hidden for an hour, and withdrawn.
async fn publication() -> Result<Bench> {
    let bench = Bench::open_at("2026-11-23T08:00:00Z".parse()?).await?;
    let par = PersonneId::derived(&["directrice"]);
    let id = uuid::Uuid::from_u128(7);
    let contenu = |corps: &str| Contenu { titre: "Portes <ouvertes>".to_owned(), corps: corps.to_owned() };
    let publier = |version, now| {
        PublicationCommand::PublierPublication(Parution {
            version,
            directeur: Some(par),
            audience: Audience::Public,
            mode: if version == 1 { ModeDeModeration::APriori } else { ModeDeModeration::APosteriori },
            par,
            premiere: false,
            du: now,
            au: None,
            maintenant: now,
        })
    };
    let motif = || "à vérifier".to_owned();
    for (le, command) in [
        (
            "08:00",
            Some(PublicationCommand::RedigerActualite {
                portail: portail(PORTAIL),
                auteur: par,
                contenu: contenu("Samedi à 9 h."),
            }),
        ),
        ("09:00", None),
        ("10:00", Some(PublicationCommand::MasquerPublication { par, motif: motif() })),
        ("11:00", Some(PublicationCommand::LeverMasquage { par, motif: motif() })),
        (
            "12:00",
            Some(PublicationCommand::ModifierPublication {
                auteur: par, contenu: contenu("Samedi à 10 h.")
            }),
        ),
        ("13:00", None),
        ("14:00", Some(PublicationCommand::RetirerPublication { par, motif: motif() })),
    ] {
        let now = format!("2026-11-23T{le}:00Z").parse()?;
        bench.clock.set(now);
        let command = command.unwrap_or_else(|| publier(if le < "12:00" { 1 } else { 2 }, now));
        let context = bench.context(&portail(PORTAIL), &[le]);
        bench.record::<Publication>(context, id, command).await?;
    }
    bench.runner.catch_up().await?;
    Ok(bench)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_shown_as_it_was_read_and_for_how_long() -> Result<()> {
    let dossier = Dossier::of(publication().await?, "publication", "publications.publication").await?;
    dossier.clos("2026-11-23T15:00:00Z").await?;
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    assert!(sac.verify(&[])?.status.success());
    let mut pages: Vec<_> = fs::read_dir(sac.racine.join("data/pages"))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    pages.sort();
    let expected = ["1-20261123T090000Z.html", "2-20261123T110000Z.html", "3-20261123T130000Z.html"];
    assert_eq!(pages, expected);
    let page = |name: &str| text(&sac, &format!("data/pages/{name}"));
    let (first, last) = (page(expected[0])?, page(expected[2])?);
    assert!(
        first.contains("<h1>Portes &#60;ouvertes&#62;</h1>") && first.contains("Samedi à 9 h."),
        "{first}"
    );
    assert!(first.contains("du 23/11/2026 à 10:00:00 au 23/11/2026 à 11:00:00"), "{first}");
    assert!(last.contains("Samedi à 10 h.") && last.contains("au 23/11/2026 à 15:00:00"), "{last}");
    let rapport = text(&sac, "data/rapport.html")?;
    assert!(expected.iter().all(|name| rapport.contains(name)), "{rapport}");
    for said in ["<td>a priori</td>", "<td>a posteriori</td>", "dans un espace modéré a priori"] {
        assert!(rapport.contains(said), "{said}: {rapport}");
    }
    assert!(last.contains("dans un espace modéré a posteriori"), "{last}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_read_the_record_since_is_told_and_what_payloads_are_made_of() -> Result<()> {
    let dossier = Dossier::scelle().await?;
    for (number, (motif, permise)) in [("contrôle", true), ("curiosité", false)].into_iter().enumerate() {
        let annee = Some(AnneeScolaire(2026));
        let portee = Portee { nature: NatureConsultation::Lecture, annee, objet: "tout".to_owned() };
        let command = ConsultationCommand::Consulter { portee, motif: motif.to_owned(), permise };
        let id = uuid::Uuid::from_u128(number as u128 + 1);
        let context = dossier.bench.context(&portail(PORTAIL), &[motif]);
        dossier.bench.record::<Consultation>(context, id, command).await?;
        if permise {
            dossier.sealer.pass().await?;
        }
    }
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    let acces = text(&sac, "data/acces.jsonl")?;
    let lines: Vec<Value> = acces.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let kinds: Vec<_> = lines.iter().map(|line| &line["type"]).collect();
    assert_eq!(kinds, ["journal.consultation.faite", "journal.consultation.refusee"]);
    let rapport = text(&sac, "data/rapport.html")?;
    let proven = "0690001b/2026/5</code></td><td>jointe";
    let awaited = "0690001b/2026/6</code></td><td>pas encore scellée";
    for expected in ["au motif « contrôle »", "au motif « curiosité »", proven, awaited] {
        assert!(rapport.contains(expected), "{expected}: {rapport}");
    }
    assert!(said(&sac.verify(&[])?).contains("0690001b-2026-5 : scellé, contenu conforme"));
    flip(&sac.racine.join("data/acces/0690001b-2026-5/contenu.json"), 12)?;
    sac.remanifeste()?;
    let judged = sac.verify(&[])?;
    assert!(!judged.status.success() && said(&judged).contains("0690001b-2026-5 : le contenu n'est pas"));
    let schema: Value = serde_json::from_str(&text(&sac, "data/schemas/absences.appel.json")?)?;
    assert_eq!(schema["stream"], "absences.appel");
    assert!(schema["schema"]["oneOf"].is_array(), "{schema}");
    assert!(!sac.racine.join("data/schemas/notes.evaluation.json").exists(), "no fact is of it");
    let cles: Value = serde_json::from_str(&text(&sac, "data/cles.json")?)?;
    assert!(cles[0]["du"].is_string() && cles[0]["au"].is_null(), "{cles}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_stands_on_the_record_or_says_why_it_does_not() -> Result<()> {
    let dossier = Dossier::scelle().await?;
    let tuiles = dossier.bench.tiles();
    let asked = dossier.arguments("refuse.zip", tuiles.to_str().unwrap_or_default(), &[]);
    let asked = asked.iter().map(String::as_str).filter(|one| !SANS_CONSULTATION.contains(one));
    let (verdict, told) = ran_with_keys(&dossier.bench, &asked.collect::<Vec<_>>()).await;
    assert!(verdict == Verdict::Indetermine && !dossier.path("refuse.zip").exists(), "{told}");
    let command = "ent inscrire-consultation --portail 0690001b --auditeur 'la famille <tuteur>' \
                   --objet 'dossier de preuve : appel ";
    for expected in [command, "' --motif 'recours'", "--sans-consultation MOTIF"] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let place = inscrire(&dossier.bench).await?;
    for (name, more, expected) in [
        ("sous.zip", &["--consultation", place.as_str()][..], format!("<dd><code>{place}</code></dd>")),
        ("sans.zip", &[], "<dd>aucune, au motif « essai »</dd>".to_owned()),
    ] {
        let (verdict, told) = dossier.dresse(name, more).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let sac = dossier.ouvert(name)?;
        let rapport = text(&sac, "data/rapport.html")?;
        assert!(rapport.contains(&expected), "{expected}: {rapport}");
        let demande: Value = serde_json::from_str(&text(&sac, "data/demande.json")?)?;
        let (places, motif) = (&demande["consultations"], &demande["sans_consultation"]);
        assert_eq!((places == &json!([place]), motif == "essai"), (!more.is_empty(), more.is_empty()));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_dated_by_an_authority_and_only_under_its_roots() -> Result<()> {
    let Some(autorite) = Horodateur::open()? else { return Ok(()) };
    let dossier = Dossier::scelle().await?;
    dossier.clos("2026-11-26T08:00:00Z").await?;
    dossier.dated(&autorite).await?;
    // The meta-journal goes on from what was dated.
    assert_eq!(dossier.clos("2026-11-28T08:00:00Z").await?, 2);
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    autorite.root("autre")?;
    let cles = sac.racine.join("data/cles.txt");
    let (racine, autre) = (autorite.path("racine.pem"), autorite.path("autre.pem"));
    let judged = sac.verify(&[&cles, &racine])?;
    assert!(judged.status.success() && said(&judged).contains("existaient le"), "{}", said(&judged));
    let judged = sac.verify(&[])?;
    assert!(judged.status.success() && said(&judged).contains("joint, non jugé"), "{}", said(&judged));
    let judged = sac.verify(&[&cles, &autre])?;
    assert!(!judged.status.success() && said(&judged).contains("n'est pas cru"), "{}", said(&judged));
    let rapport = text(&sac, "data/rapport.html")?;
    for expected in ["Horodateur-tsa", "clôture du 23/11/2026 de 0690001b/2026", "RACINES"] {
        assert!(rapport.contains(expected), "{expected}: {rapport}");
    }
    let folder = fs::read_dir(sac.racine.join("data/horodatages"))?.next().context("none")??.file_name();
    for (file, at, expected) in [
        ("jeton.tsr", 900, "n'est pas cru"),
        ("note", 30, "ne porte pas sur un sceau"),
        ("prolongement", 12, "ne prolonge pas ce qui a été horodaté"),
    ] {
        let sac = dossier.ouvert("preuve.zip")?;
        flip(&sac.racine.join("data/horodatages").join(&folder).join(file), at)?;
        sac.remanifeste()?;
        let judged = sac.verify(&[&cles, &racine])?;
        assert!(!judged.status.success() && said(&judged).contains(expected), "{file}: {}", said(&judged));
    }
    Ok(())
}

/// What it shows was recorded today, and no head that covers it is consigned before tonight.
#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_of_today_stands_on_what_was_dated_before() -> Result<()> {
    let Some(autorite) = Horodateur::open()? else { return Ok(()) };
    let dossier = Dossier::scelle().await?;
    dossier.clos("2026-11-26T08:00:00Z").await?;
    dossier.dated(&autorite).await?;
    let bench = dossier.bench;
    bench.clock.set("2026-11-27T08:00:00Z".parse()?);
    let auteur = PersonneId::derived(&["directrice"]);
    let contenu = Contenu { titre: "Portes ouvertes".to_owned(), corps: "Samedi à 9 h.".to_owned() };
    let rediger = PublicationCommand::RedigerActualite { portail: portail(PORTAIL), auteur, contenu };
    let context = bench.context(&portail(PORTAIL), &["aujourd'hui"]);
    bench.record::<Publication>(context, uuid::Uuid::from_u128(7), rediger).await?;
    let dossier = Dossier::of(bench, "publication", "publications.publication").await?;
    dossier.sealer.pass().await?;
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    assert!(text(&sac, "data/rapport.html")?.contains("pas encore consigné"));
    let (cles, racine) = (sac.racine.join("data/cles.txt"), autorite.path("racine.pem"));
    let judged = sac.verify(&[&cles, &racine])?;
    assert!(judged.status.success() && said(&judged).contains("existaient le"), "{}", said(&judged));
    // A date of which nothing is shown here dates nothing.
    fs::remove_dir_all(sac.racine.join("data/journaux/0690001b-2026-5/clotures"))?;
    sac.remanifeste()?;
    let judged = sac.verify(&[&cles, &racine])?;
    assert!(!judged.status.success() && said(&judged).contains("ne date rien de ce"), "{}", said(&judged));
    Ok(())
}
