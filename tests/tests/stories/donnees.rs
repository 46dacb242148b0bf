//! A person's own data: taken out whole, set right when they are wrong, and held for what the
//! register says.

use super::doublons::merge;
use super::saisie::{eleve_ne_le, nouvel_eleve};
use anyhow::{Context, Result, ensure};
use api::importer::Retraits;
use api::importer::csv::ImportCsv;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::CompteId;
use domain::annuaire::EtatCivil;
use http_body_util::BodyExt;
use recits::{Ecole, exploitant, global, personal};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use std::sync::Arc;
use uuid::Uuid;
use zip::ZipArchive;

async fn call(
    ecole: &Ecole,
    who: Option<CompteId>,
    method: &str,
    path: &str,
) -> Result<(StatusCode, Vec<u8>)> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(compte) = who {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", ecole.maison.token(compte)?));
    }
    let response = ecole.maison.send(request.body(Body::empty())?).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes().to_vec()))
}

fn text(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Result<String> {
    let mut text = String::new();
    archive.by_name(name)?.read_to_string(&mut text)?;
    Ok(text)
}

/// The first pupil is absent on Monday, and has a mark that is published and one that is not.
async fn schooling(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let enseignement = global("Enseignement", ecole.enseignement);
    let seance = json!({ "enseignementId": enseignement, "date": "2026-11-23",
                         "debut": "08:00:00", "fin": "08:55:00" });
    let opened = maison.granted(ecole.enseignante, "ouvrirAppel", seance, "appel { id }").await?;
    let appel = opened["appel"]["id"].clone();
    let pointages = json!([{ "eleveId": global("Eleve", ecole.eleves[0]), "etat": "ABSENT" }]);
    let lines = json!({ "appelId": appel, "pointages": pointages });
    maison.granted(ecole.enseignante, "pointerEleves", lines, "").await?;
    maison.granted(ecole.enseignante, "cloreAppel", json!({ "appelId": appel }), "").await?;
    for (titre, published) in [("Fractions", true), ("Secret", false)] {
        let evaluation = json!({ "enseignementId": enseignement, "titre": titre, "date": "2026-11-23",
                                 "bareme": "20", "coefficient": "1" });
        let made =
            maison.granted(ecole.enseignante, "creerEvaluation", evaluation, "evaluation { id }").await?;
        let evaluation = made["evaluation"]["id"].clone();
        let note = json!({ "eleveId": global("Eleve", ecole.eleves[0]),
                           "resultat": { "etat": "NOTE", "note": "12.5" } });
        let input = json!({ "evaluationId": evaluation, "lignes": [note] });
        maison.granted(ecole.enseignante, "saisirNotes", input, "").await?;
        if published {
            let input = json!({ "evaluationId": evaluation });
            maison.granted(ecole.enseignante, "publierEvaluation", input, "").await?;
        }
    }
    Ok(())
}

/// The facts of the dossier that someone takes out about himself or herself.
async fn own_facts(ecole: &Ecole, who: CompteId, number: u128) -> Result<Vec<Value>> {
    ecole.maison.bench.runner.catch_up().await?;
    let asked = json!({ "remise": Uuid::from_u128(number), "personneId": global("Personne", who.0) });
    ecole.maison.granted(who, "demanderDonnees", asked, "").await?;
    let path = format!("/donnees/{}", Uuid::from_u128(number));
    let (status, bytes) = call(ecole, Some(who), "POST", &path).await?;
    ensure!(status == StatusCode::OK, "{status}: {}", String::from_utf8_lossy(&bytes));
    let facts = text(&mut ZipArchive::new(Cursor::new(bytes))?, "faits.jsonl")?;
    Ok(facts.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn of_kind<'a>(facts: &'a [Value], kind: &str) -> Vec<&'a Value> {
    facts.iter().filter(|fact| fact["type"] == kind).collect()
}

fn asked(ecole: &Ecole, number: u128) -> Value {
    json!({ "remise": Uuid::from_u128(number), "personneId": global("Personne", ecole.eleves[0]) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_takes_a_childs_data_out_and_it_is_on_the_record() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    schooling(&ecole).await?;
    for (stranger, number) in [(ecole.autre_parent, 1), (ecole.enseignante, 2), (exploitant(), 3)] {
        assert_eq!(maison.refused(stranger, "demanderDonnees", asked(&ecole, number)).await?, "INTERDIT");
    }
    let fields = "remise { jusque fois }";
    let told = maison.granted(ecole.parent, "demanderDonnees", asked(&ecole, 4), fields).await?;
    assert_eq!(told["remise"], json!({ "jusque": "2026-12-24", "fois": 0 }));
    let path = format!("/donnees/{}", Uuid::from_u128(4));
    for stranger in [None, Some(ecole.autre_parent), Some(ecole.principal)] {
        assert_eq!(call(&ecole, stranger, "POST", &path).await?.0, StatusCode::NOT_FOUND);
    }
    let (status, bytes) = call(&ecole, Some(ecole.parent), "POST", &path).await?;
    ensure!(status == StatusCode::OK, "{status}: {}", String::from_utf8_lossy(&bytes));
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let facts = text(&mut archive, "faits.jsonl")?;
    for line in facts.lines() {
        let fact: Value = serde_json::from_str(line)?;
        assert!(fact["contenu"].is_object() && fact.get("acteur").is_none(), "{fact}");
    }
    for kind in
        ["annuaire.personne.enregistree", "absences.appel.absence_constatee", "notes.evaluation.note_saisie"]
    {
        assert!(facts.contains(kind), "{kind}");
    }
    assert_eq!(facts.matches("note_saisie").count(), 1, "the unpublished mark is left out");
    assert_eq!(text(&mut archive, "absences.csv")?.lines().count(), 2);
    let notes = text(&mut archive, "notes.csv")?;
    assert!(notes.contains("Fractions") && notes.contains("12.5") && !notes.contains("Secret"), "{notes}");
    assert!(text(&mut archive, "index.html")?.contains("Mes données dans l'ENT"));
    assert!(text(&mut archive, "fiche.csv")?.contains("rattachement"));

    maison.bench.runner.catch_up().await?;
    let recorded: (i32, Option<String>) = sqlx::query_as("SELECT fois, empreinte FROM remise WHERE id = $1")
        .bind(Uuid::from_u128(4))
        .fetch_one(&maison.bench.views)
        .await?;
    assert_eq!((recorded.0, recorded.1.map(|hash| hash.len())), (1, Some(64)));
    maison.bench.clock.set("2026-12-25T08:00:00Z".parse()?);
    assert_eq!(call(&ecole, Some(ecole.parent), "POST", &path).await?.0, StatusCode::CONFLICT);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_takes_out_what_she_did_and_nothing_about_her_pupils() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    schooling(&ecole).await?;
    let facts = own_facts(&ecole, ecole.enseignante, 1).await?;
    let opened = of_kind(&facts, "absences.appel.ouvert");
    assert!(opened.len() == 1 && opened.iter().all(|fact| fact["extrait"] == true), "{opened:?}");
    assert_eq!(of_kind(&facts, "notes.evaluation.creee").len(), 2, "hers, published or not");
    assert!(!of_kind(&facts, "annuaire.etablissement.enseignement_attribue").is_empty());
    // She may be a parent here too.
    let parental = "annuaire.personne.responsabilites_etablies";
    let named = facts.iter().filter(|fact| fact["type"] != parental).map(Value::to_string);
    let named = named.collect::<String>();
    assert!(!ecole.eleves.iter().any(|eleve| named.contains(&eleve.to_string())), "{named}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_takes_out_for_whom_he_answers_and_not_who_else_does() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let facts = own_facts(&ecole, ecole.parent, 1).await?;
    let told = of_kind(&facts, "annuaire.personne.responsabilites_etablies");
    let mut enfants = told.iter().map(|fact| &fact["contenu"]["personne"]);
    assert!(enfants.any(|enfant| *enfant == json!(ecole.eleves[0])), "{told:?}");
    for fact in told {
        let lines = fact["contenu"]["responsables"].as_array().context("no line")?;
        assert!(lines.iter().all(|line| line["responsable"] == json!(ecole.parent.0)), "{fact}");
        assert!(fact["contenu"].get("provenance").is_none(), "{fact}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_asked_to_be_set_right_and_is_answered() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let demand = |number: u128| {
        json!({ "rectification": Uuid::from_u128(number), "personneId": global("Personne", ecole.eleves[0]),
                "champ": "ETAT_CIVIL", "valeur": "Zoé", "motif": "Acte de naissance" })
    };
    assert_eq!(maison.refused(ecole.autre_parent, "demanderRectification", demand(1)).await?, "INTERDIT");
    let fields = "rectification { id etat avantLe }";
    for number in [1, 2] {
        let told = maison.granted(ecole.parent, "demanderRectification", demand(number), fields).await?;
        assert_eq!(told["rectification"]["avantLe"], "2026-12-23");
    }
    let list = "query($portail: String!) { rectifications(portail: $portail, first: 10) {
        edges { node { id valeur etat } } } }";
    let portail = json!({ "portail": ecole.portail });
    let open = maison.ask(Some(ecole.principal), list, portail.clone()).await?;
    assert_eq!(open["rectifications"]["edges"].as_array().map(Vec::len), Some(2));
    assert_eq!(maison.ask(Some(ecole.cpe), list, portail.clone()).await?["rectifications"], Value::Null);
    let id = |number| global("Rectification", Uuid::from_u128(number));
    let grant = json!({ "rectificationId": id(1), "suite": "Corrigé dans SIECLE" });
    assert_eq!(maison.refused(ecole.parent, "accorderRectification", grant.clone()).await?, "INTERDIT");
    maison.granted(ecole.principal, "accorderRectification", grant.clone(), "").await?;
    assert_eq!(
        maison.refused(ecole.principal, "accorderRectification", grant).await?,
        "RECTIFICATION_DECIDEE"
    );
    let refuse = json!({ "rectificationId": id(2), "motif": "Pièce illisible ; vous pouvez saisir la CNIL" });
    maison.granted(ecole.principal, "refuserRectification", refuse, "").await?;
    let read = "query($id: ID!) { rectification(id: $id) { etat reponse } }";
    let seen = maison.ask(Some(ecole.parent), read, json!({ "id": id(2) })).await?;
    assert_eq!(seen["rectification"]["etat"], "REFUSEE");
    assert!(seen["rectification"]["reponse"].as_str().context("no answer")?.contains("CNIL"));
    let hidden = maison.ask(Some(personal(ecole.autre_eleve)), read, json!({ "id": id(2) })).await?;
    assert_eq!(hidden["rectification"], Value::Null);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_taken_out_by_the_offices_and_the_register_by_anybody() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let divisions = format!("/listes/{}/divisions.csv", ecole.uai);
    let (status, bytes) = call(&ecole, Some(ecole.cpe), "GET", &divisions).await?;
    assert_eq!(status, StatusCode::OK);
    let table = String::from_utf8(bytes)?;
    assert!(table.starts_with("\u{feff}division;libelle;nom;prenom;naissance;identifiant"), "{table}");
    assert!(ecole.eleves.iter().all(|eleve| table.contains(&eleve.to_string())));
    for stranger in [None, Some(ecole.parent), Some(personal(ecole.eleves[0])), Some(exploitant())] {
        assert_eq!(call(&ecole, stranger, "GET", &divisions).await?.0, StatusCode::NOT_FOUND);
    }
    let asked = json!({ "uai": ecole.uai, "annee": 2026, "code": "=CMD()", "libelle": "Piège" });
    let opened = ecole.maison.granted(ecole.enseignante, "creerGroupe", asked, "groupe { id }").await?;
    let membres = json!({ "groupeId": opened["groupe"]["id"],
                          "membres": [global("Personne", ecole.eleves[0])] });
    ecole.maison.granted(ecole.enseignante, "ajouterAuGroupe", membres, "").await?;
    let groupes = format!("/listes/{}/groupes.csv", ecole.uai);
    let (_, bytes) = call(&ecole, Some(ecole.principal), "GET", &groupes).await?;
    assert!(String::from_utf8(bytes)?.contains("\n'=CMD();"), "no spreadsheet runs it");

    let (status, bytes) = call(&ecole, None, "GET", "/registre-des-traitements.json").await?;
    assert_eq!(status, StatusCode::OK);
    let registre: Value = serde_json::from_slice(&bytes)?;
    let named = registre.to_string();
    for (_, specs, _) in domain::catalogue() {
        assert!(specs.iter().all(|spec| named.contains(spec.name)));
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_childs_data_are_handed_to_nobody_else_from_the_birthday_on() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let demande = |eleve: Uuid, number: u128| json!({ "remise": Uuid::from_u128(number), "personneId": global("Personne", eleve) });
    let mineur = eleve_ne_le(&ecole, "2008-12-01").await?;
    maison.granted(ecole.parent, "demanderDonnees", demande(mineur.0, 1), "").await?;
    let path = format!("/donnees/{}", Uuid::from_u128(1));
    assert_eq!(call(&ecole, Some(ecole.parent), "POST", &path).await?.0, StatusCode::OK);
    maison.bench.clock.set("2026-12-01T08:00:00Z".parse()?);
    assert_eq!(call(&ecole, Some(ecole.parent), "POST", &path).await?.0, StatusCode::CONFLICT);
    ecole.maison.close().await
}

/// A second fiche says nothing of the date of birth: the person's is known all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_fiche_does_not_make_anybody_younger() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let etat_civil = |naissance: Option<&str>| -> Result<EtatCivil> {
        Ok(EtatCivil {
            nom: "Fictif".into(),
            prenom: "Alix".into(),
            courriel: Some("alix@exemple.fr".into()),
            naissance: naissance.map(str::parse).transpose()?,
            ..EtatCivil::default()
        })
    };
    let majeur = nouvel_eleve(&ecole, "majeur", etat_civil(Some("2008-09-01"))?).await?;
    let sans_date = nouvel_eleve(&ecole, "sans date", etat_civil(None)?).await?;
    let demande = json!({ "remise": Uuid::from_u128(1), "personneId": global("Personne", sans_date.0) });
    maison
        .granted(ecole.principal, "fusionnerFiches", merge(&ecole, majeur, personal(sans_date.0)), "")
        .await?;
    maison.bench.runner.catch_up().await?;
    let refused = maison.refused(ecole.parent, "demanderDonnees", demande).await?;
    assert_eq!(refused, "PERSONNE_MAJEURE");
    ecole.maison.close().await
}

/// What the directory shows of people, as text.
async fn shown(ecole: &Ecole) -> Result<Vec<String>> {
    let sql = "SELECT 'p' || x::text FROM personne x UNION ALL SELECT 'r' || x::text FROM rattachement x
               UNION ALL SELECT 's' || x::text FROM responsabilite x ORDER BY 1";
    Ok(sqlx::query_scalar(sql).fetch_all(&ecole.maison.bench.views).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_people_is_read_back_and_changes_nothing() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let path = format!("/listes/{}/personnes.csv", ecole.uai);
    for stranger in [None, Some(ecole.parent), Some(ecole.enseignante)] {
        assert_eq!(call(&ecole, stranger, "GET", &path).await?.0, StatusCode::NOT_FOUND);
    }
    let (status, written) = call(&ecole, Some(ecole.principal), "GET", &path).await?;
    ensure!(status == StatusCode::OK, "{status}");
    let (dossier, before) = (tempfile::tempdir()?, shown(&ecole).await?);
    let chemin = dossier.path().join("personnes.csv");
    std::fs::write(&chemin, &written)?;
    let acteur = maison.commands.acteur(Some(exploitant())).await?;
    let import = ImportCsv {
        chemin,
        uai: ecole.uai.parse()?,
        du: "2026-11-23".parse()?,
        a_blanc: false,
        retraits: Retraits::Mesures,
    };
    let rapport = import.clone().run(&maison.commands, &acteur, Arc::new(|_| ())).await?;
    maison.bench.runner.catch_up().await?;
    assert!(rapport.lignes.is_empty(), "{rapport}");
    assert_eq!(shown(&ecole).await?, before);
    // Now that the file has named everybody, it says nothing new.
    let told = async || -> Result<i64> {
        let sql = "SELECT count(*) FROM ledger.events
                   WHERE aggregate_type IN ('annuaire.personne', 'annuaire.etablissement')";
        Ok(sqlx::query_scalar(sql).fetch_one(maison.bench.ledger.pool()).await?)
    };
    let before = told().await?;
    let (_, again) = call(&ecole, Some(ecole.principal), "GET", &path).await?;
    assert_eq!(String::from_utf8(again)?, String::from_utf8(written)?);
    maison.bench.clock.set("2026-11-23T12:00:00Z".parse()?);
    import.run(&maison.commands, &acteur, Arc::new(|_| ())).await?;
    assert_eq!(told().await?, before);
    ecole.maison.close().await
}
