//! A bag (BagIt 1.0, RFC 8493) in a zip file: every file of the payload with its SHA-256, so
//! that who receives it, and who keeps it, can tell that it is whole.

use chrono::{DateTime, Datelike, Timelike, Utc};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Seek, Write};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// See the module.
pub struct Sac<W: Write + Seek> {
    zip: ZipWriter<W>,
    /// The one folder at the top of the zip file.
    name: String,
    options: SimpleFileOptions,
    at: DateTime<Utc>,
    manifest: String,
    files: u64,
    bytes: u64,
}

impl<W: Write + Seek> Sac<W> {
    /// An empty bag of this name, made at this instant.
    pub fn new(to: W, name: &str, at: DateTime<Utc>) -> Self {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(dos_time(at))
            .unix_permissions(0o600);
        let zip = ZipWriter::new(to);
        Self { zip, name: name.to_owned(), options, at, manifest: String::new(), files: 0, bytes: 0 }
    }

    /// Adds a file to the payload.
    pub fn add(&mut self, path: &str, content: &[u8]) -> Result<(), ZipError> {
        let path = format!("data/{path}");
        list(&mut self.manifest, &path, content);
        self.files += 1;
        self.bytes += content.len() as u64;
        self.write(&path, content)
    }

    /// Writes what tells of the payload, and the end. `description` says what the bag is.
    pub fn close(mut self, description: &str) -> Result<W, ZipError> {
        let info = format!(
            "Bag-Software-Agent: ent-rejeu {}\nBagging-Date: {}\nExternal-Description: {}\nPayload-Oxum: {}.{}\n",
            env!("CARGO_PKG_VERSION"),
            self.at.format("%Y-%m-%d"),
            // A label's value is one line (RFC 8493 §2.2.2).
            description.split_whitespace().collect::<Vec<_>>().join(" "),
            self.bytes,
            self.files,
        );
        let manifest = std::mem::take(&mut self.manifest);
        let tags = [
            ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned()),
            ("bag-info.txt", info),
            ("manifest-sha256.txt", manifest),
        ];
        let mut tagmanifest = String::new();
        for (path, content) in &tags {
            list(&mut tagmanifest, path, content.as_bytes());
            self.write(path, content.as_bytes())?;
        }
        self.write("tagmanifest-sha256.txt", tagmanifest.as_bytes())?;
        self.zip.finish()
    }

    fn write(&mut self, path: &str, content: &[u8]) -> Result<(), ZipError> {
        self.zip.start_file(format!("{}/{path}", self.name), self.options)?;
        Ok(self.zip.write_all(content)?)
    }
}

fn list(manifest: &mut String, path: &str, content: &[u8]) {
    let digest = ledger::seal::hex(&Sha256::digest(content));
    // Writing to a string does not fail.
    let _ = writeln!(manifest, "{digest}  {path}");
}

/// A zip file knows years from 1980 on, and even seconds.
fn dos_time(at: DateTime<Utc>) -> zip::DateTime {
    let part = |part: u32| u8::try_from(part).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let (month, day) = (part(at.month()), part(at.day()));
    zip::DateTime::from_date_and_time(year, month, day, part(at.hour()), part(at.minute()), part(at.second()))
        .unwrap_or_default()
}

/// A zip file that cannot be written is a file that cannot be.
pub fn io_of(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::other(other),
    }
}
