//! Who may sign in: an owner for migrations, the program at work, which owns nothing, and
//! an auditor, who only reads. What each may do to which table is said by the migrations.

use super::error::{Error, Result};
use super::layout::Layout;
use super::secret;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::fmt::Write;
use std::path::Path;
use std::str::FromStr;

/// The database of `ent`.
pub(super) const DATABASE: &str = "ent";
/// The database that every cluster has.
const FIRST_DATABASE: &str = "postgres";

/// A role that signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The superuser, for migrations only.
    Owner,
    /// The program at work.
    App,
    /// An auditor.
    Auditeur,
}

impl Role {
    const ALL: [Self; 3] = [Self::Owner, Self::App, Self::Auditeur];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Owner => "ent_owner",
            Self::App => "ent_app",
            Self::Auditeur => "ent_auditeur",
        }
    }
}

/// The passwords of the roles.
#[derive(Debug)]
pub(super) struct Credentials {
    owner: SecretString,
    app: SecretString,
    auditeur: SecretString,
}

impl Credentials {
    /// Reads the passwords, and makes those that are not there. That of the owner of
    /// existing data cannot be made anew.
    pub(super) fn read_or_make(layout: &Layout) -> Result<Self> {
        let [owner, app, auditeur] = Role::ALL.map(|role| {
            let path = layout.secrets().join(role.name());
            match secret::read(&path)? {
                Some(password) => Ok(password),
                None if role == Role::Owner && layout.major()?.is_some() => Err(Error::Password(path)),
                None => secret::make(&path),
            }
        });
        Ok(Self { owner: owner?, app: app?, auditeur: auditeur? })
    }

    pub(super) fn password(&self, role: Role) -> &SecretString {
        match role {
            Role::Owner => &self.owner,
            Role::App => &self.app,
            Role::Auditeur => &self.auditeur,
        }
    }

    /// The URL with which a role signs in; libpq reads it too.
    pub(super) fn url(&self, role: Role, socket_dir: &Path, database: &str) -> SecretString {
        let host = percent_encoded(&socket_dir.display().to_string());
        let password = self.password(role).expose_secret();
        SecretString::from(format!(
            "postgres://{}:{password}@{host}:5432/{database}?sslmode=disable",
            role.name()
        ))
    }

    async fn connect(&self, socket_dir: &Path, database: &str) -> Result<PgConnection> {
        let failed = |source| Error::Sql { action: "sign in to the private PostgreSQL", source };
        let url = self.url(Role::Owner, socket_dir, database);
        let options = PgConnectOptions::from_str(url.expose_secret()).map_err(failed)?;
        options.disable_statement_logging().connect().await.map_err(failed)
    }
}

/// The host of a URL: everything but letters and digits is escaped (RFC 3986 §2.1).
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Whether a running server keeps what it commits.
pub(super) async fn is_durable(socket_dir: &Path, credentials: &Credentials) -> Result<bool> {
    let mut connection = credentials.connect(socket_dir, FIRST_DATABASE).await?;
    let query = sqlx::query_scalar::<_, String>("SHOW fsync").fetch_one(&mut connection);
    let fsync = query.await.map_err(|source| Error::Sql { action: "read the settings", source })?;
    close(connection).await?;
    Ok(fsync == "on")
}

/// Makes the roles and the database, or puts them right.
pub(super) async fn establish(socket_dir: &Path, credentials: &Credentials) -> Result<()> {
    let mut connection = credentials.connect(socket_dir, FIRST_DATABASE).await?;
    for (role, also) in [(Role::App, ""), (Role::Auditeur, "SET default_transaction_read_only = on")] {
        establish_role(&mut connection, role, credentials.password(role), also).await?;
    }
    establish_database(&mut connection).await?;
    close(connection).await?;
    let mut connection = credentials.connect(socket_dir, DATABASE).await?;
    execute(&mut connection, "restrict the schema public", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        .await?;
    close(connection).await
}

async fn establish_role(
    connection: &mut PgConnection,
    role: Role,
    password: &SecretString,
    also: &str,
) -> Result<()> {
    let action = "make the roles";
    let name = role.name();
    if !exists(connection, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name).await? {
        execute(connection, action, &format!("CREATE ROLE {name}")).await?;
    }
    // The password has hexadecimal digits only.
    let password = password.expose_secret();
    let rights = format!(
        "ALTER ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{password}'"
    );
    execute(connection, action, &rights).await?;
    if !also.is_empty() {
        execute(connection, action, &format!("ALTER ROLE {name} {also}")).await?;
    }
    Ok(())
}

async fn establish_database(connection: &mut PgConnection) -> Result<()> {
    let action = "make the database";
    if !exists(connection, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", DATABASE).await? {
        execute(connection, action, &format!("CREATE DATABASE {DATABASE}")).await?;
    }
    let (app, auditeur) = (Role::App.name(), Role::Auditeur.name());
    execute(connection, action, &format!("REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")).await?;
    execute(
        connection,
        action,
        &format!("GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {app}, {auditeur}"),
    )
    .await
}

async fn exists(connection: &mut PgConnection, query: &str, name: &str) -> Result<bool> {
    let answer = sqlx::query_scalar::<_, bool>(query).bind(name).fetch_one(connection);
    answer.await.map_err(|source| Error::Sql { action: "read the roles and databases", source })
}

async fn execute(connection: &mut PgConnection, action: &'static str, statement: &str) -> Result<()> {
    let done = sqlx::raw_sql(statement).execute(connection).await;
    done.map(|_| ()).map_err(|source| Error::Sql { action, source })
}

async fn close(connection: PgConnection) -> Result<()> {
    connection.close().await.map_err(|source| Error::Sql { action: "sign out", source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        let same = || SecretString::from("5ec4e7");
        Credentials { owner: same(), app: same(), auditeur: same() }
    }

    #[test]
    fn a_url_names_the_socket_of_a_directory_with_any_character() {
        let directory = Path::new("/école de l'Ain/50 %/run");
        let url = credentials().url(Role::App, directory, DATABASE);
        let options = PgConnectOptions::from_str(url.expose_secret()).unwrap();
        assert_eq!(options.get_socket().map(|path| path.as_path()), Some(directory));
        assert_eq!((options.get_username(), options.get_database()), ("ent_app", Some("ent")));
    }

    #[test]
    fn credentials_never_show_their_passwords() {
        assert!(!format!("{:?}", credentials()).contains("5ec4e7"));
    }
}
