//! A pupil leaves an établissement for another: each keeps its own record of the pupil, and the
//! first reads nothing of what comes after.

use super::saisie::{eleve_ne_le, saisir_une_famille};
use anyhow::{Context, Result};
use api::importer::Import;
use api::importer::aaf::generator::{Academie, Encodage, EtablissementPrevu, Nature, Plan, generate};
use domain::annuaire::{EtatCivil, Origine, Parole, Personne, PersonneCommand, Profil, Source, Uai};
use domain::{CompteId, DivisionId, PersonneId};
use projections::annuaire::Annuaire;
use recits::{Ecole, enseignement_de, exploitant, global, personal};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Another collège: its UAI, its chef, and an enseignement with its teacher.
struct Ailleurs {
    uai: String,
    principal: CompteId,
    division: Uuid,
    enseignement: Uuid,
    enseignant: CompteId,
}

impl Ailleurs {
    /// The other one of the feed.
    async fn of(ecole: &Ecole) -> Result<Self> {
        Self::within(ecole, "ac-lyon", 0).await
    }

    /// One of another académie, whose feed is taken too.
    async fn a_grenoble(ecole: &Ecole) -> Result<Self> {
        let (maison, folder) = (&ecole.maison, tempfile::tempdir()?);
        let plan = Plan {
            seed: 11,
            academie: Academie::Grenoble,
            date: "2026-09-14".parse()?,
            etablissements: vec![EtablissementPrevu { nature: Nature::College, divisions: 1 }; 2],
            eleves_par_division: 6,
            encodage: Encodage::Utf8,
        };
        generate(folder.path(), &plan)?;
        let operator = maison.commands.acteur(Some(exploitant())).await?;
        let import = Import { dossier: folder.path().to_owned(), a_blanc: false };
        import.run(&maison.commands, &operator, Arc::new(|_| ())).await?;
        maison.bench.runner.catch_up().await?;
        Self::within(ecole, "ac-grenoble", 0).await
    }

    /// One that is not this one, of the académie of this portal, by its place among them.
    async fn within(ecole: &Ecole, academie: &str, rang: i64) -> Result<Self> {
        let views = &ecole.maison.bench.views;
        let (etablissement, uai): (Uuid, String) = sqlx::query_as(
            "SELECT id, uai FROM etablissement WHERE uai <> $1 AND portail = $2
             ORDER BY uai OFFSET $3 LIMIT 1",
        )
        .bind(&ecole.uai)
        .bind(academie)
        .bind(rang)
        .fetch_one(views)
        .await?;
        let principal: Uuid = sqlx::query_scalar(
            "SELECT personne FROM rattachement WHERE etablissement = $1 AND profil = 'direction' ORDER BY 1 LIMIT 1",
        )
        .bind(etablissement)
        .fetch_one(views)
        .await
        .context("no direction there")?;
        let (enseignement, division, enseignant) = enseignement_de(views, etablissement).await?;
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

/// A pupil leaves on Monday for a collège of another académie: what its chef asks for.
async fn part_a_grenoble(ecole: &Ecole, there: &Ailleurs, eleve: Uuid) -> Result<Value> {
    let maison = &ecole.maison;
    maison.bench.clock.set("2026-11-30T07:00:00Z".parse()?);
    let leaving = json!({ "uai": ecole.uai, "eleveId": global("Eleve", eleve), "le": "2026-11-30",
                          "destination": there.uai, "motif": "Déménagement" });
    let arriving = json!({ "uai": there.uai, "eleveId": global("Eleve", eleve), "le": "2026-11-30",
                           "divisionId": global("Division", there.division) });
    assert_eq!(maison.refused(there.principal, "accueillirEleve", arriving.clone()).await?, "SANS_EXEAT");
    maison.granted(ecole.principal, "radierEleve", leaving, "").await?;
    Ok(arriving)
}

/// How often fiches were told that they are of one person.
async fn linked(ecole: &Ecole) -> Result<Vec<(String, String)>> {
    let sql = "SELECT event_type, portail FROM ledger.events WHERE aggregate_type = 'annuaire.identite'
         ORDER BY event_type";
    Ok(sqlx::query_as(sql).fetch_all(&ecole.maison.bench.owner).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_from_another_academie_has_a_fiche_there_that_is_read_as_the_one_before() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, Ailleurs::a_grenoble(&ecole).await?);
    let eleve = ecole.eleves[0];
    absence(&ecole, ecole.enseignement, ecole.enseignante, eleve, "2026-11-23").await?;
    let arriving = part_a_grenoble(&ecole, &there, eleve).await?;
    let mut early = arriving.clone();
    early["le"] = json!("2026-11-29");
    assert_eq!(maison.refused(there.principal, "accueillirEleve", early).await?, "ACCUEIL_AVANT_DEPART");
    assert_eq!(linked(&ecole).await?, [], "nothing is read as anything for who is not let in");

    let venue = maison.granted(there.principal, "accueillirEleve", arriving.clone(), "eleve { id }").await?;
    let fiche = PersonneId::derived(&[&there.uai, "saisie", &eleve.to_string()]);
    assert_eq!(venue["eleve"]["id"], global("Eleve", fiche.0));
    let told = |kind: &str| (format!("annuaire.identite.{kind}"), "www".to_owned());
    assert_eq!(linked(&ecole).await?, [told("absorbee"), told("fondue")]);
    maison.bench.runner.catch_up().await?;
    assert_eq!(maison.refused(there.principal, "accueillirEleve", arriving).await?, "SANS_EXEAT");

    absence(&ecole, there.enseignement, there.enseignant, fiche.0, "2026-11-30").await?;
    for fiche in [eleve, fiche.0] {
        assert_eq!(absences(&ecole, ecole.principal, fiche).await?, ["2026-11-23"]);
        assert_eq!(absences(&ecole, there.principal, fiche).await?, ["2026-11-30"]);
    }
    for family in [ecole.parent, personal(eleve)] {
        assert_eq!(absences(&ecole, family, eleve).await?, ["2026-11-30", "2026-11-23"], "{family:?}");
    }
    assert!(!reads_fiche(&ecole, ecole.enseignante, eleve).await?, "who left is no longer of the school");
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

/// The feed of the other académie has brought a pupil who has this name there, and the name and the day
/// of birth of that one.
async fn livrer(ecole: &Ecole, there: &Ailleurs, eleve: Uuid, prenom: &str) -> Result<PersonneId> {
    let bench = &ecole.maison.bench;
    let known = Annuaire::personnes(&bench.views, &[eleve]).await?.pop().context("nobody")?;
    let brought = PersonneId::derived(&["ac-grenoble", "aaf", "venue"]);
    let parole = Parole::de(Origine::Aaf, "Grenoble", "2026-11-23".parse()?);
    let commands = [
        PersonneCommand::EnregistrerPersonne {
            personne: brought,
            source: Source { origine: Origine::Aaf, portee: "Grenoble".into(), cle: "venue".into() },
            etat_civil: EtatCivil {
                nom: known.nom.to_uppercase(),
                prenom: prenom.to_owned(),
                naissance: known.naissance,
                ..EtatCivil::default()
            },
            parole: parole.clone(),
        },
        PersonneCommand::RattacherPersonne {
            etablissement: there.uai.parse::<Uai>()?.etablissement(),
            profil: Profil::Eleve,
            fonctions: vec![],
            parole: parole.clone(),
        },
        PersonneCommand::AffecterEleve {
            etablissement: there.uai.parse::<Uai>()?.etablissement(),
            division: Some(DivisionId(there.division)),
            parole,
        },
    ];
    for (number, command) in commands.into_iter().enumerate() {
        let context = bench.context(&"ac-grenoble".parse()?, &["venue", &number.to_string()]);
        bench.record::<Personne>(context, brought, command).await?;
    }
    bench.runner.catch_up().await?;
    Ok(brought)
}

async fn prenom(ecole: &Ecole, eleve: Uuid) -> Result<String> {
    let known = Annuaire::personnes(&ecole.maison.bench.views, &[eleve]).await?.pop();
    Ok(known.context("nobody")?.prenom)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_from_another_academie_after_its_feed_keeps_the_fiche_that_it_has_brought() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, Ailleurs::a_grenoble(&ecole).await?);
    let eleve = ecole.eleves[0];
    let brought = livrer(&ecole, &there, eleve, &prenom(&ecole, eleve).await?).await?;
    let mut arriving = part_a_grenoble(&ecole, &there, eleve).await?;
    arriving["divisionId"] = Value::Null;
    let fields = "eleve { id division { id } }";
    let venue = maison.granted(there.principal, "accueillirEleve", arriving, fields).await?;
    assert_eq!(venue["eleve"]["id"], global("Eleve", brought.0), "and no other one is made");
    let division = &venue["eleve"]["division"]["id"];
    assert_eq!(*division, global("Division", there.division), "and stays in the division that the feed says");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_whom_the_feed_has_brought_is_not_the_pupil_who_comes() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, Ailleurs::a_grenoble(&ecole).await?);
    let eleve = ecole.eleves[0];
    // As Louise of Louis.
    let twin = livrer(&ecole, &there, eleve, &(prenom(&ecole, eleve).await? + "e")).await?;
    let arriving = part_a_grenoble(&ecole, &there, eleve).await?;
    let venue = maison.granted(there.principal, "accueillirEleve", arriving, "eleve { id }").await?;
    let made = PersonneId::derived(&[&there.uai, "saisie", &eleve.to_string()]);
    assert_ne!(made, twin);
    assert_eq!(venue["eleve"]["id"], global("Eleve", made.0));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_by_hand_only_is_let_in_once_the_first_school_takes_back_who_answers() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, Ailleurs::a_grenoble(&ecole).await?);
    let (eleve, _) = saisir_une_famille(&ecole).await?;
    let arriving = part_a_grenoble(&ecole, &there, eleve.0).await?;
    let refused = maison.refused(there.principal, "accueillirEleve", arriving.clone()).await?;
    assert_eq!(refused, "RESPONSABLES_SAISIS_AU_DEPART");
    assert_eq!(linked(&ecole).await?, []);
    // What the sentence says: nothing is taken back of whom the first school has let go.
    let (id, college) = (global("Eleve", eleve.0), ecole.uai.parse::<Uai>()?.etablissement());
    let nobody = json!({ "etablissementId": global("Etablissement", college.0), "eleveId": id,
                         "responsables": [], "motif": "Départ pour une autre académie" });
    let early = maison.refused(ecole.principal, "etablirResponsabilites", nobody.clone()).await?;
    assert_eq!(early, "ELEVE_NON_RATTACHE");
    let back = json!({ "uai": ecole.uai, "eleveId": id, "le": "2026-11-30" });
    maison.granted(ecole.principal, "accueillirEleve", back, "").await?;
    maison.granted(ecole.principal, "etablirResponsabilites", nobody, "").await?;
    let leaving = json!({ "uai": ecole.uai, "eleveId": id, "le": "2026-11-30",
                          "destination": there.uai, "motif": "Déménagement" });
    maison.granted(ecole.principal, "radierEleve", leaving, "").await?;
    let venue = maison.granted(there.principal, "accueillirEleve", arriving, "eleve { id }").await?;
    let fiche = PersonneId::derived(&[&there.uai, "saisie", &eleve.to_string()]);
    assert_eq!(venue["eleve"]["id"], global("Eleve", fiche.0));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_from_another_academie_has_the_fiche_of_before() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, Ailleurs::a_grenoble(&ecole).await?);
    let eleve = ecole.eleves[0];
    let arriving = part_a_grenoble(&ecole, &there, eleve).await?;
    let venue = maison.granted(there.principal, "accueillirEleve", arriving, "eleve { id }").await?;
    maison.bench.runner.catch_up().await?;
    maison.bench.clock.set("2026-12-07T07:00:00Z".parse()?);
    let leaving = json!({ "uai": there.uai, "eleveId": venue["eleve"]["id"], "le": "2026-12-07",
                          "destination": ecole.uai, "motif": "Retour" });
    maison.granted(there.principal, "radierEleve", leaving, "").await?;
    let mut back = json!({ "uai": ecole.uai, "eleveId": venue["eleve"]["id"], "le": "2026-12-06",
                           "divisionId": global("Division", ecole.division) });
    maison.bench.runner.catch_up().await?;
    assert_eq!(
        maison.refused(ecole.principal, "accueillirEleve", back.clone()).await?,
        "ACCUEIL_AVANT_DEPART",
        "the pupil was still there"
    );
    back["le"] = json!("2026-12-07");
    let seen = maison.granted(ecole.principal, "accueillirEleve", back, "eleve { id }").await?;
    assert_eq!(seen["eleve"]["id"], global("Eleve", eleve), "the feed names this one: no third one is made");
    assert_eq!(linked(&ecole).await?.len(), 2, "they were of one pupil already");
    maison.bench.runner.catch_up().await?;
    assert!(reads_fiche(&ecole, ecole.enseignante, eleve).await?);
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_from_another_academie_moves_on_within_the_new_one() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, Ailleurs::a_grenoble(&ecole).await?);
    let further = Ailleurs::within(&ecole, "ac-grenoble", 1).await?;
    let eleve = ecole.eleves[0];
    let arriving = part_a_grenoble(&ecole, &there, eleve).await?;
    let venue = maison.granted(there.principal, "accueillirEleve", arriving, "eleve { id }").await?;
    maison.bench.runner.catch_up().await?;
    let fiche = &venue["eleve"]["id"];
    let leaving = json!({ "uai": there.uai, "eleveId": fiche, "le": "2026-11-30",
                          "destination": further.uai, "motif": "Affectation" });
    maison.granted(there.principal, "radierEleve", leaving, "").await?;
    let arriving = json!({ "uai": further.uai, "eleveId": fiche, "le": "2026-11-30",
                           "divisionId": global("Division", further.division) });
    // The adults whom the first académie names are informed still, and are told nothing in this journal.
    let seen = maison.granted(further.principal, "accueillirEleve", arriving, "eleve { id }").await?;
    assert_eq!(&seen["eleve"]["id"], fiche);
    let fiche = PersonneId::derived(&[&there.uai, "saisie", &eleve.to_string()]);
    absence(&ecole, further.enseignement, further.enseignant, fiche.0, "2026-11-30").await?;
    assert_eq!(absences(&ecole, ecole.parent, eleve).await?, ["2026-11-30"]);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_before_the_feed_says_so_is_on_the_list_of_the_division() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let eleve = ecole.eleves[0];
    maison.bench.clock.set("2026-11-30T07:00:00Z".parse()?);
    let leaving = json!({ "uai": ecole.uai, "eleveId": global("Eleve", eleve), "le": "2026-11-30",
                          "motif": "Déménagement" });
    maison.granted(ecole.principal, "radierEleve", leaving, "").await?;
    let perimetre = Arc::new(BTreeSet::from([ecole.uai.parse::<Uai>()?.etablissement()]));
    let parole = Parole::de(Origine::Aaf, "Lyon", "2026-12-01".parse()?);
    let context = maison.bench.context(&"ac-lyon".parse()?, &["parti"]);
    let gone = PersonneCommand::RetirerSource { perimetre, parole };
    maison.bench.record::<Personne>(context, eleve, gone).await?;
    maison.bench.runner.catch_up().await?;
    let suspendue = async || -> Result<bool> {
        let sql = "SELECT suspendue FROM personne WHERE id = $1";
        Ok(sqlx::query_scalar(sql).bind(eleve).fetch_one(&maison.bench.views).await?)
    };
    assert!(suspendue().await?, "no source names the pupil any more");

    maison.bench.clock.set("2026-12-07T07:00:00Z".parse()?);
    let back = json!({ "uai": ecole.uai, "eleveId": global("Eleve", eleve), "le": "2026-12-07",
                       "divisionId": global("Division", ecole.division) });
    maison.granted(ecole.principal, "accueillirEleve", back, "").await?;
    maison.bench.runner.catch_up().await?;
    assert!(!suspendue().await?);
    let list = "query($id: ID!) { division(id: $id) { eleves { id } } }";
    let of = json!({ "id": global("Division", ecole.division) });
    let seen = maison.ask(Some(ecole.enseignante), list, of).await?.to_string();
    assert!(seen.contains(&global("Personne", eleve)), "{seen}");
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}
