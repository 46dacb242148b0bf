//! Views: one fact that a view can never follow, and a rebuild that is killed half-way.

use crate::faults::load::Load;
use crate::faults::report::Round;
use crate::faults::site::Site;
use crate::faults::wait;
use anyhow::{Result, ensure};
use rand::Rng;
use sqlx::PgPool;
use std::time::Duration;

/// How long a fact may take to be set aside.
const PATIENCE: Duration = Duration::from_secs(60);
/// A rebuild is killed at a random instant up to here.
const HALF_WAY_MS: u64 = 1_500;
/// The view that is harmed.
const VIEW: &str = "absences.appels";

/// A view's table refuses one roll for ever: its facts are set aside and listed, all
/// others go on; mended and rebuilt, the view has it.
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
        if !listed(site).await?.contains("poisoned") {
            breaches.push("the fact set aside is not listed".to_owned());
        }
        sqlx::raw_sql("DROP TRIGGER poison ON absences.appel").execute(&owner).await?;
        owner.close().await;
        rebuild(site, &[VIEW]).await?;
        Ok(breaches)
    };
    site.round(harm).await
}

async fn streams_aside(owner: &PgPool) -> Result<i64> {
    let count = "SELECT count(DISTINCT (stream_kind, stream_id)) FROM projections.set_aside";
    Ok(sqlx::query_scalar(count).fetch_one(owner).await?)
}

async fn listed(site: &Site) -> Result<String> {
    let mut command = site.command(&["mis-de-cote"])?;
    let output = command.stdout(std::process::Stdio::piped()).output().await?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A rebuild of all views is killed at some instant; the next one finishes.
pub async fn rebuild_killed(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &Load| {
        let mut rebuild_under_way = site.command(&["rejouer-projections"])?.spawn()?;
        let instant = rand::rng().random_range(100..HALF_WAY_MS);
        wait::pause(Duration::from_millis(instant)).await;
        // It may have finished already.
        let _ = rebuild_under_way.start_kill();
        rebuild_under_way.wait().await?;
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
