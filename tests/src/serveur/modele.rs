//! Models: peopled houses, each made once in a build, of which tests have copies.
//!
//! What a model holds depends on nearly all the code: imports, views, rights, the schema. So it
//! belongs to the very file of the program that made it, which every link makes anew. It bears its
//! name only once it is whole, and the next program that makes one drops those whose file is no more,
//! or is another by now.

use super::{Base, drop_database, execute, options, serveur, template};
use anyhow::{Context, Result};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Advisory lock under which models are made. Who makes one wants that of the templates too, and
/// nobody wants them the other way round.
const MODELES: i64 = 0x0065_6e74_6d6f_6465;
/// The file that this process runs, even if another has taken its place since.
const PROGRAM: &str = "/proc/self/exe";

impl Base {
    /// A copy of a model. Where there is none yet `peupler` makes it: nobody uses the database that it
    /// gives any more.
    pub async fn of_model(quoi: &str, peupler: impl Future<Output = Result<Self>>) -> Result<Self> {
        // Not for itself: whoever asks for it drops what processes that are no more have left.
        template().await?;
        let name = name_for(quoi, Path::new(PROGRAM))?;
        let mut admin = options(&serveur().await?.owner_url())?.connect().await?;
        if !exists(&mut admin, &name).await? {
            make(&mut admin, &name, peupler).await?;
        }
        admin.close().await?;
        Self::copied_from(&name).await
    }
}

async fn make(
    admin: &mut PgConnection,
    name: &str,
    peupler: impl Future<Output = Result<Base>>,
) -> Result<()> {
    sqlx::query("SELECT pg_advisory_lock($1)").bind(MODELES).execute(&mut *admin).await?;
    drop_outdated(admin).await?;
    // Another process may have made it meanwhile.
    if !exists(admin, name).await? {
        let base = peupler.await?;
        give_name(admin, &base.name, name).await?;
    }
    Ok(())
}

async fn exists(admin: &mut PgConnection, name: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    Ok(sqlx::query_scalar(sql).bind(name).fetch_one(admin).await?)
}

/// The name of a model of a program, which no other program has: whoever writes a file changes when
/// its inode was last changed, and nothing sets that back.
fn name_for(quoi: &str, program: &Path) -> Result<String> {
    let file = std::fs::metadata(program).with_context(|| program.display().to_string())?;
    Ok(format!("modele_{quoi}_{:x}_{:x}_{:x}", file.ino(), file.ctime(), file.ctime_nsec()))
}

/// Makes a peopled database a model: its last sessions end, none begins, and then it is named.
async fn give_name(admin: &mut PgConnection, base: &str, name: &str) -> Result<()> {
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
        let quoi = name.split('_').nth(1).unwrap_or_default();
        let today = program.and_then(|program| name_for(quoi, Path::new(&program)).ok());
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
        let before = name_for("ecole", &program)?;
        assert_eq!(name_for("ecole", &program)?, before);
        std::fs::write(&linked, "two")?;
        std::fs::rename(&linked, &program)?;
        assert_ne!(name_for("ecole", &program)?, before);
        Ok(())
    }

    #[test]
    fn the_name_of_a_model_fits_into_that_of_a_database() -> Result<()> {
        let name = name_for("livraison", Path::new(PROGRAM))?;
        assert_eq!(name, name_for("livraison", &std::env::current_exe()?)?);
        assert!(name.len() <= 63 && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()), "{name}");
        Ok(())
    }
}
