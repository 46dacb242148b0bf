//! `postmaster.pid`, one fact a line (`src/include/utils/pidfile.h` of PostgreSQL): the
//! process, the data directory, the start time, the port, the socket directory, the
//! listen address, the shared memory key, the state. Lines are added as they are known.

use super::super::error::{Error, Result};
use nix::unistd::Pid;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where the server is in its life, as far as we care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It takes connections.
    Ready,
    /// It starts, recovers or stops.
    Other,
}

/// What the file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: Pid,
    pub(super) socket_dir: Option<PathBuf>,
    pub(super) state: State,
}

impl PidFile {
    /// Reads the file; none if there is none, or nothing in it yet.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file("read", path)(error)),
        }
    }

    /// A negative id is that of a session without server (`postgres --single`): there is
    /// nothing to adopt, and PostgreSQL will say itself that the directory is in use.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse::<i32>().ok().filter(|pid| *pid > 0)?;
        let socket_dir = lines.nth(3).filter(|line| !line.is_empty()).map(PathBuf::from);
        let state = match lines.nth(2).map(str::trim) {
            Some("ready") => State::Ready,
            Some(_) | None => State::Other,
        };
        Some(Self { pid: Pid::from_raw(pid), socket_dir, state })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_ready_when_its_eighth_line_says_so() {
        let text = "4242\n/data/postgres\n1762790000\n5432\n/data/run\n\n  5432001    98304\nready   \n";
        let expected = PidFile {
            pid: Pid::from_raw(4242),
            socket_dir: Some(PathBuf::from("/data/run")),
            state: State::Ready,
        };
        assert_eq!(PidFile::parse(text), Some(expected));
        let stopping = text.replace("ready", "stopping");
        assert_eq!(PidFile::parse(&stopping).map(|file| file.state), Some(State::Other));
    }

    #[test]
    fn a_file_being_written_is_a_server_that_is_not_ready() {
        let started = PidFile::parse("4242\n/data/postgres\n1762790000\n5432\n").unwrap();
        assert_eq!((started.socket_dir, started.state), (None, State::Other));
        assert_eq!(PidFile::parse(""), None);
    }

    #[test]
    fn a_session_without_server_and_a_damaged_file_name_no_server() {
        for text in ["-4242\n/data\n", "0\n", "ready\n", "99999999999\n"] {
            assert_eq!(PidFile::parse(text), None, "{text}");
        }
    }
}
