//! A month of one pupil: rolls, what the family says, what the vie scolaire settles, what follows.

use super::changement::{AutreDivision, affecter};
use super::doublons::merge;
use anyhow::{Context, Result};
use axum::http::StatusCode;
use domain::CompteId;
use domain::annuaire::EtatCivil;
use projections::annuaire::Annuaire;
use recits::{Ecole, Heure, exploitant, global, personal};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use uuid::Uuid;

/// One roll of the first pupil's division, closed, in which he or she is absent.
async fn absent(ecole: &Ecole, date: &str, (debut, fin): (&str, &str)) -> Result<Value> {
    ecole.faire_l_appel(&ecole.heure(date, debut, fin), &ecole.eleves[..1]).await
}

/// The files of the first pupil, newest first: id and state.
async fn dossiers(ecole: &Ecole) -> Result<Vec<(String, String)>> {
    let query = "query($uai: String!) { dossiersAbsence(uai: $uai, first: 50,
        etats: [CONSTATEE, ANNONCEE, JUSTIFIEE, REGLEE]) { nodes { id etat } } }";
    let read = ecole.maison.ask(Some(ecole.cpe), query, json!({ "uai": ecole.uai })).await?;
    let nodes = read["dossiersAbsence"]["nodes"].as_array().context("no list")?.clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(nodes.iter().map(|node| (text(&node["id"]), text(&node["etat"]))).collect())
}

/// What a month of the first pupil comes to, as somebody sees it.
pub async fn decompte(ecole: &Ecole, who: CompteId) -> Result<Value> {
    let query =
        "query($e: ID!, $uai: String!) { decompteDemiJournees(eleveId: $e, uai: $uai, mois: \"2026-11-15\") {
        constatees { jour moment } sansMotifLegitime { jour moment } seuils { suite version source }
        politique { nom version } } }";
    let asked = json!({ "e": global("Eleve", ecole.eleves[0]), "uai": ecole.uai });
    Ok(ecole.maison.ask(Some(who), query, asked).await?["decompteDemiJournees"].take())
}

/// How long a list is; none is as long as what is no list.
pub fn length(list: &Value) -> usize {
    list.as_array().map_or(usize::MAX, Vec::len)
}

/// The thresholds of November that the vie scolaire reads.
pub async fn seuils(ecole: &Ecole) -> Result<Value> {
    let query = "query($uai: String!) { seuilsAtteints(uai: $uai, mois: \"2026-11-02\", first: 5) { nodes {
        suite seuil demiJournees regle politique version } } }";
    let read = ecole.maison.ask(Some(ecole.cpe), query, json!({ "uai": ecole.uai })).await?;
    Ok(read["seuilsAtteints"]["nodes"].clone())
}

/// The direction says how half-days are counted, and what a motive of the house is worth.
async fn la_direction_fixe_le_reglement(ecole: &Ecole) -> Result<()> {
    let politique = json!({ "uai": ecole.uai, "nom": "Collège", "limite": "11:50:00", "tolerance": 10,
        "fermetures": [{ "jour": "MERCREDI", "debut": "11:50:00" }, { "jour": "DIMANCHE" }],
        "vacances": [], "depuis": "2026-09-01" });
    let field = "reglement { politiques { nom version limite } motifs { code legal } }";
    let set = ecole.maison.granted(ecole.principal, "fixerPolitiqueDemiJournees", politique.clone(), field);
    let set = set.await?;
    assert_eq!(set["reglement"]["politiques"][0]["version"], 1);
    assert_eq!(ecole.maison.refused(ecole.cpe, "fixerPolitiqueDemiJournees", politique).await?, "INTERDIT");
    let motif = json!({ "uai": ecole.uai, "code": "panne_reveil", "libelle": "Panne de réveil",
                        "legitime": false, "bulletin": true, "alertes": true });
    let set = ecole.maison.granted(ecole.principal, "definirMotifAbsence", motif, field).await?;
    assert_eq!(length(&set["reglement"]["motifs"]), 6, "five are the law's");
    Ok(())
}

/// Six half-days in the first three weeks of November.
async fn un_mois_d_appels(ecole: &Ecole) -> Result<()> {
    let (morning, noon) = (("08:00:00", "11:00:00"), ("11:00:00", "14:00:00"));
    for (date, span) in [
        ("2026-11-02", morning),
        ("2026-11-03", morning),
        ("2026-11-05", noon),
        ("2026-11-09", morning),
        ("2026-11-10", morning),
    ] {
        absent(ecole, date, span).await?;
        ecole.constater(date).await?;
        ecole.constater(date).await?;
    }
    assert_eq!(dossiers(ecole).await?.len(), 5, "asked twice, stated once");
    let counted = decompte(ecole, ecole.cpe).await?;
    assert_eq!(length(&counted["constatees"]), 6, "{counted}");
    assert_eq!(counted["politique"], json!({ "nom": "Collège", "version": 1 }));
    Ok(())
}

/// The family justifies three absences: one by illness, one by a motive that is none, one that is
/// refused; nobody else does.
async fn la_famille_justifie(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let files = dossiers(ecole).await?;
    let contact = json!({ "dossierAbsenceId": files[0].0, "moyen": "SMS", "resume": "Prévenue" });
    let told =
        maison.granted(ecole.cpe, "contacterFamille", contact, "dossier { contacts { moyen } }").await?;
    assert_eq!(told["dossier"]["contacts"], json!([{ "moyen": "SMS" }]));
    let piece =
        json!({ "empreinte": "ab".repeat(32), "nom": "certificat.pdf", "nature": "PDF", "octets": 2048 });
    let said = json!({ "dossierAbsenceId": files[0].0,
                       "justification": { "motif": "maladie", "texte": "Fièvre", "piece": piece } });
    for stranger in [ecole.autre_parent, ecole.cpe, personal(ecole.eleves[0]), exploitant()] {
        assert_eq!(maison.refused(stranger, "justifierAbsence", said.clone()).await?, "INTERDIT");
    }
    let field = "dossier { etat justification { motif { code legitime } piece { nom octets } } }";
    let justified = maison.granted(ecole.parent, "justifierAbsence", said, field).await?;
    assert_eq!(justified["dossier"]["etat"], "JUSTIFIEE");
    assert_eq!(justified["dossier"]["justification"]["piece"]["octets"], 2048);
    let unknown = json!({ "dossierAbsenceId": files[1].0, "justification": { "motif": "flemme" } });
    assert_eq!(maison.refused(ecole.parent, "justifierAbsence", unknown).await?, "MOTIF_INCONNU");
    let alarm = json!({ "dossierAbsenceId": files[1].0, "justification": { "motif": "panne_reveil" } });
    maison.granted(ecole.parent, "justifierAbsence", alarm, "").await?;
    let counted = decompte(ecole, ecole.parent).await?;
    assert_eq!(length(&counted["sansMotifLegitime"]), 4, "what is said waits to be judged: {counted}");
    assert_eq!(decompte(ecole, ecole.autre_parent).await?, Value::Null);
    Ok(())
}

/// The vie scolaire settles: that reaches the first threshold, once.
async fn la_vie_scolaire_regle(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    assert_eq!(seuils(ecole).await?, json!([]));
    let files = dossiers(ecole).await?;
    let refused = json!({ "dossierAbsenceId": files[0].0, "recevable": false });
    assert_eq!(maison.refused(ecole.cpe, "reglerAbsence", refused).await?, "RAISON_MANQUANTE");
    let settled = json!({ "dossierAbsenceId": files[0].0, "recevable": true });
    assert_eq!(maison.refused(ecole.parent, "reglerAbsence", settled.clone()).await?, "INTERDIT");
    let field = "dossier { etat decision { recevable motif { code } } }";
    let done = maison.granted(ecole.cpe, "reglerAbsence", settled, field).await?;
    assert_eq!(done["dossier"]["decision"], json!({ "recevable": true, "motif": { "code": "maladie" } }));
    let first = json!([{ "suite": "SIGNALEMENT", "seuil": 4, "demiJournees": 4, "regle": 2,
                         "politique": "Collège", "version": 1 }]);
    assert_eq!(seuils(ecole).await?, first);
    let again = json!({ "uai": ecole.uai, "mois": "2026-11-30" });
    maison.granted(ecole.cpe, "constaterSeuils", again.clone(), "").await?;
    let alarm = json!({ "dossierAbsenceId": files[1].0, "recevable": true, "motif": "panne_reveil" });
    maison.granted(ecole.cpe, "reglerAbsence", alarm, "").await?;
    maison.granted(ecole.principal, "constaterSeuils", again, "").await?;
    assert_eq!(seuils(ecole).await?, first, "the fact stays as it was stated");
    let counted = decompte(ecole, ecole.cpe).await?;
    assert_eq!(length(&counted["sansMotifLegitime"]), 5, "a motive that alerts counts");
    assert_eq!(counted["seuils"][0]["suite"], "SIGNALEMENT");
    Ok(())
}

/// A référent follows the pupil; the family reads it.
async fn un_referent_suit_l_eleve(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let eleve = global("Eleve", ecole.eleves[0]);
    let with = |referent: Uuid| {
        json!({ "uai": ecole.uai, "eleveId": eleve, "objectif": "Un entretien par semaine",
                "referentId": global("Personne", referent) })
    };
    assert_eq!(maison.refused(ecole.cpe, "ouvrirSuivi", with(ecole.parent.0)).await?, "REFERENT_ETRANGER");
    let field = "assiduite { suivis { objectif closLe } }";
    let open = maison.granted(ecole.cpe, "ouvrirSuivi", with(ecole.cpe.0), field).await?;
    assert_eq!(length(&open["assiduite"]["suivis"]), 1);
    let query = "query($e: ID!, $uai: String!) { assiduite(eleveId: $e, uai: $uai) {
        seuils { suite } suivis { objectif bilan } } }";
    let asked = json!({ "e": eleve, "uai": ecole.uai });
    let read = maison.ask(Some(ecole.parent), query, asked.clone()).await?;
    assert_eq!(read["assiduite"]["suivis"][0]["objectif"], "Un entretien par semaine");
    let hidden = maison.ask(Some(ecole.autre_parent), query, asked).await?;
    assert_eq!(hidden["assiduite"], Value::Null);
    let closed = json!({ "uai": ecole.uai, "eleveId": eleve, "bilan": "Retour en classe" });
    let closed = maison.granted(ecole.cpe, "cloreSuivi", closed, "assiduite { suivis { bilan } }").await?;
    assert_eq!(closed["assiduite"]["suivis"][0]["bilan"], "Retour en classe");
    Ok(())
}

/// Registers and absences leave as files, for who follows them.
async fn les_fichiers(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let month = format!("/listes/{}/absences/2026-11", ecole.uai);
    let (status, bytes) = maison.telecharger(Some(ecole.cpe), &format!("{month}.csv")).await?;
    assert_eq!(status, StatusCode::OK);
    let text = String::from_utf8(bytes)?;
    assert!(text.contains("Maladie de l'enfant") && text.contains("2026-11-10 08:00"), "{text}");
    assert_eq!(text.lines().count(), 6, "a line for each file: {text}");
    let (status, bytes) = maison.telecharger(Some(ecole.principal), &format!("{month}.xlsx")).await?;
    assert_eq!(status, StatusCode::OK);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut sheet = String::new();
    archive.by_name("xl/worksheets/sheet1.xml")?.read_to_string(&mut sheet)?;
    assert!(sheet.contains("Panne de réveil"), "{sheet}");
    let division = global("Division", ecole.division);
    let day = format!("/listes/{}/registre/2026-11-05.csv?division={division}", ecole.uai);
    let (_, bytes) = maison.telecharger(Some(ecole.cpe), &day).await?;
    let text = String::from_utf8(bytes)?;
    assert!(text.contains(";11:00;14:00;") && text.contains(";absent;"), "{text}");
    for path in [format!("{month}.csv"), day] {
        for stranger in [None, Some(ecole.parent), Some(ecole.enseignante), Some(exploitant())] {
            assert_eq!(maison.telecharger(stranger, &path).await?.0, StatusCode::NOT_FOUND);
        }
    }
    let other = maison.telecharger(Some(ecole.cpe), &format!("{month}.ods")).await?;
    assert_eq!(other.0, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_one_pupil() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    la_direction_fixe_le_reglement(&ecole).await?;
    un_mois_d_appels(&ecole).await?;
    la_famille_justifie(&ecole).await?;
    la_vie_scolaire_regle(&ecole).await?;
    un_referent_suit_l_eleve(&ecole).await?;
    les_fichiers(&ecole).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_roll_withdraws_its_absence_and_an_excuse_makes_none() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let eleve = global("Eleve", ecole.eleves[0]);
    let appel = absent(&ecole, "2026-11-16", ("08:00:00", "09:00:00")).await?;
    ecole.constater("2026-11-16").await?;
    assert_eq!(dossiers(&ecole).await?.len(), 1);
    let there = json!({ "appelId": appel, "motif": "Vu à la loge",
                        "pointage": { "eleveId": eleve, "etat": "PRESENT" } });
    maison.granted(ecole.cpe, "corrigerAppel", there, "").await?;
    ecole.constater("2026-11-16").await?;
    assert_eq!(dossiers(&ecole).await?, []);

    let sortie = json!({ "collective": Uuid::from_u128(1), "uai": ecole.uai, "nature": "SORTIE",
        "libelle": "Musée", "divisionIds": [global("Division", ecole.division)],
        "creneau": { "date": "2026-11-17", "debut": "08:00:00", "fin": "18:00:00" } });
    maison.granted(ecole.cpe, "declarerAbsenceCollective", sortie, "collective { libelle }").await?;
    absent(&ecole, "2026-11-17", ("08:00:00", "09:00:00")).await?;
    let dispense = json!({ "dispense": Uuid::from_u128(2), "eleveId": eleve, "du": "2026-11-01",
        "au": "2026-12-18", "jours": ["JEUDI"],
        "enseignementId": global("Enseignement", ecole.enseignement) });
    maison.granted(ecole.cpe, "accorderDispense", dispense, "dispense { au }").await?;
    absent(&ecole, "2026-11-19", ("08:00:00", "09:00:00")).await?;
    for date in ["2026-11-17", "2026-11-19"] {
        ecole.constater(date).await?;
    }
    assert_eq!(dossiers(&ecole).await?, [], "a trip and a dispense are no absences");
    absent(&ecole, "2026-11-20", ("08:00:00", "09:00:00")).await?;
    ecole.constater("2026-11-20").await?;
    assert_eq!(dossiers(&ecole).await?.len(), 1, "the dispense is of Thursdays");
    let listed = "query($uai: String!, $e: ID!) {
        absencesCollectives(uai: $uai, du: \"2026-11-17\", au: \"2026-11-30\", first: 5) {
            nodes { id libelle } pageInfo { hasNextPage } }
        dispenses(uai: $uai, eleveId: $e, first: 5) { nodes { id au } } }";
    let read = maison.ask(Some(ecole.cpe), listed, json!({ "uai": ecole.uai, "e": eleve })).await?;
    let collective = json!({ "id": global("Collective", Uuid::from_u128(1)), "libelle": "Musée" });
    let dispense = json!({ "id": global("Dispense", Uuid::from_u128(2)), "au": "2026-12-18" });
    let page = json!({ "nodes": [collective], "pageInfo": { "hasNextPage": false } });
    assert_eq!(read, json!({ "absencesCollectives": page, "dispenses": { "nodes": [dispense] } }));
    let node = "query($id: ID!) { node(id: $id) { __typename } }";
    for (who, seen) in [(ecole.parent, true), (ecole.autre_parent, false)] {
        let found = maison.ask(Some(who), node, json!({ "id": dispense["id"] })).await?;
        assert_eq!(found["node"]["__typename"] == "Dispense", seen, "{who}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_absences_of_two_fiches_of_one_pupil_reach_a_threshold_together_and_once() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    la_direction_fixe_le_reglement(&ecole).await?;
    let (maison, premier) = (&ecole.maison, ecole.eleves[0]);
    let known = Annuaire::personnes(&maison.bench.views, &[premier]).await?.pop().context("nobody")?;
    let (nom, prenom, naissance) = (known.nom, known.prenom, known.naissance);
    let bis = ecole.inscrire("bis", EtatCivil { nom, prenom, naissance, ..EtatCivil::default() }).await?;
    maison.bench.runner.catch_up().await?;
    for (eleve, date) in
        [(premier, "2026-11-02"), (premier, "2026-11-03"), (bis.0, "2026-11-09"), (bis.0, "2026-11-10")]
    {
        ecole.faire_l_appel(&ecole.heure(date, "08:00:00", "11:00:00"), &[eleve]).await?;
        ecole.constater(date).await?;
    }
    let constater = json!({ "uai": ecole.uai, "mois": "2026-11-30" });
    maison.granted(ecole.cpe, "constaterSeuils", constater.clone(), "").await?;
    assert_eq!(seuils(&ecole).await?, json!([]), "neither fiche has four");
    maison.granted(ecole.principal, "fusionnerFiches", merge(&ecole, bis, personal(premier)), "").await?;
    for _ in 0..2 {
        maison.granted(ecole.cpe, "constaterSeuils", constater.clone(), "").await?;
        let told = seuils(&ecole).await?;
        assert_eq!((length(&told), &told[0]["demiJournees"]), (1, &json!(4)), "{told}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispense_under_another_fiche_of_the_pupil_excuses_too() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, premier) = (&ecole.maison, ecole.eleves[0]);
    let known = Annuaire::personnes(&maison.bench.views, &[premier]).await?.pop().context("nobody")?;
    let (nom, prenom, naissance) = (known.nom, known.prenom, known.naissance);
    let bis = ecole.inscrire("bis", EtatCivil { nom, prenom, naissance, ..EtatCivil::default() }).await?;
    maison.bench.runner.catch_up().await?;
    let dispense = json!({ "dispense": Uuid::from_u128(2), "eleveId": global("Eleve", bis.0),
        "du": "2026-11-01", "au": "2026-12-18",
        "enseignementId": global("Enseignement", ecole.enseignement) });
    maison.granted(ecole.cpe, "accorderDispense", dispense, "").await?;
    absent(&ecole, "2026-11-19", ("08:00:00", "09:00:00")).await?;
    ecole.constater("2026-11-19").await?;
    assert_eq!(dossiers(&ecole).await?.len(), 1, "it is somebody else's so far");
    maison.granted(ecole.principal, "fusionnerFiches", merge(&ecole, bis, personal(premier)), "").await?;
    ecole.constater("2026-11-19").await?;
    assert_eq!(dossiers(&ecole).await?, []);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trip_excuses_who_was_of_the_division_on_that_day() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, AutreDivision::de(&ecole).await?);
    let sortie = |number: u128, date: &str| {
        json!({ "collective": Uuid::from_u128(number), "uai": ecole.uai, "nature": "SORTIE",
                "libelle": "Musée", "divisionIds": [global("Division", ecole.division)],
                "creneau": { "date": date, "debut": "08:00:00", "fin": "18:00:00" } })
    };
    maison.bench.clock.set("2026-11-25T17:00:00Z".parse()?);
    let appel = absent(&ecole, "2026-11-25", ("08:00:00", "09:00:00")).await?;
    maison.granted(ecole.cpe, "declarerAbsenceCollective", sortie(1, "2026-11-25"), "").await?;
    affecter(&ecole, ecole.eleves[0], there.division, "2027-02-08").await?;
    ecole.constater("2026-11-25").await?;
    assert_eq!(dossiers(&ecole).await?, [], "the pupil was of the division that was away");
    let late = json!({ "appelId": appel, "motif": "Arrivé avec le car",
        "pointage": { "eleveId": global("Eleve", ecole.eleves[0]), "etat": "PRESENT" } });
    maison.granted(ecole.cpe, "corrigerAppel", late, "").await?;

    maison.bench.clock.set("2027-02-10T17:00:00Z".parse()?);
    maison.granted(ecole.cpe, "declarerAbsenceCollective", sortie(2, "2027-02-10"), "").await?;
    let ailleurs = Heure {
        enseignant: there.enseignante,
        enseignement: there.enseignement,
        ..ecole.heure("2027-02-10", "08:00:00", "09:00:00")
    };
    ecole.faire_l_appel(&ailleurs, &ecole.eleves[..1]).await?;
    ecole.constater("2027-02-10").await?;
    assert_eq!(dossiers(&ecole).await?.len(), 1, "and is of another one now");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announced_absence_excuses_once_it_is_accepted() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let announced = |date: &str| {
        json!({ "dossier": Uuid::from_u128(7), "uai": ecole.uai, "eleveId": global("Eleve", ecole.eleves[0]),
                "creneau": { "date": date, "debut": "08:00:00", "fin": "18:00:00" },
                "justification": { "motif": "reunion_famille", "texte": "Mariage" } })
    };
    assert_eq!(
        maison.refused(ecole.parent, "annoncerAbsence", announced("2026-11-20")).await?,
        "ABSENCE_PASSEE"
    );
    assert_eq!(
        maison.refused(ecole.autre_parent, "annoncerAbsence", announced("2026-11-27")).await?,
        "INTERDIT"
    );
    let field = "dossier { id etat origine }";
    let told = maison.granted(ecole.parent, "annoncerAbsence", announced("2026-11-27"), field).await?;
    assert_eq!(told["dossier"]["etat"], "ANNONCEE");
    assert_eq!(length(&decompte(&ecole, ecole.parent).await?["constatees"]), 0, "it is not stated yet");
    maison.bench.clock.set("2026-11-27T09:00:00Z".parse()?);
    absent(&ecole, "2026-11-27", ("08:00:00", "09:00:00")).await?;
    ecole.constater("2026-11-27").await?;
    assert_eq!(length(&decompte(&ecole, ecole.parent).await?["sansMotifLegitime"]), 1);
    let settled = json!({ "dossierAbsenceId": told["dossier"]["id"], "recevable": true });
    maison.granted(ecole.cpe, "reglerAbsence", settled, "").await?;
    let counted = decompte(&ecole, ecole.parent).await?;
    assert_eq!((length(&counted["constatees"]), length(&counted["sansMotifLegitime"])), (1, 0), "{counted}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_roll_is_listed_and_reminded_and_incidents_are_noted() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let seance = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
                         "date": "2026-11-20", "debut": "08:00:00", "fin": "08:55:00" });
    let opened = maison.granted(ecole.enseignante, "ouvrirAppel", seance, "appel { id }").await?;
    let appel = opened["appel"]["id"].clone();
    let query = "query($uai: String!) { appelsOublies(uai: $uai, date: \"2026-11-20\") { id rappels } }";
    let asked = json!({ "uai": ecole.uai });
    let listed = maison.ask(Some(ecole.cpe), query, asked.clone()).await?;
    assert_eq!(listed["appelsOublies"], json!([{ "id": appel, "rappels": [] }]));
    assert_eq!(maison.ask(Some(ecole.parent), query, asked.clone()).await?["appelsOublies"], Value::Null);
    let rappel = json!({ "appelId": appel });
    assert_eq!(maison.refused(ecole.enseignante, "rappelerAppel", rappel.clone()).await?, "INTERDIT");
    let reminded = maison.granted(ecole.cpe, "rappelerAppel", rappel, "appel { rappels }").await?;
    assert_eq!(length(&reminded["appel"]["rappels"]), 1);
    let eleve = global("Eleve", ecole.eleves[0]);
    let noted =
        |nature: &str| json!({ "appelId": appel, "eleveId": eleve, "nature": nature, "heure": "08:30:00" });
    maison.granted(ecole.enseignante, "noterIncident", noted("INFIRMERIE"), "").await?;
    let field = "appel { incidents { nature heure } }";
    let both = maison.granted(ecole.enseignante, "noterIncident", noted("DEPART_ANTICIPE"), field).await?;
    assert_eq!(length(&both["appel"]["incidents"]), 2);
    let taken = json!({ "appelId": appel, "eleveId": eleve, "nature": "INFIRMERIE" });
    let left = maison.granted(ecole.cpe, "retirerIncident", taken, field).await?;
    assert_eq!(left["appel"]["incidents"], json!([{ "nature": "DEPART_ANTICIPE", "heure": "08:30:00" }]));
    maison.granted(ecole.enseignante, "cloreAppel", json!({ "appelId": appel }), "").await?;
    assert_eq!(maison.ask(Some(ecole.cpe), query, asked).await?["appelsOublies"], json!([]));
    ecole.constater("2026-11-20").await?;
    assert_eq!(dossiers(&ecole).await?.len(), 1, "who left early is absent from then on");
    ecole.maison.close().await
}
