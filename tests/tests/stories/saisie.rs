//! What the feeds lack is entered by hand, with a motive, by who may; and a pupil of age answers
//! for himself.

use super::doublons::{merge, twin};
use anyhow::Result;
use domain::annuaire::{EtatCivil, Origine, Parole, Personne, PersonneCommand, Profil, Source};
use domain::{EtablissementId, PersonneId};
use recits::{Ecole, exploitant, global, personal};
use serde_json::{Value, json};
use uuid::Uuid;

async fn etablissement(ecole: &Ecole) -> Result<Uuid> {
    let sql = "SELECT id FROM etablissement WHERE uai = $1";
    Ok(sqlx::query_scalar(sql).bind(&ecole.uai).fetch_one(&ecole.maison.bench.views).await?)
}

fn arrivee(college: Uuid, numero: u128, profil: &str) -> Value {
    json!({ "etablissementId": global("Etablissement", college), "identifiant": Uuid::from_u128(numero),
            "nom": "Fictif", "prenom": format!("Alix {numero}"), "naissance": "2014-05-06", "profil": profil,
            "motif": "Arrivée en cours d'année, pas encore dans les bases" })
}

/// A pupil of the division whom only a hand names, and who answers for him or her.
pub(super) async fn saisir_une_famille(ecole: &Ecole) -> Result<(PersonneId, PersonneId)> {
    let (maison, college) = (&ecole.maison, etablissement(ecole).await?);
    let saisi = |numero| PersonneId::derived(&[&ecole.uai, "saisie", &Uuid::from_u128(numero).to_string()]);
    let (eleve, adulte) = (saisi(1), saisi(2));
    let entered = arrivee(college, 1, "ELEVE");
    let entered = maison.granted(ecole.principal, "saisirPersonne", entered, "personne { id nom }").await?;
    assert_eq!(entered["personne"]["id"], global("Personne", eleve.0));
    let entered = arrivee(college, 2, "RESPONSABLE");
    let entered = maison.granted(ecole.administrateur, "saisirPersonne", entered, "personne { id }").await?;
    assert_eq!(entered["personne"], Value::Null, "an administrateur enters people and reads no record");
    let place = json!({ "etablissementId": global("Etablissement", college),
                        "eleveId": global("Personne", eleve.0), "motif": "Place en 6e",
                        "divisionId": global("Division", ecole.division) });
    maison.granted(ecole.principal, "affecterEleve", place, "").await?;
    let famille = json!({ "etablissementId": global("Etablissement", college),
        "eleveId": global("Personne", eleve.0), "motif": "Fiche remplie à l'inscription",
        "responsables": [{ "responsableId": global("Personne", adulte.0), "lien": "mère",
                           "niveau": "LEGALE_1", "destinataire": true }] });
    maison.granted(ecole.principal, "etablirResponsabilites", famille, "").await?;
    Ok((eleve, adulte))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_direction_enters_a_pupil_whom_the_feeds_lack_and_a_family() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (_, adulte) = saisir_une_famille(&ecole).await?;
    let enfants = "{ moi { enfants { id division { code } } } }";
    let enfants = maison.ask(Some(personal(adulte.0)), enfants, json!({})).await?;
    assert_eq!(enfants["moi"]["enfants"].as_array().map(Vec::len), Some(1), "{enfants}");
    assert!(enfants["moi"]["enfants"][0]["division"]["code"].is_string());
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_enters_people_elsewhere_nor_over_a_feed() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, college) = (&ecole.maison, etablissement(&ecole).await?);
    for stranger in [ecole.enseignante, ecole.cpe, ecole.parent, exploitant()] {
        let refused = maison.refused(stranger, "saisirPersonne", arrivee(college, 3, "ELEVE")).await?;
        assert_eq!(refused, "INTERDIT");
    }
    let other: Uuid = sqlx::query_scalar("SELECT id FROM etablissement WHERE uai <> $1")
        .bind(&ecole.uai)
        .fetch_one(&maison.bench.views)
        .await?;
    let refused = maison.refused(ecole.principal, "saisirPersonne", arrivee(other, 4, "ELEVE")).await?;
    assert_eq!(refused, "INTERDIT");
    let direction = arrivee(college, 5, "DIRECTION");
    assert_eq!(maison.refused(ecole.principal, "saisirPersonne", direction).await?, "PROFIL_RESERVE");
    let mut sans_motif = arrivee(college, 6, "ELEVE");
    sans_motif["motif"] = json!("  ");
    assert_eq!(maison.refused(ecole.principal, "saisirPersonne", sans_motif).await?, "MOTIF_MANQUANT");
    let sortir = json!({ "etablissementId": global("Etablissement", college), "motif": "Erreur",
                         "eleveId": global("Personne", ecole.eleves[0]) });
    assert_eq!(maison.refused(ecole.principal, "affecterEleve", sortir).await?, "SOURCE_PREVAUT");
    let lointain: Uuid = sqlx::query_scalar(
        "SELECT personne FROM rattachement WHERE etablissement = $1 AND profil = 'eleve' LIMIT 1",
    )
    .bind(other)
    .fetch_one(&maison.bench.views)
    .await?;
    let prendre = json!({ "etablissementId": global("Etablissement", college), "profil": "ELEVE",
                          "personneId": global("Personne", lointain), "motif": "Curiosité" });
    assert_eq!(maison.refused(ecole.principal, "rattacherPersonne", prendre).await?, "INTERDIT");
    let soi = json!({ "etablissementId": global("Etablissement", college), "profil": "VIE_SCOLAIRE",
                      "personneId": global("Personne", ecole.principal.0), "motif": "Confort" });
    assert_eq!(maison.refused(ecole.principal, "rattacherPersonne", soi).await?, "SAISIE_POUR_SOI");
    let famille = |eleve: Uuid, adulte: Uuid| {
        json!({ "etablissementId": global("Etablissement", college), "eleveId": global("Eleve", eleve),
                "motif": "Curiosité", "responsables": [{ "responsableId": global("Personne", adulte),
                "lien": "mère", "niveau": "LEGALE_1", "destinataire": true }] })
    };
    let mienne = famille(ecole.eleves[0], ecole.principal.0);
    assert_eq!(maison.refused(ecole.principal, "etablirResponsabilites", mienne).await?, "SAISIE_POUR_SOI");
    let adulte = famille(ecole.parent.0, ecole.collegue.0);
    assert_eq!(
        maison.refused(ecole.principal, "etablirResponsabilites", adulte).await?,
        "ELEVE_NON_RATTACHE"
    );
    ecole.maison.close().await
}

/// A pupil of the collège, born that day, for whom `parent` answers.
pub(super) async fn eleve_ne_le(ecole: &Ecole, jour: &str) -> Result<PersonneId> {
    let etat_civil =
        EtatCivil { nom: "Fictif".into(), naissance: Some(jour.parse()?), ..EtatCivil::default() };
    nouvel_eleve(ecole, jour, etat_civil).await
}

/// A pupil of the collège, whom the AAF names under this key, and for whom `parent` answers.
pub(super) async fn nouvel_eleve(ecole: &Ecole, cle: &str, etat_civil: EtatCivil) -> Result<PersonneId> {
    let (bench, college) = (&ecole.maison.bench, EtablissementId(etablissement(ecole).await?));
    let personne = PersonneId::derived(&["élève", cle]);
    let portail = "ac-lyon".parse()?;
    let parole = Parole::de(Origine::Aaf, "Lyon", "2026-09-14".parse()?);
    let source = Source { origine: Origine::Aaf, portee: "Lyon".into(), cle: cle.into() };
    let parent = domain::annuaire::Responsabilite {
        responsable: PersonneId(ecole.parent.0),
        lien: "10".into(),
        niveau: domain::annuaire::NiveauResponsabilite::Legale1,
        destinataire: true,
    };
    let commands = [
        PersonneCommand::EnregistrerPersonne { personne, source, etat_civil, parole: parole.clone() },
        PersonneCommand::RattacherPersonne {
            etablissement: college,
            profil: Profil::Eleve,
            fonctions: vec![],
            parole: parole.clone(),
        },
        PersonneCommand::EtablirResponsabilites { responsables: vec![parent], parole },
    ];
    for (rang, command) in commands.into_iter().enumerate() {
        let context = bench.context(&portail, &[cle, &rang.to_string()]);
        bench.record::<Personne>(context, personne, command).await?;
    }
    bench.runner.catch_up().await?;
    Ok(personne)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupil_of_age_answers_for_himself_and_a_minor_does_not() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let today = domain::journee(ledger::clock::Clock::now(&*maison.bench.clock));
    let birthday = today.checked_sub_months(chrono::Months::new(216)).unwrap_or_default();
    let tomorrow = birthday.succ_opt().unwrap_or_default();
    let majeur = eleve_ne_le(&ecole, &birthday.to_string()).await?;
    let mineur = eleve_ne_le(&ecole, &tomorrow.to_string()).await?;
    let opposer = |opposee: bool| json!({ "opposee": opposee });
    for other in [personal(mineur.0), ecole.parent, ecole.principal] {
        assert_eq!(maison.refused(other, "opposerInformation", opposer(true)).await?, "INTERDIT");
    }
    let seen = async |eleve: PersonneId| -> Result<bool> {
        let query = "query($id: ID!) { eleve(id: $id) { id } }";
        let id = json!({ "id": global("Eleve", eleve.0) });
        Ok(maison.ask(Some(ecole.parent), query, id).await?["eleve"].is_object())
    };
    assert!(seen(majeur).await?, "informed as long as he does not object");
    maison.granted(personal(majeur.0), "opposerInformation", opposer(true), "eleve { id }").await?;
    assert!(!seen(majeur).await? && seen(mineur).await?);
    let enfants = maison.ask(Some(ecole.parent), "{ moi { enfants { id } } }", json!({})).await?;
    assert!(!enfants.to_string().contains(&global("Eleve", majeur.0)));
    maison.granted(personal(majeur.0), "opposerInformation", opposer(false), "").await?;
    assert!(seen(majeur).await?);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_is_lifted_whichever_fiche_it_was_made_under() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let majeur = eleve_ne_le(&ecole, "2008-09-01").await?;
    let compte = personal(majeur.0);
    maison.granted(compte, "opposerInformation", json!({ "opposee": true }), "").await?;
    let twin = twin(&ecole, compte).await?;
    maison.granted(ecole.principal, "fusionnerFiches", merge(&ecole, majeur, personal(twin.0)), "").await?;
    maison.bench.runner.catch_up().await?;
    let informe = async || -> Result<bool> {
        maison.bench.runner.catch_up().await?;
        let seen = maison.ask(Some(ecole.parent), "{ moi { enfants { id } } }", json!({})).await?;
        Ok(seen.to_string().contains(&global("Eleve", twin.0)))
    };
    assert!(!informe().await?, "a merge takes no objection back");
    maison.granted(compte, "opposerInformation", json!({ "opposee": false }), "").await?;
    assert!(informe().await?);
    ecole.maison.close().await
}
