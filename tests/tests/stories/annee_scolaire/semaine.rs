//! A week: every hour has its roll, one its séance and its travail, and three weeks of the year have
//! evaluations; the vie scolaire settles what the week leaves, and families are told each evening.

use super::classe::{Classe, Cours};
use super::{ABSENCES, EVALUATIONS};
use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{Days, NaiveDate};
use recits::{Heure, global, personal};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Marks of each pupil in each matière, out of 20.
const NOTES: [[&str; 5]; 3] =
    [["12", "9", "15", "8.5", "17"], ["14", "10.5", "11", "6", "18"], ["10", "13", "9.5", "12", "16"]];

impl Classe {
    /// What the division and those who teach it do in a week; nothing in the vacances.
    pub async fn vivre_la_semaine(&self, lundi: NaiveDate) -> Result<()> {
        let heures = self.heures(lundi).await?;
        let jours: BTreeSet<_> = heures.iter().map(|heure| heure.date.clone()).collect();
        for jour in &jours {
            for heure in heures.iter().filter(|heure| heure.date == *jour) {
                self.donner_cours(
                    lundi,
                    heure,
                    heure.date == heures[0].date && heure.debut == heures[0].debut,
                )
                .await?;
            }
            self.finir_la_journee(jour.parse()?).await?;
        }
        if let Some(dernier) = jours.last() {
            self.a(dernier.parse()?, "18:30:00")?;
            self.regler_sans_reponse().await?;
        }
        Ok(())
    }

    /// One hour: its roll, and what is told or marked in it. In the first hour of each week the second
    /// pupil is missing.
    async fn donner_cours(&self, lundi: NaiveDate, heure: &Heure, premiere: bool) -> Result<()> {
        self.a(heure.date.parse()?, &heure.debut)?;
        let mut absents = Vec::new();
        if ABSENCES.contains(&lundi.to_string().as_str()) {
            absents.push(self.eleves[0]);
        }
        if premiere {
            absents.push(self.eleves[1]);
        }
        self.ecole.faire_l_appel(heure, &absents).await?;
        let rang = self.cours.iter().position(|cours| cours.enseignement == heure.enseignement);
        let rang = rang.context("nobody teaches this")?;
        if rang == 0 && heure.debut == "08:00:00" {
            self.une_seance_et_son_travail(heure, lundi).await?;
        }
        // Each teacher has one hour from Thursday on.
        let late = heure.date >= (lundi + Days::new(3)).to_string();
        if EVALUATIONS.contains(&lundi.to_string().as_str()) && late {
            self.evaluer(&self.cours[rang], rang, heure).await?;
        }
        Ok(())
    }

    /// Absences are stated, and whoever must be told is.
    async fn finir_la_journee(&self, jour: NaiveDate) -> Result<()> {
        self.a(jour, "17:45:00")?;
        self.ecole.constater(&jour.to_string()).await?;
        self.ecole.distribuer(&self.distribution).await
    }

    /// A séance that the pupils read, and a travail that the first of them hands in and is given back.
    async fn une_seance_et_son_travail(&self, heure: &Heure, lundi: NaiveDate) -> Result<()> {
        let (maison, qui) = (&self.ecole.maison, heure.enseignant);
        let enseignement = global("Enseignement", heure.enseignement);
        let clef = |quoi: &str| Uuid::new_v5(&heure.enseignement, format!("{quoi} {lundi}").as_bytes());
        let seance = json!({ "seance": clef("seance"), "enseignementId": enseignement, "date": heure.date,
            "debut": heure.debut, "fin": heure.fin,
            "contenu": { "titre": format!("Séance du {}", heure.date), "avant": "Lire", "apres": "Apprendre" } });
        let seance =
            maison.granted(qui, "redigerSeance", seance, "seance { id }").await?["seance"]["id"].take();
        maison.granted(qui, "publierSeance", json!({ "seanceId": seance }), "").await?;
        let pour_le = heure.date.parse::<NaiveDate>()? + Days::new(2);
        let travail = json!({ "travail": clef("travail"), "enseignementId": enseignement, "pourLe": pour_le,
            "titre": format!("Exercices du {}", heure.date), "minutes": 20, "aRendre": true });
        let travail =
            maison.granted(qui, "donnerTravail", travail, "travail { id }").await?["travail"]["id"].take();
        maison.granted(qui, "publierTravail", json!({ "travailId": travail }), "").await?;
        if ABSENCES.contains(&lundi.to_string().as_str()) {
            return Ok(());
        }
        let eleve = personal(self.eleves[0]);
        maison.granted(eleve, "marquerTravail", json!({ "travailId": travail, "fait": true }), "").await?;
        let copie = json!({ "travailId": travail, "nom": "copie.txt", "contenu": STANDARD.encode("3/4") });
        maison.granted(eleve, "rendreTravail", copie, "").await?;
        let annoter = json!({ "travailId": travail, "eleveId": self.eleve(0), "annotation": "Bien" });
        maison.granted(qui, "annoterCopie", annoter, "").await?;
        Ok(())
    }

    /// An evaluation, marked and published; in the first matière a mark is corrected once it is out.
    async fn evaluer(&self, cours: &Cours, rang: usize, heure: &Heure) -> Result<()> {
        let (maison, qui) = (&self.ecole.maison, cours.enseignant);
        let fiche = json!({ "enseignementId": global("Enseignement", cours.enseignement),
            "titre": format!("Contrôle du {}", heure.date), "date": heure.date, "bareme": "20", "coefficient": "1" });
        let evaluation = maison.granted(qui, "creerEvaluation", fiche, "evaluation { id }").await?;
        let evaluation = &evaluation["evaluation"]["id"];
        let ligne = |eleve: usize, note: &str| json!({ "eleveId": self.eleve(eleve), "resultat": { "etat": "NOTE", "note": note } });
        let lignes: Vec<_> = NOTES[rang].iter().enumerate().map(|(eleve, note)| ligne(eleve, note)).collect();
        let saisie = json!({ "evaluationId": evaluation, "lignes": lignes });
        maison.granted(qui, "saisirNotes", saisie, "").await?;
        maison.granted(qui, "publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
        if rang == 0 {
            let correction = json!({ "evaluationId": evaluation, "motif": "Exercice 3 oublié",
                                     "ligne": ligne(1, "11") });
            maison.granted(qui, "corrigerNote", correction, "").await?;
        }
        Ok(())
    }

    /// The files that wait: their ids, whose they are, and on which day.
    pub async fn dossiers_a_traiter(&self) -> Result<Vec<(Value, String, String)>> {
        let query = "query($uai: String!) { dossiersAbsence(uai: $uai, first: 50) {
            nodes { id eleve { id } creneau { date } } } }";
        let asked = json!({ "uai": self.ecole.uai });
        let read = self.ecole.maison.ask(Some(self.ecole.cpe), query, asked).await?;
        let nodes = read["dossiersAbsence"]["nodes"].as_array().context("no list")?.iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(nodes
            .map(|node| (node["id"].clone(), text(&node["eleve"]["id"]), text(&node["creneau"]["date"])))
            .collect())
    }

    /// The family of the second pupil never says why: the vie scolaire calls, and settles so.
    async fn regler_sans_reponse(&self) -> Result<()> {
        let second = global("Personne", self.eleves[1]);
        for (dossier, eleve, _) in self.dossiers_a_traiter().await? {
            if eleve != second {
                continue;
            }
            let contact = json!({ "dossierAbsenceId": dossier, "moyen": "TELEPHONE", "resume": "Répondeur" });
            self.cpe("contacterFamille", contact, "").await?;
            let settled = json!({ "dossierAbsenceId": dossier, "recevable": false,
                                  "raison": "La famille n'a pas répondu." });
            self.cpe("reglerAbsence", settled, "").await?;
        }
        Ok(())
    }
}
