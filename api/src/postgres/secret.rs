//! The generated passwords of the roles: 256 random bits each, in a file of its own that
//! only the account of `ent` reads.

use super::error::{Error, Result};
use rand::TryRngCore;
use rand::rngs::OsRng;
use secrecy::SecretString;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Hexadecimal digits of a password.
const LENGTH: usize = 64;

/// Reads a password, none if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<SecretString>> {
    match fs::read_to_string(path) {
        Ok(text) if is_ours(text.trim_end()) => Ok(Some(SecretString::from(text.trim_end()))),
        Ok(_) => Err(Error::Password(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", path)(error)),
    }
}

/// Makes a password and keeps it in `path`, which must not exist.
pub(super) fn make(path: &Path) -> Result<SecretString> {
    let mut bytes = [0_u8; LENGTH / 2];
    OsRng.try_fill_bytes(&mut bytes).map_err(Error::Randomness)?;
    let mut text = String::with_capacity(LENGTH);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    let unfinished = path.with_extension("unfinished");
    write_private(&unfinished, &text)?;
    fs::rename(&unfinished, path).map_err(Error::file("write", path))?;
    Ok(SecretString::from(text))
}

/// Writes a file that nobody else may read; one left unfinished is replaced.
pub(super) fn write_private(path: &Path, text: &str) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::file("replace", path)(error)),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    opened
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .map_err(Error::file("write", path))
}

/// Digits only: such a text needs no quoting in SQL nor in a URL.
fn is_ours(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_password_is_kept_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("role");
        assert!(read(&path).unwrap().is_none());
        let made = make(&path).unwrap();
        assert_eq!(read(&path).unwrap().unwrap().expose_secret(), made.expose_secret());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn two_passwords_differ() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (make(&folder.path().join("1")).unwrap(), make(&folder.path().join("2")).unwrap());
        assert_ne!(one.expose_secret(), other.expose_secret());
    }

    #[test]
    fn a_file_that_could_change_an_sql_statement_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("role");
        for text in ["", "a'; DROP", &"g".repeat(64), &"é".repeat(32)] {
            fs::write(&path, text).unwrap();
            assert!(matches!(read(&path), Err(Error::Password(_))), "{text}");
        }
    }
}
