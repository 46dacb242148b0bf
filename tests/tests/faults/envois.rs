//! The real program is killed while it writes to families: every mail arrives, what arrives twice has
//! one name, and nobody is told what was not to be told.

use anyhow::{Context, Result, ensure};
use api::envois::Expedition;
use domain::notifications::{Canal, Envoi, EnvoiCommand, FicheEnvoi, Theme};
use domain::{EvenementId, PersonneId, PortailId, journee};
use ledger::clock::{Clock, SystemClock};
use recits::courrier::{Courrier, Mail};
use recits::faults::wait::until;
use recits::faults::{Ent, Issuer, environment};
use recits::{Bench, DOMAINE, Ecole, Maison};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use uuid::Uuid;

/// How long starts and some hundred mails may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long the relay takes over each mail once it has it: while it does, the program has not heard.
const LENTEUR: Duration = Duration::from_millis(60);
/// How often the program is killed.
const MORTS: usize = 3;
/// How many mails are under way at once.
const ENSEMBLE: usize = 8;

/// Rolls of today, closed, in which everybody is absent: something to tell each family.
async fn absences(ecole: &Ecole, today: &str) -> Result<()> {
    for hour in 7..17 {
        let (debut, fin) = (format!("{hour:02}:00:00"), format!("{hour:02}:55:00"));
        ecole.faire_l_appel(&ecole.heure(today, &debut, &fin), &ecole.eleves).await?;
    }
    ecole.maison.bench.runner.catch_up().await?;
    Ok(())
}

/// Prepares a mail for everybody who has an address, each due at an instant of its own, so that it
/// leaves alone and at once, whatever the hour is; how many there are.
async fn preparer(ecole: &Ecole) -> Result<usize> {
    let bench = &ecole.maison.bench;
    let told: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "SELECT a.id, s.responsable FROM annonce a
         JOIN responsabilite s ON s.eleve = a.eleve AND s.destinataire
         JOIN personne p ON p.id = s.responsable AND p.courriel IS NOT NULL AND NOT p.suspendue
         ORDER BY 1, 2",
    )
    .fetch_all(&bench.views)
    .await?;
    let portail: PortailId = ecole.portail.parse()?;
    let mut due = bench.clock.now() - chrono::TimeDelta::hours(1);
    for (annonce, destinataire) in &told {
        due += chrono::TimeDelta::milliseconds(1);
        let fiche = FicheEnvoi {
            destinataire: PersonneId(*destinataire),
            canal: Canal::Courriel,
            annonce: EvenementId(*annonce),
            theme: Theme::Absences,
            pas_avant: due,
        };
        let id = fiche.id();
        let context = bench.context(&portail, &["prepare", &id.to_string()]);
        bench.record::<Envoi>(context, id, EnvoiCommand::PreparerEnvoi { fiche }).await?;
    }
    bench.runner.catch_up().await?;
    Ok(told.len())
}

/// What is recorded as taken: how many facts, of how many envois, in which messages.
async fn remis(bench: &Bench) -> Result<(i64, i64, BTreeSet<String>)> {
    let sql = "SELECT count(*), count(DISTINCT aggregate_id) FROM ledger.events
               WHERE event_type = 'notifications.envoi.remis'";
    let (facts, envois): (i64, i64) = sqlx::query_as(sql).fetch_one(&bench.owner).await?;
    let sql = "SELECT message FROM envoi WHERE canal = 'courriel' AND etat = 'remis'";
    let messages: Vec<String> = sqlx::query_scalar(sql).fetch_all(&bench.views).await?;
    Ok((facts, envois, messages.into_iter().map(|name| format!("<{name}@{DOMAINE}>")).collect()))
}

/// Whom each mail went to, by its name.
fn by_name(mails: &[Mail]) -> BTreeMap<&str, BTreeSet<&[String]>> {
    let mut names: BTreeMap<&str, BTreeSet<&[String]>> = BTreeMap::new();
    for mail in mails {
        names.entry(&mail.id).or_default().insert(&mail.to);
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_family_is_told_though_the_program_is_killed_while_it_writes() -> Result<()> {
    let Some(courrier) = Courrier::start().await? else { return Ok(()) };
    courrier.slow(LENTEUR).await?;
    // The program has the clock of the machine, and what it writes comes after what is here.
    let now = SystemClock.now();
    let (bench, silent) = (Bench::open_at(now).await?, Expedition::new(vec![], DOMAINE));
    let maison = Maison::open_telling(bench, silent).await?;
    let mut ecole = Ecole::ouvrir_dans(maison).await?;
    absences(&ecole, &journee(now).to_string()).await?;
    let announced = preparer(&ecole).await?;
    ecole.maison.still().await?;
    let bench = &ecole.maison.bench;

    let folder = tempfile::tempdir()?;
    Issuer::new(&folder.path().join("jwks.json"))?;
    let carriers = folder.path().join("envois.toml");
    let relay = format!("relais = \"smtp://127.0.0.1:{}\"\nexpediteur = \"ent@{DOMAINE}\"\n", courrier.port);
    std::fs::write(&carriers, format!("[courriel]\n{relay}"))?;
    let mut ent = Ent::new(environment(bench, folder.path()).await?, folder.path().join("ent.log"))?;
    ent.set("ENT_ENVOIS", &carriers.display().to_string());

    for death in 1..=MORTS {
        ent.launch()?;
        let enough = announced * death / (MORTS + 1);
        until("mails under way", PATIENCE, async || {
            Ok((courrier.mails().await?.len() >= enough).then_some(()))
        })
        .await?;
        ent.kill().await?;
    }
    let (before, _, _) = remis(bench).await?;
    ensure!(usize::try_from(before)? < announced, "killed too late to tell: {before} of {announced}");

    ent.launch()?;
    until("every mail recorded", PATIENCE, async || {
        Ok((remis(bench).await?.2.len() >= announced).then_some(()))
    })
    .await?;
    ent.stop().await?;

    let mails = courrier.mails().await?;
    let (facts, envois, messages) = remis(bench).await?;
    ensure!((facts, envois) == (i64::try_from(announced)?, i64::try_from(announced)?), "{facts} of {envois}");
    let arrived = by_name(&mails);
    let lost: Vec<_> = messages.iter().filter(|name| !arrived.contains_key(name.as_str())).collect();
    ensure!(lost.is_empty(), "recorded as taken, and never arrived: {lost:?}");
    let strange: Vec<_> = arrived.keys().filter(|name| !messages.contains(**name)).collect();
    ensure!(strange.is_empty(), "arrived, and never announced: {strange:?}");
    let astray: Vec<_> = arrived.iter().filter(|(_, to)| to.len() != 1).collect();
    ensure!(astray.is_empty(), "one name for mails to several families: {astray:?}");
    let doubles = mails.len() - arrived.len();
    ensure!((1..=MORTS * ENSEMBLE).contains(&doubles), "{doubles} mails arrived more than once");
    ecole.maison.close().await.context("closing")
}
