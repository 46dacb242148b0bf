//! One server for a whole test run.
//!
//! Each test may be a process of its own, ended by any means: so the users of the server
//! are counted by the kernel (a shared flock each), and a guardian process stops the
//! server when it can take the same lock alone.

use super::error::{Error, Result};
use super::layout::Layout;
use super::lock::Lock;
use super::postmaster::{Postmaster, bare};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// The file on which users hold a lock.
const PRESENCE: &str = "users.lock";
/// The file that says in which server, by its process, the roles and the database were made.
const ESTABLISHED: &str = "established";

/// `$1` is the server's process, `$2` the lock, `$3` the server's pid file. The lock is
/// kept until the server is gone, so that who comes next starts another.
const GUARDIAN: &str = r#"
stop='test "$(head -n 1 "$3")" = "$1" && kill -INT "$1"
for _ in $(seq 100); do test -e "$3" || exit 0; sleep 0.1; done'
while test -e "$3" && ! flock --nonblock "$2" sh -c "$stop; exit 0" guardian "$1" "$2" "$3"; do sleep 3; done
"#;

/// Says that this process uses the server, for as long as the answer is held.
pub(super) async fn enter(layout: &Layout) -> Result<Lock> {
    Lock::join(layout, PRESENCE).await
}

/// The living server, if its roles and its database were made since it was launched: whoever launched
/// it may have been killed before.
pub(super) async fn established(layout: &Layout, patience: Duration) -> Result<Option<Postmaster>> {
    let noted = std::fs::read_to_string(layout.data_dir().join(ESTABLISHED)).unwrap_or_default();
    let found = Postmaster::find(layout, patience).await?;
    Ok(found.filter(|postmaster| postmaster.pid().to_string() == noted))
}

/// Says that a server has its roles and its database.
pub(super) fn note_established(layout: &Layout, postmaster: &Postmaster) -> Result<()> {
    let path = layout.data_dir().join(ESTABLISHED);
    std::fs::write(&path, postmaster.pid().to_string()).map_err(Error::file("write", &path))
}

/// Starts the guardian of a server launched here.
pub(super) fn guard(layout: &Layout, postmaster: &Postmaster) -> Result<()> {
    if !postmaster.is_launched() {
        return Ok(());
    }
    let shell = Path::new("/bin/sh");
    let mut command = bare(shell);
    command.args(["-c", GUARDIAN, "guardian", &postmaster.pid().to_string()]);
    command.arg(layout.data_dir().join(PRESENCE)).arg(layout.pid_file());
    // It outlives us; init reaps it.
    #[allow(clippy::zombie_processes)]
    command
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(|_| ())
        .map_err(Error::file("run", shell))
}
