//! A bag (BagIt 1.0, RFC 8493) in a zip file: every file of the payload with its SHA-256, so
//! that who receives it, and who keeps it, can tell that it is whole.

use chrono::{DateTime, Datelike, Timelike, Utc};
use sha2::{Digest, Sha256};
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
    files: Vec<Fichier>,
    tags: Vec<(&'static str, String)>,
}

/// A file of the payload.
pub struct Fichier {
    /// Where it is in the bag.
    pub path: String,
    /// Its SHA-256, hexadecimal.
    pub digest: String,
    /// Its length in bytes.
    pub size: usize,
}

impl Fichier {
    fn of(path: &str, content: &[u8]) -> Self {
        let digest = ledger::seal::hex(&Sha256::digest(content));
        Self { path: path.to_owned(), digest, size: content.len() }
    }

    /// Its name, without its folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Its media type.
    pub fn kind(&self) -> &'static str {
        match self.name().rsplit_once('.').map(|(_, extension)| extension) {
            Some("html") => "text/html",
            Some("json") => "application/json",
            Some("jsonl") => "application/jsonl",
            Some("pdf") => "application/pdf",
            Some("tsr") => "application/timestamp-reply",
            Some("sh") => "application/x-sh",
            _ => "text/plain",
        }
    }

    fn line(&self) -> String {
        format!("{}  {}\n", self.digest, self.path)
    }
}

impl<W: Write + Seek> Sac<W> {
    /// An empty bag of this name, made at this instant.
    pub fn new(to: W, name: &str, at: DateTime<Utc>) -> Self {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(dos_time(at))
            .unix_permissions(0o600);
        let zip = ZipWriter::new(to);
        Self { zip, name: name.to_owned(), options, at, files: Vec::new(), tags: Vec::new() }
    }

    /// Adds a file to the payload.
    pub fn add(&mut self, path: &str, content: &[u8]) -> Result<(), ZipError> {
        let path = format!("data/{path}");
        self.files.push(Fichier::of(&path, content));
        self.write(&path, content)
    }

    /// What is in the payload by now.
    pub fn files(&self) -> &[Fichier] {
        &self.files
    }

    /// Adds a file that tells of the payload.
    pub fn tag(&mut self, name: &'static str, content: String) {
        self.tags.push((name, content));
    }

    /// Writes what tells of the payload, and the end. `description` says what the bag is.
    pub fn close(mut self, description: &str) -> Result<W, ZipError> {
        let info = format!(
            "Bag-Software-Agent: ent-rejeu {}\nBagging-Date: {}\nExternal-Description: {}\nPayload-Oxum: {}.{}\n",
            env!("CARGO_PKG_VERSION"),
            self.at.format("%Y-%m-%d"),
            // A label's value is one line (RFC 8493 §2.2.2).
            description.split_whitespace().collect::<Vec<_>>().join(" "),
            self.files.iter().map(|file| file.size).sum::<usize>(),
            self.files.len(),
        );
        let manifest = self.files.iter().map(Fichier::line).collect();
        let mut tags = std::mem::take(&mut self.tags);
        tags.extend([
            ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned()),
            ("bag-info.txt", info),
            ("manifest-sha256.txt", manifest),
        ]);
        let mut tagmanifest = String::new();
        for (path, content) in &tags {
            tagmanifest.push_str(&Fichier::of(path, content.as_bytes()).line());
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
