//! JSON Lines: exact texts stand in JSON strings, which any reader gives back byte for byte.

use super::{Evenement, ExportFault, Writer};
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};

/// Longest line that is read, in bytes: a leaf has 64 KiB and a content far less.
const LONGEST: u64 = 8 * 1024 * 1024;

/// Writes lines.
pub struct Lines(BufWriter<File>);

impl Lines {
    /// Lines at the beginning of a file.
    pub fn new(file: File) -> Self {
        Self(BufWriter::new(file))
    }
}

impl Writer for Lines {
    fn write(&mut self, event: &Evenement) -> Result<(), ExportFault> {
        serde_json::to_writer(&mut self.0, event).map_err(std::io::Error::from)?;
        Ok(self.0.write_all(b"\n")?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportFault> {
        Ok(self.0.flush()?)
    }
}

/// The events of a file.
pub fn read(file: File) -> impl Iterator<Item = Result<Evenement, ExportFault>> {
    lines(file, |event: Evenement| Some(event))
}

/// One event per line, each read from its own form.
pub fn lines<T: DeserializeOwned>(
    file: File,
    event: impl Fn(T) -> Option<Evenement>,
) -> impl Iterator<Item = Result<Evenement, ExportFault>> {
    let mut reader = BufReader::new(file);
    let (mut line, mut after, mut over) = (Vec::new(), 0, false);
    std::iter::from_fn(move || {
        line.clear();
        let read = match (&mut reader).take(LONGEST).read_until(b'\n', &mut line) {
            _ if over => return None,
            Ok(0) => return None,
            Ok(_) => serde_json::from_slice(&line).ok().and_then(&event).ok_or(ExportFault::Event { after }),
            Err(error) => Err(error.into()),
        };
        match &read {
            Ok(event) => after = event.position,
            Err(_) => over = true,
        }
        Some(read)
    })
}
