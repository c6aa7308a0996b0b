//! The tables program × check.

use super::program::Cell;
use crate::workspace::Outcome;

pub(super) struct Table {
    /// The checks that a program of the table may have, in the order of the columns.
    pub(super) columns: &'static [&'static str],
    rows: Vec<(String, Vec<Cell>)>,
}

impl Table {
    pub(super) fn new(columns: &'static [&'static str]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, name: impl Into<String>, cells: Vec<Cell>) {
        self.rows.push((name.into(), cells));
    }

    /// Iterates over programs with the name and cell of each check.
    fn cells(&self) -> impl Iterator<Item = (&str, &str, &Cell)> {
        self.rows
            .iter()
            .flat_map(|(name, cells)| cells.iter().zip(self.columns).map(|(cell, check)| (name.as_str(), *check, cell)))
    }

    fn print(&self) {
        let width = self.rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        println!("\n{:width$}  {}", "", self.columns.join("  "));
        for (name, cells) in &self.rows {
            let fields: Vec<String> = cells.iter().zip(self.columns).map(field).collect();
            println!("{}", format!("{name:width$}  {}", fields.join("  ")).trim_end());
        }
    }
}

/// Prints the tables and the reasons of failed cells, and fails if there are any.
pub(super) fn report(tables: &[Table]) -> Outcome {
    tables.iter().for_each(Table::print);
    println!();
    let cells = || tables.iter().flat_map(Table::cells);
    for (name, check, cell) in cells() {
        if let Cell::Failed(why) = cell {
            println!("{name}, {check}: {why}");
        }
    }
    let passed = cells().filter(|(_, _, cell)| matches!(cell, Cell::Passed)).count();
    let failed = cells().filter(|(_, _, cell)| matches!(cell, Cell::Failed(_))).count();
    println!("{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(format!("{failed} checks with programs of others failed")) }
}

/// Formats a field as wide as the column's heading.
fn field((cell, check): (&Cell, &&str)) -> String {
    format!("{mark:<width$}", mark = cell.mark(), width = check.len())
}
