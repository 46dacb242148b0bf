//! What was written of a pupil goes when its time has come: one asks, another confirms, the
//! holds are heard, and a document says what was checked.

use super::preuves::proven;
use crate::rejeu::{ran_with_keys, tamper};
use anyhow::Result;
use domain::absences::Appel;
use domain::{Aggregate, CleId, CompteId};
use ledger::envelope::Stream;
use recits::faults::{command, environment};
use recits::{Ecole, exploitant, global};
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

const DUE: &str = "query($portail: String!, $le: NaiveDate!) { conservation(portail: $portail) {
    echeances(le: $le, first: 100) { edges { node { sujet classe annee regle echeance evenements } } } } }";
const RECORD: &str = "destruction { id etat clesDetruites lots { sujet classe annee evenements }
    procesVerbal { conforme html donnees } }";

async fn due(ecole: &Ecole, who: CompteId, le: &str) -> Result<Value> {
    let variables = json!({ "portail": ecole.portail, "le": le });
    Ok(ecole.maison.ask(Some(who), DUE, variables).await?["conservation"].take())
}

/// The first pupil is absent, on this Monday; the roll.
async fn absence(ecole: &Ecole) -> Result<Value> {
    let maison = &ecole.maison;
    let seance = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
                         "date": "2026-11-23", "debut": "08:00:00", "fin": "08:55:00" });
    let opened = maison.granted(ecole.enseignante, "ouvrirAppel", seance, "appel { id }").await?;
    let pointages = json!([{ "eleveId": global("Eleve", ecole.eleves[0]), "etat": "ABSENT" }]);
    let input = json!({ "appelId": opened["appel"]["id"], "pointages": pointages });
    maison.granted(ecole.enseignante, "pointerEleves", input, "").await?;
    let appel = json!({ "appelId": opened["appel"]["id"] });
    maison.granted(ecole.enseignante, "cloreAppel", appel, "").await?;
    Ok(opened["appel"]["id"].clone())
}

async fn absences(ecole: &Ecole) -> Result<usize> {
    let query = "query($id: ID!) { eleve(id: $id) { absences(first: 5) { edges { node { date } } } } }";
    let id = json!({ "id": global("Eleve", ecole.eleves[0]) });
    let seen = ecole.maison.ask(Some(ecole.parent), query, id).await?;
    Ok(seen["eleve"]["absences"]["edges"].as_array().map_or(0, Vec::len))
}

/// What the document of a destruction says now.
async fn proces_verbal(ecole: &Ecole, number: u128) -> Result<Value> {
    let read = "query($portail: String!, $id: ID!) { conservation(portail: $portail) {
        destruction(id: $id) { procesVerbal { conforme html donnees } } } }";
    let id = global("Destruction", Uuid::from_u128(number));
    let variables = json!({ "portail": ecole.portail, "id": id });
    let mut read = ecole.maison.ask(Some(ecole.principal), read, variables).await?;
    Ok(read["conservation"]["destruction"]["procesVerbal"].take())
}

fn asked(ecole: &Ecole, number: u128) -> Value {
    json!({ "portail": ecole.portail, "destruction": Uuid::from_u128(number), "fondement": "ECHEANCE",
            "motif": "Fin de la durée de conservation",
            "choix": [{ "classe": "SCOLARITE", "annee": 2026 }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupils_absence_goes_when_its_time_has_come_and_the_journal_stands() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    absence(&ecole).await?;
    assert_eq!(absences(&ecole).await?, 1);
    let early = maison.refused(ecole.administrateur, "demanderDestruction", asked(&ecole, 1)).await?;
    assert_eq!(early, "PAS_ENCORE_ECHU");

    maison.bench.clock.set("2028-08-01T08:00:00Z".parse()?);
    let destruction = global("Destruction", Uuid::from_u128(2));
    maison.granted(ecole.administrateur, "demanderDestruction", asked(&ecole, 2), RECORD).await?;
    assert_eq!(absences(&ecole).await?, 1, "nothing goes before it is confirmed");
    let confirm = json!({ "destructionId": destruction });
    for (who, code) in [(ecole.administrateur, "INTERDIT"), (exploitant(), "INTERDIT")] {
        assert_eq!(maison.refused(who, "confirmerDestruction", confirm.clone()).await?, code);
    }

    let hold = json!({ "portail": ecole.portail, "gel": Uuid::from_u128(9), "motif": "Réquisition",
                       "personneId": global("Personne", ecole.eleves[0]) });
    maison.granted(exploitant(), "poserGel", hold, "gel { motif classes }").await?;
    assert_eq!(maison.refused(ecole.principal, "confirmerDestruction", confirm.clone()).await?, "SOUS_GEL");
    let lift = json!({ "portail": ecole.portail, "gel": Uuid::from_u128(9), "motif": "Affaire classée" });
    assert_eq!(maison.refused(exploitant(), "leverGel", lift.clone()).await?, "INTERDIT");
    maison.granted(ecole.principal, "leverGel", lift, "gel { leveLe }").await?;

    let done = maison.granted(ecole.principal, "confirmerDestruction", confirm.clone(), RECORD).await?;
    assert_eq!(done["destruction"]["etat"], "EXECUTEE");
    maison.bench.runner.catch_up().await?;
    assert_eq!(absences(&ecole).await?, 0);
    let pv = proces_verbal(&ecole, 2).await?;
    assert_eq!(pv["conforme"], true, "{pv:#}");
    let html = pv["html"].as_str().unwrap_or_default();
    assert!(html.contains("Procès-verbal d'effacement") && html.contains("01/08/2028"), "{html}");
    assert_eq!(
        maison.refused(ecole.principal, "confirmerDestruction", confirm).await?,
        "DESTRUCTION_TERMINEE"
    );
    // Each document re-reads much: a request has a few of them drawn up, and not a page of them.
    let page = "query($portail: String!, $first: Int!) { conservation(portail: $portail) {
        destructions(first: $first) { nodes { procesVerbal { conforme } } } } }";
    let few = json!({ "portail": ecole.portail, "first": 2 });
    let drawn = maison.ask(Some(ecole.principal), page, few).await?;
    let all = &drawn["conservation"]["destructions"]["nodes"];
    assert_eq!(all, &json!([{ "procesVerbal": { "conforme": true } }]));
    let many = json!({ "portail": ecole.portail, "first": 20 });
    let refused = maison.answer(Some(ecole.principal), page, many).await?;
    assert!(refused["data"].is_null() && !refused["errors"].is_null(), "{refused:#}");
    for (journal, _) in maison.bench.journals().await? {
        let verdict = maison.bench.verify(&journal).await?;
        assert_eq!(verdict.fault, None);
    }
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destruction_does_not_wait_for_its_seal_and_its_proof_does() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    absence(&ecole).await?;
    let asked = json!({ "portail": ecole.portail, "destruction": Uuid::from_u128(3),
        "fondement": "DEMANDE_DE_LA_PERSONNE", "motif": "Changement d'établissement",
        "choix": [{ "classe": "SCOLARITE", "annee": 2026,
                    "personnes": [global("Personne", ecole.eleves[0])] }] });
    maison.granted(ecole.administrateur, "demanderDestruction", asked, "").await?;
    let confirm = "mutation($input: ConfirmerDestructionInput!) {
        confirmerDestruction(input: $input) { position preuve userErrors { code } } }";
    let input = json!({ "input": { "destructionId": global("Destruction", Uuid::from_u128(3)),
        "clientMutationId": Uuid::from_u128(4) } });
    // Nobody seals: it is done all the same, and what is missing is said.
    let answer = maison.answer(Some(ecole.principal), confirm, input.clone()).await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "PAS_ENCORE_SCELLE", "{answer:#}");
    let done = &answer["data"]["confirmerDestruction"];
    assert_eq!((&done["preuve"], &done["userErrors"]), (&Value::Null, &json!([])));
    maison.bench.runner.catch_up().await?;
    assert_eq!(absences(&ecole).await?, 0);

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let sealer = maison.sealer.clone();
    let sealing = tokio::spawn(async move { sealer.run(stopped).await });
    let again = maison.ask(Some(ecole.principal), confirm, input).await?["confirmerDestruction"].take();
    assert_eq!(again["position"], done["position"], "asked again it is answered, and not done again");
    assert_eq!(proven(maison, &again).await?, "conservation.destruction.executee");
    stop.send_replace(true);
    sealing.await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_told_for_any_day_of_the_three_coming_school_years() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    absence(&ecole).await?;
    let classes = |found: &Value| {
        let edges = found["echeances"]["edges"].as_array().cloned().unwrap_or_default();
        let classe = |edge: Value| edge["node"]["classe"].as_str().unwrap_or_default().to_owned();
        edges.into_iter().map(classe).collect::<BTreeSet<_>>()
    };
    for (le, expected) in [("2027-08-01", 0), ("2028-07-31", 0), ("2028-08-01", 1), ("2029-08-01", 1)] {
        let found = due(&ecole, ecole.principal, le).await?;
        assert_eq!(classes(&found).len(), expected, "{le}: {found:#}");
    }
    for stranger in [ecole.parent, ecole.enseignante, ecole.cpe] {
        assert_eq!(due(&ecole, stranger, "2028-08-01").await?, Value::Null);
    }
    ecole.maison.close().await
}

/// A school in which an absence was destroyed; what was there before is kept apart, as a backup
/// that nobody destroyed would.
async fn destroyed() -> Result<Ecole> {
    let mut ecole = Ecole::ouvrir().await?;
    absence(&ecole).await?;
    ecole.maison.bench.runner.catch_up().await?;
    for (copy, of) in [("cles", "ledger.keys"), ("lignes", "absences.appel_ligne")] {
        let copied = format!("CREATE TABLE public.{copy} AS SELECT * FROM {of}");
        sqlx::raw_sql(&copied).execute(&ecole.maison.bench.owner).await?;
    }
    ecole.maison.bench.clock.set("2028-08-01T08:00:00Z".parse()?);
    ecole.maison.granted(ecole.administrateur, "demanderDestruction", asked(&ecole, 2), "").await?;
    let confirm = json!({ "destructionId": global("Destruction", Uuid::from_u128(2)) });
    ecole.maison.granted(ecole.principal, "confirmerDestruction", confirm, "").await?;
    ecole.maison.bench.runner.catch_up().await?;
    assert_eq!(proces_verbal(&ecole, 2).await?["conforme"], true);
    // What is undone below, views at work would do again.
    ecole.maison.still().await?;
    Ok(ecole)
}

/// The places that a document names which is not as it should be, finding by finding.
fn lieux(pv: &Value) -> Vec<&Value> {
    let constats = pv["donnees"]["constats"].as_array().into_iter().flatten();
    let wrong = constats.filter(|constat| constat["attendu"] != constat["constate"]);
    wrong.map(|constat| &constat["lieux"]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_that_was_touched_and_a_view_that_was_not_purged_are_named_by_the_document() -> Result<()> {
    let ecole = destroyed().await?;
    let bench = &ecole.maison.bench;
    let under = "FROM ledger.events WHERE key_id IN (SELECT id FROM ledger.keys WHERE destroyed IS NOT NULL)
                 ORDER BY annee, position LIMIT 1";
    let place = format!("SELECT concat_ws('/', portail, annee, position) {under}");
    let place: String = sqlx::query_scalar(&place).fetch_one(&bench.owner).await?;
    // Done twice, it is undone.
    let flip = format!(
        "UPDATE ledger.events SET leaf_hash = set_byte(leaf_hash, 0, get_byte(leaf_hash, 0) # 1)
         WHERE (portail, annee, position) = (SELECT portail, annee, position {under})"
    );
    tamper(bench, &flip).await?;
    let pv = proces_verbal(&ecole, 2).await?;
    assert_eq!((&pv["conforme"], lieux(&pv)), (&json!(false), vec![&json!([place])]));
    let html = pv["html"].as_str().unwrap_or_default();
    assert!(html.contains("<strong>NON CONFORME</strong>") && html.contains(&place), "{html}");
    tamper(bench, &flip).await?;
    assert_eq!(proces_verbal(&ecole, 2).await?["conforme"], true);

    tamper(bench, "UPDATE projections.version SET purged = 0 WHERE projection = 'absences.appels'").await?;
    let pv = proces_verbal(&ecole, 2).await?;
    let vues = pv["donnees"]["vues"].as_array().into_iter().flatten();
    let left: Vec<_> = vues.filter(|vue| vue["purgee"] != true).map(|vue| &vue["nom"]).collect();
    assert_eq!((&pv["conforme"], left), (&json!(false), vec![&json!("absences.appels")]));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_a_view_that_was_put_back_is_named_by_the_document_and_by_the_comparison() -> Result<()> {
    let ecole = destroyed().await?;
    let bench = &ecole.maison.bench;
    let (verdict, told) = ran_with_keys(bench, &["comparer"]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let put_back = "INSERT INTO absences.appel_ligne SELECT * FROM public.lignes ON CONFLICT DO NOTHING";
    tamper(bench, put_back).await?;
    let pv = proces_verbal(&ecole, 2).await?;
    let row = "absences.appels, table appel_ligne (en trop : 1, manquantes : 0)";
    assert_eq!((&pv["conforme"], lieux(&pv)), (&json!(false), vec![&json!([row])]));
    let html = pv["html"].as_str().unwrap_or_default();
    assert!(html.contains("<strong>NON CONFORME</strong>") && html.contains(row), "{html}");
    // The document is one of what is there, and changes nothing of it.
    let (verdict, told) = ran_with_keys(bench, &["comparer", "--json"]).await;
    assert_eq!(verdict, Verdict::Invalide, "{told}");
    let told: Value = serde_json::from_str(&told)?;
    assert_eq!(told["differences"][0]["table"], "absences.appel_ligne", "{told}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_put_back_is_named_by_the_document_and_the_program_fails() -> Result<()> {
    let ecole = destroyed().await?;
    let bench = &ecole.maison.bench;
    let put_back = "UPDATE ledger.keys k SET wrapped = c.wrapped FROM public.cles c
                    WHERE c.id = k.id AND k.wrapped IS NULL";
    tamper(bench, put_back).await?;
    let destroyed = "SELECT id::text FROM ledger.keys WHERE destroyed IS NOT NULL ORDER BY id";
    let keys: Vec<String> = sqlx::query_scalar(destroyed).fetch_all(&bench.owner).await?;
    let pv = proces_verbal(&ecole, 2).await?;
    // It bears no mark of a destroyed key, it opens, and what it opens is not in the views.
    let found = lieux(&pv);
    assert_eq!((&pv["conforme"], &found[..2]), (&json!(false), &[&json!(keys), &json!(keys)][..]));
    let row = json!("absences.appels, table appel_ligne (en trop : 0, manquantes : 1)");
    assert!(found[2].as_array().is_some_and(|lieux| lieux.contains(&row)), "{found:?}");

    let folder = tempfile::tempdir()?;
    let (environment, log) = (environment(bench, folder.path()).await?, folder.path().join("commande.log"));
    let id = Uuid::from_u128(2).to_string();
    let status = command(&environment, &log, &["conservation", "proces-verbal", &id])?.status().await?;
    let said = std::fs::read_to_string(&log)?;
    assert_eq!(status.code(), Some(1), "{said}");
    for expected in ["NON CONFORME", "un constat au moins n'est pas conforme"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(keys.iter().all(|key| said.contains(key)), "{said}");
    ecole.maison.close().await
}

/// What the program answers of the roll and of the pupil, whoever asks.
async fn told(ecole: &Ecole, appel: &Value) -> Result<String> {
    let roll = "query($id: ID!) { appel(id: $id) { absents lignes { etat motif eleve { id } } } }";
    let pupil = "query($id: ID!) { eleve(id: $id) { absences(first: 5) { nodes { date etat } } } }";
    let (appel, eleve) = (json!({ "id": appel }), json!({ "id": global("Eleve", ecole.eleves[0]) }));
    let mut all = String::new();
    for (who, query, id) in [
        (ecole.enseignante, roll, &appel),
        (ecole.cpe, roll, &appel),
        (ecole.cpe, pupil, &eleve),
        (ecole.parent, pupil, &eleve),
    ] {
        all.push_str(&ecole.maison.ask(Some(who), query, id.clone()).await?.to_string());
    }
    Ok(all)
}

/// It has the roll in its memory, the keys in its ring and its answers in its views.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_knew_it_all_says_nothing_of_what_was_just_destroyed() -> Result<()> {
    const MOTIF: &str = "Vu à la loge avec sa sœur";
    let ecole = Ecole::ouvrir().await?;
    let (maison, bench) = (&ecole.maison, &ecole.maison.bench);
    let appel = absence(&ecole).await?;
    let correction = json!({ "appelId": appel, "motif": MOTIF, "pointage":
        { "eleveId": global("Eleve", ecole.eleves[0]), "etat": "EN_RETARD", "minutes": 10 } });
    maison.granted(ecole.cpe, "corrigerAppel", correction, "").await?;
    bench.runner.catch_up().await?;
    assert_eq!(told(&ecole, &appel).await?.matches(MOTIF).count(), 2);

    let stream = "SELECT aggregate_id FROM ledger.events WHERE aggregate_type = $1";
    let id: String = sqlx::query_scalar(stream).bind(Appel::TYPE).fetch_one(&bench.owner).await?;
    let stream = Stream { kind: Appel::TYPE.to_owned(), id };
    let keys = "SELECT id FROM ledger.keys WHERE subject = $1 AND retention = 'scolarite'";
    let subject = format!("personne:{}", ecole.eleves[0]);
    let keys: Vec<Uuid> = sqlx::query_scalar(keys).bind(subject).fetch_all(&bench.owner).await?;
    let keys: BTreeSet<_> = keys.into_iter().map(CleId).collect();
    let held = async || anyhow::Ok(bench.keys.for_ids(&bench.views, &keys).await?.len());
    assert_eq!((bench.ledger.memory().recall(&stream).is_some(), held().await?), (true, 1));

    let lot = json!({ "classe": "SCOLARITE", "annee": 2026,
                      "personnes": [global("Personne", ecole.eleves[0])] });
    let asked = json!({ "portail": ecole.portail, "destruction": Uuid::from_u128(5), "motif": "Départ",
                        "fondement": "DEMANDE_DE_LA_PERSONNE", "choix": [lot] });
    maison.granted(ecole.administrateur, "demanderDestruction", asked, "").await?;
    told(&ecole, &appel).await?;
    let confirm = "mutation($input: ConfirmerDestructionInput!) {
        confirmerDestruction(input: $input) { position userErrors { code } } }";
    let input = json!({ "input": { "destructionId": global("Destruction", Uuid::from_u128(5)) } });
    let done = maison.ask(Some(ecole.principal), confirm, input).await?;
    assert_eq!(done["confirmerDestruction"]["userErrors"], json!([]), "{done}");
    // What it decides from and opens with is gone as it answers; its views follow by themselves.
    assert_eq!((bench.ledger.memory().recall(&stream).is_some(), held().await?), (false, 0));
    bench.runner.catch_up().await?;
    let after = told(&ecole, &appel).await?;
    assert!(!after.contains(MOTIF) && !after.contains("EN_RETARD") && !after.contains("date"), "{after}");
    let again = json!({ "appelId": appel, "motif": "Encore", "pointage":
        { "eleveId": global("Eleve", ecole.autre_eleve), "etat": "ABSENT" } });
    maison.granted(ecole.cpe, "corrigerAppel", again, "").await?;
    assert!(!told(&ecole, &appel).await?.contains(MOTIF), "nor does what is decided from the roll again");
    ecole.maison.close().await
}
