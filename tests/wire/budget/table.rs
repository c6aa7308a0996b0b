//! The table of limits in the documentation, whose tests exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Collects the names of the tests in a folder.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            tests(&path, found);
        } else {
            let source = fs::read_to_string(&path).expect("a source");
            let names = source.lines().filter_map(|line| {
                let line = line.trim_start();
                line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?.split_once("() {")
            });
            found.extend(names.map(|(name, _)| name.to_owned()));
        }
    }
}

#[test]
fn each_row_names_a_test() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = BTreeSet::new();
    tests(&package.join("wire"), &mut known);
    tests(&package.join("../mcp-runtime/src"), &mut known);
    let table = fs::read_to_string(package.join("../docs/limits.md")).expect("a table");
    let rows: Vec<&str> =
        table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise")).collect();
    assert!(rows.len() > 10);
    for row in rows {
        let names: Vec<_> = row.trim_end_matches(" |").rsplit("| ").next().unwrap_or_default().split(", ").collect();
        for name in names {
            assert!(known.contains(name.trim_matches('`')), "{name} in {row}");
        }
    }
}
