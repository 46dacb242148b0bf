//! A pupil leaves an établissement for another: each keeps its own record of the pupil, and the
//! first reads nothing of what comes after.

use super::saisie::eleve_ne_le;
use anyhow::{Context, Result};
use domain::CompteId;
use domain::annuaire::{Origine, Parole, Personne, PersonneCommand, Uai};
use recits::{Ecole, global, personal};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// The other collège of the feed: its UAI, its chef, and an enseignement with its teacher.
struct Ailleurs {
    uai: String,
    principal: CompteId,
    division: Uuid,
    enseignement: Uuid,
    enseignant: CompteId,
}

impl Ailleurs {
    async fn of(ecole: &Ecole) -> Result<Self> {
        let views = &ecole.maison.bench.views;
        let (etablissement, uai): (Uuid, String) =
            sqlx::query_as("SELECT id, uai FROM etablissement WHERE uai <> $1 ORDER BY uai LIMIT 1")
                .bind(&ecole.uai)
                .fetch_one(views)
                .await?;
        let principal: Uuid = sqlx::query_scalar(
            "SELECT personne FROM rattachement WHERE etablissement = $1 AND profil = 'direction' ORDER BY 1 LIMIT 1",
        )
        .bind(etablissement)
        .fetch_one(views)
        .await
        .context("no direction there")?;
        let (enseignement, division, enseignant): (Uuid, Uuid, Uuid) = sqlx::query_as(
            "SELECT n.id, n.division, t.personne FROM enseignement n JOIN enseignant t ON t.enseignement = n.id
             WHERE n.etablissement = $1 ORDER BY n.id LIMIT 1",
        )
        .bind(etablissement)
        .fetch_one(views)
        .await?;
        Ok(Self {
            uai,
            principal: personal(principal),
            division,
            enseignement,
            enseignant: personal(enseignant),
        })
    }
}

async fn absence(ecole: &Ecole, enseignement: Uuid, who: CompteId, eleve: Uuid, date: &str) -> Result<()> {
    let maison = &ecole.maison;
    let seance = json!({ "enseignementId": global("Enseignement", enseignement),
                         "date": date, "debut": "08:00:00", "fin": "08:55:00" });
    let opened = maison.granted(who, "ouvrirAppel", seance, "appel { id }").await?;
    let pointages = json!([{ "eleveId": global("Eleve", eleve), "etat": "ABSENT" }]);
    let input = json!({ "appelId": opened["appel"]["id"], "pointages": pointages });
    maison.granted(who, "pointerEleves", input, "").await?;
    maison.granted(who, "cloreAppel", json!({ "appelId": opened["appel"]["id"] }), "").await?;
    Ok(())
}

async fn absences(ecole: &Ecole, who: CompteId, eleve: Uuid) -> Result<Vec<String>> {
    let query = "query($id: ID!) { eleve(id: $id) { absences(first: 10) { edges { node { date } } } } }";
    let seen = ecole.maison.ask(Some(who), query, json!({ "id": global("Eleve", eleve) })).await?;
    let edges = seen["eleve"]["absences"]["edges"].as_array().cloned().unwrap_or_default();
    Ok(edges.iter().filter_map(|edge| edge["node"]["date"].as_str().map(str::to_owned)).collect())
}

async fn reads_fiche(ecole: &Ecole, who: CompteId, eleve: Uuid) -> Result<bool> {
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let id = json!({ "id": global("Personne", eleve) });
    Ok(ecole.maison.ask(Some(who), query, id).await?["node"] != Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_etablissement_reads_its_own_record_of_a_pupil_who_moved() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let there = Ailleurs::of(&ecole).await?;
    let eleve = ecole.eleves[0];
    absence(&ecole, ecole.enseignement, ecole.enseignante, eleve, "2026-11-23").await?;

    maison.bench.clock.set("2026-11-30T07:00:00Z".parse()?);
    let leaving = json!({ "uai": ecole.uai, "eleveId": global("Eleve", eleve), "le": "2026-11-30",
                          "destination": there.uai, "motif": "Déménagement" });
    let arriving = json!({ "uai": there.uai, "eleveId": global("Eleve", eleve), "le": "2026-11-30",
                           "divisionId": global("Division", there.division) });
    assert_eq!(maison.refused(there.principal, "accueillirEleve", arriving.clone()).await?, "SANS_EXEAT");
    assert_eq!(maison.refused(there.principal, "radierEleve", leaving.clone()).await?, "INTERDIT");
    maison.granted(ecole.principal, "radierEleve", leaving.clone(), "").await?;
    assert!(!reads_fiche(&ecole, ecole.enseignante, eleve).await?, "who left is no longer of the school");
    assert_eq!(maison.refused(ecole.principal, "radierEleve", leaving).await?, "ELEVE_NON_INSCRIT");
    let mut astray = arriving.clone();
    astray["divisionId"] = json!(global("Division", ecole.division));
    assert_eq!(maison.refused(there.principal, "accueillirEleve", astray).await?, "INTERDIT");
    maison.granted(there.principal, "accueillirEleve", arriving, "").await?;
    absence(&ecole, there.enseignement, there.enseignant, eleve, "2026-11-30").await?;

    assert_eq!(absences(&ecole, ecole.cpe, eleve).await?, ["2026-11-23"]);
    assert_eq!(absences(&ecole, ecole.principal, eleve).await?, ["2026-11-23"]);
    assert_eq!(absences(&ecole, there.principal, eleve).await?, ["2026-11-30"]);
    for family in [ecole.parent, personal(eleve)] {
        assert_eq!(absences(&ecole, family, eleve).await?, ["2026-11-30", "2026-11-23"], "{family:?}");
    }
    // The feed follows: the first school does not name the pupil any more.
    let perimetre = Arc::new(BTreeSet::from([ecole.uai.parse::<Uai>()?.etablissement()]));
    let parole = Parole::de(Origine::Aaf, "Lyon", "2026-12-01".parse()?);
    let left = PersonneCommand::LimiterRattachements { perimetre, sauf: BTreeSet::new(), parole };
    let context = maison.bench.context(&"ac-lyon".parse()?, &["parti"]);
    maison.bench.record::<Personne>(context, eleve, left).await?;
    maison.bench.runner.catch_up().await?;
    assert_eq!(absences(&ecole, ecole.principal, eleve).await?, ["2026-11-23"]);
    assert_eq!(absences(&ecole, there.principal, eleve).await?, ["2026-11-30"]);
    assert!(reads_fiche(&ecole, there.enseignant, eleve).await?);
    assert!(!reads_fiche(&ecole, ecole.enseignante, eleve).await?);
    let list = "query($id: ID!) { division(id: $id) { eleves { id } } }";
    let of = |division| json!({ "id": global("Division", division) });
    let here = maison.ask(Some(ecole.enseignante), list, of(ecole.division)).await?.to_string();
    assert!(!here.contains(&global("Personne", eleve)));
    let elsewhere = maison.ask(Some(there.enseignant), list, of(there.division)).await?.to_string();
    assert!(elsewhere.contains(&global("Personne", eleve)));
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

/// Whether an adult is attached to an établissement.
async fn attached(ecole: &Ecole, adulte: CompteId, uai: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM rattachement WHERE personne = $1 AND etablissement = $2)";
    let there = uai.parse::<Uai>()?.etablissement();
    let views = &ecole.maison.bench.views;
    Ok(sqlx::query_scalar(sql).bind(adulte.0).bind(there.0).fetch_one(views).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn those_to_whom_a_pupil_of_age_objects_do_not_come_along() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, Ailleurs::of(&ecole).await?);
    let oppose = eleve_ne_le(&ecole, "2008-09-01").await?;
    let autre = eleve_ne_le(&ecole, "2008-09-02").await?;
    maison.granted(personal(oppose.0), "opposerInformation", json!({ "opposee": true }), "").await?;
    maison.bench.clock.set("2026-11-30T07:00:00Z".parse()?);
    for (eleve, come) in [(oppose, false), (autre, true)] {
        let leaving = json!({ "uai": ecole.uai, "eleveId": global("Eleve", eleve.0), "le": "2026-11-30",
                              "destination": there.uai, "motif": "Déménagement" });
        let arriving = json!({ "uai": there.uai, "eleveId": global("Eleve", eleve.0), "le": "2026-11-30",
                               "divisionId": global("Division", there.division) });
        maison.granted(ecole.principal, "radierEleve", leaving, "").await?;
        maison.granted(there.principal, "accueillirEleve", arriving, "").await?;
        maison.bench.runner.catch_up().await?;
        assert_eq!(attached(&ecole, ecole.parent, &there.uai).await?, come);
    }
    ecole.maison.close().await
}
