//! What happens to the first pupil: a word, an incident and its sanction, and two weeks of absences.

use super::classe::Classe;
use anyhow::{Context, Result};
use chrono::{Days, NaiveDate};
use recits::global;
use serde_json::{Value, json};

impl Classe {
    async fn vie(&self, query: &str) -> Result<Value> {
        let asked = json!({ "id": self.eleve(0) });
        Ok(self.ecole.maison.ask(Some(self.parents[0]), query, asked).await?["vieDeLEleve"].take())
    }

    /// A teacher writes a word, which both parents sign.
    pub async fn un_mot_dans_le_carnet(&self) -> Result<()> {
        let maison = &self.ecole.maison;
        let mot =
            json!({ "eleveId": self.eleve(0), "nature": "ENCOURAGEMENT", "texte": "De beaux progrès." });
        let mot = maison.granted(self.cours[1].enseignant, "ecrireMot", mot, "mot { id }").await?;
        for parent in self.parents {
            maison.granted(parent, "signerMot", json!({ "motId": mot["mot"]["id"] }), "").await?;
        }
        let query = "query($id: ID!) { vieDeLEleve(eleveId: $id) { carnet(first: 5) { nodes { destinataires { signeLe } } } } }";
        let carnet = self.vie(query).await?;
        assert_eq!(carnet.to_string().matches("2026-10-").count(), 2, "both have signed: {carnet:#}");
        Ok(())
    }

    /// On the Friday a teacher is hit; the pupil has two working days to prepare a defence, and is then
    /// blamed.
    pub async fn un_incident_et_sa_sanction(&self) -> Result<()> {
        let (ecole, eleve) = (&self.ecole, self.eleves[0]);
        let incident = ecole.signaler_un_coup(eleve, "2026-11-20", "id engagementObligatoire").await?;
        assert_eq!(incident["engagementObligatoire"], "VIOLENCE_PHYSIQUE_CONTRE_PERSONNEL");
        let warned = json!({ "incidentId": incident["id"], "instance": "ACADEMIE" });
        self.cpe("avertirInstance", warned, "").await?;
        let suite = json!({ "incidentId": incident["id"], "suite": "PROCEDURE_DISCIPLINAIRE" });
        self.cpe("cloreIncident", suite, "").await?;
        let (sanction, fin_du_delai) = ecole.engager_une_procedure(eleve).await?;
        let fin_du_delai: NaiveDate = fin_du_delai.as_str().context("no delay")?.parse()?;
        let blame = json!({ "sanctionId": sanction, "nature": "BLAME", "motifs": "Violence établie." });
        let early = ecole.maison.refused(ecole.principal, "prononcerSanction", blame.clone()).await?;
        assert_eq!(early, "DELAI_EN_COURS");
        self.a(fin_du_delai + Days::new(1), "09:00:00")?;
        self.chef("prononcerSanction", blame, "").await?;
        let notifier = json!({ "sanctionId": sanction, "voie": "LETTRE_RECOMMANDEE" });
        self.chef("notifierSanction", notifier, "").await?;
        let query = "query($id: ID!) { vieDeLEleve(eleveId: $id) { sanctions(first: 5) { nodes { decision { nature } } } } }";
        let vie = self.vie(query).await?;
        assert_eq!(vie["sanctions"]["nodes"], json!([{ "decision": { "nature": "BLAME" } }]));
        Ok(())
    }

    /// Of the first week of absences a parent explains one day, which is accepted: four half-days of
    /// six are left, and that is the first threshold.
    pub async fn la_famille_justifie_le_lundi(&self, lundi: NaiveDate) -> Result<()> {
        let (premier, maison) = (global("Personne", self.eleves[0]), &self.ecole.maison);
        let files = self.dossiers_a_traiter().await?;
        let monday = files.iter().find(|(_, eleve, date)| *eleve == premier && *date == lundi.to_string());
        let (dossier, _, _) = monday.context("nobody was absent on Monday")?;
        let said = json!({ "dossierAbsenceId": dossier,
                           "justification": { "motif": "maladie", "texte": "Fièvre" } });
        maison.granted(self.parents[0], "justifierAbsence", said, "").await?;
        self.cpe("reglerAbsence", json!({ "dossierAbsenceId": dossier, "recevable": true }), "").await?;
        assert_eq!(self.seuils().await?, json!([{ "suite": "SIGNALEMENT", "demiJournees": 4 }]));
        Ok(())
    }

    /// After the second week there are ten: a référent follows the pupil, and the parents read it.
    pub async fn l_absence_est_suivie(&self) -> Result<()> {
        let (ecole, maison) = (&self.ecole, &self.ecole.maison);
        self.cpe("constaterSeuils", json!({ "uai": ecole.uai, "mois": "2027-03-01" }), "").await?;
        let both = json!([{ "suite": "SIGNALEMENT", "demiJournees": 4 },
                          { "suite": "SUIVI_RENFORCE", "demiJournees": 10 }]);
        assert_eq!(self.seuils().await?, both);
        let suivi = json!({ "uai": ecole.uai, "eleveId": self.eleve(0), "objectif": "Un entretien par semaine",
                            "referentId": global("Personne", ecole.cpe.0) });
        self.cpe("ouvrirSuivi", suivi, "").await?;
        let query = "query($e: ID!, $uai: String!) { assiduite(eleveId: $e, uai: $uai) {
            seuils { suite } suivis { objectif } } }";
        let asked = json!({ "e": self.eleve(0), "uai": ecole.uai });
        for parent in self.parents {
            let read = maison.ask(Some(parent), query, asked.clone()).await?;
            assert_eq!(read["assiduite"]["suivis"][0]["objectif"], "Un entretien par semaine");
        }
        Ok(())
    }

    /// The thresholds that are stated of the month of March, page by page.
    async fn seuils(&self) -> Result<Value> {
        let query = "query($uai: String!, $after: String) {
            seuilsAtteints(uai: $uai, mois: \"2027-03-01\", first: 1, after: $after) {
                nodes { suite demiJournees } pageInfo { hasNextPage endCursor } } }";
        let (mut told, mut after) = (Vec::new(), Value::Null);
        loop {
            let asked = json!({ "uai": self.ecole.uai, "after": after });
            let mut read = self.ecole.maison.ask(Some(self.ecole.cpe), query, asked).await?;
            let page = &mut read["seuilsAtteints"];
            told.extend(page["nodes"].as_array().cloned().unwrap_or_default());
            if page["pageInfo"]["hasNextPage"] != json!(true) {
                return Ok(Value::Array(told));
            }
            after = page["pageInfo"]["endCursor"].take();
        }
    }
}
