//! `kill -9`: of the program, of its database, of one program among several.

use crate::faults::report::Round;
use crate::faults::site::Site;
use crate::faults::wait;
use anyhow::{Context, Result};
use std::time::Duration;

/// How long the program may take to say that its database is away.
const NOTICE: Duration = Duration::from_secs(20);
/// Acknowledgements that show that the others go on.
const OTHERS: usize = 5;
/// What `/pret` calls the database.
pub const DATABASE: &str = "la base de données";

/// The program is killed; whoever runs it starts it again.
pub async fn ent(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &_| {
        let ent = site.ent()?;
        ent.kill().await?;
        ent.launch()?;
        Ok(vec![])
    };
    site.round(harm).await
}

/// The database is killed with all its sessions, and started again once the program has
/// said on `/pret` that it waits for it.
pub async fn postgres(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &_| {
        site.postgres.kill().await?;
        let breaches = says_what_it_waits_for(site, DATABASE).await;
        site.postgres.restart().await?;
        breaches
    };
    site.round(harm).await
}

/// The program is started while its database is away: it waits, and says so.
pub async fn late_postgres(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &_| {
        site.ent()?.kill().await?;
        site.postgres.kill().await?;
        site.ent()?.launch()?;
        let breaches = says_what_it_waits_for(site, DATABASE).await;
        site.postgres.restart().await?;
        breaches
    };
    site.round(harm).await
}

/// The private server of the program is killed: the program itself starts it again.
pub async fn private_postgres(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &_| {
        site.postgres.kill().await?;
        Ok(vec![])
    };
    site.round(harm).await
}

/// One of several programs on one database is killed; the others go on meanwhile.
pub async fn one_of(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, load: &crate::faults::load::Load| {
        site.ents.rotate_left(1);
        let one = site.ents.last_mut().context("no program serves")?;
        one.kill().await?;
        load.progress(OTHERS, NOTICE).await.context("the other programs do not go on")?;
        site.ents.last_mut().context("no program serves")?.launch()?;
        Ok(vec![])
    };
    site.round(harm).await
}

/// Waits until `/pret` names what is waited for; never saying so is a breach.
pub async fn says_what_it_waits_for(site: &mut Site, what: &str) -> Result<Vec<String>> {
    let ent = site.ent()?;
    let mut said = String::new();
    let named = wait::until(what, NOTICE, async || match ent.pret().await {
        Ok((503, waits)) if waits.iter().any(|one| one.contains(what)) => Ok(Some(())),
        answer => {
            said = format!("{answer:?}");
            Ok(None)
        }
    });
    let breach = named.await.err();
    Ok(breach.map(|_| format!("/pret does not say that it waits for {what}: {said}")).into_iter().collect())
}
