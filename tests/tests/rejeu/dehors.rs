//! What `verifier` says of what is over the journals: the meta-journal, clôtures, witnesses and
//! dates; and of each that was tampered with.

use super::prouver::Dossier;
use super::{bench, ran_with_keys, tamper};
use crate::horodatage::now;
use anyhow::Result;
use api::program;
use ledger::sealer::timestamping::Trust;
use ledger::timestamp::roots::Roots;
use recits::horodateur::Horodateur;
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::sync::Arc;

/// A journal whose days are closed, witnessed and dated.
pub struct Registre {
    /// It.
    pub dossier: Dossier,
    /// The policy of its witnesses.
    pub policy: String,
    /// Who dates it.
    pub autorite: Arc<Horodateur>,
}

impl Registre {
    /// One; none without `openssl`.
    pub async fn ouvrir() -> Result<Option<Self>> {
        let Some(autorite) = Horodateur::open()? else { return Ok(None) };
        let dossier = Dossier::of(bench().await?, "appel", "absences.appel").await?;
        dossier.clos("2026-11-27T08:00:00Z").await?;
        let key = dossier.witnessed().await?;
        let policy = dossier.policy(&key)?;
        let trust = Trust { roots: Roots::read(&autorite.roots()?)?, policy: None };
        dossier.bench.clock.set(now());
        let asked = program::Horodateur::under(autorite.serve().await?.parse()?, trust)?;
        assert!(asked.round(&dossier.sealer).await, "{:?}", dossier.sealer.board().timestamps);
        Ok(Some(Self { dossier, policy, autorite }))
    }

    async fn verifie(&self, more: &[&str]) -> (Verdict, String) {
        let (cles, racine) = (self.dossier.path("cles.json"), self.autorite.path("racine.pem"));
        let path = |path: &std::path::Path| path.to_str().unwrap_or_default().to_owned();
        let (cles, racine) = (path(&cles), path(&racine));
        let arguments = ["verifier", "--sceaux", &cles, "--temoins", &self.policy, "--racines", &racine];
        let arguments: Vec<_> = arguments.into_iter().chain(more.iter().copied()).collect();
        ran_with_keys(&self.dossier.bench, &arguments).await
    }

    async fn json(&self) -> Result<(Verdict, Value)> {
        let (verdict, told) = self.verifie(&["--json"]).await;
        Ok((verdict, serde_json::from_str(&told)?))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_shown_complete_closed_witnessed_and_dated() -> Result<()> {
    let Some(registre) = Registre::ouvrir().await? else { return Ok(()) };
    let (verdict, told) = registre.verifie(&[]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    for expected in [
        "1 sceau conforme jusqu'au n° 4, 4 clôtures conformes",
        "méta-journal : VALIDE — 5 feuilles, 1 sceau conforme jusqu'au n° 5",
        "Témoins : rectorat (le ",
        "politique satisfaite",
        "Horodatages : 1 crus sous ces racines",
        "0690001b/2026 : n° 1 à 4 avant le ",
        "par Horodateur-tsa",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let (_, told) = registre.json().await?;
    assert_eq!(told["meta"]["feuilles_conformes"], 5);
    assert_eq!(told["dehors"]["temoins"]["politique_satisfaite"], true);
    assert_eq!(told["dehors"]["horodatages"]["journaux"][0]["jusqu_au"], 4);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_enough_witnesses_or_any_date_the_verdict_stays_open() -> Result<()> {
    let Some(registre) = Registre::ouvrir().await? else { return Ok(()) };
    let other = Registre::ouvrir().await?.expect("openssl was here");
    let alone = Registre { policy: other.policy, ..registre };
    let (verdict, told) = alone.verifie(&[]).await;
    assert!(verdict == Verdict::Indetermine && told.contains("Témoins : aucun ; politique NON"), "{told}");
    let registre = Registre { autorite: other.autorite, policy: alone.policy.clone(), ..alone };
    let (verdict, told) = registre.verifie(&[]).await;
    assert!(verdict == Verdict::Indetermine && told.contains("n'est pas cru"), "{told}");
    tamper(&registre.dossier.bench, "DELETE FROM ledger.timestamps").await?;
    let (verdict, told) = registre.verifie(&[]).await;
    assert!(verdict == Verdict::Indetermine && told.contains("aucun ne le date encore"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_over_the_journals_is_found_out_if_it_is_changed() -> Result<()> {
    const HASHED: &str = "leaf_hash = sha256('\\x00'::bytea || convert_to(";
    let forged = |change: &str| format!("leaf = {change}, {HASHED}{change}, 'UTF8'))");
    let racine = r#"regexp_replace(leaf, '("racine":")(.)(.{63})', '\1\3\2')"#;
    let premier = r#"replace(leaf, '"premier":1', '"premier":2')"#;
    let dernier = r#"replace(leaf, '"dernier":3', '"dernier":2')"#;
    let counted = r#"replace(leaf, '"absences.appel.clos":1', '"absences.appel.clos":2')"#;
    for (statement, meta, journal) in [
        ("UPDATE ledger.meta SET leaf = leaf || ' ' WHERE position = 2".to_owned(), json!([2, "empreinte"]), json!(null)),
        ("DELETE FROM ledger.meta WHERE position = 3".to_owned(), json!([3, "position"]), json!([4, "cloture_absente"])),
        ("DELETE FROM ledger.meta WHERE position = 5".to_owned(), json!([5, "troncature"]), json!(null)),
        (
            format!("UPDATE ledger.meta SET {} WHERE position = 1", forged(premier)),
            json!([5, "racine"]),
            json!([3, "compte_de_cloture"]),
        ),
        (
            format!("UPDATE ledger.meta SET {} WHERE position = 1", forged(counted)),
            json!([5, "racine"]),
            json!([3, "compte_de_cloture"]),
        ),
        (
            format!("UPDATE ledger.meta SET {} WHERE position = 1", forged(dernier)),
            json!([1, "colonne"]),
            json!([3, "compte_de_cloture"]),
        ),
        (
            format!("UPDATE ledger.meta SET {} WHERE position = 2", forged(racine)),
            json!([5, "racine"]),
            json!([4, "cloture"]),
        ),
        (
            "UPDATE ledger.meta SET position = CASE position WHEN 2 THEN 3 ELSE 2 END WHERE position IN (2, 3)".to_owned(),
            json!([2, "cloture_absente"]),
            json!([4, "cloture_absente"]),
        ),
    ] {
        let Some(registre) = Registre::ouvrir().await? else { return Ok(()) };
        let bench = &registre.dossier.bench;
        // A primary key is checked row by row.
        sqlx::raw_sql("ALTER TABLE ledger.meta DROP CONSTRAINT meta_pkey").execute(&bench.owner).await?;
        tamper(bench, &statement).await?;
        let (verdict, told) = registre.json().await?;
        let found = |faute: &Value| match faute {
            Value::Null => json!(null),
            faute => json!([faute["position"], faute["nature"]]),
        };
        assert_eq!(verdict, Verdict::Invalide, "{statement}: {told}");
        assert_eq!(found(&told["meta"]["faute"]), meta, "{statement}: {told}");
        assert_eq!(found(&told["journaux"][0]["faute"]), journal, "{statement}: {told}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_in_a_kept_token_is_found() -> Result<()> {
    let Some(registre) = Registre::ouvrir().await? else { return Ok(()) };
    let flip = "UPDATE ledger.timestamps SET token = set_byte(token, length(token) - 9,
                get_byte(token, length(token) - 9) # 1)";
    tamper(&registre.dossier.bench, flip).await?;
    let (verdict, told) = registre.json().await?;
    assert_eq!(verdict, Verdict::Invalide, "{told}");
    assert_eq!(told["dehors"]["horodatages"]["faux"]["feuilles"], 5);
    Ok(())
}
