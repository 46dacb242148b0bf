//! The model: a peopled house, made once in a build, of which each story has a copy.
//!
//! What it holds depends on nearly all the code: the import, the views, the rights, the schema. So a
//! model belongs to the very file of the program that made it, which every link makes anew. It bears
//! its name only once it is whole, and the next program that makes one drops those whose file is no
//! more, or is another by now.

use super::{Base, drop_database, execute, options, serveur};
use anyhow::{Context, Result};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use tokio::sync::OnceCell;

/// Advisory lock under which models are made and copied, as templates are under theirs. Who makes a
/// model wants that of the templates too, and nobody wants them the other way round.
const MODELES: i64 = 0x0065_6e74_6d6f_6465;
/// The file that this process runs, even if another has taken its place since.
const PROGRAM: &str = "/proc/self/exe";

impl Base {
    /// A copy of the model. Where there is none yet `peupler` makes it: the database that it gives is
    /// not used by anybody any more.
    pub async fn of_model(peupler: impl Future<Output = Result<Self>>) -> Result<Self> {
        static MODELE: OnceCell<String> = OnceCell::const_new();
        let name = MODELE.get_or_try_init(|| found_or_made(peupler)).await?;
        Self::copied_from(name, MODELES).await
    }
}

async fn found_or_made(peupler: impl Future<Output = Result<Base>>) -> Result<String> {
    let name = name_for(Path::new(PROGRAM))?;
    let mut admin = options(&serveur().await?.owner_url())?.connect().await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(MODELES).execute(&mut admin).await?;
    drop_outdated(&mut admin).await?;
    let found: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut admin)
        .await?;
    if !found {
        let base = peupler.await?;
        name_model(&mut admin, &base.name, &name).await?;
    }
    admin.close().await?;
    Ok(name)
}

/// The name of the model of a program, which no other program has: whoever writes a file changes
/// when its inode was last changed, and nothing sets that back.
fn name_for(program: &Path) -> Result<String> {
    let file = std::fs::metadata(program).with_context(|| program.display().to_string())?;
    let (inode, size) = (file.ino(), file.size());
    Ok(format!("modele_{inode:x}_{size:x}_{:x}_{:x}", file.ctime(), file.ctime_nsec()))
}

/// Makes a peopled database the model: its last sessions end, none begins, and then it is named.
async fn name_model(admin: &mut PgConnection, base: &str, name: &str) -> Result<()> {
    execute(admin, &format!("ALTER DATABASE {base} WITH ALLOW_CONNECTIONS false")).await?;
    sqlx::query("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1")
        .bind(base)
        .execute(&mut *admin)
        .await?;
    let program = std::env::current_exe()?;
    let program = program.to_str().context("the path of this program is no text")?.replace('\'', "''");
    execute(admin, &format!("COMMENT ON DATABASE {base} IS '{program}'")).await?;
    execute(admin, &format!("ALTER DATABASE {base} RENAME TO {name}")).await
}

/// Models of programs that were linked again since, or are no more.
async fn drop_outdated(admin: &mut PgConnection) -> Result<()> {
    let models: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database
         WHERE datname ~ '^modele_'",
    )
    .fetch_all(&mut *admin)
    .await?;
    for (name, program) in models {
        let today = program.and_then(|program| name_for(Path::new(&program)).ok());
        if today.as_ref() != Some(&name) {
            drop_database(admin, &name).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_linked_again_has_another_model() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (program, linked) = (folder.path().join("program"), folder.path().join("linked"));
        std::fs::write(&program, "one")?;
        let before = name_for(&program)?;
        assert_eq!(name_for(&program)?, before);
        std::fs::write(&linked, "two")?;
        std::fs::rename(&linked, &program)?;
        assert_ne!(name_for(&program)?, before);
        Ok(())
    }

    #[test]
    fn the_name_of_a_model_fits_into_that_of_a_database() -> Result<()> {
        let name = name_for(Path::new(PROGRAM))?;
        assert_eq!(name, name_for(&std::env::current_exe()?)?);
        assert!(name.len() <= 63 && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()), "{name}");
        Ok(())
    }
}
