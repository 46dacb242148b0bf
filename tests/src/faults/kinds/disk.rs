//! A full disk: the cluster lies on a small file system of its own, which is filled.

use super::kill::says_what_it_waits_for;
use crate::faults::report::Round;
use crate::faults::site::{Settings, Site};
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room for the cluster, its log and some minutes of work.
const SIZE: &str = "size=256m,mode=0755";
/// What fills the rest.
const BALLAST: &str = "ballast";
/// What `/pret` says of it.
const SPACE: &str = "place sur le disque";

/// A file system in memory, unmounted in the end.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one; only root may.
    pub fn mount() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("ent-small-disk-").tempdir()?.keep();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(&folder).output()?;
        ensure!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr).trim());
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn fill(&self) -> Result<()> {
        let mut ballast = File::create(self.0.join(BALLAST))?;
        for chunk in [[0_u8; 65536].as_slice(), &[0; 512]] {
            loop {
                match ballast.write_all(chunk) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    fn free(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.0.join(BALLAST))?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A lazy unmount waits for nobody; the folder is empty after it.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// A site whose cluster lies on a small disk.
pub async fn site(settings: Settings) -> Result<Site> {
    let disk = SmallDisk::mount().context("a small file system")?;
    let mut site = Site::open(settings, Some(&disk.path().join("database"))).await?;
    site.disk = Some(disk);
    Ok(site)
}

/// The disk fills under load; nothing that did not fit may be acknowledged. Whoever runs
/// the database frees the disk, and starts it again if it ended.
pub async fn full(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &_| {
        site.disk.as_ref().context("the site has no small disk")?.fill()?;
        let breaches = says_what_it_waits_for(site, SPACE).await;
        site.disk.as_ref().context("the site has no small disk")?.free()?;
        if !site.postgres.is_alive() {
            site.postgres.kill().await?;
            site.postgres.restart().await?;
        }
        breaches
    };
    site.round(harm).await
}
