//! What a folder keeps of writings that a crash broke off.
//!
//! The store writes `name#1` and renames it to `name` once it is whole. It lists no such file, and
//! nobody goes on with one.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::SystemTime;

/// Removes those in the folders of a folder that were last written to before an instant; says how many.
pub(super) fn sweep(folder: &Path, before: SystemTime) -> io::Result<u64> {
    let mut removed = 0;
    for inner in fs::read_dir(folder)? {
        let inner = inner?;
        if !inner.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(inner.path())? {
            match remove(&file?, before) {
                Ok(gone) => removed += u64::from(gone),
                // Its writer has just finished, or another process sweeps too.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}

fn remove(file: &DirEntry, before: SystemTime) -> io::Result<bool> {
    if !is_unfinished(&file.file_name()) || file.metadata()?.modified()? >= before {
        return Ok(false);
    }
    fs::remove_file(file.path()).map(|()| true)
}

fn is_unfinished(name: &OsStr) -> bool {
    let number = name.to_str().and_then(|name| name.rsplit_once('#')).map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::time::Duration;

    #[test]
    fn what_was_broken_off_long_ago_goes_and_nothing_else() {
        let (folder, hour) = (tempfile::tempdir().unwrap(), Duration::from_secs(3600));
        let before = SystemTime::UNIX_EPOCH + 24 * hour;
        let inner = folder.path().join("ab");
        fs::create_dir(&inner).unwrap();
        for (name, at) in [
            ("abc#1", before - hour),
            ("abd#12", before - hour),
            ("abe#1", before),
            ("abf", before - hour),
            ("abg#", before - hour),
        ] {
            File::create(inner.join(name)).unwrap().set_modified(at).unwrap();
        }
        assert_eq!(sweep(folder.path(), before).unwrap(), 2);
        let name = |file: io::Result<DirEntry>| file.unwrap().file_name().into_string().unwrap();
        let mut left: Vec<_> = fs::read_dir(&inner).unwrap().map(name).collect();
        left.sort();
        assert_eq!(left, ["abe#1", "abf", "abg#"]);
        assert_eq!(sweep(folder.path(), before).unwrap(), 0);
    }
}
