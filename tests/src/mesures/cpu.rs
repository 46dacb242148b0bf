//! Who spent the CPU: time of a process, or of a process and its children.

use anyhow::Result;
use procfs::process::{Process, all_processes};
use std::time::Duration;

/// CPU time of this process, which generates the load and runs what is ours in-process.
pub fn of_self() -> Result<Duration> {
    let stat = Process::myself()?.stat()?;
    Ok(ticks(stat.utime + stat.stime))
}

/// CPU time of a process, its living children, and those that it has waited for: of
/// PostgreSQL, everything but sessions that are just ending.
pub fn of_tree(pid: u32) -> Result<Duration> {
    let pid = i32::try_from(pid)?;
    let stat = Process::new(pid)?.stat()?;
    let mut spent = stat.utime + stat.stime;
    spent += u64::try_from(stat.cutime + stat.cstime).unwrap_or_default();
    // A process may end while it is being read.
    let living = all_processes()?.filter_map(|process| process.ok()?.stat().ok());
    spent += living.filter(|stat| stat.ppid == pid).map(|stat| stat.utime + stat.stime).sum::<u64>();
    Ok(ticks(spent))
}

/// The machine, for the head of a report.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let model = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    format!("{cores} cores ({})", model.as_deref().unwrap_or("of a model unknown"))
}

fn ticks(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / procfs::ticks_per_second() as f64)
}
