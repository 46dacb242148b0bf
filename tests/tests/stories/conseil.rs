//! A conseil de classe in which two persons write at once, each in a process of its own; and one of a
//! pupil who has two fiches.

use super::doublons::merge;
use super::trimestre::{CONSEIL, Trimestre};
use super::verrou::{autre_processus, demande, premier_trimestre};
use anyhow::{Context, Result, bail};
use commands::rights::Acteur;
use commands::{Commands, UseCaseError};
use domain::PersonneId;
use domain::annuaire::{EtatCivil, Origine, Parole, Personne, PersonneCommand, Uai};
use domain::notes::Examen;
use projections::annuaire::Annuaire;
use recits::{global, personal};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Who writes, where.
struct Plume {
    name: &'static str,
    commands: Commands,
    acteur: Acteur,
}

impl Plume {
    /// What it writes of a pupil.
    fn synthese(&self, eleve: Uuid) -> String {
        format!("{} de {eleve}.", self.name)
    }

    /// Writes of a pupil of whom it has seen nothing; the code of the refusal, if it is refused.
    async fn examiner(&self, t: &Trimestre, eleve: Uuid) -> Result<Option<&'static str>> {
        let examen = Examen { synthese: Some(self.synthese(eleve)), ..Examen::default() };
        let demande = demande(&self.acteur, &["examiner", self.name, &eleve.to_string()]);
        let told = self.commands.examiner_eleve(&demande, premier_trimestre(t), PersonneId(eleve), 0, examen);
        match told.await {
            Ok(_) => Ok(None),
            Err(UseCaseError::Refused(refused)) => Ok(Some(refused.code)),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes of one pupil after the other.
    async fn examiner_tous(&self, t: &Trimestre, eleves: &[Uuid]) -> Result<()> {
        for eleve in eleves {
            if let Some(code) = self.examiner(t, *eleve).await? {
                bail!("{code} of {eleve}");
            }
        }
        Ok(())
    }
}

/// The conseil meets, and two write in it.
async fn reunir(t: &Trimestre) -> Result<[Plume; 2]> {
    t.au(CONSEIL)?;
    for step in ["verrouillerPeriode", "reunirConseil"] {
        t.chef(step, t.periode(json!({})), "").await?;
    }
    let (here, there) = (t.ecole.maison.commands.clone(), autre_processus(t)?);
    let [one, other] = [here.acteur(Some(t.ecole.principal)), there.acteur(Some(t.ecole.principal))];
    let (one, other) = (one.await?, other.await?);
    Ok([
        Plume { name: "La principale", commands: here, acteur: one },
        Plume { name: "La secrétaire", commands: there, acteur: other },
    ])
}

/// What the screen of the conseil says of each pupil: the version, and the words.
async fn ecran(t: &Trimestre) -> Result<BTreeMap<String, (i64, String)>> {
    t.ecole.maison.bench.runner.catch_up().await?;
    let query = "query($division: ID!) { conseilDeClasse(divisionId: $division, annee: 2026, rang: 1) {
        eleves { eleve { id } version examen { synthese } } } }";
    let asked = json!({ "division": global("Division", t.ecole.division) });
    let seen = t.ecole.maison.ask(Some(t.ecole.principal), query, asked).await?;
    let lines = seen["conseilDeClasse"]["eleves"].as_array().context("no conseil")?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let line = |line: &serde_json::Value| {
        let said = (line["version"].as_i64().unwrap_or(-1), text(&line["examen"]["synthese"]));
        (text(&line["eleve"]["id"]), said)
    };
    Ok(lines.iter().map(line).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_of_other_pupils_at_the_same_time_is_not_in_the_way() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let [one, other] = reunir(&t).await?;
    let (first, second) = t.ecole.eleves.split_at(t.ecole.eleves.len() / 2);
    tokio::try_join!(one.examiner_tous(&t, first), other.examiner_tous(&t, second))?;
    let seen = ecran(&t).await?;
    assert_eq!(seen.len(), t.ecole.eleves.len());
    for (plume, eleves) in [(&one, first), (&other, second)] {
        for eleve in eleves {
            let said = seen.get(&global("Personne", *eleve));
            assert_eq!(said, Some(&(1, plume.synthese(*eleve))));
        }
    }
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_write_of_one_pupil_at_once_the_second_is_told_and_nothing_is_lost() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let [one, other] = reunir(&t).await?;
    let mut kept = BTreeMap::new();
    for eleve in &t.ecole.eleves {
        let plume = match tokio::try_join!(one.examiner(&t, *eleve), other.examiner(&t, *eleve))? {
            (None, Some("EXAMEN_MODIFIE")) => &one,
            (Some("EXAMEN_MODIFIE"), None) => &other,
            told => bail!("{told:?} of {eleve}"),
        };
        kept.insert(global("Personne", *eleve), (1, plume.synthese(*eleve)));
    }
    assert_eq!(ecran(&t).await?, kept, "each word that was taken is there, and no other");
    t.ecole.maison.close().await
}

/// What is said of a pupil on the screen of the conseil, and in the bulletin.
const DIT: &str = "version examen { synthese } matieres { appreciation } positionnements { niveau }
    propositions { positionnement { niveau } observations { titre } }";
const BULLETIN: &str = "bulletin { contenu { conseil { synthese } positionnements { niveau }
    enseignements { moyenne { appreciation } } } }";

/// What the screen of the conseil says of a pupil.
async fn ligne(t: &Trimestre, eleve: Uuid, fields: &str) -> Result<Value> {
    t.ecole.maison.bench.runner.catch_up().await?;
    let query = format!(
        "query($division: ID!) {{ conseilDeClasse(divisionId: $division, annee: 2026, rang: 1) {{
             eleves {{ eleve {{ id }} {fields} }} }} }}"
    );
    let asked = json!({ "division": global("Division", t.ecole.division) });
    let seen = t.ecole.maison.ask(Some(t.ecole.principal), &query, asked).await?;
    let lines = seen["conseilDeClasse"]["eleves"].as_array().context("no conseil")?;
    let id = json!(global("Personne", eleve));
    lines.iter().find(|line| line["eleve"]["id"] == id).cloned().context("the pupil is not listed")
}

/// A fiche of the listed pupil more, of which all is said; then it leaves the division.
async fn double(t: &Trimestre, listee: Uuid) -> Result<PersonneId> {
    let bench = &t.ecole.maison.bench;
    let known = Annuaire::personnes(&bench.views, &[listee]).await?.pop().context("nobody")?;
    let (nom, prenom, naissance) = (known.nom, known.prenom, known.naissance);
    let bis = t.ecole.inscrire("bis", EtatCivil { nom, prenom, naissance, ..EtatCivil::default() }).await?;
    bench.runner.catch_up().await?;
    let (id, division) = (global("Eleve", bis.0), global("Division", t.ecole.division));
    let place = json!({ "divisionId": division, "eleveId": id,
        "positionnements": [{ "cycle": "CYCLE_3", "domaine": "LANGUE_FRANCAISE", "niveau": 3 }] });
    t.prof("positionnerEleve", place, "eleve { nom }").await?;
    let dictee = t.evaluation(json!({ "titre": "Dictée" })).await?;
    let montre = json!({ "evaluationId": dictee, "lignes": [
        { "eleveId": id, "cycle": "CYCLE_3", "domaine": "LANGUE_FRANCAISE", "niveau": 2 }] });
    t.prof("positionnerCompetences", montre, "").await?;
    t.chef("verrouillerPeriode", t.periode(json!({})), "").await?;
    let mots = json!({ "enseignementId": global("Enseignement", t.ecole.enseignement), "annee": 2026,
        "rang": 1, "lignes": [{ "eleveId": id, "texte": "Travail sérieux." }] });
    t.prof("redigerAppreciations", mots, "enseignement { id }").await?;
    t.chef("reunirConseil", t.periode(json!({})), "").await?;
    let examen = json!({ "eleveId": id, "vue": 0, "synthese": "Bon trimestre." });
    t.chef("examinerEleve", t.periode(examen), "").await?;
    t.au("2026-11-24T09:00:00Z")?;
    let command = PersonneCommand::AffecterEleve {
        etablissement: t.ecole.uai.parse::<Uai>()?.etablissement(),
        division: None,
        parole: Parole::de(Origine::Csv, &t.ecole.uai, "2026-11-24".parse()?),
    };
    let context = bench.context(&"ac-lyon".parse()?, &["sortie de la fiche double"]);
    bench.record::<Personne>(context, bis, command).await?;
    bench.runner.catch_up().await?;
    Ok(bis)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_pupil_under_another_fiche_is_read_with_the_listed_one() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let listee = t.eleves[0];
    t.evaluer().await?;
    let bis = double(&t, listee).await?;
    let seen = ligne(&t, listee, DIT).await?;
    assert!(seen["examen"].is_null() && !seen.to_string().contains("Travail sérieux."), "{seen}");
    assert_eq!(seen["propositions"], json!([]));
    t.chef("fusionnerFiches", merge(&t.ecole, bis, personal(listee)), "").await?;
    let seen = ligne(&t, listee, DIT).await?;
    assert_eq!(seen["examen"]["synthese"], "Bon trimestre.", "{seen}");
    assert_eq!(seen["positionnements"], json!([{ "niveau": 3 }]));
    let dictee = json!({ "positionnement": { "niveau": 2 }, "observations": [{ "titre": "Dictée" }] });
    assert_eq!(seen["propositions"], json!([dictee]), "{seen}");
    assert!(seen["matieres"].to_string().contains("Travail sérieux."), "{seen}");
    // The conseil goes on under the listed fiche, which has the last word.
    assert_eq!(seen["version"], 0);
    let examen = json!({ "eleveId": t.eleve(0), "vue": 0, "synthese": "Très bon trimestre." });
    t.chef("examinerEleve", t.periode(examen), "").await?;
    let seen = ligne(&t, listee, DIT).await?;
    assert_eq!((&seen["version"], &seen["examen"]["synthese"]), (&json!(1), &json!("Très bon trimestre.")));
    t.chef("publierBulletins", t.periode(json!({})), "").await?;
    let contenu = ligne(&t, listee, BULLETIN).await?["bulletin"]["contenu"].take();
    assert_eq!(contenu["conseil"]["synthese"], "Très bon trimestre.");
    assert_eq!(contenu["positionnements"], json!([{ "niveau": 3 }]));
    assert!(contenu["enseignements"].to_string().contains("Travail sérieux."), "{contenu}");
    t.ecole.maison.close().await
}
