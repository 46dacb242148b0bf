//! A conseil de classe, and the bulletins that come of it.

use super::classe::Classe;
use anyhow::{Context, Result};
use chrono::TimeDelta;
use recits::global;
use serde_json::{Value, json};

impl Classe {
    /// On the day of the conseil the period is locked, each teacher says something of the first pupil,
    /// and so does the conseil.
    pub async fn tenir_conseil(&self, rang: u8, jour: &str) -> Result<()> {
        self.a(jour.parse()?, "17:00:00")?;
        self.chef("verrouillerPeriode", self.periode(rang, json!({})), "").await?;
        for cours in &self.cours {
            let enseignement = global("Enseignement", cours.enseignement);
            let mots = json!({ "enseignementId": enseignement, "annee": 2026, "rang": rang,
                "lignes": [{ "eleveId": self.eleve(0), "texte": format!("{} : travail sérieux.", cours.matiere) }] });
            let maison = &self.ecole.maison;
            maison.granted(cours.enseignant, "redigerAppreciations", mots, "enseignement { id }").await?;
        }
        self.chef("reunirConseil", self.periode(rang, json!({})), "").await?;
        let examen = json!({ "eleveId": self.eleve(0), "vue": 0, "synthese": format!("Trimestre {rang}."),
            "avis": "ENCOURAGEMENTS" });
        self.chef("examinerEleve", self.periode(rang, examen), "").await?;
        Ok(())
    }

    /// Bulletins are published for an instant; from then on both parents read the same one.
    pub async fn publier_les_bulletins(&self, rang: u8, instant: &str) -> Result<()> {
        let publier = self.periode(rang, json!({ "visibleDes": instant }));
        self.chef("publierBulletins", publier, "").await?;
        let before = usize::from(rang - 1);
        assert_eq!(self.bulletins(0).await?.len(), before, "before its hour there is none");
        self.au(instant.parse::<chrono::DateTime<chrono::Utc>>()? + TimeDelta::minutes(1));
        self.ecole.distribuer(&self.distribution).await?;
        let mut told = Vec::new();
        for parent in 0..self.parents.len() {
            let bulletins = self.bulletins(parent).await?;
            assert_eq!(bulletins.len(), before + 1);
            let unread = bulletins.iter().find(|bulletin| bulletin["luLe"].is_null());
            told.push(self.lire(parent, unread.context("no bulletin is new")?).await?);
        }
        assert_eq!(told[0], told[1], "both parents are told the same");
        let (contenu, text) = (&told[0]["contenu"], told[0].to_string());
        assert_eq!(contenu["conseil"]["synthese"], format!("Trimestre {rang}."));
        // Of the two weeks of March, one is of each trimestre; of the first a Monday is justified.
        let assiduite = match rang {
            1 => json!({ "demiJournees": 0, "injustifiees": 0, "retards": 0 }),
            2 => json!({ "demiJournees": 6, "injustifiees": 4, "retards": 0 }),
            _ => json!({ "demiJournees": 6, "injustifiees": 6, "retards": 0 }),
        };
        assert_eq!(contenu["assiduite"], assiduite);
        // 12, 14 and 10: the mean of the three matières that are marked.
        assert_eq!(contenu["generale"]["moyenne"], "12.00", "{contenu:#}");
        for cours in &self.cours {
            assert!(text.contains(&format!("{} : travail sérieux.", cours.matiere)), "{contenu:#}");
        }
        Ok(())
    }

    /// The bulletins of the first pupil, as one of the parents sees them.
    async fn bulletins(&self, parent: usize) -> Result<Vec<Value>> {
        let query = "query($id: ID!) { eleve(id: $id) { bulletins { id luLe } } }";
        let asked = json!({ "id": self.eleve(0) });
        let found = self.ecole.maison.ask(Some(self.parents[parent]), query, asked).await?;
        Ok(found["eleve"]["bulletins"].as_array().cloned().unwrap_or_default())
    }

    async fn lire(&self, parent: usize, bulletin: &Value) -> Result<Value> {
        let fields = "bulletin { empreinte contenu { prenom generale { moyenne } conseil { synthese avis }
            assiduite { demiJournees injustifiees retards }
            enseignements { enseignants moyenne { matiere appreciation } } } }";
        let read = json!({ "bulletinId": bulletin["id"] });
        let maison = &self.ecole.maison;
        Ok(maison.granted(self.parents[parent], "lireBulletin", read, fields).await?["bulletin"].take())
    }
}
