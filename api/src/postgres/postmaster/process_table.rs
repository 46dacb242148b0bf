//! What the process table says of a process id, which outlives the process that had it.

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::fs;

/// Whether the id is in the table, be it for a dead process that nobody has reaped.
pub(super) fn is_listed(pid: Pid) -> bool {
    kill(pid, None) != Err(Errno::ESRCH)
}

/// Whether a process lives and is a PostgreSQL. A dead child is reaped.
pub(super) fn is_postgres(pid: Pid) -> bool {
    let waited = waitpid(pid, Some(WaitPidFlag::WNOHANG));
    if matches!(waited, Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..))) || !is_listed(pid) {
        return false;
    }
    let command_line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    if command_line.is_empty() {
        // It begins, it is dead, or there is no /proc and the table was the answer.
        return is_listed(pid)
            && !is_dead(&fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default());
    }
    names_postgres(&command_line)
}

/// Reads a command line as the kernel gives it, arguments ended by NUL.
fn names_postgres(command_line: &[u8]) -> bool {
    let program = command_line.split(|byte| *byte == 0).next().unwrap_or_default();
    program.rsplit(|byte| *byte == b'/').next() == Some(b"postgres")
}

/// Reads the state in `/proc/{pid}/stat` (proc(5)): it follows the name, which is in
/// parentheses and may itself hold some.
fn is_dead(stat: &str) -> bool {
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_no_postgres_is_not_taken_for_one() {
        assert!(!is_postgres(Pid::this()));
    }

    #[test]
    fn only_the_name_of_the_program_counts() {
        assert!(names_postgres(b"/usr/lib/postgresql/15/bin/postgres\0-D\0/data\0"));
        assert!(!names_postgres(b"/usr/bin/psql\0/data/postgres\0"));
        assert!(!names_postgres(b"/target/deps/postgres-e948\0"));
    }

    #[test]
    fn a_process_that_nobody_reaped_is_dead_and_one_that_begins_is_not() {
        assert!(is_dead("42 (postgres) Z 1 42 42 0"));
        assert!(!is_dead("42 (postgres) R 1 42 42 0"));
        assert!(is_dead("42 (a) R (b) Z 1"));
        assert!(!is_dead(""));
    }
}
