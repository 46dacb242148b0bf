//! Where the server binaries are: `ENT_PG_BIN`, the folders of Debian's versioned
//! packages, `pg_config --bindir`, then PATH. Data of one major version want binaries of
//! the same, so that several installed versions are a choice and not an accident.

use super::error::{Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian and Ubuntu put the binaries of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The version of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The data format.
    pub major: u32,
    /// The corrections.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// Reads what `postgres --version` says: `postgres (PostgreSQL) 15.14 (Debian …)`;
    /// a version to come has a word after its major number (`18beta1`).
    fn parse(text: &str) -> Option<Self> {
        let number = text.split_once("(PostgreSQL)")?.1.split_whitespace().next()?;
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let major = digits(number);
        let minor = digits(number.strip_prefix(&major)?.trim_start_matches('.'));
        Some(Self { major: major.parse().ok()?, minor: minor.parse().unwrap_or(0) })
    }
}

/// The programs of one installed server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    /// What `postgres --version` says.
    pub version: Version,
}

impl Binaries {
    /// The binaries to use: those of `major` if data are there, else the newest of the
    /// first place that has any. An explicit folder is the only place.
    pub fn find(explicit: Option<&Path>, data: Option<(u32, &Path)>) -> Result<Self> {
        let folders = match explicit {
            Some(folder) => vec![folder.to_owned()],
            None => candidates(Path::new(DEBIAN)),
        };
        let found = folders
            .iter()
            .filter(|folder| folder.join("postgres").is_file() && folder.join("initdb").is_file())
            .map(|folder| Self::ask(folder))
            .collect::<Result<Vec<_>>>()?;
        if found.is_empty() {
            let looked_in = folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>();
            return Err(Error::NoBinaries { looked_in: looked_in.join(", ") });
        }
        choose(found, data)
    }

    fn ask(folder: &Path) -> Result<Self> {
        let path = folder.join("postgres");
        let refused = |reason: String| Error::Binary { path: path.clone(), reason };
        let output =
            Command::new(&path).arg("--version").output().map_err(|error| refused(error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let version = Version::parse(&said).ok_or_else(|| refused(format!("it says {:?}", said.trim())))?;
        Ok(Self { folder: folder.to_owned(), version })
    }

    /// The path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn choose(found: Vec<Binaries>, data: Option<(u32, &Path)>) -> Result<Binaries> {
    let versions = found.iter().map(|one| one.version.major.to_string()).collect::<Vec<_>>().join(", ");
    let wanted = |one: &Binaries| data.is_none_or(|(major, _)| one.version.major == major);
    found.into_iter().find(wanted).ok_or_else(|| match data {
        Some((data, directory)) => {
            Error::OtherMajor { directory: directory.to_owned(), data, found: versions }
        }
        None => Error::NoBinaries { looked_in: versions },
    })
}

/// The folders to look in, in order.
fn candidates(debian: &Path) -> Vec<PathBuf> {
    let mut folders = debian_folders(debian);
    folders.extend(pg_config());
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders
}

/// Debian's `{major}/bin`, newest first.
fn debian_folders(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut majors: Vec<u32> =
        entries.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok())).collect();
    majors.sort_unstable_by(|a, b| b.cmp(a));
    majors.into_iter().map(|major| root.join(major.to_string()).join("bin")).collect()
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok().filter(|o| o.status.success())?;
    let folder = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(folder.trim())).filter(|folder| folder.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(major: u32) -> Binaries {
        Binaries { folder: PathBuf::from(format!("/{major}")), version: Version { major, minor: 1 } }
    }

    #[test]
    fn a_version_is_read_whatever_the_distribution_adds() {
        let read = |text| Version::parse(text).map(|version| version.to_string());
        assert_eq!(read("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)").as_deref(), Some("15.14"));
        assert_eq!(read("postgres (PostgreSQL) 18beta1").as_deref(), Some("18.0"));
        assert_eq!(read("busybox 1.2"), None);
        assert_eq!(read("postgres (PostgreSQL) next"), None);
    }

    #[test]
    fn the_newest_of_debian_comes_first() {
        let root = tempfile::tempdir().unwrap();
        for name in ["9", "15", "common", "17"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }
        let names = debian_folders(root.path());
        let expected = ["17", "15", "9"].map(|major| root.path().join(major).join("bin"));
        assert_eq!(names, expected);
    }

    #[test]
    fn data_of_a_version_get_binaries_of_that_version() {
        let here = Path::new("/d");
        assert_eq!(choose(vec![installed(17), installed(15)], Some((15, here))).unwrap(), installed(15));
        assert_eq!(choose(vec![installed(17), installed(15)], None).unwrap(), installed(17));
    }

    #[test]
    fn data_of_a_version_that_is_not_installed_are_refused() {
        let refused = choose(vec![installed(17), installed(15)], Some((14, Path::new("/d"))));
        let Err(Error::OtherMajor { data, found, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!((data, found.as_str()), (14, "17, 15"));
    }

    #[test]
    fn an_empty_folder_named_by_the_operator_is_not_passed_over_for_another() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Binaries::find(Some(folder.path()), None), Err(Error::NoBinaries { .. })));
    }
}
