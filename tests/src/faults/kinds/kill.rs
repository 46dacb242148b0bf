//! `kill -9`: of the program, of its database, of one program among several.

use crate::faults::report::Round;
use crate::faults::site::Site;
use crate::faults::wait;
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long the program may take to say that its database is away.
const NOTICE: Duration = Duration::from_secs(20);
/// Acknowledgements that show that the others go on.
const OTHERS: usize = 5;
/// How the log says that something is waited for: while the house opens, and once it is open.
const WAITS: [&str; 2] = ["waiting", "not ready"];
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

/// The program is started while its database is away: it waits, and says so; and once the
/// database is there, a client that does not finish its request keeps nobody waiting.
pub async fn late_postgres(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &_| {
        site.ent()?.kill().await?;
        site.postgres.kill().await?;
        site.ent()?.launch()?;
        let breaches = says_what_it_waits_for(site, DATABASE).await;
        half_asked(site.ent()?.address()).await?;
        site.postgres.restart().await?;
        breaches
    };
    site.round(harm).await
}

/// Asks half a question, and waits until it is hung up on.
async fn half_asked(address: SocketAddr) -> Result<()> {
    let mut wire = TcpStream::connect(address).await?;
    wire.write_all(b"GET /pret HTTP/1.1\r\nhost: ent\r\nx-").await?;
    tokio::spawn(async move { wire.read(&mut [0]).await });
    Ok(())
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

/// Waits until `/pret` and the log name what is waited for; never saying so is a breach.
pub async fn says_what_it_waits_for(site: &mut Site, what: &str) -> Result<Vec<String>> {
    let ent = site.ent()?;
    let already = std::fs::metadata(ent.log())?.len();
    let mut said = String::new();
    let named = wait::until(what, NOTICE, async || match ent.pret().await {
        Ok((503, waits)) if waits.iter().any(|one| one.contains(what)) => Ok(Some(())),
        answer => {
            said = format!("{answer:?}");
            Ok(None)
        }
    });
    if named.await.is_err() {
        return Ok(vec![format!("/pret does not say that it waits for {what}: {said}")]);
    }
    let logged = wait::until("a line of the log", NOTICE, async || {
        let log = std::fs::read(ent.log())?;
        let since = String::from_utf8_lossy(log.get(usize::try_from(already)?..).unwrap_or_default());
        Ok(WAITS.iter().any(|words| since.contains(words)).then_some(()))
    });
    Ok(match logged.await {
        Ok(()) => vec![],
        Err(_) => vec![format!("the log does not say that it waits for {what}")],
    })
}
