//! A table for an office, as the one who asks wants it: CSV or a workbook.
//!
//! Either way it is written line by line to the disk. In a workbook every cell is text, which no
//! spreadsheet runs; in CSV, [`Tableur`] sees to that.

use super::tableur::Tableur;
use super::{Sans, attachment};
use axum::response::Response;
use rust_xlsxwriter::{Workbook, XlsxError};
use std::fs::File;
use std::io::{self, BufWriter};

/// As what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, as [`Tableur`] writes them.
    Csv,
    /// Office Open XML (ISO/IEC 29500).
    Xlsx,
}

impl Format {
    /// The stem of a file's name, and the format that its extension says.
    pub fn of(name: &str) -> Option<(&str, Self)> {
        let csv = name.strip_suffix(".csv").map(|stem| (stem, Self::Csv));
        csv.or_else(|| name.strip_suffix(".xlsx").map(|stem| (stem, Self::Xlsx)))
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    const fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// A table being written to the disk.
pub struct Tableau(Inner);

enum Inner {
    Csv(Box<Tableur<BufWriter<File>>>),
    Xlsx { workbook: Box<Workbook>, rows: u32 },
}

impl Tableau {
    /// Begins with the names of the columns.
    pub fn begin(format: Format, columns: &[&str]) -> io::Result<Self> {
        if format == Format::Csv {
            let file = BufWriter::new(tempfile::tempfile()?);
            return Ok(Self(Inner::Csv(Box::new(Tableur::new(file, columns)?))));
        }
        let mut workbook = Box::new(Workbook::new());
        workbook.add_worksheet_with_constant_memory().map_err(faulty)?;
        let mut table = Self(Inner::Xlsx { workbook, rows: 0 });
        table.line(columns.iter().copied())?;
        Ok(table)
    }

    /// Adds a line.
    pub fn line<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
        match &mut self.0 {
            Inner::Csv(table) => table.line(cells),
            Inner::Xlsx { workbook, rows } => {
                let sheet = workbook.worksheet_from_index(0).map_err(faulty)?;
                for (column, cell) in (0..).zip(cells) {
                    sheet.write_string(*rows, column, cell).map_err(faulty)?;
                }
                *rows += 1;
                Ok(())
            }
        }
    }

    /// Ends, and gives the file.
    pub fn end(self) -> io::Result<(File, Format)> {
        match self.0 {
            Inner::Csv(table) => {
                let file = table.end()?.into_inner().map_err(io::IntoInnerError::into_error)?;
                Ok((file, Format::Csv))
            }
            Inner::Xlsx { mut workbook, .. } => {
                let mut file = tempfile::tempfile()?;
                workbook.save_to_writer(&mut file).map_err(faulty)?;
                Ok((file, Format::Xlsx))
            }
        }
    }

    /// Ends, and sends the file under a name without its extension.
    pub(super) fn send(self, stem: &str) -> Result<Response, Sans> {
        let (file, format) = self.end().map_err(Sans::fault)?;
        attachment(file, format.media(), &format!("{stem}.{}", format.extension()))
    }
}

fn faulty(error: XlsxError) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek};

    fn written(format: Format, cells: &[&str]) -> File {
        let mut table = Tableau::begin(format, &["nom", "motif"]).unwrap();
        table.line(cells.iter().copied()).unwrap();
        let (mut file, as_asked) = table.end().unwrap();
        assert_eq!(as_asked, format);
        file.rewind().unwrap();
        file
    }

    #[test]
    fn the_extension_says_the_format() {
        assert_eq!(Format::of("2026-11.csv"), Some(("2026-11", Format::Csv)));
        assert_eq!(Format::of("2026-11.xlsx"), Some(("2026-11", Format::Xlsx)));
        assert_eq!(Format::of("2026-11.ods"), None);
        assert_eq!(Format::of("2026-11"), None);
    }

    #[test]
    fn a_csv_is_that_of_the_other_lists() {
        let mut text = String::new();
        written(Format::Csv, &["Zoé", "=1+1"]).read_to_string(&mut text).unwrap();
        assert_eq!(text, "\u{feff}nom;motif\nZoé;'=1+1\n");
    }

    #[test]
    fn a_workbook_has_its_cells_as_text_and_no_formula() {
        let mut archive = zip::ZipArchive::new(written(Format::Xlsx, &["Zoé & Lou", "=1+1"])).unwrap();
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        assert!(sheet.contains("Zoé &amp; Lou") && sheet.contains("=1+1"), "{sheet}");
        assert!(!sheet.contains("<f>"), "{sheet}");
    }
}
