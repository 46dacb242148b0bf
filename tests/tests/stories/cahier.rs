//! The cahier de textes: an emploi du temps is imported and an hour of it cancelled, a séance is
//! written, a travail is given, done and given back, and an agenda is read without signing in.

use anyhow::{Context, Result, ensure};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::CompteId;
use http_body_util::BodyExt;
use recits::absent::skipped;
use recits::edt::importer;
use recits::{DOMAINE, Ecole, exploitant, global, personal};
use serde_json::{Value, json};
use std::process::Command;
use uuid::Uuid;

/// The teacher's week, as somebody sees it.
async fn semaine(ecole: &Ecole, who: CompteId, connu_le: Option<&str>) -> Result<Value> {
    let query = "query($uai: String!, $id: ID!, $le: DateTime) {
        semaineEnseignant(uai: $uai, personneId: $id, jour: \"2026-11-25\", connuLe: $le) {
            coursId datePrevue date debut matiere salles annulee divisions { id } enseignants { id } } }";
    let id = global("Personne", ecole.enseignante.0);
    let asked = json!({ "uai": ecole.uai, "id": id, "le": connu_le });
    Ok(ecole.maison.ask(Some(who), query, asked).await?["semaineEnseignant"].take())
}

/// The division's week, as a colleague sees it.
async fn semaine_division(ecole: &Ecole, connu_le: Option<&str>) -> Result<Value> {
    let query = "query($id: ID!, $le: DateTime) {
        semaineDivision(divisionId: $id, jour: \"2026-11-25\", connuLe: $le) { debut annulee } }";
    let asked = json!({ "id": global("Division", ecole.division), "le": connu_le });
    Ok(ecole.maison.ask(Some(ecole.collegue), query, asked).await?["semaineDivision"].take())
}

/// What somebody is answered who follows a link.
pub async fn get(ecole: &Ecole, who: Option<CompteId>, path: &str) -> Result<(StatusCode, String)> {
    let mut request = Request::get(path).header(header::HOST, format!("{}.{DOMAINE}", ecole.portail));
    if let Some(who) = who {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", ecole.maison.token(who)?));
    }
    let response = ecole.maison.send(request.body(Body::empty())?).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emploi_du_temps_is_imported_and_an_hour_of_it_cancelled() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let blank = importer(&ecole, "B12", true).await?;
    ensure!(blank.comptes["Cours"].crees == 2, "{blank}");
    assert_eq!(semaine(&ecole, ecole.enseignante, None).await?, json!([]), "a trial records nothing");
    importer(&ecole, "B12", false).await?;
    let again = importer(&ecole, "B12", false).await?;
    ensure!(again.comptes["Cours"].inchanges == 2, "{again}");

    let week = semaine(&ecole, ecole.enseignante, None).await?;
    let [hour] = week.as_array().context("no week")?.as_slice() else { panic!("{week:#}") };
    assert_eq!((&hour["date"], &hour["debut"]), (&json!("2026-11-24"), &json!("08:00:00")));
    assert_eq!(hour["salles"], json!(["B12"]));
    assert_eq!(hour["divisions"][0]["id"], json!(global("Division", ecole.division)));
    for stranger in [ecole.parent, personal(ecole.eleves[0]), exploitant()] {
        assert_eq!(semaine(&ecole, stranger, None).await?, Value::Null);
    }

    let annuler = json!({ "uai": ecole.uai, "coursId": hour["coursId"], "date": hour["datePrevue"],
                          "annulee": "ENSEIGNANT_ABSENT" });
    for other in [ecole.enseignante, ecole.cpe, ecole.parent] {
        assert_eq!(maison.refused(other, "modifierOccurrence", annuler.clone()).await?, "INTERDIT");
    }
    maison.bench.clock.set("2026-11-23T09:00:00Z".parse()?);
    maison.granted(ecole.principal, "modifierOccurrence", annuler, "").await?;
    let known = |week: &Value| week[0]["annulee"].clone();
    assert_eq!(known(&semaine(&ecole, ecole.enseignante, None).await?), json!("ENSEIGNANT_ABSENT"));
    let before = semaine(&ecole, ecole.enseignante, Some("2026-11-23T08:30:00Z")).await?;
    assert_eq!(known(&before), Value::Null, "as it was known before");
    for (le, annulee) in [(None, json!("ENSEIGNANT_ABSENT")), (Some("2026-11-23T08:30:00Z"), Value::Null)] {
        let hours = json!([{ "debut": "08:00:00", "annulee": annulee },
                           { "debut": "09:00:00", "annulee": null }]);
        assert_eq!(semaine_division(&ecole, le).await?, hours, "the division's, as known at {le:?}");
    }

    let rooms = "query($uai: String!) { salles: sallesLibres(uai: $uai, date: \"2026-12-01\", debut: \"08:30:00\", fin: \"08:45:00\")
                 conflits: conflitsEmploiDuTemps(uai: $uai, annee: 2026) { quoi } }";
    let found = maison.ask(Some(ecole.cpe), rooms, json!({ "uai": ecole.uai })).await?;
    assert_eq!(found, json!({ "salles": ["C03"], "conflits": [] }));
    let eleve = "query($id: ID!) { semaineEleve(eleveId: $id, jour: \"2026-11-24\") { debut annulee } }";
    let id = json!({ "id": global("Eleve", ecole.eleves[0]) });
    for family in [ecole.parent, personal(ecole.eleves[0])] {
        let seen = maison.ask(Some(family), eleve, id.clone()).await?;
        assert_eq!(seen["semaineEleve"].as_array().map(Vec::len), Some(2), "{seen:#}");
    }
    assert_eq!(maison.ask(Some(ecole.autre_parent), eleve, id).await?["semaineEleve"], Value::Null);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_adds_a_course_where_nothing_is_and_moves_an_hour() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    importer(&ecole, "B12", false).await?;
    let cours = |debut: &str, fin: &str, semaines: &str| {
        json!({ "uai": ecole.uai, "annee": 2026, "cours": Uuid::from_u128(7), "jour": "MARDI", "debut": debut,
                "fin": fin, "salles": ["D01"], "semaines": semaines,
                "enseignementIds": [global("Enseignement", ecole.enseignement)] })
    };
    let conflict =
        maison.refused(ecole.principal, "placerCours", cours("08:30:00", "09:30:00", "TOUTES")).await?;
    assert_eq!(conflict, "CONFLIT_D_EMPLOI_DU_TEMPS");
    let unsaid = maison.refused(ecole.principal, "placerCours", cours("14:00:00", "15:00:00", "A")).await?;
    assert_eq!(unsaid, "SAISIE_INVALIDE");
    let weeks = json!({ "uai": ecole.uai, "annee": 2026, "jours": ["2026-11-23", "2026-12-07"] });
    maison.granted(ecole.principal, "fixerSemainesA", weeks, "").await?;
    maison.granted(ecole.principal, "placerCours", cours("14:00:00", "15:00:00", "A"), "").await?;
    let week = "query($id: ID!, $jour: NaiveDate!) {
        semaineDivision(divisionId: $id, jour: $jour) { coursId debut semaine datePrevue date } }";
    let asked = |jour: &str| json!({ "id": global("Division", ecole.division), "jour": jour });
    let a = maison.ask(Some(ecole.collegue), week, asked("2026-11-24")).await?;
    let b = maison.ask(Some(ecole.collegue), week, asked("2026-12-01")).await?;
    let count = |seen: &Value| seen["semaineDivision"].as_array().map(Vec::len);
    assert_eq!((count(&a), count(&b)), (Some(3), Some(2)));
    assert_eq!(
        (&a["semaineDivision"][0]["semaine"], &b["semaineDivision"][0]["semaine"]),
        (&json!("A"), &json!("B"))
    );
    let hour = &a["semaineDivision"][0];
    let deplacer = |date: &str| {
        json!({ "uai": ecole.uai, "coursId": hour["coursId"], "date": hour["datePrevue"],
                "changee": { "date": date } })
    };
    let holiday = maison.refused(ecole.principal, "modifierOccurrence", deplacer("2026-12-25")).await?;
    assert_eq!(holiday, "JOUR_SANS_ECOLE");
    maison.granted(ecole.principal, "modifierOccurrence", deplacer("2026-11-26"), "").await?;
    let moved = maison.ask(Some(ecole.collegue), week, asked("2026-11-24")).await?;
    assert!(moved.to_string().contains("2026-11-26"), "{moved:#}");
    ecole.maison.close().await
}

/// A séance and a travail that the pupils read; their ids.
pub async fn publier(ecole: &Ecole) -> Result<(String, String)> {
    let (maison, enseignement) = (&ecole.maison, global("Enseignement", ecole.enseignement));
    let seance = json!({ "seance": Uuid::from_u128(1), "enseignementId": enseignement, "date": "2026-11-24",
        "debut": "08:00:00", "fin": "09:00:00",
        "contenu": { "titre": "Fractions", "avant": "Partager", "apres": "Exercices 1 à 3" } });
    for other in [ecole.collegue, ecole.principal, ecole.parent] {
        assert_eq!(maison.refused(other, "redigerSeance", seance.clone()).await?, "INTERDIT");
    }
    let seance =
        maison.granted(ecole.enseignante, "redigerSeance", seance, "seance { id publieeLe }").await?;
    assert_eq!(seance["seance"]["publieeLe"], Value::Null);
    let travail = json!({ "travail": Uuid::from_u128(2), "enseignementId": enseignement, "pourLe": "2026-11-27",
        "titre": "Exercices 4 à 7", "minutes": 30, "aRendre": true });
    let travail = maison.granted(ecole.enseignante, "donnerTravail", travail, "travail { id }").await?;
    let id = |payload: &Value, field: &str| payload[field]["id"].as_str().unwrap_or_default().to_owned();
    let (seance, travail) = (id(&seance, "seance"), id(&travail, "travail"));
    assert_eq!(
        cahier(ecole, ecole.parent).await?,
        json!({ "seances": [], "travaux": [] }),
        "a draft is the teacher's"
    );
    maison.granted(ecole.enseignante, "publierSeance", json!({ "seanceId": seance }), "").await?;
    maison.granted(ecole.enseignante, "publierTravail", json!({ "travailId": travail }), "").await?;
    Ok((seance, travail))
}

/// The first pupil's cahier, as somebody sees it.
async fn cahier(ecole: &Ecole, who: CompteId) -> Result<Value> {
    let query = "query($id: ID!) { cahierEleve(eleveId: $id, du: \"2026-11-20\", au: \"2026-11-30\") {
        seances { titre apresSeance } travaux { titre minutes copies { fait annotation adresse } } } }";
    let id = json!({ "id": global("Eleve", ecole.eleves[0]) });
    Ok(ecole.maison.ask(Some(who), query, id).await?["cahierEleve"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_travail_is_given_done_handed_in_and_given_back() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, eleve) = (&ecole.maison, personal(ecole.eleves[0]));
    let (seance, travail) = publier(&ecole).await?;
    let node = "query($id: ID!) { node(id: $id) { __typename id ... on Travail { copies { fait } } } }";
    for id in [&seance, &travail] {
        for who in [ecole.enseignante, ecole.parent, ecole.autre_parent, eleve, ecole.cpe, ecole.principal] {
            let seen = maison.ask(Some(who), node, json!({ "id": id })).await?;
            assert_eq!(seen["node"]["id"], json!(id), "{who}");
        }
        let seen = maison.ask(Some(exploitant()), node, json!({ "id": id })).await?;
        assert_eq!(seen["node"], Value::Null);
    }
    // A colleague reads what the division has to do, and not what is done in class; whose work it
    // is, is his as little as the vie scolaire's.
    let seen = maison.ask(Some(ecole.collegue), node, json!({ "id": seance })).await?;
    assert_eq!(seen["node"], Value::Null);
    for who in [ecole.collegue, ecole.cpe] {
        let seen = maison.ask(Some(who), node, json!({ "id": travail })).await?;
        assert_eq!(seen["node"], json!({ "__typename": "Travail", "id": travail, "copies": null }), "{who}");
    }
    let charge = "query($id: ID!) { chargeDeTravail(divisionId: $id, jour: \"2026-11-23\") { minutes travaux { titre copies { fait } } } }";
    let division = json!({ "id": global("Division", ecole.division) });
    let load = maison.ask(Some(ecole.collegue), charge, division.clone()).await?;
    assert_eq!(load["chargeDeTravail"]["minutes"], json!(30));
    assert_eq!(
        load["chargeDeTravail"]["travaux"][0]["copies"],
        Value::Null,
        "whose work it is, is not a colleague's"
    );
    assert_eq!(maison.ask(Some(ecole.parent), charge, division).await?["chargeDeTravail"], Value::Null);

    let marquer = json!({ "travailId": travail, "fait": true });
    for other in [ecole.parent, ecole.enseignante, exploitant()] {
        assert_eq!(maison.refused(other, "marquerTravail", marquer.clone()).await?, "INTERDIT");
    }
    maison.granted(eleve, "marquerTravail", marquer, "travail { copies { fait } }").await?;
    for (who, copies) in [(ecole.parent, json!([{ "fait": true }])), (ecole.autre_parent, json!([]))] {
        let seen = maison.ask(Some(who), node, json!({ "id": travail })).await?;
        assert_eq!(seen["node"]["copies"], copies, "a family sees what its own child made of it");
    }
    let rendre = |nom: &str, octets: &[u8]| json!({ "travailId": travail, "nom": nom, "contenu": STANDARD.encode(octets) });
    assert_eq!(maison.refused(eleve, "rendreTravail", rendre("a.exe", b"MZ")).await?, "FORMAT_REFUSE");
    assert_eq!(
        maison.refused(eleve, "rendreTravail", rendre("a.txt", &[b'a'; 65_537])).await?,
        "PIECE_TROP_GRANDE"
    );
    maison.granted(eleve, "rendreTravail", rendre("copie.txt", "3/4 et 5/6".as_bytes()), "").await?;
    let seen = cahier(&ecole, ecole.parent).await?;
    assert_eq!(seen["seances"][0]["apresSeance"], json!("Exercices 1 à 3"));
    let copie = &seen["travaux"][0]["copies"][0];
    assert_eq!(copie["fait"], json!(true), "{seen:#}");
    let adresse = copie["adresse"].as_str().context("no address")?;
    for (who, status) in [
        (Some(ecole.parent), StatusCode::OK),
        (Some(ecole.enseignante), StatusCode::OK),
        (Some(ecole.autre_parent), StatusCode::NOT_FOUND),
        (Some(ecole.collegue), StatusCode::NOT_FOUND),
        (None, StatusCode::NOT_FOUND),
    ] {
        let (found, body) = get(&ecole, who, adresse).await?;
        assert_eq!(found, status, "{who:?}");
        assert_eq!(body == "3/4 et 5/6", status == StatusCode::OK);
    }
    let annoter =
        json!({ "travailId": travail, "eleveId": global("Eleve", ecole.eleves[0]), "annotation": "Bien" });
    maison.granted(ecole.enseignante, "annoterCopie", annoter, "").await?;
    assert_eq!(cahier(&ecole, eleve).await?["travaux"][0]["copies"][0]["annotation"], json!("Bien"));
    let late = maison.refused(eleve, "rendreTravail", rendre("b.txt", b"Mieux")).await?;
    assert_eq!(late, "COPIE_DEJA_CORRIGEE");
    assert_eq!(cahier(&ecole, ecole.autre_parent).await?, Value::Null);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cahier_is_seen_by_the_chef_taken_up_elsewhere_and_archived() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, enseignement) = (&ecole.maison, global("Enseignement", ecole.enseignement));
    importer(&ecole, "B12", false).await?;
    publier(&ecole).await?;
    // The travail is for this one.
    let suite = json!({ "seance": Uuid::from_u128(3), "enseignementId": enseignement, "date": "2026-11-27",
        "debut": "08:00:00", "fin": "09:00:00",
        "contenu": { "titre": "Quotients", "avant": "Corriger", "apres": "" } });
    let suite = maison.granted(ecole.enseignante, "redigerSeance", suite, "seance { id }").await?;
    let suite = json!({ "seanceId": suite["seance"]["id"] });
    maison.granted(ecole.enseignante, "publierSeance", suite, "").await?;
    let viser = |jusqu_au: &str| json!({ "enseignementId": enseignement, "jusquAu": jusqu_au });
    assert_eq!(maison.refused(ecole.enseignante, "viserCahier", viser("2026-11-23")).await?, "INTERDIT");
    assert_eq!(maison.refused(ecole.principal, "viserCahier", viser("2026-11-24")).await?, "VISA_D_AVANCE");
    maison.granted(ecole.principal, "viserCahier", viser("2026-11-23"), "").await?;
    let reprendre =
        json!({ "sourceId": enseignement, "enseignementId": enseignement, "depuis": "2026-12-01" });
    maison.granted(ecole.enseignante, "reprendreProgression", reprendre, "").await?;
    let query =
        "query($id: ID!) { cahierDeTextes(enseignementId: $id, du: \"2026-11-20\", au: \"2026-12-20\") {
        seances { date titre reprise publieeLe } visas { jusquAu inspection }
        travaux { titre minutes aRendre donneLe pourLe publieLe } } }";
    let seen = maison.ask(Some(ecole.enseignante), query, json!({ "id": enseignement })).await?;
    let seen = &seen["cahierDeTextes"];
    assert_eq!(seen["visas"], json!([{ "jusquAu": "2026-11-23", "inspection": false }]));
    let taken = &seen["seances"][2];
    assert_eq!((&taken["date"], &taken["reprise"]), (&json!("2026-12-01"), &json!(true)), "{seen:#}");
    assert_eq!(taken["publieeLe"], Value::Null, "a draft again");
    let donne = json!({ "titre": "Exercices 4 à 7", "minutes": 30, "aRendre": true, "donneLe": "2026-12-01",
        "pourLe": "2026-12-08", "publieLe": null });
    assert_eq!(seen["travaux"][1], donne, "for the second séance there, as it was here");
    let path = format!("/cahiers/{}/2026.json", ecole.enseignement);
    let (status, archive) = get(&ecole, Some(ecole.principal), &path).await?;
    let archive: Value = serde_json::from_str(&archive)?;
    assert_eq!(
        (status, archive["seances"].as_array().map(Vec::len)),
        (StatusCode::OK, Some(2)),
        "{archive:#}"
    );
    assert_eq!(archive["travaux"][0]["titre"], json!("Exercices 4 à 7"));
    assert_eq!(get(&ecole, Some(ecole.parent), &path).await?.0, StatusCode::NOT_FOUND);
    ecole.maison.close().await
}

/// A library that is not ours reads the calendar, and tells its events. The zone that is described
/// in it has to be Paris' by the tables of another.
const JUGE: &str = "
import sys, icalendar
from datetime import datetime
from zoneinfo import ZoneInfo
calendar = icalendar.Calendar.from_ical(sys.stdin.read())
(zone,), events = calendar.walk('VTIMEZONE'), calendar.walk('VEVENT')
assert not any(part.errors for part in calendar.walk()), 'something cannot be read'
assert [str(key) for key in zone] == ['TZID'], zone
described, paris = zone.to_tz(lookup_tzid=False), ZoneInfo(str(zone['TZID']))
for year in range(1997, 2038):
    for month in range(1, 13):
        for day in (1, 24, 25, 28):
            at = datetime(year, month, day, 8)
            assert described.utcoffset(at) == paris.utcoffset(at), at
uids = [str(event['UID']) for event in events]
assert len(uids) == len(set(uids)), 'two events have one UID'
for event in events:
    for bound in (event['DTSTART'], event['DTEND']):
        assert bound.params['TZID'] == 'Europe/Paris'
    assert event.decoded('DTSTART') < event.decoded('DTEND')
starts = [event.decoded('DTSTART') for event in events]
print(len(events), min(starts).isoformat(), *sorted({start.hour for start in starts}))
";

fn judged(calendar: &str) -> Result<()> {
    let Some(juges) = std::env::var_os("ENT_JUGES") else {
        return skipped("the judges from PyPI are not here (ENT_JUGES)");
    };
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), calendar)?;
    let python = std::path::Path::new(&juges).join("python");
    let told = Command::new(python).args(["-c", JUGE]).stdin(file.reopen()?).output()?;
    let (said, faults) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    ensure!(told.status.success(), "{faults}\n{calendar}");
    // In winter and in summer, the two courses are at eight and at nine.
    let count = calendar.matches("BEGIN:VEVENT").count();
    ensure!(said.trim() == format!("{count} 2026-11-03T08:00:00+01:00 8 9"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agenda_is_read_at_a_private_address_until_it_is_closed() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    importer(&ecole, "B12", false).await?;
    let open = async |who: CompteId| -> Result<String> {
        let opened = maison.granted(who, "ouvrirAgenda", json!({}), "agenda { adresse ouvert }").await?;
        Ok(opened["agenda"]["adresse"].as_str().context("no address")?.to_owned())
    };
    let adresse = open(ecole.parent).await?;
    let (status, calendar) = get(&ecole, None, &adresse).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(calendar.contains("LOCATION:B12") && calendar.contains("VIE DE CLASSE"), "{calendar}");
    judged(&calendar)?;
    let uids = |text: &str| {
        text.lines().filter(|line| line.starts_with("UID:")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (_, again) = get(&ecole, None, &adresse).await?;
    assert_eq!(uids(&calendar), uids(&again), "the same séance is the same event");
    let (_, hers) = get(&ecole, None, &open(ecole.enseignante).await?).await?;
    assert!(hers.contains("LOCATION:B12") && !hers.contains("VIE DE CLASSE"), "{hers}");

    let other = open(ecole.parent).await?;
    assert_eq!(get(&ecole, None, &adresse).await?.0, StatusCode::NOT_FOUND, "one address at a time");
    assert_eq!(get(&ecole, None, &other).await?.0, StatusCode::OK);
    maison.granted(ecole.parent, "fermerAgenda", json!({}), "agenda { ouvert }").await?;
    assert_eq!(get(&ecole, None, &other).await?.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&ecole, None, "/agenda/devine.ics").await?.0, StatusCode::NOT_FOUND);
    let kept: String = sqlx::query_scalar("SELECT coalesce(string_agg(empreinte, ' '), '') FROM abonnement")
        .fetch_one(&maison.bench.views)
        .await?;
    let secret = adresse.trim_start_matches("/agenda/").trim_end_matches(".ics");
    assert!(!kept.contains(secret));
    ecole.maison.close().await
}
