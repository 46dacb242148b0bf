//! Making a cluster: checksums, UTF-8, the same sort order on every machine, passwords
//! even on the socket. It is made beside its place and renamed when it is whole, so that
//! an interrupted first run leaves nothing that looks like data.

use super::binaries::Binaries;
use super::error::{Error, Result};
use super::layout::Layout;
use super::postmaster::{bare, tail};
use super::roles::Role;
use super::secret;
use secrecy::{ExposeSecret, SecretString};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Sort orders that do not change with the system's library, the better one first.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Makes the cluster of a data directory.
pub(super) fn make(
    layout: &Layout,
    binaries: &Binaries,
    password: &SecretString,
    durable: bool,
) -> Result<()> {
    let password_file = layout.data_dir().join("initdb.password");
    secret::write_private(&password_file, password.expose_secret())?;
    let made = layout
        .account()
        .give(&password_file)
        .and_then(|()| initdb(layout, binaries, &password_file, durable));
    fs::remove_file(&password_file).map_err(Error::file("remove", &password_file))?;
    made?;
    let (from, to) = (layout.unfinished_cluster(), layout.cluster());
    fs::rename(&from, &to).map_err(Error::file("move the new cluster to", &to))?;
    tracing::info!(directory = %to.display(), version = %binaries.version, "made a new PostgreSQL cluster");
    Ok(())
}

/// Tries each locale; the error is that of the last.
fn initdb(layout: &Layout, binaries: &Binaries, password_file: &Path, durable: bool) -> Result<()> {
    let mut said = String::new();
    for locale in LOCALES {
        let folder = empty_folder(layout)?;
        let mut command = bare(&binaries.program("initdb"));
        layout.account().run_as(&mut command);
        command
            .arg("--pgdata")
            .arg(&folder)
            .arg("--pwfile")
            .arg(password_file)
            .args(["--username", Role::Owner.name(), "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", locale])
            .args(["--data-checksums", "--no-instructions"]);
        if !durable {
            command.arg("--no-sync");
        }
        let output = command.output().map_err(Error::file("run", &binaries.program("initdb")))?;
        if output.status.success() {
            return Ok(());
        }
        said = tail(&String::from_utf8_lossy(&output.stderr));
    }
    Err(Error::Program { program: "initdb", output: said })
}

fn empty_folder(layout: &Layout) -> Result<std::path::PathBuf> {
    let folder = layout.unfinished_cluster();
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::file("remove", &folder))?;
    }
    fs::DirBuilder::new().mode(0o700).create(&folder).map_err(Error::file("make the directory", &folder))?;
    layout.account().give(&folder)?;
    Ok(folder)
}
