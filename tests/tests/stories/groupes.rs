//! A groupe is opened, filled and read by who is in it; the year has its days and its periods.

use anyhow::{Context, Result};
use commands::annuaire::{Fiche, GroupesDits, Identite, Lot, Mode, PersonneDecrite};
use domain::annuaire::{Academie, Livraison, NatureDeLivraison, Origine, Rectification, Uai};
use domain::{CompteId, PersonneId};
use recits::{Ecole, exploitant, global, personal};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

const GROUPE: &str = "query($id: ID!) { groupe(id: $id) { code personnes { id } encadrants { id }
    groupes { code } } }";

async fn read(ecole: &Ecole, who: CompteId, groupe: &Value) -> Result<Value> {
    Ok(ecole.maison.ask(Some(who), GROUPE, json!({ "id": groupe })).await?["groupe"].take())
}

async fn open(ecole: &Ecole, code: &str) -> Result<Value> {
    let asked = json!({ "uai": ecole.uai, "annee": 2026, "code": code, "libelle": code });
    let mut opened = ecole.maison.granted(ecole.enseignante, "creerGroupe", asked, "groupe { id }").await?;
    Ok(opened["groupe"]["id"].take())
}

fn with(groupe: &Value, membres: &[Value]) -> Value {
    json!({ "groupeId": groupe, "membres": membres })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groupe_is_read_by_who_is_in_it_and_led_by_who_opened_it() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let latin = open(&ecole, "LATIN").await?;
    let (eleve, other) = (ecole.eleves[0], ecole.autre_eleve);
    let zoe = json!(global("Eleve", eleve));
    maison
        .granted(ecole.enseignante, "ajouterAuGroupe", with(&latin, std::slice::from_ref(&zoe)), "")
        .await?;
    for reader in [personal(eleve), ecole.enseignante, ecole.cpe, ecole.principal] {
        let seen = read(&ecole, reader, &latin).await?;
        assert_eq!(seen["personnes"], json!([{ "id": global("Personne", eleve) }]), "{reader:?}");
        assert_eq!(seen["encadrants"], json!([{ "id": global("Personne", ecole.enseignante.0) }]));
    }
    for stranger in [personal(other), ecole.parent, ecole.autre_parent, ecole.administrateur] {
        assert_eq!(read(&ecole, stranger, &latin).await?, Value::Null, "{stranger:?}");
    }
    let mine = "query { moi { groupes { code } } }";
    let seen = maison.ask(Some(personal(eleve)), mine, json!({})).await?;
    let mine = seen["moi"]["groupes"].as_array().cloned().unwrap_or_default();
    assert!(mine.contains(&json!({ "code": "LATIN" })), "{mine:?}");
    for (who, code) in [(personal(eleve), "INTERDIT"), (ecole.collegue, "INTERDIT")] {
        assert_eq!(
            maison.refused(who, "retirerDuGroupe", with(&latin, std::slice::from_ref(&zoe))).await?,
            code
        );
    }
    maison.granted(ecole.enseignante, "retirerDuGroupe", with(&latin, &[zoe]), "").await?;
    assert_eq!(read(&ecole, personal(eleve), &latin).await?, Value::Null, "who left reads no more");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_a_division_or_in_a_groupe_within_is_in_the_groupe() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (langues, latin) = (open(&ecole, "LANGUES").await?, open(&ecole, "LATIN").await?);
    let division = json!(global("Division", ecole.division));
    maison.granted(ecole.enseignante, "ajouterAuGroupe", with(&latin, &[division]), "").await?;
    maison
        .granted(ecole.enseignante, "ajouterAuGroupe", with(&langues, std::slice::from_ref(&latin)), "")
        .await?;
    let seen = read(&ecole, personal(ecole.eleves[0]), &langues).await?;
    assert_eq!(seen["personnes"].as_array().map(Vec::len), Some(ecole.eleves.len()));
    assert_eq!(seen["groupes"], json!([{ "code": "LATIN" }]));
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_of_groupes_is_refused_with_its_reason() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (a, b) = (open(&ecole, "A").await?, open(&ecole, "B").await?);
    maison.granted(ecole.enseignante, "ajouterAuGroupe", with(&a, std::slice::from_ref(&b)), "").await?;
    let refused = maison.tell(ecole.enseignante, "ajouterAuGroupe", with(&b, &[a]), "").await?;
    assert_eq!(refused["userErrors"][0]["code"], "CYCLE_DE_GROUPES");
    assert!(refused["userErrors"][0]["message"].as_str().unwrap_or_default().contains("cycle"), "{refused}");
    let outside = json!(global("Personne", uuid::Uuid::from_u128(404)));
    assert_eq!(
        maison.refused(ecole.enseignante, "ajouterAuGroupe", with(&b, &[outside])).await?,
        "MEMBRE_EXTERIEUR"
    );
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_has_its_days_and_a_division_its_periods() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let annee = json!({ "uai": ecole.uai, "annee": 2026, "debut": "2026-09-01", "fin": "2027-07-03" });
    assert_eq!(maison.refused(ecole.enseignante, "fixerAnnee", annee.clone()).await?, "INTERDIT");
    maison.granted(ecole.principal, "fixerAnnee", annee, "etablissement { annees { debut fin } }").await?;
    let semestres = |second: &str| {
        json!({ "divisionId": global("Division", ecole.division), "annee": 2026, "decoupage": "SEMESTRES",
                "periodes": [{ "libelle": "Semestre 1", "debut": "2026-09-01", "fin": "2027-01-31" },
                             { "libelle": "Semestre 2", "debut": second, "fin": "2027-07-03" }] })
    };
    for (second, code) in [("2027-01-31", "PERIODES_CHEVAUCHEES"), ("2027-02-02", "JOUR_SANS_PERIODE")] {
        assert_eq!(maison.refused(ecole.principal, "fixerPeriodes", semestres(second)).await?, code);
    }
    let fields = "division { periodes(annee: 2026) { rang libelle debut fin } }";
    let cut = maison.granted(ecole.principal, "fixerPeriodes", semestres("2027-02-01"), fields).await?;
    assert_eq!(cut["division"]["periodes"][1]["debut"], "2027-02-01");
    ecole.maison.close().await
}

/// Who is in a groupe that the feed declares, as that: the groupe and these persons, in order.
async fn declared(ecole: &Ecole, profil: &str) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(sqlx::query_as(
        "SELECT g.id, q.personne FROM groupe_declare g JOIN etablissement e ON e.id = g.etablissement
         JOIN repartition q ON q.groupe = g.id
         JOIN rattachement r ON r.personne = q.personne AND r.etablissement = q.etablissement
         JOIN personne p ON p.id = q.personne
         WHERE e.uai = $1 AND r.profil = $2 ORDER BY g.code, p.nom, p.prenom, p.id",
    )
    .bind(&ecole.uai)
    .bind(profil)
    .fetch_all(&ecole.maison.bench.views)
    .await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groupe_of_a_feed_is_read_like_another_and_changed_by_nobody_here() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let inside = declared(&ecole, "eleve").await?;
    let (id, eleve) = *inside.first().context("no groupe in the feed")?;
    let of_it = |rows: Vec<(Uuid, Uuid)>| -> Value {
        let rows = rows.into_iter().filter(|(groupe, _)| *groupe == id);
        rows.map(|(_, personne)| json!({ "id": global("Personne", personne) })).collect()
    };
    let teachers = declared(&ecole, "enseignant").await?;
    let leader = teachers.iter().find(|(groupe, _)| *groupe == id).context("nobody teaches it")?.1;
    let (pupils, leaders) = (of_it(inside), of_it(teachers));
    let groupe = json!(global("Groupe", id));
    for reader in [personal(eleve), personal(leader), ecole.cpe] {
        let seen = read(&ecole, reader, &groupe).await?;
        assert_eq!((&seen["personnes"], &seen["encadrants"]), (&pupils, &leaders), "{reader:?}");
    }
    assert_eq!(read(&ecole, ecole.administrateur, &groupe).await?, Value::Null);
    let query = "query($id: ID!) { groupe(id: $id) { saisi clos annee personnes(le: \"2026-11-23\") { id }
        divisionsDOrigine { code } } }";
    let seen = maison.ask(Some(ecole.principal), query, json!({ "id": groupe })).await?;
    let seen = &seen["groupe"];
    assert_eq!((&seen["saisi"], &seen["clos"], &seen["annee"]), (&json!(false), &json!(false), &json!(2026)));
    assert_eq!(seen["personnes"], pupils);
    assert!(seen["divisionsDOrigine"].as_array().is_some_and(|divisions| !divisions.is_empty()), "{seen}");
    // Its source is to be corrected; a groupe of one's own may hold it.
    let renamed = json!({ "groupeId": groupe, "libelle": "Autre" });
    for who in [personal(leader), ecole.cpe] {
        assert_eq!(maison.refused(who, "renommerGroupe", renamed.clone()).await?, "GROUPE_DE_SOURCE");
    }
    let club = open(&ecole, "CLUB").await?;
    maison.granted(ecole.enseignante, "ajouterAuGroupe", with(&club, &[groupe]), "").await?;
    assert_eq!(read(&ecole, personal(eleve), &club).await?["personnes"], pupils);
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

/// The next day, the feed says that somebody is in no groupe any more.
async fn sortir(ecole: &Ecole, personne: PersonneId, uai: Uai) -> Result<()> {
    let maison = &ecole.maison;
    maison.bench.clock.set("2026-11-24T07:00:00Z".parse()?);
    let ici = BTreeSet::from([uai.etablissement()]);
    let livraison = Livraison {
        origine: Origine::Aaf,
        portee: "Lyon".into(),
        nature: NatureDeLivraison::Delta,
        du: "2026-11-24".parse()?,
        annee: None,
    };
    let acteur = maison.commands.acteur(Some(exploitant())).await?;
    let importation =
        maison.commands.commencer_importation(&acteur, Academie::Lyon, &ici, livraison, Mode::Reel).await?;
    let sorti = Fiche::Personne(PersonneDecrite {
        personne,
        identite: Identite::Rectifiee(Rectification::default()),
        rattachements: vec![],
        perimetre: None,
        eleve: None,
        groupes: vec![GroupesDits { uai, codes: BTreeSet::new() }],
    });
    importation.importer(Lot(vec![sorti])).await?;
    maison.bench.runner.catch_up().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_a_groupe_of_a_feed_was_in_it_before() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (id, eleve) = *declared(&ecole, "eleve").await?.first().context("no groupe in the feed")?;
    sortir(&ecole, PersonneId(eleve), ecole.uai.parse()?).await?;
    let query = "query($id: ID!) { groupe(id: $id) { personnes { id }
        avant: personnes(le: \"2026-11-23\") { id } } }";
    let seen = maison.ask(Some(ecole.principal), query, json!({ "id": global("Groupe", id) })).await?;
    let has = |field: &str| {
        let persons = seen["groupe"][field].as_array().cloned().unwrap_or_default();
        persons.contains(&json!({ "id": global("Personne", eleve) }))
    };
    assert_eq!((has("personnes"), has("avant")), (false, true), "{seen}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hand_adds_to_a_groupe_of_a_feed_is_beside_what_the_feed_says() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let inside = declared(&ecole, "eleve").await?;
    let (id, eleve) = *inside.first().context("no groupe in the feed")?;
    let (code, libelle): (String, String) =
        sqlx::query_as("SELECT code, libelle FROM groupe_declare WHERE id = $1")
            .bind(id)
            .fetch_one(&maison.bench.views)
            .await?;
    let groupe = open(&ecole, &code).await?;
    assert_eq!(groupe, json!(global("Groupe", id)), "one code in one year is one groupe");
    let other = ecole.eleves.iter().copied().find(|other| !inside.contains(&(id, *other)));
    let other = other.context("everybody is in it")?;
    let added = json!(global("Eleve", other));
    maison.granted(ecole.enseignante, "ajouterAuGroupe", with(&groupe, &[added]), "").await?;
    let query = "query($id: ID!) { groupe(id: $id) { saisi libelle personnes { id } encadrants { id } } }";
    let seen = maison.ask(Some(ecole.principal), query, json!({ "id": groupe })).await?;
    let seen = &seen["groupe"];
    assert_eq!((&seen["saisi"], &seen["libelle"]), (&json!(true), &json!(libelle)), "the source names it");
    let has = |field: &str, who: Uuid| {
        let persons = seen[field].as_array().cloned().unwrap_or_default();
        persons.contains(&json!({ "id": global("Personne", who) }))
    };
    assert!(has("personnes", eleve) && has("personnes", other), "{seen}");
    assert!(has("encadrants", ecole.enseignante.0), "{seen}");
    let renamed = json!({ "groupeId": groupe, "libelle": "Autre" });
    assert_eq!(maison.refused(ecole.enseignante, "renommerGroupe", renamed).await?, "GROUPE_DE_SOURCE");
    // What the feed says again takes nothing from the hand.
    sortir(&ecole, PersonneId(eleve), ecole.uai.parse()?).await?;
    let seen = read(&ecole, ecole.principal, &groupe).await?;
    let persons = seen["personnes"].as_array().cloned().unwrap_or_default();
    assert!(persons.contains(&json!({ "id": global("Personne", other) })), "{seen}");
    assert!(!persons.contains(&json!({ "id": global("Personne", eleve) })), "{seen}");
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}
