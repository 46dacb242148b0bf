//! A matière is taught to a groupe of several divisions: its roll is called, its cahier kept, and read by
//! the families of those who are in it, and its marks go on the bulletins of their divisions.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use domain::CompteId;
use ledger::clock::Clock;
use projections::notifications::{Annonces, Recherche};
use recits::{Ecole, Heure, global, personal};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What a groupe of the feed is taught, in a collège of several divisions at each level.
struct Langue {
    ecole: Ecole,
    groupe: Uuid,
    enseignement: Uuid,
    enseignant: CompteId,
    /// Two of its pupils, each of another division.
    eleves: [Uuid; 2],
    /// Answers for the first of them, and for nobody else who is in it.
    parent: CompteId,
    /// A pupil of the collège who is not in it.
    etranger: Uuid,
    /// Answers for that one, and for nobody who is in it.
    autre_parent: CompteId,
}

/// Pupils of a groupe that a source declares, with their divisions.
const MEMBRES: &str = "SELECT q.personne, r.division FROM repartition q
    JOIN rattachement r ON r.personne = q.personne AND r.etablissement = q.etablissement
    WHERE q.groupe = $1 AND r.profil = 'eleve' ORDER BY 1";

impl Langue {
    async fn ouvrir() -> Result<Self> {
        let ecole = Ecole::grande(8).await?;
        let views = &ecole.maison.bench.views;
        let (groupe, enseignement, enseignant): (Uuid, Uuid, Uuid) = sqlx::query_as(
            "SELECT n.groupe, n.id, t.personne FROM enseignement n JOIN enseignant t ON t.enseignement = n.id
             WHERE (SELECT count(DISTINCT r.division) FROM repartition q
                    JOIN rattachement r ON r.personne = q.personne AND r.profil = 'eleve'
                    WHERE q.groupe = n.groupe) > 1
             ORDER BY n.id, t.personne LIMIT 1",
        )
        .fetch_optional(views)
        .await?
        .context("no groupe of several divisions is taught anything")?;
        let membres: Vec<(Uuid, Uuid)> = sqlx::query_as(MEMBRES).bind(groupe).fetch_all(views).await?;
        let dedans: Vec<_> = membres.iter().map(|(eleve, _)| *eleve).collect();
        let famille = "SELECT s.eleve, s.responsable FROM responsabilite s
             JOIN rattachement r ON r.personne = s.eleve AND r.profil = 'eleve'
             WHERE s.destinataire AND (s.eleve = ANY ($1)) = $2
               AND NOT EXISTS (SELECT FROM responsabilite x WHERE x.responsable = s.responsable
                               AND x.eleve = ANY ($1) AND x.eleve <> s.eleve)
               AND s.responsable NOT IN (SELECT personne FROM rattachement WHERE profil <> 'responsable')
             ORDER BY 1, 2 LIMIT 1";
        let family = |inside: bool| {
            sqlx::query_as::<_, (Uuid, Uuid)>(famille).bind(&dedans).bind(inside).fetch_one(views)
        };
        let (premier, parent) = family(true).await?;
        let (etranger, autre_parent) = family(false).await?;
        let sienne = membres.iter().find(|(eleve, _)| *eleve == premier).context("not of it")?.1;
        let second = membres.iter().find(|(_, division)| *division != sienne).context("one division")?.0;
        Ok(Self {
            groupe,
            enseignement,
            enseignant: personal(enseignant),
            eleves: [premier, second],
            parent: personal(parent),
            etranger,
            autre_parent: personal(autre_parent),
            ecole,
        })
    }

    fn heure(&self) -> Heure {
        let [date, debut, fin] = ["2026-11-23", "08:00:00", "08:55:00"].map(str::to_owned);
        Heure { enseignant: self.enseignant, enseignement: self.enseignement, date, debut, fin }
    }

    async fn ask(&self, who: CompteId, query: &str, kind: &str, id: Uuid) -> Result<Value> {
        self.ecole.maison.ask(Some(who), query, json!({ "id": global(kind, id) })).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taught_to_a_groupe_is_of_no_division_and_read_by_who_reads_the_groupe() -> Result<()> {
    let t = Langue::ouvrir().await?;
    let node = "query($id: ID!) { node(id: $id) { ... on Enseignement {
        matiere division { id } groupe { id enseignements { id } } enseignants { id } } } }";
    for reader in [t.enseignant, t.ecole.cpe, t.ecole.principal, personal(t.eleves[0])] {
        let seen = t.ask(reader, node, "Enseignement", t.enseignement).await?;
        let seen = &seen["node"];
        assert_eq!(seen["division"], Value::Null, "{reader}");
        assert_eq!(seen["groupe"]["id"], json!(global("Groupe", t.groupe)), "{reader}");
        let taught = json!([{ "id": global("Enseignement", t.enseignement) }]);
        assert_eq!(seen["groupe"]["enseignements"], taught, "{reader}");
        assert_eq!(seen["enseignants"], json!([{ "id": global("Personne", t.enseignant.0) }]), "{reader}");
    }
    for stranger in [personal(t.etranger), t.autre_parent, t.ecole.administrateur] {
        let seen = t.ask(stranger, node, "Enseignement", t.enseignement).await?;
        assert_eq!(seen["node"], Value::Null, "{stranger}");
    }
    let mine = "query { moi { enseignements { id } } }";
    let mine = t.ecole.maison.ask(Some(t.enseignant), mine, json!({})).await?;
    assert!(mine.to_string().contains(&global("Enseignement", t.enseignement)), "{mine}");
    crate::projections::replay::check(&t.ecole.maison.bench).await?;
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_roll_has_the_pupils_of_all_divisions_of_the_groupe() -> Result<()> {
    let t = Langue::ouvrir().await?;
    let (ecole, maison) = (&t.ecole, &t.ecole.maison);
    let appel = ecole.pointer(&t.heure(), &t.eleves).await?;
    let line = json!({ "eleveId": global("Eleve", t.etranger), "etat": "ABSENT" });
    let stranger = json!({ "appelId": appel, "pointages": [line] });
    assert_eq!(maison.refused(t.enseignant, "pointerEleves", stranger).await?, "ELEVE_HORS_GROUPE");
    let again = json!({ "enseignementId": global("Enseignement", t.enseignement), "date": "2026-11-23",
                        "debut": "08:00:00", "fin": "08:55:00" });
    assert_eq!(maison.refused(t.enseignant, "ouvrirAppel", again.clone()).await?, "APPEL_DEJA_OUVERT");
    assert_eq!(maison.refused(ecole.enseignante, "ouvrirAppel", again).await?, "INTERDIT");
    maison.granted(t.enseignant, "cloreAppel", json!({ "appelId": appel }), "").await?;

    let rolls = "query($id: ID!) { groupe(id: $id) { appels(date: \"2026-11-23\") {
        id absents lignes { eleve { id } } } } }";
    let seen = t.ask(ecole.cpe, rolls, "Groupe", t.groupe).await?;
    let rolls = seen["groupe"]["appels"].as_array().context("no rolls")?;
    let [roll] = rolls.as_slice() else { panic!("{seen}") };
    assert_eq!((&roll["id"], &roll["absents"]), (&appel, &json!(2)));
    let absent: BTreeSet<_> = t.eleves.map(|eleve| global("Personne", eleve)).into();
    let lines = roll["lignes"].as_array().context("no lines")?.iter();
    let found = lines.filter_map(|line| line["eleve"]["id"].as_str().map(str::to_owned));
    let found: BTreeSet<_> = found.collect();
    assert_eq!(found, absent);

    // Who was absent has a file, whichever the division, and the family reads of it.
    ecole.constater("2026-11-23").await?;
    let files: i64 = sqlx::query_scalar("SELECT count(*) FROM dossier_absence WHERE eleve = ANY ($1)")
        .bind(t.eleves.to_vec())
        .fetch_one(&maison.bench.views)
        .await?;
    assert_eq!(files, 2);
    let absences = "query($id: ID!) { eleve(id: $id) { absences(first: 5) { nodes { debut etat } } } }";
    let seen = t.ask(t.parent, absences, "Eleve", t.eleves[0]).await?;
    assert_eq!(seen["eleve"]["absences"]["nodes"], json!([{ "debut": "08:00:00", "etat": "ABSENT" }]));
    let register = format!("/listes/{}/registre/2026-11-23.csv", ecole.uai);
    let (_, register) = maison.telecharger(Some(ecole.principal), &register).await?;
    let code: String = sqlx::query_scalar("SELECT code FROM groupe_declare WHERE id = $1")
        .bind(t.groupe)
        .fetch_one(&maison.bench.views)
        .await?;
    let lines = String::from_utf8(register)?;
    assert_eq!(lines.lines().filter(|line| line.contains(&format!(";;{code};08:00;"))).count(), 2, "{lines}");

    // Of a dispense the roll is asked as well: who is not in the groupe needs none.
    let dispense = |eleve: Uuid| {
        json!({ "dispense": eleve, "eleveId": global("Eleve", eleve), "du": "2026-11-24", "au": "2026-12-18",
                "enseignementId": global("Enseignement", t.enseignement) })
    };
    let refused = maison.refused(ecole.cpe, "accorderDispense", dispense(t.etranger)).await?;
    assert_eq!(refused, "DISPENSE_HORS_DIVISION");
    maison.granted(ecole.cpe, "accorderDispense", dispense(t.eleves[1]), "").await?;
    crate::projections::replay::check(&maison.bench).await?;
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cahier_of_a_groupe_is_read_by_its_pupils_and_their_families() -> Result<()> {
    let t = Langue::ouvrir().await?;
    let (maison, enseignement) = (&t.ecole.maison, global("Enseignement", t.enseignement));
    let seance = json!({ "seance": Uuid::from_u128(1), "enseignementId": enseignement, "date": "2026-11-24",
        "debut": "08:00:00", "fin": "08:55:00",
        "contenu": { "titre": "Se présenter", "avant": "Dialogue", "apres": "" } });
    let seance = maison.granted(t.enseignant, "redigerSeance", seance, "seance { id }").await?;
    let travail = json!({ "travail": Uuid::from_u128(2), "enseignementId": enseignement,
        "pourLe": "2026-11-27", "titre": "Apprendre le dialogue", "minutes": 15, "aRendre": false });
    let travail = maison.granted(t.enseignant, "donnerTravail", travail, "travail { id }").await?;
    let (seance, travail) = (seance["seance"]["id"].clone(), travail["travail"]["id"].clone());
    maison.granted(t.enseignant, "publierSeance", json!({ "seanceId": seance }), "").await?;
    maison.granted(t.enseignant, "publierTravail", json!({ "travailId": travail }), "").await?;

    let cahier = "query($id: ID!) { cahierEleve(eleveId: $id, du: \"2026-11-20\", au: \"2026-11-30\") {
        seances { titre } travaux { titre } } }";
    let told = json!({ "seances": [{ "titre": "Se présenter" }],
                       "travaux": [{ "titre": "Apprendre le dialogue" }] });
    for reader in [t.parent, personal(t.eleves[0]), t.ecole.cpe] {
        let seen = t.ask(reader, cahier, "Eleve", t.eleves[0]).await?;
        assert_eq!(seen["cahierEleve"], told, "{reader}");
    }
    let seen = t.ask(personal(t.eleves[1]), cahier, "Eleve", t.eleves[1]).await?;
    assert_eq!(seen["cahierEleve"], told, "of another division");
    let seen = t.ask(t.autre_parent, cahier, "Eleve", t.etranger).await?;
    assert_eq!(seen["cahierEleve"], json!({ "seances": [], "travaux": [] }));

    let node = "query($id: ID!) { node(id: $id) { id } }";
    for id in [&seance, &travail] {
        for reader in [t.enseignant, t.parent, personal(t.eleves[1]), t.ecole.cpe] {
            let seen = maison.ask(Some(reader), node, json!({ "id": id })).await?;
            assert_eq!(seen["node"]["id"], *id, "{reader}");
        }
        for stranger in [t.autre_parent, personal(t.etranger)] {
            let seen = maison.ask(Some(stranger), node, json!({ "id": id })).await?;
            assert_eq!(seen["node"], Value::Null, "{stranger}");
        }
    }
    let done = json!({ "travailId": travail, "fait": true });
    assert_eq!(maison.refused(personal(t.etranger), "marquerTravail", done.clone()).await?, "INTERDIT");
    maison.granted(personal(t.eleves[1]), "marquerTravail", done, "travail { copies { fait } }").await?;
    assert!(told_of_it(&t).await?, "families are told of it, and nobody else's");
    crate::projections::replay::check(&maison.bench).await?;
    t.ecole.maison.close().await
}

/// Whether the pupils of the groupe and their families are to be told of a travail, and no others.
async fn told_of_it(t: &Langue) -> Result<bool> {
    let bench = &t.ecole.maison.bench;
    bench.runner.catch_up().await?;
    let now = bench.clock.now() + TimeDelta::minutes(1);
    let lately = now - TimeDelta::hours(1)..=now;
    let page = Annonces::a_preparer(&bench.views, Recherche::Nouvelles, lately, None, 10).await?;
    let [travail] = page.as_slice() else { anyhow::bail!("{page:?}") };
    let told: BTreeSet<_> = travail.destinataires.iter().map(|one| one.personne.0).collect();
    let theirs = [t.eleves[0], t.eleves[1], t.parent.0];
    Ok(theirs.iter().all(|one| told.contains(one))
        && ![t.etranger, t.autre_parent.0].iter().any(|one| told.contains(one)))
}

/// The year of three pupils' divisions is cut; the divisions of the two who are in the groupe.
async fn couper(t: &Langue) -> Result<[Uuid; 2]> {
    let (ecole, maison) = (&t.ecole, &t.ecole.maison);
    let annee = json!({ "uai": ecole.uai, "annee": 2026, "debut": "2026-09-01", "fin": "2027-07-03" });
    maison.granted(ecole.principal, "fixerAnnee", annee, "").await?;
    let [premier, second] = t.eleves;
    let mut divisions = Vec::new();
    for eleve in [premier, second, t.etranger] {
        let division: Uuid = sqlx::query_scalar(
            "SELECT division FROM rattachement
             WHERE personne = $1 AND profil = 'eleve' AND division IS NOT NULL",
        )
        .bind(eleve)
        .fetch_one(&maison.bench.views)
        .await?;
        divisions.push(division);
    }
    let cut: BTreeSet<_> = divisions.iter().copied().collect();
    for division in cut {
        let periodes = json!({ "divisionId": global("Division", division), "annee": 2026,
            "decoupage": "SEMESTRES", "periodes": [
                { "libelle": "Semestre 1", "debut": "2026-09-01", "fin": "2027-01-31" },
                { "libelle": "Semestre 2", "debut": "2027-02-01", "fin": "2027-07-03" }] });
        maison.granted(ecole.principal, "fixerPeriodes", periodes, "").await?;
    }
    Ok([divisions[0], divisions[1]])
}

fn note(eleve: Uuid, note: &str) -> Value {
    json!({ "eleveId": global("Eleve", eleve), "resultat": { "etat": "NOTE", "note": note } })
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_of_a_groupe_go_to_the_period_of_each_pupils_division() -> Result<()> {
    let t = Langue::ouvrir().await?;
    let (ecole, maison) = (&t.ecole, &t.ecole.maison);
    let enseignement = global("Enseignement", t.enseignement);
    let divisions = couper(&t).await?;
    let evaluation = json!({ "enseignementId": enseignement, "titre": "Dialogue", "date": "2026-11-23",
                             "bareme": "20", "coefficient": "1" });
    assert_eq!(maison.refused(ecole.enseignante, "creerEvaluation", evaluation.clone()).await?, "INTERDIT");
    let fiche = evaluation.clone();
    let creee = maison.granted(t.enseignant, "creerEvaluation", evaluation, "evaluation { id }").await?;
    let evaluation = creee["evaluation"]["id"].clone();
    let notes = |lignes: Vec<Value>| json!({ "evaluationId": evaluation, "lignes": lignes });
    let [premier, second] = t.eleves;
    let stranger = notes(vec![note(premier, "12"), note(t.etranger, "12")]);
    assert_eq!(maison.refused(t.enseignant, "saisirNotes", stranger).await?, "ELEVE_HORS_GROUPE");
    maison
        .granted(t.enseignant, "saisirNotes", notes(vec![note(premier, "12"), note(second, "16")]), "")
        .await?;
    maison.granted(t.enseignant, "publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
    let read = "query($id: ID!) { eleve(id: $id) { notes(first: 5) { nodes { titre } }
        moyennes(annee: 2026, rang: 1) { matieres { moyenne { moyenne } } } } }";
    let seen = t.ask(t.parent, read, "Eleve", premier).await?;
    assert_eq!(seen["eleve"]["notes"]["nodes"], json!([{ "titre": "Dialogue" }]));
    assert_eq!(averaged(&seen["eleve"]["moyennes"]["matieres"]), [json!("12.00")], "{seen}");

    let averages = "query($id: ID!) { node(id: $id) { ... on Enseignement {
        moyennes(annee: 2026, rang: 1) { eleves { eleve { id } moyenne { moyenne } } } } } }";
    let seen = t.ask(t.enseignant, averages, "Enseignement", t.enseignement).await?;
    let lines = seen["node"]["moyennes"]["eleves"].as_array().context("no averages")?;
    for (eleve, moyenne) in [(premier, "12.00"), (second, "16.00")] {
        let its = json!(global("Personne", eleve));
        let of_it: Vec<_> = lines.iter().filter(|line| line["eleve"]["id"] == its).collect();
        assert_eq!(of_it.len(), 1, "{seen}");
        assert_eq!(of_it[0]["moyenne"]["moyenne"], moyenne, "{seen}");
    }

    let mots = |eleves: &[Uuid]| {
        let ligne = |eleve: &Uuid| json!({ "eleveId": global("Eleve", *eleve), "texte": "Parle bien." });
        let lignes: Vec<_> = eleves.iter().map(ligne).collect();
        json!({ "enseignementId": enseignement, "annee": 2026, "rang": 1, "lignes": lignes })
    };
    let refused = maison.refused(t.enseignant, "redigerAppreciations", mots(&[premier, t.etranger])).await?;
    assert_eq!(refused, "ELEVE_HORS_GROUPE");
    maison.granted(t.enseignant, "redigerAppreciations", mots(&t.eleves), "").await?;
    for (rank, moyenne) in [(0, "12.00"), (1, "16.00")] {
        let line = au_conseil(&t, divisions[rank], t.eleves[rank]).await?;
        assert_eq!(averaged(&line["matieres"]), [json!(moyenne)], "{line}");
        let matieres = line["matieres"].as_array().context("no matières")?;
        let marked = matieres.iter().find(|one| !one["moyenne"]["moyenne"].is_null()).context("no mark")?;
        assert_eq!(marked["appreciation"], "Parle bien.", "{line}");
    }

    // What is locked is locked for those of the division, and for nobody else.
    let locked = json!({ "divisionId": global("Division", divisions[0]), "annee": 2026, "rang": 1 });
    maison.granted(ecole.principal, "verrouillerPeriode", locked, "").await?;
    let correction =
        |eleve: Uuid| json!({ "evaluationId": evaluation, "motif": "Oubli", "ligne": note(eleve, "17") });
    let refused = maison.refused(t.enseignant, "corrigerNote", correction(premier)).await?;
    assert_eq!(refused, "PERIODE_VERROUILLEE");
    maison.granted(t.enseignant, "corrigerNote", correction(second), "").await?;
    let creee = maison.granted(t.enseignant, "creerEvaluation", fiche, "evaluation { id }").await?;
    let suivante =
        |eleve: Uuid| json!({ "evaluationId": creee["evaluation"]["id"], "lignes": [note(eleve, "9")] });
    let refused = maison.refused(t.enseignant, "saisirNotes", suivante(premier)).await?;
    assert_eq!(refused, "PERIODE_VERROUILLEE");
    maison.granted(t.enseignant, "saisirNotes", suivante(second), "").await?;
    crate::projections::replay::check(&maison.bench).await?;
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_in_a_groupe_of_who_has_no_mark_there_is_before_the_conseil() -> Result<()> {
    let t = Langue::ouvrir().await?;
    let (maison, divisions) = (&t.ecole.maison, couper(&t).await?);
    let ligne = json!({ "eleveId": global("Eleve", t.eleves[0]), "texte": "Parle bien." });
    let mots = json!({ "enseignementId": global("Enseignement", t.enseignement), "annee": 2026, "rang": 1,
                       "lignes": [ligne] });
    maison.granted(t.enseignant, "redigerAppreciations", mots, "").await?;
    let line = au_conseil(&t, divisions[0], t.eleves[0]).await?;
    let matieres = line["matieres"].as_array().context("no matières")?;
    let written: Vec<_> = matieres.iter().filter(|one| !one["appreciation"].is_null()).collect();
    let [one] = written.as_slice() else { panic!("{line}") };
    assert_eq!((&one["appreciation"], &one["moyenne"]["moyenne"]), (&json!("Parle bien."), &Value::Null));
    t.ecole.maison.close().await
}

/// The averages that there are.
fn averaged(matieres: &Value) -> Vec<Value> {
    let all = matieres.as_array().into_iter().flatten().map(|one| one["moyenne"]["moyenne"].clone());
    all.filter(|moyenne| !moyenne.is_null()).collect()
}

/// What the conseil of a division has of a pupil.
async fn au_conseil(t: &Langue, division: Uuid, eleve: Uuid) -> Result<Value> {
    let query = "query($id: ID!) { conseilDeClasse(divisionId: $id, annee: 2026, rang: 1) {
        eleves { eleve { id } matieres { matiere appreciation moyenne { moyenne } } } } }";
    let seen = t.ask(t.ecole.principal, query, "Division", division).await?;
    let lines = seen["conseilDeClasse"]["eleves"].as_array().context("no conseil")?;
    let its = json!(global("Personne", eleve));
    lines.iter().find(|line| line["eleve"]["id"] == its).cloned().context("not there")
}
