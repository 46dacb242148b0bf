//! Opening the files of a delivery: ordinary files of a folder, and nothing else.

use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Opens a file, unless it is a link or a device.
pub(in crate::importer) fn ouvrir(chemin: &Path) -> io::Result<File> {
    let drapeaux = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let fichier = OpenOptions::new().read(true).custom_flags(drapeaux.bits()).open(chemin)?;
    if !fichier.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(fichier)
}

/// The XML files of a folder, in the order of their names; or the one file that is named.
pub(in crate::importer) fn fichiers_xml(chemin: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let nom =
        |chemin: &Path| chemin.file_name().map(|nom| nom.to_string_lossy().into_owned()).unwrap_or_default();
    if !chemin.is_dir() {
        return Ok(vec![(nom(chemin), chemin.to_owned())]);
    }
    let mut fichiers = Vec::new();
    for trouve in std::fs::read_dir(chemin)? {
        let chemin = trouve?.path();
        if chemin.extension().is_some_and(|fin| fin.eq_ignore_ascii_case("xml")) {
            fichiers.push((nom(&chemin), chemin));
        }
    }
    fichiers.sort();
    Ok(fichiers)
}

/// Reads the XML files of an export of `source`, in the order of their names; says in French that one
/// cannot be opened, or what `lire` says of it.
pub(in crate::importer) fn lire_chacun(
    chemin: &Path,
    source: &str,
    mut lire: impl FnMut(&str, File) -> Result<(), String>,
) -> Result<(), String> {
    let illisible =
        |erreur: io::Error| format!("les fichiers de {source} n'ont pas pu être lus ({})", erreur.kind());
    for (nom, chemin) in fichiers_xml(chemin).map_err(illisible)? {
        lire(&nom, ouvrir(&chemin).map_err(illisible)?)?;
    }
    Ok(())
}
