//! The table client × check.

use super::client::{CHECKS, Cell};
use crate::workspace::Outcome;

/// Prints the table and why fields failed; any that did fails the command.
pub(super) fn report(rows: &[(&str, [Cell; CHECKS.len()])]) -> Outcome {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    println!("\n{:width$}  {}", "", CHECKS.join("  "));
    for (name, cells) in rows {
        let fields: Vec<String> = cells.iter().zip(CHECKS).map(field).collect();
        println!("{}", format!("{name:width$}  {}", fields.join("  ")).trim_end());
    }
    println!();
    let cells = || rows.iter().flat_map(|(name, cells)| cells.iter().zip(CHECKS).map(move |cell| (name, cell)));
    for (name, (cell, check)) in cells() {
        if let Cell::Failed(why) = cell {
            println!("{name}, {check}: {why}");
        }
    }
    let passed = cells().filter(|(_, (cell, _))| matches!(cell, Cell::Passed)).count();
    let failed = cells().filter(|(_, (cell, _))| matches!(cell, Cell::Failed(_))).count();
    println!("{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(format!("{failed} checks of real clients failed")) }
}

/// As wide as the column's heading.
fn field((cell, check): (&Cell, &str)) -> String {
    let mark = match cell {
        Cell::Passed => '✓',
        Cell::Failed(_) => '✗',
        Cell::Absent => '–',
    };
    format!("{mark:<width$}", width = check.len())
}
