//! Files of keys: made whole or not at all, replaced whole or not at all, and read by the
//! program's user alone. Lost keys cannot be made again, so that what is said to be written is
//! on the disk, and so is its name in the folder.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes a file that is not there yet.
pub(crate) fn create(path: &Path, text: &[u8]) -> io::Result<()> {
    let beside = write_beside(path, text)?;
    // A link, unlike a renaming, takes no other file's place.
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    linked?;
    sync_folder(path)
}

/// Puts a new file in the place of the old one.
pub(crate) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    std::fs::rename(write_beside(path, text)?, path)?;
    sync_folder(path)
}

/// A new file beside. What one that was killed has left there is removed: nobody reads it.
fn write_beside(path: &Path, text: &[u8]) -> io::Result<PathBuf> {
    let beside = path.with_extension("next");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    Ok(beside)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_made_once_and_replaced_as_often_as_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sceau.json");
        create(&path, b"un").unwrap();
        assert_eq!(create(&path, b"deux").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"un");
        replace(&path, b"trois").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"trois");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "nothing stays beside");
    }

    #[test]
    fn what_one_that_was_killed_has_left_is_in_nobody_s_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sceau.json");
        for write in [create, replace] {
            std::fs::write(path.with_extension("next"), b"half of a").unwrap();
            write(&path, b"whole").unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"whole");
            assert_eq!(folder.path().read_dir().unwrap().count(), 1);
        }
    }
}
