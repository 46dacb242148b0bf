//! The end of the year: what families were told, and what an auditor finds.

use super::classe::Classe;
use crate::rejeu::ran_with_keys;
use anyhow::Result;
use ledger::sealer::log::Log;
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};

impl Classe {
    /// A parent was written to of absences and of marks, and was sent no mark.
    pub fn les_familles_ont_ete_prevenues(&self) -> Result<()> {
        let messages = self.passerelle.messages()?;
        let mine: Vec<_> = messages.iter().filter(|message| message.adresse == self.adresse).collect();
        let told = |what: &str| {
            let says = |text: &str| text.contains(what);
            mine.iter().filter(|message| says(&message.objet) || says(&message.texte)).count()
        };
        assert!(told("était absent(e)") >= 8, "four days in each of two weeks: {mine:#?}");
        assert!(told("nouvelle note en") > 0, "{mine:#?}");
        assert!(
            mine.iter().all(|message| !message.texte.contains("/20 ") && !message.texte.contains("/20.")),
            "a mark is read in the ENT: {mine:#?}"
        );
        Ok(())
    }

    /// The record is sealed to its last event; both programs of the auditor find nothing.
    pub async fn un_auditeur_relit_l_annee(mut self) -> Result<()> {
        let maison = &mut self.ecole.maison;
        maison.bench.runner.catch_up().await?;
        maison.still().await?;
        maison.sealer.pass().await?;
        let bench = &maison.bench;
        let published = tempfile::NamedTempFile::new()?;
        std::fs::write(published.path(), json!(maison.sealer.verifier_keys(&Log::Meta)).to_string())?;
        let keys = published.path().to_string_lossy().into_owned();
        let (verdict, told) = ran_with_keys(bench, &["verifier", "--json", "--sceaux", &keys]).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let told: Value = serde_json::from_str(&told)?;
        let journals = told["journaux"].as_array().cloned().unwrap_or_default();
        assert!(!journals.is_empty());
        for journal in &journals {
            assert_eq!(journal["verdict"], "valide", "{journal:#}");
            assert_eq!(
                journal["scelle_jusqu_au"], journal["evenements_conformes"],
                "sealed to its end: {journal:#}"
            );
        }
        let (verdict, told) = ran_with_keys(bench, &["comparer"]).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        self.ecole.maison.close().await
    }
}
