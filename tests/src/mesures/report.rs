//! What is printed: Markdown, one table per subject.

use super::cpu;
use super::ground::Ground;
use anyhow::Result;
use std::fmt;

/// See the module.
#[derive(Debug, Clone)]
pub struct Report {
    head: String,
    tables: Vec<Table>,
}

impl Report {
    /// An empty report that says where it was measured.
    pub async fn on(ground: &Ground) -> Result<Self> {
        let head = format!(
            "Measured in one run on {}; PostgreSQL {} with fsync on, on the same machine.",
            cpu::machine(),
            ground.version().await?
        );
        Ok(Self { head, tables: Vec::new() })
    }

    /// Adds a table.
    pub fn add(&mut self, table: Table) {
        self.tables.push(table);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head)?;
        self.tables.iter().try_for_each(|table| write!(f, "\n{table}"))
    }
}

/// A table and what must be known to read it.
#[derive(Debug, Clone)]
pub struct Table {
    title: String,
    conditions: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub fn new(title: &str, conditions: &str, columns: &[&'static str]) -> Self {
        Self {
            title: title.to_owned(),
            conditions: conditions.to_owned(),
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, and shows it at once to who waits for the report.
    pub fn row(&mut self, cells: Vec<String>) {
        eprintln!("   {}", cells.join(" | "));
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n\n{}\n", self.title, self.conditions)?;
        writeln!(f, "| {} |", self.columns.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(self.columns.len()))?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}
