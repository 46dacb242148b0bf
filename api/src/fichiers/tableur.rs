//! CSV as offices open it: UTF-8 with its mark, and nothing that a spreadsheet would run.

use std::io::{self, Write};

/// Where a spreadsheet begins a formula (OWASP, *CSV Injection*).
const FORMULES: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Tells spreadsheets that what follows is UTF-8.
const MARQUE: &[u8] = "\u{feff}".as_bytes();

/// Lines of a table, written one by one.
pub struct Tableur<W: Write>(csv::Writer<W>);

impl<W: Write> Tableur<W> {
    /// Begins with the names of the columns.
    pub fn new(mut to: W, columns: &[&str]) -> io::Result<Self> {
        to.write_all(MARQUE)?;
        let mut table = Self(csv::WriterBuilder::new().delimiter(b';').from_writer(to));
        table.line(columns.iter().copied())?;
        Ok(table)
    }

    /// Adds a line.
    pub fn line<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
        for cell in cells {
            self.0.write_field(inert(cell))?;
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Ends, and gives back what was written to.
    pub fn end(self) -> io::Result<W> {
        self.0.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}

/// Whether a spreadsheet would run a text, whatever apostrophes stand before it.
fn begins_formula(cell: &str) -> bool {
    cell.trim_start_matches(['\'', ' ', '\u{a0}']).starts_with(FORMULES)
}

/// The same text, which no spreadsheet takes for a formula.
fn inert(cell: &str) -> String {
    if begins_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// The text of a cell that was made inert.
pub fn texte(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| begins_formula(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(cells: &[&str]) -> Vec<u8> {
        let mut table = Tableur::new(Vec::new(), &["a", "b"]).unwrap();
        table.line(cells.iter().copied()).unwrap();
        table.end().unwrap()
    }

    #[test]
    fn a_table_is_utf8_with_its_mark_and_semicolons() {
        let text = String::from_utf8(written(&["Zoé;", "b"])).unwrap();
        assert_eq!(text, "\u{feff}a;b\n\"Zoé;\";b\n");
    }

    #[test]
    fn what_begins_a_formula_is_made_inert() {
        for formula in ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", " =HYPERLINK(\"http://x\")"] {
            assert!(inert(formula).starts_with('\''), "{formula}");
        }
        for text in ["Anne-Marie", "a=b", "l'œuvre", ""] {
            assert_eq!(inert(text), text);
        }
    }

    #[test]
    fn the_name_of_a_column_is_made_inert_too() {
        let bytes = Tableur::new(Vec::new(), &["nom", "=CMD()"]).unwrap().end().unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}nom;'=CMD()\n");
    }

    proptest! {
        #[test]
        fn whatever_a_cell_holds_is_read_back_and_never_begins_a_formula(cell in ".{0,20}") {
            let bytes = written(&[&cell, "fin"]);
            let mut read = csv::ReaderBuilder::new().delimiter(b';').from_reader(&bytes[3..]);
            let line = read.records().next().unwrap().unwrap();
            let runs = line[0].trim_start_matches([' ', '\u{a0}']).starts_with(FORMULES);
            prop_assert!(!runs, "{}", &line[0]);
            prop_assert_eq!(texte(&line[0]), cell);
            prop_assert_eq!(&line[1], "fin");
        }
    }
}
