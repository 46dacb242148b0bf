//! Views: one fact that a view can never follow, and a rebuild that is killed half-way.

use crate::faults::load::Load;
use crate::faults::report::Round;
use crate::faults::site::Site;
use crate::faults::wait;
use anyhow::{Result, ensure};
use rand::Rng;
use sqlx::PgPool;
use std::process::Stdio;
use std::time::Duration;

/// How long a fact may take to be set aside.
const PATIENCE: Duration = Duration::from_secs(60);
/// A rebuild is killed at a random instant up to here after it began.
const HALF_WAY_MS: u64 = 1_500;
/// The view that is harmed, and one of its tables.
const VIEW: &str = "absences.appels";
const VIEW_TABLE: &str = "absences.appel";

/// A view's table refuses one roll for ever: its facts are set aside and listed, all
/// others go on; mended and followed again, the view has it.
pub async fn poisoned(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, load: &Load| {
        let owner = site.postgres.owner()?;
        let poison = site.coming_roll(6);
        let (date, start) = poison;
        sqlx::raw_sql(&format!(
            "CREATE OR REPLACE FUNCTION public.poison() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$;
             CREATE TRIGGER poison BEFORE INSERT ON absences.appel FOR EACH ROW
             WHEN (NEW.date = '{date}' AND NEW.debut = '{start}') EXECUTE FUNCTION public.poison()"
        ))
        .execute(&owner)
        .await?;
        let aside = async || Ok((streams_aside(&owner).await? > 0).then_some(()));
        wait::until("a fact set aside", PATIENCE, aside).await?;
        load.progress(5, PATIENCE).await?;
        let mut breaches = Vec::new();
        if streams_aside(&owner).await? != 1 {
            breaches.push("more than the poisoned stream is set aside".to_owned());
        }
        breaches.extend(explained(site, &owner).await?);
        sqlx::raw_sql("DROP TRIGGER poison ON absences.appel").execute(&owner).await?;
        said(site, &["mis-de-cote", VIEW, "--rejouer"]).await?;
        let left = streams_aside(&owner).await?;
        if left != 0 {
            breaches.push(format!("{left} streams are still aside, mended and followed again"));
        }
        owner.close().await;
        Ok(breaches)
    };
    site.round(harm).await
}

/// What `ent mis-de-cote` does not say of the fact that is set aside.
async fn explained(site: &Site, owner: &PgPool) -> Result<Vec<String>> {
    let place: String = sqlx::query_scalar(
        "SELECT concat_ws('/', portail, annee, position) FROM projections.set_aside ORDER BY position LIMIT 1",
    )
    .fetch_one(owner)
    .await?;
    let mut breaches = Vec::new();
    for command in [&["mis-de-cote"][..], &["mis-de-cote", "--expliquer", &place]] {
        let said = said(site, command).await?;
        for word in ["poisoned", VIEW, &place] {
            if !said.contains(word) {
                breaches.push(format!("`ent {}` does not say {word}", command.join(" ")));
            }
        }
    }
    Ok(breaches)
}

async fn streams_aside(owner: &PgPool) -> Result<i64> {
    let count = "SELECT count(DISTINCT (stream_kind, stream_id)) FROM projections.set_aside";
    Ok(sqlx::query_scalar(count).fetch_one(owner).await?)
}

/// What a command of `ent` that must end well says.
async fn said(site: &Site, arguments: &[&str]) -> Result<String> {
    let output = site.command(arguments)?.stdout(Stdio::piped()).output().await?;
    ensure!(output.status.success(), "ent {}: {}", arguments.join(" "), output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A rebuild of all views is killed at some instant before its end, which a reader of one of
/// them puts off; the next one finishes.
pub async fn rebuild_killed(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &Load| {
        let owner = site.postgres.owner()?;
        let mut reader = owner.begin().await?;
        sqlx::query(&format!("SELECT FROM {VIEW_TABLE} LIMIT 1")).execute(&mut *reader).await?;
        let mut rebuild_under_way = site.command(&["rejouer-projections", VIEW])?.spawn()?;
        let filling = async || {
            let filling: bool =
                sqlx::query_scalar("SELECT EXISTS (SELECT FROM prochain.version)").fetch_one(&owner).await?;
            Ok(filling.then_some(()))
        };
        wait::until("a view that fills", PATIENCE, filling).await?;
        wait::pause(Duration::from_millis(rand::rng().random_range(0..HALF_WAY_MS))).await;
        ensure!(rebuild_under_way.try_wait()?.is_none(), "the rebuild has ended before it was killed");
        rebuild_under_way.kill().await?;
        reader.rollback().await?;
        owner.close().await;
        rebuild(site, &[]).await?;
        Ok(vec![])
    };
    site.round(harm).await
}

async fn rebuild(site: &Site, views: &[&str]) -> Result<()> {
    let ended = site.command(&[&["rejouer-projections"], views].concat())?.status().await?;
    ensure!(ended.success(), "ent rejouer-projections: {ended}; see {}", site.path("commands.log").display());
    Ok(())
}
