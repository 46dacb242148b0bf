//! The server process: launched or found, waited for, stopped.
//!
//! The server says of itself in `postmaster.pid` which process it is, where its socket is
//! and in which state it is. That file is believed only as far as the process table
//! agrees: after a crash or a reboot it may name nobody, or somebody else.

mod pid_file;
mod process_table;

use super::binaries::Binaries;
use super::error::{Error, Result};
use super::layout::{Layout, forget_socket_dir};
use super::wait;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pid_file::{PidFile, State};
use process_table::{is_listed, is_postgres};
use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A fast shutdown writes a checkpoint.
const FAST_SHUTDOWN: Duration = Duration::from_secs(60);
/// An immediate one writes nothing: the next start recovers.
const IMMEDIATE_SHUTDOWN: Duration = Duration::from_secs(10);
/// What a destructor may take.
const LAST_RESORT: Duration = Duration::from_secs(10);
/// How long sessions may outlive a server that was killed.
const ORPHANS: Duration = Duration::from_secs(10);
/// What PostgreSQL says as long as they do.
const MEMORY_IN_USE: &str = "pre-existing shared memory block";
/// A longer log is put aside at the next start.
const LONG_LOG: u64 = 16 << 20;

/// What differs from one server to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) durable: bool,
}

impl Settings {
    /// The command line: nothing on the network, and neither values nor statements of
    /// users in the log.
    fn arguments(self, socket_dir: &Path) -> Vec<String> {
        let directory = socket_dir.display().to_string().replace('"', "\"\"");
        let switch = |on: bool| if on { "on" } else { "off" };
        let mut settings = vec![
            "listen_addresses=".to_owned(),
            "port=5432".to_owned(),
            format!("unix_socket_directories=\"{directory}\""),
            "unix_socket_permissions=0700".to_owned(),
            "password_encryption=scram-sha-256".to_owned(),
            format!("fsync={}", switch(self.durable)),
            format!("full_page_writes={}", switch(self.durable)),
            "timezone=UTC".to_owned(),
            "log_timezone=UTC".to_owned(),
            "jit=off".to_owned(),
            "log_checkpoints=off".to_owned(),
            "log_error_verbosity=terse".to_owned(),
            "log_min_error_statement=panic".to_owned(),
            "log_statement=none".to_owned(),
        ];
        if !self.durable {
            settings.push("synchronous_commit=off".to_owned());
            settings.push("max_connections=300".to_owned());
        }
        settings
    }
}

/// A server process.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    socket_dir: PathBuf,
    launched: bool,
}

impl Postmaster {
    /// The server of this directory if it lives; one that is ending is waited for.
    pub(super) async fn find(layout: &Layout, patience: Duration) -> Result<Option<Self>> {
        let mut pid = 0;
        let found = wait::until(patience, || {
            let Some(file) = PidFile::read(&layout.pid_file())? else { return Ok(Some(None)) };
            pid = file.pid.as_raw().unsigned_abs();
            if !is_postgres(file.pid) {
                forget(layout, &file)?;
                return Ok(Some(None));
            }
            match (file.state, file.socket_dir) {
                (State::Ready, Some(socket_dir)) => {
                    Ok(Some(Some(Self { pid: file.pid, socket_dir, launched: false })))
                }
                (State::Ready | State::Other, _) => Ok(None),
            }
        });
        found.await?.ok_or(Error::TooLate { pid, state: "ready", after: patience })
    }

    /// Launches the server and waits until it takes connections. Just after a crash, the
    /// sessions of the dead server may still hold its memory: they end by themselves.
    pub(super) async fn launch(
        layout: &Layout,
        binaries: &Binaries,
        settings: Settings,
        patience: Duration,
    ) -> Result<Self> {
        let start = Instant::now();
        loop {
            match Self::launch_once(layout, binaries, settings, patience).await {
                Err(Error::Died { tail, .. })
                    if tail.contains(MEMORY_IN_USE) && start.elapsed() < ORPHANS => {}
                launched => return launched,
            }
        }
    }

    async fn launch_once(
        layout: &Layout,
        binaries: &Binaries,
        settings: Settings,
        patience: Duration,
    ) -> Result<Self> {
        let socket_dir = layout.choose_socket_dir()?;
        let log = layout.log();
        let log_start = turn_log(&log)?;
        let output = OpenOptions::new().create(true).append(true).mode(0o600).open(&log);
        let output = output.map_err(Error::file("open", &log))?;
        let errors = output.try_clone().map_err(Error::file("open", &log))?;
        let program = binaries.program("postgres");
        let mut command = bare(&program);
        layout.account().run_as(&mut command);
        command.arg("-D").arg(layout.cluster());
        for setting in settings.arguments(&socket_dir) {
            command.args(["-c", &setting]);
        }
        // A group of its own: Ctrl-C is for `ent`, which stops the server when it has done.
        command.process_group(0).stdout(output).stderr(errors);
        // `is_postgres` reaps it, launched here or found.
        #[allow(clippy::zombie_processes)]
        let child = command.spawn().map_err(Error::file("run", &program))?;
        let pid = Pid::from_raw(child.id().cast_signed());
        let postmaster = Self { pid, socket_dir, launched: true };
        postmaster.wait_ready(layout, patience, log_start).await?;
        Ok(postmaster)
    }

    /// Waits for the state "ready"; a server that is not ready in time is stopped.
    async fn wait_ready(&self, layout: &Layout, patience: Duration, log_start: u64) -> Result<()> {
        let ready = wait::until(patience, || {
            if !self.is_alive() {
                let log = layout.log();
                let tail = read_from(&log, log_start).map(|text| tail(&text)).unwrap_or_default();
                return Err(Error::Died { log, tail });
            }
            let file = PidFile::read(&layout.pid_file())?;
            Ok(file.is_some_and(|file| file.pid == self.pid && file.state == State::Ready).then_some(()))
        });
        match ready.await {
            Ok(Some(())) => Ok(()),
            Ok(None) => {
                self.stop_blocking();
                Err(Error::TooLate { pid: self.pid(), state: "ready", after: patience })
            }
            Err(error) => {
                forget_socket_dir(&self.socket_dir);
                Err(error)
            }
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    pub(super) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// Whether this process launched it.
    pub(super) fn is_launched(&self) -> bool {
        self.launched
    }

    pub(super) fn is_alive(&self) -> bool {
        is_postgres(self.pid)
    }

    /// Ends the sessions, writes a checkpoint and stops; then less gently.
    pub(super) async fn stop(self) -> Result<()> {
        for (signal, patience) in [(Signal::SIGINT, FAST_SHUTDOWN), (Signal::SIGQUIT, IMMEDIATE_SHUTDOWN)] {
            self.signal(signal)?;
            let gone = wait::until(patience, || Ok((!self.is_alive()).then_some(())));
            if gone.await?.is_some() {
                forget_socket_dir(&self.socket_dir);
                return Ok(());
            }
            tracing::warn!(pid = self.pid(), ?signal, "PostgreSQL is slow to stop");
        }
        Err(Error::TooLate { pid: self.pid(), state: "stopped", after: FAST_SHUTDOWN + IMMEDIATE_SHUTDOWN })
    }

    /// The same in a destructor, where an error has no reader.
    pub(super) fn stop_blocking(&self) {
        if let Err(error) = self.signal(Signal::SIGINT) {
            tracing::error!(%error, "PostgreSQL was not stopped");
        }
        if wait::until_blocking(LAST_RESORT, || !self.is_alive()) {
            forget_socket_dir(&self.socket_dir);
        } else {
            tracing::error!(pid = self.pid(), "PostgreSQL is still stopping");
        }
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        match kill(self.pid, signal) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(source) => Err(Error::Signal { pid: self.pid(), source }),
        }
    }
}

/// Removes what a dead server left. PostgreSQL would do it, except where its process id
/// went to another process of the same account.
fn forget(layout: &Layout, file: &PidFile) -> Result<()> {
    tracing::warn!(pid = file.pid.as_raw(), "PostgreSQL did not stop cleanly: it recovers from its log");
    if let Some(directory) = &file.socket_dir {
        forget_socket_dir(directory);
    }
    if is_listed(file.pid) {
        let path = layout.pid_file();
        fs::remove_file(&path).map_err(Error::file("remove", &path))?;
    }
    Ok(())
}

/// A command that inherits neither secrets nor settings from our environment, nor our
/// working directory, which its account may not be allowed to see.
pub(super) fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
    for kept in ["PATH", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

/// Puts a long log aside; answers where what is written from now on will start.
fn turn_log(log: &Path) -> Result<u64> {
    let length = fs::metadata(log).map_or(0, |found| found.len());
    if length <= LONG_LOG {
        return Ok(length);
    }
    let aside = log.with_extension("log.1");
    fs::rename(log, &aside).map_err(Error::file("rename", log))?;
    Ok(0)
}

fn read_from(path: &Path, start: u64) -> std::io::Result<String> {
    let mut file = fs::File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LONG_LOG).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last lines of a text.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let last = lines.len().saturating_sub(12);
    lines.into_iter().skip(last).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_directory_with_quotes_and_commas_is_one_directory() {
        let arguments = Settings { durable: true }.arguments(Path::new("/a b,c\"d"));
        assert!(arguments.contains(&"unix_socket_directories=\"/a b,c\"\"d\"".to_owned()));
    }

    #[test]
    fn only_a_volatile_server_runs_without_fsync() {
        let arguments = |durable| Settings { durable }.arguments(Path::new("/run"));
        assert!(arguments(true).contains(&"fsync=on".to_owned()));
        assert!(arguments(false).contains(&"fsync=off".to_owned()));
    }

    #[test]
    fn the_tail_of_a_log_is_its_last_lines() {
        let log = (1..=20).map(|line| format!("{line}\n")).collect::<String>();
        assert_eq!(tail(&log).lines().next(), Some("9"));
        assert_eq!(tail("one\n"), "one");
    }
}
