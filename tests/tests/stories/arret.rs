//! A graceful stop loses nothing, and the next start finds everything.

use anyhow::{Context, Result, ensure};
use api::config::Config;
use api::identity::{Verifier, demo::DemoIssuer};
use api::postgres::{Options, Serveur};
use api::program::{Door, House, serve_until};
use chrono::TimeDelta;
use ledger::clock::{Clock, SystemClock};
use metrics_exporter_prometheus::PrometheusBuilder;
use recits::exploitant;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

fn config(data_dir: &std::path::Path) -> Result<Config> {
    let environment = |name: &str| match name {
        "ENT_DATA_DIR" => Some(data_dir.to_string_lossy().into_owned()),
        "ENT_EXPLOITANTS" => Some(exploitant().to_string()),
        _ => None,
    };
    Ok(Config::read(None, environment)?)
}

fn data_dir() -> Result<TempDir> {
    let data_dir = tempfile::tempdir()?;
    // As root, PostgreSQL runs under another account, which must reach its directory.
    std::fs::set_permissions(data_dir.path(), std::fs::Permissions::from_mode(0o755))?;
    Ok(data_dir)
}

async fn open_portal(client: &reqwest::Client, url: &str, token: &str, number: usize) -> Result<Value> {
    let query = "mutation($input: OuvrirPortailInput!) { ouvrirPortail(input: $input) { position userErrors { code } } }";
    let input = json!({ "nature": "REGION", "hote": format!("p-{number}"), "nom": "Portail" });
    let body = json!({ "query": query, "variables": { "input": input } });
    let answer = client.post(url).bearer_auth(token).json(&body).send().await?;
    Ok(answer.json().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_before_the_stop_is_there_after_the_next_start() -> Result<()> {
    let data_dir = data_dir()?;
    let config = config(data_dir.path())?;
    let house = House::open(&config, Arc::new(SystemClock)).await?;
    let issuer = DemoIssuer::new(&mut rand::rng())?;
    let now = SystemClock.now();
    let token = issuer.issue(exploitant(), now, now + TimeDelta::hours(1))?;
    let verifier = Verifier::demo(&issuer, Arc::new(|| SystemClock.now()))?;
    let door = Door { verifier, metrics: PrometheusBuilder::new().build_recorder().handle() };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/graphql", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopping = async move {
        let _ = stopped.await;
    };
    let answered = Arc::new(AtomicUsize::new(0));
    let clients = async {
        let asked = (0..8).map(|writer| {
            let (answered, url, token) = (answered.clone(), url.clone(), token.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                for number in 0.. {
                    match open_portal(&client, &url, &token, writer * 10_000 + number).await {
                        Ok(answer) if answer["data"]["ouvrirPortail"]["userErrors"] == json!([]) => {
                            answered.fetch_add(1, Ordering::SeqCst);
                        }
                        _ => return,
                    }
                }
            })
        });
        let asked: Vec<_> = asked.collect();
        while answered.load(Ordering::SeqCst) < 100 {
            tokio::task::yield_now().await;
        }
        let _ = stop.send(());
        for client in asked {
            client.await.context("a client panicked")?;
        }
        anyhow::Ok(())
    };
    let (served, asked) = tokio::join!(serve_until(&config, house, door, listener, stopping), clients);
    served?;
    asked?;
    let again = House::open(&config, Arc::new(SystemClock)).await?;
    again.runner.catch_up().await?;
    let recorded: i64 = sqlx::query_scalar("SELECT count(*) FROM portail").fetch_one(&again.pool).await?;
    again.close().await?;
    assert_eq!(usize::try_from(recorded)?, answered.load(Ordering::SeqCst));
    Ok(())
}

/// An operator puts something on the record of the program that serves.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_works_beside_the_program_that_serves_and_stops_nothing() -> Result<()> {
    let data_dir = data_dir()?;
    let config = config(data_dir.path())?;
    let house = House::open(&config, Arc::new(SystemClock)).await?;
    let beside = House::beside(&config, Arc::new(SystemClock)).await?;
    ensure!(House::open(&config, Arc::new(SystemClock)).await.is_err(), "two serve from one directory");
    beside.close().await?;
    let there: bool = sqlx::query_scalar("SELECT true").fetch_one(&house.pool).await?;
    ensure!(there, "its server is gone");
    house.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_another_version_changes_nothing_under_the_program_that_serves() -> Result<()> {
    let data_dir = data_dir()?;
    let config = config(data_dir.path())?;
    let house = House::open(&config, Arc::new(SystemClock)).await?;
    let server = Serveur::beside(data_dir.path(), Options::default()).await?;
    let mut owner = PgConnection::connect(server.owner_url().expose_secret()).await?;
    // As if the program that serves were older by a migration.
    let newest = "SELECT max(version) FROM _sqlx_migrations";
    let older = format!("DELETE FROM _sqlx_migrations WHERE version = ({newest})");
    sqlx::raw_sql(&older).execute(&mut owner).await?;
    let refused = House::beside(&config, Arc::new(SystemClock)).await.err().context("let in")?;
    ensure!(format!("{refused:#}").contains("of another version"), "{refused:#}");
    let newest: i64 = sqlx::query_scalar(newest).fetch_one(&mut owner).await?;
    ensure!(newest < migrations::latest(), "it was migrated");
    owner.close().await?;
    house.close().await
}
