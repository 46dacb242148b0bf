//! A mailbox in a folder or a file: an mbox, a Maildir, or mails one by one.

use anyhow::Context;
use mail_parser::mailbox::mbox::MessageIterator;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Longest mail that is read, in bytes: a report brings back at most the mail that it is about.
const LONGUEUR_MAX: u64 = 8 << 20;

/// Hands over each mail of a mailbox, in an order that is always the same.
pub fn ouvrir(chemin: &Path, mut mail: impl FnMut(&[u8])) -> anyhow::Result<()> {
    for fichier in fichiers(chemin)? {
        lire(&fichier, &mut mail).with_context(|| format!("{}", fichier.display()))?;
    }
    Ok(())
}

fn fichiers(chemin: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !chemin.is_dir() {
        return Ok(vec![chemin.to_owned()]);
    }
    // What a Maildir has not delivered yet is in `tmp`.
    let parts = ["new", "cur"].map(|part| chemin.join(part));
    let maildir = parts.iter().all(|part| part.is_dir());
    let dossiers = if maildir { parts.to_vec() } else { vec![chemin.to_owned()] };
    let mut found = Vec::new();
    for dossier in dossiers {
        let entries = fs::read_dir(&dossier).with_context(|| format!("{}", dossier.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn lire(fichier: &Path, mail: &mut impl FnMut(&[u8])) -> anyhow::Result<()> {
    let mut reader = BufReader::new(File::open(fichier)?);
    if reader.fill_buf()?.starts_with(b"From ") {
        for message in MessageIterator::new(reader) {
            mail(message?.contents());
        }
    } else if fichier.metadata()?.len() <= LONGUEUR_MAX {
        mail(&fs::read(fichier)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mails(chemin: &Path) -> Vec<String> {
        let mut found = Vec::new();
        ouvrir(chemin, |mail| found.push(String::from_utf8_lossy(mail).trim().to_owned())).unwrap();
        found
    }

    #[test]
    fn an_mbox_a_maildir_and_a_folder_of_mails_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let mbox = folder.path().join("mbox");
        let day = "From MAILER-DAEMON Thu Jul  7 17:16:05 1994";
        fs::write(&mbox, format!("{day}\nSubject: 1\n\n>From here\n\n{day}\nSubject: 2\n\n")).unwrap();
        assert_eq!(mails(&mbox), ["Subject: 1\n\nFrom here", "Subject: 2"]);
        let maildir = folder.path().join("maildir");
        for (part, text) in [("new", "Subject: 3"), ("cur", "Subject: 4"), ("tmp", "Subject: 5")] {
            fs::create_dir_all(maildir.join(part)).unwrap();
            fs::write(maildir.join(part).join("1.host"), text).unwrap();
        }
        assert_eq!(mails(&maildir), ["Subject: 4", "Subject: 3"]);
        assert_eq!(mails(&maildir.join("new")), ["Subject: 3"]);
        assert_eq!(mails(&maildir.join("new/1.host")), ["Subject: 3"]);
        assert!(ouvrir(&folder.path().join("absent"), |_| ()).is_err());
    }
}
