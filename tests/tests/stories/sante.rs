//! How a chef d'établissement is told that the journal of the portal does well.

use crate::horodatage::now;
use crate::rejeu::contreseings::policy;
use crate::rejeu::temoin::witness;
use anyhow::Result;
use api::program::{Horodateur, Witnesses};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::TimeDelta;
use commands::Demande;
use commands::rights::{Acteur, Action};
use domain::journal::{ConstatDeVerification, FauteDuJournal, NatureConsultation, Portee};
use domain::{AnneeScolaire, CommandeId};
use http_body_util::BodyExt;
use ledger::clock::Clock;
use ledger::sealer::Sealer;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::log::Log;
use ledger::sealer::store::TileStore;
use ledger::sealer::timestamping::Trust;
use ledger::sealer::witnessing::Unwitnessed;
use ledger::timestamp::roots::Roots;
use recits::{DOMAINE, Ecole, horodateur};
use std::path::Path;
use std::sync::Arc;

/// The page of a portal, as anybody reads it.
async fn page(ecole: &Ecole, portail: &str) -> Result<(StatusCode, String)> {
    ecole.maison.bench.runner.catch_up().await?;
    let request = Request::get(format!("/sante-du-journal/{portail}")).body(Body::empty())?;
    let response = ecole.maison.send(request).await?;
    let status = response.status();
    Ok((status, String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec())?))
}

/// What the operator asks at the console.
fn console(wish: &str) -> Demande {
    let (acteur, commande) = (Acteur::console(), CommandeId::derived(&[wish]));
    Demande { acteur, commande, corps: Vec::new(), cause: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_how_long_the_journal_is_and_what_its_last_verification_found() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (status, told) = page(&ecole, &ecole.portail).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(told.contains("<dd>3</dd>") && told.contains("jamais vérifié"), "{told}");
    let faute = |position| FauteDuJournal { position, nature: "empreinte".to_owned() };
    for (wish, faute, verdict) in [
        ("une", Some(faute(2)), "INVALIDE, événement n° 2 (empreinte)"),
        ("deux", None, "valide, 4 événements conformes"),
    ] {
        let constat = ConstatDeVerification { annee: AnneeScolaire(2026), evenements: 4, faute };
        let portail = ecole.portail.parse()?;
        ecole.maison.commands.inscrire_verification(&console(wish), portail, constat).await?;
        let (_, told) = page(&ecole, &ecole.portail).await?;
        assert!(told.contains(verdict), "{told}");
    }
    assert_eq!(page(&ecole, "0000000z").await?.0, StatusCode::NOT_FOUND);
    assert_eq!(page(&ecole, "%3Cscript%3E").await?.0, StatusCode::NOT_FOUND);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_how_far_the_journal_is_sealed_closed_witnessed_and_dated() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (sealer, clock) = (&ecole.maison.sealer, &ecole.maison.bench.clock);
    let (_, told) = page(&ecole, &ecole.portail).await?;
    for word in
        ["Dernier sceau</dt><dd>aucun<", "depuis ", "Aucune clôture", "Aucun témoin", "jamais vérifié"]
    {
        assert!(told.contains(word), "{word}: {told}");
    }
    sealer.pass().await?;
    clock.set("2026-11-25T08:00:00Z".parse()?);
    sealer.close().await?;
    sealer.consign().await?;
    let (_, told) = page(&ecole, &ecole.portail).await?;
    for word in [
        "jusqu&#39;à l&#39;événement n° 3",
        "aucun : tout est scellé",
        "journée du 24/11/2026</th><td>0</td><td>3<",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let home = tempfile::tempdir()?;
    let (url, key) = witness(sealer, home.path()).await?;
    assert!(Witnesses::under(policy(&url, &key)?)?.round(sealer).await);
    let (_, told) = page(&ecole, &ecole.portail).await?;
    assert!(told.contains("rectorat</th><td>3</td>"), "{told}");
    let Some(autorite) = horodateur::Horodateur::open()? else { return ecole.maison.close().await };
    clock.set(now());
    let trust = Trust { roots: Roots::read(&autorite.roots()?)?, policy: None };
    assert!(Horodateur::under(autorite.serve().await?.parse()?, trust)?.round(sealer).await);
    let (_, told) = page(&ecole, &ecole.portail).await?;
    let dated = told.split("Dernier horodatage</dt>").nth(1).unwrap_or_default();
    assert!(dated.starts_with("<dd>jusqu&#39;à l&#39;événement n° 3, le "), "{told}");
    assert!(dated.contains("par Horodateur-tsa"), "{told}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_a_witness_refuses_contradicts_or_leaves_is_not_called_sound() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (sealer, clock) = (&ecole.maison.sealer, &ecole.maison.bench.clock);
    sealer.pass().await?;
    let home = tempfile::tempdir()?;
    let (url, key) = witness(sealer, home.path()).await?;
    assert!(Witnesses::under(policy(&url, &key)?)?.round(sealer).await);
    let (_, told) = page(&ecole, &ecole.portail).await?;
    for word in ["CONTREDIT", "rectorat refuse de contresigner", "n&#39;a contresigné"] {
        assert!(!told.contains(word), "{word}: {told}");
    }
    // Another house's witness, who knows none of our keys: it refuses what is sealed next.
    let constat = ConstatDeVerification { annee: AnneeScolaire(2026), evenements: 3, faute: None };
    let portail: domain::PortailId = ecole.portail.parse()?;
    ecole.maison.commands.inscrire_verification(&console("une"), portail.clone(), constat).await?;
    sealer.pass().await?;
    let strange = tempfile::tempdir()?;
    let (url, key) = witness(&stranger(&ecole, strange.path())?, strange.path()).await?;
    assert!(!Witnesses::under(policy(&url, &key)?)?.round(sealer).await);
    let (_, told) = page(&ecole, &ecole.portail).await?;
    assert!(told.contains("le témoin rectorat refuse de contresigner le journal"), "{told}");
    let log = Log::Journal(ledger::feed::Journal { portail, annee: AnneeScolaire(2026) });
    let fork = Unwitnessed { witness: "rectorat".to_owned(), log, contradicted: true };
    sealer.tell_of_witnesses(Vec::new(), vec![fork]);
    let (_, told) = page(&ecole, &ecole.portail).await?;
    assert!(told.contains("le témoin rectorat CONTREDIT le journal"), "{told}");
    // Nobody says anything, and hours go by.
    sealer.tell_of_witnesses(Vec::new(), Vec::new());
    clock.set(clock.now() + TimeDelta::hours(2));
    let (_, told) = page(&ecole, &ecole.portail).await?;
    assert!(told.contains("aucun témoin n&#39;a contresigné depuis"), "{told}");
    ecole.maison.close().await
}

/// A sealer of the same record with keys that nobody knows.
fn stranger(ecole: &Ecole, folder: &Path) -> Result<Sealer> {
    let clock = ecole.maison.bench.clock.clone();
    let keys = SealKeys::create(&folder.join("sceau.json"), clock.now(), |bytes| bytes.fill(9))?;
    let tiles = TileStore::in_folder(&folder.join("tuiles"))?;
    Ok(Sealer::new(ecole.maison.bench.views.clone(), tiles, Arc::new(keys), DOMAINE, clock))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_operator_puts_an_auditors_consultation_on_the_record() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let commands = &ecole.maison.commands;
    let objet = "Rectorat : export jsonl".to_owned();
    let portee = Portee { nature: NatureConsultation::Export, annee: None, objet };
    let consult = async |demande: Demande| {
        let (portail, portee) = (ecole.portail.parse()?, portee.clone());
        let motif = "Contrôle annuel".to_owned();
        anyhow::Ok(
            commands
                .consulter_journal(&demande, Action::InscrireConsultation, portail, portee, motif)
                .await?,
        )
    };
    let recorded = consult(console("audit")).await?;
    assert_eq!(recorded.position.position, 4);
    let acteur = commands.acteur(Some(ecole.principal)).await?;
    assert!(consult(Demande { acteur, ..console("autre") }).await.is_err());
    ecole.maison.close().await
}
