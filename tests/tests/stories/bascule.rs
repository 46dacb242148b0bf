//! The next school year is prepared while this one runs, and begins on a day.

use anyhow::{Context, Result};
use commands::UseCaseError;
use commands::annuaire::{
    EtablissementDecrit, Fiche, GroupeDecrit, GroupesDecrits, GroupesDits, Identite, Limite, Lot, Mode,
    PersonneDecrite,
};
use domain::annuaire::{
    Academie, Etablissement, EtablissementCommand, Livraison, Matiere, NatureDeLivraison, Origine, Parole,
    Perimetre, Personne, PersonneCommand, Provenance, Rectification, Uai,
};
use domain::{AnneeScolaire, CompteId, PersonneId};
use recits::{Ecole, avec, exploitant, global, personal};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

const BASCULE: &str = "bascule { etat sansAffectation divisions { code effectif } groupes { code } }";

fn plan(ecole: &Ecole, more: Value) -> Value {
    avec(json!({ "uai": ecole.uai, "annee": 2027 }), more)
}

async fn open(ecole: &Ecole, code: &str) -> Result<Value> {
    let asked = json!({ "uai": ecole.uai, "annee": 2026, "code": code, "libelle": code });
    let mut opened = ecole.maison.granted(ecole.enseignante, "creerGroupe", asked, "groupe { id }").await?;
    let groupe = opened["groupe"]["id"].take();
    let membres = json!([global("Eleve", ecole.eleves[0])]);
    let input = json!({ "groupeId": groupe, "membres": membres });
    ecole.maison.granted(ecole.enseignante, "ajouterAuGroupe", input, "").await?;
    Ok(groupe)
}

async fn reads(ecole: &Ecole, who: CompteId, kind: &str, id: &Value) -> Result<bool> {
    let query = format!("query($id: ID!) {{ {kind}(id: $id) {{ id }} }}");
    Ok(ecole.maison.ask(Some(who), &query, json!({ "id": id })).await?[kind] != Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_year_turns_on_its_day_and_what_the_plan_keeps_is_kept() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, uai) = (&ecole.maison, ecole.uai.parse::<Uai>()?);
    let (latin, grec) = (open(&ecole, "LATIN").await?, open(&ecole, "GREC").await?);
    let eleve = personal(ecole.eleves[0]);

    let day = plan(&ecole, json!({ "le": "2027-08-30" }));
    assert_eq!(maison.refused(ecole.enseignante, "preparerBascule", day.clone()).await?, "INTERDIT");
    maison.granted(ecole.principal, "preparerBascule", day, BASCULE).await?;
    let divisions = plan(&ecole, json!({ "divisions": [{ "code": "5A", "libelle": "Cinquième A" }] }));
    maison.granted(ecole.principal, "prevoirDivisions", divisions, "").await?;
    let to = |eleve: &Uuid| json!({ "eleveId": global("Eleve", *eleve), "division": "5A" });
    let moves: Vec<_> = ecole.eleves.iter().map(to).collect();
    let said = maison
        .granted(
            ecole.principal,
            "prevoirAffectations",
            plan(&ecole, json!({ "affectations": moves })),
            BASCULE,
        )
        .await?;
    assert_eq!(said["bascule"]["divisions"], json!([{ "code": "5A", "effectif": ecole.eleves.len() }]));
    let taught = json!([{ "matiereCode": "LAT", "matiere": "Latin",
                          "enseignantId": global("Personne", ecole.collegue.0) }]);
    let taught = plan(&ecole, json!({ "division": "5A", "enseignements": taught }));
    maison.granted(ecole.principal, "prevoirEnseignements", taught, "").await?;
    let declare: Uuid =
        sqlx::query_scalar("SELECT id FROM groupe_declare WHERE etablissement = $1 ORDER BY id LIMIT 1")
            .bind(uai.etablissement().0)
            .fetch_one(&maison.bench.views)
            .await?;
    let kept = plan(&ecole, json!({ "groupes": [latin, global("Groupe", declare)] }));
    assert_eq!(maison.refused(ecole.principal, "garderGroupes", kept).await?, "GROUPE_NON_GARDABLE");
    let kept = plan(&ecole, json!({ "groupes": [latin] }));
    maison.granted(ecole.principal, "garderGroupes", kept, BASCULE).await?;

    let turn = plan(&ecole, json!({}));
    assert_eq!(maison.refused(ecole.principal, "basculerAnnee", turn.clone()).await?, "BASCULE_PREMATUREE");
    for groupe in [&latin, &grec] {
        assert!(reads(&ecole, eleve, "groupe", groupe).await?, "a plan changes nobody's rights");
    }
    let sixieme = json!(global("Division", ecole.division));
    assert!(reads(&ecole, eleve, "division", &sixieme).await?);

    let declares = async || -> Result<i64> {
        let sql = "SELECT count(*) FROM groupe_declare WHERE etablissement = $1 AND NOT clos";
        Ok(sqlx::query_scalar(sql).bind(uai.etablissement().0).fetch_one(&maison.bench.views).await?)
    };
    assert!(declares().await? > 0, "the feed declares groupes");
    maison.bench.clock.set("2027-08-30T06:00:00Z".parse()?);
    let turned = maison.granted(ecole.principal, "basculerAnnee", turn.clone(), BASCULE).await?;
    maison.bench.runner.catch_up().await?;
    assert_eq!(turned["bascule"]["etat"], "ACHEVEE");
    assert_eq!(declares().await?, 0, "next year's have other pupils");
    assert!(reads(&ecole, eleve, "groupe", &latin).await?, "what was shared with a kept groupe stays so");
    assert!(!reads(&ecole, eleve, "groupe", &grec).await?);
    assert!(!reads(&ecole, eleve, "division", &sixieme).await?);
    let seen = maison.ask(Some(eleve), "query { moi { eleve { division { id code } } } }", json!({})).await?;
    assert_eq!(seen["moi"]["eleve"]["division"]["code"], "5A");
    let query = "query { moi { enseignements { matiere } } }";
    let seen = maison.ask(Some(ecole.collegue), query, json!({})).await?;
    assert!(seen.to_string().contains("Latin"), "{seen}");

    // In September the feed moves the pupil; the turn, asked for again, does not undo it.
    let (parole, etablissement) =
        (Parole::de(Origine::Aaf, "Lyon", "2027-09-20".parse()?), uai.etablissement());
    let moved = PersonneCommand::AffecterEleve { etablissement, division: Some(uai.division("5B")), parole };
    let context = maison.bench.context(&"ac-lyon".parse()?, &["5B"]);
    maison.bench.record::<Personne>(context, ecole.eleves[0], moved).await?;
    let again = maison.granted(ecole.principal, "basculerAnnee", turn, BASCULE).await?;
    assert_eq!(again["bascule"]["etat"], "ACHEVEE", "asked again, nothing is done twice");
    maison.bench.runner.catch_up().await?;
    let place = "SELECT division FROM rattachement WHERE personne = $1 AND etablissement = $2";
    let place: Option<Uuid> = sqlx::query_scalar(place)
        .bind(ecole.eleves[0])
        .bind(etablissement.0)
        .fetch_one(&maison.bench.views)
        .await?;
    assert_eq!(place, Some(uai.division("5B").0));
    let late = plan(&ecole, json!({ "groupes": [] }));
    assert_eq!(maison.refused(ecole.principal, "garderGroupes", late).await?, "BASCULE_FAITE");
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_would_lose_a_share_is_refused_before_anything_turns() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (langues, latin) = (open(&ecole, "LANGUES").await?, open(&ecole, "LATIN").await?);
    let within = json!({ "groupeId": langues, "membres": [latin] });
    maison.granted(ecole.enseignante, "ajouterAuGroupe", within, "").await?;
    maison
        .granted(ecole.principal, "preparerBascule", plan(&ecole, json!({ "le": "2027-08-30" })), "")
        .await?;
    maison
        .granted(ecole.principal, "garderGroupes", plan(&ecole, json!({ "groupes": [langues] })), "")
        .await?;
    maison.bench.clock.set("2027-08-30T06:00:00Z".parse()?);
    let turn = plan(&ecole, json!({}));
    assert_eq!(maison.refused(ecole.principal, "basculerAnnee", turn).await?, "SOUS_GROUPE_NON_GARDE");
    let query = "query($uai: String!) { bascule(uai: $uai, annee: 2027) { etat } }";
    let seen = maison.ask(Some(ecole.principal), query, json!({ "uai": ecole.uai })).await?;
    assert_eq!(seen["bascule"]["etat"].as_str().context("no plan")?, "EN_PREPARATION");
    let seen = maison.ask(Some(ecole.enseignante), query, json!({ "uai": ecole.uai })).await?;
    assert_eq!(seen["bascule"], Value::Null);
    ecole.maison.close().await
}

/// A feed of that day says of a school year that there is Latin, and that a pupil is in it.
async fn livrer(ecole: &Ecole, le: &str, annee: i16, eleve: Uuid) -> Result<()> {
    let (maison, uai) = (&ecole.maison, ecole.uai.parse::<Uai>()?);
    maison.bench.clock.set(format!("{le}T06:00:00Z").parse()?);
    let livraison = Livraison {
        origine: Origine::Aaf,
        portee: "Lyon".into(),
        nature: NatureDeLivraison::Complete,
        du: le.parse()?,
        annee: Some(AnneeScolaire(annee)),
    };
    let latin = GroupeDecrit { code: "LAT".into(), libelle: "Latin".into(), divisions: BTreeSet::new() };
    let college = Fiche::Etablissement(EtablissementDecrit {
        uai: uai.clone(),
        fiche: None,
        source: None,
        divisions: vec![],
        groupes: Some(GroupesDecrits { groupes: vec![latin], entiers: true }),
        enseignements: vec![],
        limite: Limite::Aucune,
    });
    let latiniste = Fiche::Personne(PersonneDecrite {
        personne: PersonneId(eleve),
        identite: Identite::Rectifiee(Rectification::default()),
        rattachements: vec![],
        perimetre: None,
        eleve: None,
        groupes: vec![GroupesDits { uai: uai.clone(), codes: BTreeSet::from(["LAT".to_owned()]) }],
    });
    let (acteur, ici) =
        (maison.commands.acteur(Some(exploitant())).await?, BTreeSet::from([uai.etablissement()]));
    let importation =
        maison.commands.commencer_importation(&acteur, Academie::Lyon, &ici, livraison, Mode::Reel).await?;
    importation.importer(Lot(vec![college])).await?;
    importation.importer(Lot(vec![latiniste])).await?;
    maison.bench.runner.catch_up().await?;
    Ok(())
}

/// The year turns on that day, and a pupil changes division.
async fn tourner(ecole: &Ecole, le: &str, eleve: Uuid) -> Result<()> {
    let maison = &ecole.maison;
    maison.granted(ecole.principal, "preparerBascule", plan(ecole, json!({ "le": le })), "").await?;
    let divisions = json!({ "divisions": [{ "code": "5A", "libelle": "Cinquième A" }] });
    maison.granted(ecole.principal, "prevoirDivisions", plan(ecole, divisions), "").await?;
    let moves = json!({ "affectations": [{ "eleveId": global("Eleve", eleve), "division": "5A" }] });
    maison.granted(ecole.principal, "prevoirAffectations", plan(ecole, moves), "").await?;
    maison.bench.clock.set(format!("{le}T08:00:00Z").parse()?);
    maison.granted(ecole.principal, "basculerAnnee", plan(ecole, json!({})), "").await?;
    maison.bench.runner.catch_up().await?;
    Ok(())
}

/// The school years of the groupes that sources declare, and of those in which a pupil is.
async fn annees_des_groupes(ecole: &Ecole, eleve: Uuid) -> Result<(Vec<i16>, Vec<i16>)> {
    let (views, uai) = (&ecole.maison.bench.views, ecole.uai.parse::<Uai>()?);
    let sql = "SELECT DISTINCT annee FROM groupe_declare WHERE etablissement = $1 AND NOT clos ORDER BY 1";
    let declares = sqlx::query_scalar(sql).bind(uai.etablissement().0).fetch_all(views).await?;
    let sql = "SELECT DISTINCT g.annee FROM repartition q JOIN groupe_declare g ON g.id = q.groupe
               WHERE q.personne = $1 ORDER BY 1";
    Ok((declares, sqlx::query_scalar(sql).bind(eleve).fetch_all(views).await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_turn_of_july_has_ended_is_not_brought_back_by_feeds_of_the_year_before() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let eleve = ecole.eleves[0];
    tourner(&ecole, "2027-07-05", eleve).await?;
    assert_eq!(annees_des_groupes(&ecole, eleve).await?, (vec![], vec![]));
    livrer(&ecole, "2027-07-06", 2026, eleve).await?;
    assert_eq!(annees_des_groupes(&ecole, eleve).await?, (vec![], vec![]), "its year is over");
    // SIECLE prepares the year to come from July on, and says so.
    livrer(&ecole, "2027-07-07", 2027, eleve).await?;
    assert_eq!(annees_des_groupes(&ecole, eleve).await?, (vec![2027], vec![2027]));
    crate::projections::replay::check(&ecole.maison.bench).await?;
    ecole.maison.close().await
}

/// Why a feed of that day that speaks of the next year is refused, if it is.
async fn refus(ecole: &Ecole, le: &str, eleve: Uuid) -> Result<Option<&'static str>> {
    match livrer(ecole, le, 2027, eleve).await {
        Ok(()) => Ok(None),
        Err(error) => Ok(error.downcast::<UseCaseError>()?.code()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_prepares_for_the_next_year_is_not_taken_before_it_begins() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let eleve = ecole.eleves[0];
    let before = annees_des_groupes(&ecole, eleve).await?;
    assert_eq!(refus(&ecole, "2027-07-06", eleve).await?, Some("LIVRAISON_ANTICIPEE"));
    let day = plan(&ecole, json!({ "le": "2027-08-30" }));
    ecole.maison.granted(ecole.principal, "preparerBascule", day, "").await?;
    assert_eq!(refus(&ecole, "2027-08-25", eleve).await?, Some("LIVRAISON_ANTICIPEE"));
    assert_eq!(annees_des_groupes(&ecole, eleve).await?, before, "nothing of it was heard");
    tourner(&ecole, "2027-08-30", eleve).await?;
    assert_eq!(refus(&ecole, "2027-08-31", eleve).await?, None);
    assert_eq!(annees_des_groupes(&ecole, eleve).await?, (vec![2027], vec![2027]));
    crate::projections::replay::check(&ecole.maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_put_into_groupes_of_the_new_year_before_it_turned_stays_in_them() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let eleve = ecole.eleves[0];
    livrer(&ecole, "2027-08-25", 2027, eleve).await?;
    assert_eq!(annees_des_groupes(&ecole, eleve).await?, (vec![2027], vec![2027]));
    tourner(&ecole, "2027-08-30", eleve).await?;
    assert_eq!(
        annees_des_groupes(&ecole, eleve).await?,
        (vec![2027], vec![2027]),
        "the turn ends the others"
    );
    livrer(&ecole, "2027-08-31", 2027, eleve).await?;
    assert_eq!(annees_des_groupes(&ecole, eleve).await?, (vec![2027], vec![2027]));
    crate::projections::replay::check(&ecole.maison.bench).await?;
    ecole.maison.close().await
}

/// Nobody would ever take back what the turn of the year said by hand of a teacher who has left.
#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_who_leaves_no_longer_teaches_what_only_a_hand_said() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, etablissement) = (&ecole.maison, ecole.uai.parse::<Uai>()?.etablissement());
    let division: String = sqlx::query_scalar("SELECT code FROM division WHERE id = $1")
        .bind(ecole.division)
        .fetch_one(&maison.bench.views)
        .await?;
    let provenance = Provenance {
        motif: Some("bascule vers l'année 2026".into()),
        ..Provenance::de(Origine::Saisie, &ecole.uai)
    };
    let by_hand = EtablissementCommand::AttribuerEnseignement {
        division,
        matiere: Matiere { code: "999900".into(), libelle: "Latin".into() },
        enseignant: PersonneId(ecole.collegue.0),
        principal: false,
        parole: Parole { provenance, le: "2026-11-23".parse()? },
    };
    let context = maison.bench.context(&"ac-lyon".parse()?, &["latin"]);
    maison.bench.record::<Etablissement>(context, etablissement, by_hand).await?;
    let latin = async || -> Result<i64> {
        maison.bench.runner.catch_up().await?;
        let sql = "SELECT count(*) FROM enseignant t JOIN enseignement n ON n.id = t.enseignement
                   WHERE t.personne = $1 AND n.matiere_code = '999900'";
        Ok(sqlx::query_scalar(sql).bind(ecole.collegue.0).fetch_one(&maison.bench.views).await?)
    };
    assert_eq!(latin().await?, 1);
    let livraison = Livraison {
        origine: Origine::Aaf,
        portee: "Lyon".into(),
        nature: NatureDeLivraison::Complete,
        du: "2026-11-23".parse()?,
        annee: None,
    };
    let (acteur, ici) = (maison.commands.acteur(Some(exploitant())).await?, BTreeSet::from([etablissement]));
    let importation =
        maison.commands.commencer_importation(&acteur, Academie::Lyon, &ici, livraison, Mode::Reel).await?;
    let retrait = Fiche::Retrait(PersonneId(ecole.collegue.0), Perimetre::new(ici));
    importation.importer(Lot(vec![retrait])).await?;
    assert_eq!(latin().await?, 0);
    ecole.maison.close().await
}
