//! A trimestre of a division: the school, its calendar and its policy, and what people do in it.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use domain::CompteId;
use recits::{Ecole, avec, global, personal};
use serde_json::{Value, json};
use uuid::Uuid;

/// Nobody comes to this day by accident: the story sets the clock.
const LUNDI: &str = "2026-11-23T09:00:00Z";
pub const MARDI_SOIR: &str = "2026-11-24T17:00:00Z";
pub const CONSEIL: &str = "2026-12-01T16:00:00Z";
pub const PUBLICATION: &str = "2026-12-04T17:00:00Z";

/// A school whose first division has its trimestres, and a pupil with two parents who are told.
pub struct Trimestre {
    /// Where.
    pub ecole: Ecole,
    /// Six pupils; the first one's parents are `parents`.
    pub eleves: Vec<Uuid>,
    /// Both are told of the first pupil.
    pub parents: [CompteId; 2],
}

impl Trimestre {
    pub async fn ouvrir() -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let views = &ecole.maison.bench.views;
        let (eleve, adultes): (Uuid, Vec<Uuid>) = sqlx::query_as(
            "SELECT eleve, array_agg(responsable ORDER BY responsable) FROM responsabilite
             WHERE eleve = ANY ($1) AND destinataire GROUP BY eleve HAVING count(*) > 1 ORDER BY eleve LIMIT 1",
        )
        .bind(&ecole.eleves)
        .fetch_one(views)
        .await
        .context("no pupil has two parents who are told")?;
        let others = ecole.eleves.iter().copied().filter(|other| *other != eleve).take(5);
        let eleves: Vec<_> = std::iter::once(eleve).chain(others).collect();
        let parents = [personal(adultes[0]), personal(adultes[1])];
        let trimestre = Self { eleves, parents, ecole };
        trimestre.au(LUNDI)?;
        trimestre.calendrier().await?;
        Ok(trimestre)
    }

    pub fn au(&self, instant: &str) -> Result<()> {
        self.ecole.maison.bench.clock.set(instant.parse::<DateTime<Utc>>()?);
        Ok(())
    }

    pub fn eleve(&self, rank: usize) -> String {
        global("Eleve", self.eleves[rank])
    }

    /// The first trimestre of the division, and what is asked besides.
    pub fn periode(&self, more: Value) -> Value {
        let division = global("Division", self.ecole.division);
        avec(json!({ "divisionId": division, "annee": 2026, "rang": 1 }), more)
    }

    async fn calendrier(&self) -> Result<()> {
        let (maison, chef) = (&self.ecole.maison, self.ecole.principal);
        let annee =
            json!({ "uai": self.ecole.uai, "annee": 2026, "debut": "2026-09-01", "fin": "2027-07-03" });
        maison.granted(chef, "fixerAnnee", annee, "").await?;
        self.trimestres_de(self.ecole.division).await?;
        let politique = json!({ "uai": self.ecole.uai, "nom": "Au dixième", "ponderation": "SUR_VINGT",
            "pas": "DIXIEME", "sens": "PROCHE", "du": "2026-09-01" });
        let refused =
            maison.refused(self.ecole.enseignante, "fixerPolitiqueDeMoyenne", politique.clone()).await?;
        assert_eq!(refused, "INTERDIT", "a teacher does not set the policy");
        maison.granted(chef, "fixerPolitiqueDeMoyenne", politique, "").await?;
        Ok(())
    }

    /// The year of a division is cut.
    pub async fn trimestres_de(&self, division: Uuid) -> Result<()> {
        let periodes = json!({ "divisionId": global("Division", division), "annee": 2026,
            "decoupage": "TRIMESTRES", "periodes": [
                { "libelle": "1er trimestre", "debut": "2026-09-01", "fin": "2026-11-30" },
                { "libelle": "2e trimestre", "debut": "2026-12-01", "fin": "2027-03-05" },
                { "libelle": "3e trimestre", "debut": "2027-03-06", "fin": "2027-07-03" }] });
        self.chef("fixerPeriodes", periodes, "").await?;
        Ok(())
    }

    /// An evaluation of the teacher's, with what is asked besides; its id.
    pub async fn evaluation(&self, more: Value) -> Result<String> {
        let input = json!({ "enseignementId": global("Enseignement", self.ecole.enseignement),
            "titre": "Contrôle", "date": "2026-11-16", "bareme": "20", "coefficient": "1" });
        let payload = self.prof("creerEvaluation", avec(input, more), "evaluation { id }").await?;
        Ok(payload["evaluation"]["id"].as_str().context("no evaluation")?.to_owned())
    }

    pub async fn prof(&self, mutation: &str, input: Value, fields: &str) -> Result<Value> {
        self.ecole.maison.granted(self.ecole.enseignante, mutation, input, fields).await
    }

    pub async fn chef(&self, mutation: &str, input: Value, fields: &str) -> Result<Value> {
        self.ecole.maison.granted(self.ecole.principal, mutation, input, fields).await
    }

    /// Marks out of 20 of the six pupils.
    pub async fn noter(&self, evaluation: &str, notes: [&str; 6]) -> Result<()> {
        let lignes = self.lignes(&notes);
        self.prof("saisirNotes", json!({ "evaluationId": evaluation, "lignes": lignes }), "").await?;
        Ok(())
    }

    pub fn lignes(&self, notes: &[&str]) -> Vec<Value> {
        let ligne = |(rank, note): (usize, &&str)| json!({ "eleveId": self.eleve(rank), "resultat": { "etat": "NOTE", "note": note } });
        notes.iter().enumerate().map(ligne).collect()
    }

    /// Marks, in two evaluations of which the second is published for Tuesday evening; the id of
    /// the first.
    pub async fn evaluer(&self) -> Result<String> {
        let premiere = self.evaluation(json!({})).await?;
        self.noter(&premiere, ["12", "9", "15", "8.5", "17", "11"]).await?;
        self.prof("publierEvaluation", json!({ "evaluationId": premiere }), "").await?;
        let seconde = self.evaluation(json!({ "bareme": "10", "coefficient": "2" })).await?;
        let notes = self.lignes(&["8", "5", "7", "4", "9", "6"]);
        self.prof("saisirNotes", json!({ "evaluationId": seconde, "lignes": notes }), "").await?;
        let publier = json!({ "evaluationId": seconde, "visibleDes": MARDI_SOIR });
        self.prof("publierEvaluation", publier, "").await?;
        Ok(premiere)
    }

    /// Locks, lets the conseil meet and say something of the first pupil.
    pub async fn tenir_conseil(&self) -> Result<()> {
        self.chef("verrouillerPeriode", self.periode(json!({})), "").await?;
        let mots = json!({ "enseignementId": global("Enseignement", self.ecole.enseignement), "annee": 2026,
            "rang": 1, "lignes": [{ "eleveId": self.eleve(0), "texte": "Travail sérieux." }] });
        self.prof("redigerAppreciations", mots, "enseignement { id }").await?;
        self.chef("reunirConseil", self.periode(json!({})), "").await?;
        let examen = json!({ "eleveId": self.eleve(0), "vue": 0, "synthese": "Bon trimestre.",
            "avis": "COMPLIMENTS", "orientation": "CLASSE_SUPERIEURE" });
        self.chef("examinerEleve", self.periode(examen), "").await?;
        Ok(())
    }

    pub async fn publier(&self) -> Result<()> {
        self.chef("publierBulletins", self.periode(json!({ "visibleDes": PUBLICATION })), "").await?;
        Ok(())
    }
}
