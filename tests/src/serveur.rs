//! One PostgreSQL for the whole test run, and a database for each test.
//!
//! The schema is migrated once, into a template; a test's database is a copy of it, made
//! in a tenth of a second. The server is shared by all processes of the run and stops
//! after the last of them, however that one ended (see [`Serveur::for_tests`]); what
//! they leave behind is dropped by the run that comes next. A story that begins in a peopled
//! house has a copy of one ([`modele`]).

mod modele;

use anyhow::{Context, Result};
use api::postgres::Serveur;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

/// Advisory lock under which templates are made: alone by who makes one, together by who
/// copies one, since a template must have no other session meanwhile.
const TEMPLATES: i64 = 0x0065_6e74_7465_7374;
/// Sessions of one pool: several tests, with several pools each, run at a time.
const SESSIONS: u32 = 5;

/// A database of one test.
#[derive(Debug, Clone)]
pub struct Base {
    owner: PgConnectOptions,
    app: PgConnectOptions,
    auditeur: SecretString,
    name: String,
}

impl Base {
    /// A new database with today's schema and nothing in it.
    pub async fn create() -> Result<Self> {
        Self::copied_from(template().await?).await
    }

    /// A new database like this one, which has no session.
    async fn copied_from(template: &str) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let serveur = serveur().await?;
        let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let owner = options(&serveur.owner_url())?;
        let mut admin = owner.connect().await?;
        sqlx::query("SELECT pg_advisory_lock_shared($1)").bind(TEMPLATES).execute(&mut admin).await?;
        create_database(&mut admin, &name, &format!("TEMPLATE {template}")).await?;
        admin.close().await?;
        let auditeur = format!("{}&dbname={name}", serveur.auditor_url().expose_secret());
        Ok(Self {
            owner: owner.database(&name),
            app: options(&serveur.app_url())?.database(&name),
            auditeur: auditeur.into(),
            name,
        })
    }

    /// The URLs of the program at work and of the superuser, for a process of its own.
    pub async fn urls(&self) -> Result<[SecretString; 2]> {
        let serveur = serveur().await?;
        let here = |url: SecretString| format!("{}&dbname={}", url.expose_secret(), self.name).into();
        Ok([serveur.app_url(), serveur.owner_url()].map(here))
    }

    /// Sessions of the superuser who owns the tables.
    pub fn owner(&self) -> PgPool {
        pool(self.owner.clone())
    }

    /// Sessions of the program at work, which may do what it needs and nothing else.
    pub fn app(&self) -> PgPool {
        pool(self.app.clone())
    }

    /// The same, in the live place of the views.
    pub fn views(&self) -> PgPool {
        pool(projections::in_live_place(self.app.clone()))
    }

    /// The URL with which an auditor signs in.
    pub fn auditor_url(&self) -> &SecretString {
        &self.auditeur
    }
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(SESSIONS).connect_lazy_with(options)
}

fn options(url: &SecretString) -> Result<PgConnectOptions> {
    Ok(url.expose_secret().parse()?)
}

/// The server, held until the process ends.
async fn serveur() -> Result<&'static Serveur> {
    static SERVEUR: OnceCell<Serveur> = OnceCell::const_new();
    let start = || async {
        Serveur::for_tests(&directory()).await.context("the PostgreSQL of the tests does not start")
    };
    SERVEUR.get_or_try_init(start).await
}

/// In the target directory, where `cargo clean` finds it: `…/debug/deps/binary` → `…/tmp`.
fn directory() -> PathBuf {
    let binary = std::env::current_exe().unwrap_or_default();
    let target = binary.ancestors().nth(3).map_or_else(std::env::temp_dir, |target| target.join("tmp"));
    target.join("postgres-of-tests")
}

/// The name of the migrated template, made where there is none yet.
async fn template() -> Result<&'static str> {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    Ok(TEMPLATE.get_or_try_init(make_template).await?)
}

async fn make_template() -> Result<String> {
    let owner = options(&serveur().await?.owner_url())?;
    let mut admin = owner.connect().await?;
    let name = format!("template_{}", migrations::fingerprint());
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATES).execute(&mut admin).await?;
    drop_leftovers(&mut admin).await?;
    // The mark of a template that is whole.
    let whole: Option<bool> = sqlx::query_scalar("SELECT datistemplate FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_optional(&mut admin)
        .await?;
    if whole != Some(true) {
        drop_database(&mut admin, &name).await?;
        create_database(&mut admin, &name, "").await?;
        let schema = pool(owner.database(&name));
        migrations::migrate(&schema).await?;
        schema.close().await;
        execute(&mut admin, &format!("ALTER DATABASE {name} WITH IS_TEMPLATE true")).await?;
    }
    admin.close().await?;
    Ok(name)
}

/// Databases of processes that are no more.
async fn drop_leftovers(admin: &mut PgConnection) -> Result<()> {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname ~ '^test_'")
            .fetch_all(&mut *admin)
            .await?;
    for name in names {
        let process = name.split('_').nth(1).unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            drop_database(admin, &name).await?;
        }
    }
    Ok(())
}

/// With the rights that the private server gives on its own database.
async fn create_database(admin: &mut PgConnection, name: &str, like: &str) -> Result<()> {
    execute(admin, &format!("CREATE DATABASE {name} {like}")).await?;
    execute(admin, &format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC")).await?;
    execute(admin, &format!("GRANT CONNECT, TEMPORARY ON DATABASE {name} TO ent_app, ent_auditeur")).await
}

async fn drop_database(admin: &mut PgConnection, name: &str) -> Result<()> {
    execute(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
}

async fn execute(admin: &mut PgConnection, statement: &str) -> Result<()> {
    sqlx::raw_sql(statement).execute(admin).await.with_context(|| statement.to_owned())?;
    Ok(())
}
