//! Rows in aligned columns. Cells come from the record: what would move a terminal's
//! cursor is shown as a dot, and a long cell is cut.

use std::io::{self, Write};

/// Widest cell, in characters; an id has 36.
const WIDEST: usize = 40;

/// A table with a header.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub fn new(header: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { header: header.into_iter().map(|cell| fit(&cell.into())).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(row.into_iter().map(|cell| fit(&cell.into())).collect());
    }

    /// Writes it, two spaces between columns, none at the end of a line.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let rule = |width: &usize| "─".repeat(*width);
        let widths = self.widths();
        write_row(out, &widths, &self.header)?;
        write_row(out, &widths, &widths.iter().map(rule).collect::<Vec<_>>())?;
        self.rows.iter().try_for_each(|row| write_row(out, &widths, row))
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.header.iter().map(|cell| cell.chars().count()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
    }
}

fn write_row(out: &mut dyn Write, widths: &[usize], row: &[String]) -> io::Result<()> {
    let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())
}

fn fit(cell: &str) -> String {
    let calm = cell.chars().map(|c| if c.is_control() { '·' } else { c });
    if cell.chars().count() <= WIDEST {
        calm.collect()
    } else {
        calm.take(WIDEST - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: &Table) -> String {
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_aligned_by_characters_not_bytes() {
        let mut table = Table::new(["Élève", "n"]);
        table.push(["Zoé", "1"]);
        table.push(["Maximilien", "2"]);
        assert_eq!(written(&table), "Élève       n\n──────────  ─\nZoé         1\nMaximilien  2\n");
    }

    #[test]
    fn a_long_cell_is_cut_and_a_cell_cannot_drive_the_terminal() {
        let mut table = Table::new(["a"]);
        table.push(["x".repeat(50)]);
        table.push(["\u{1b}[2J\nfin"]);
        let text = written(&table);
        assert!(text.contains(&format!("{}…", "x".repeat(39))));
        assert!(text.contains("·[2J·fin"));
    }
}
