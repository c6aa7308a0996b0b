//! The tests that the tables of the documentation name, which exist.
//!
//! A table whose last column is `test` names tests in each row, or says why there is none:
//!
//! - `function` or `path.rs::function`, with the end of a path, is a function with the attribute of a test;
//! - `ui/theme/mistake.rs` is a case that does not compile, and `fuzz/src/target.rs` a property;
//! - `cargo xtask command` is a step of `cargo xtask ci`;
//! - a cell that begins with a dash has the reason instead.
//!
//! A source that another cell names has to exist, too.

use std::collections::BTreeSet;

use crate::ci;

/// The tests of the repository.
#[derive(Default)]
pub(super) struct Tests {
    /// The functions, as `path::function`.
    functions: BTreeSet<String>,
    /// The files that are tests as a whole.
    files: BTreeSet<String>,
    /// All files.
    sources: BTreeSet<String>,
}

impl Tests {
    /// Adds the tests of a source.
    pub(super) fn add(&mut self, file: &str, source: &str) {
        self.sources.insert(file.to_owned());
        if file.starts_with("tests/ui/") || file.starts_with("fuzz/src/") {
            self.files.insert(file.to_owned());
        }
        let mut is_test = false;
        for line in source.lines().map(str::trim_start) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some((_, function)) = line.split_once("fn ").filter(|_| is_test) {
                let name = function.split('(').next().unwrap_or_default();
                self.functions.insert(format!("{file}::{name}"));
                is_test = false;
            }
        }
    }

    /// Returns the faults of a page's tables, each with the number of its line.
    pub(super) fn faults(&self, page: &str) -> Vec<(usize, String)> {
        let mut faults = Vec::new();
        let mut is_inside = false;
        for (line, number) in page.lines().zip(1..) {
            let Some(row) = line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |")) else {
                is_inside &= line.starts_with('|');
                continue;
            };
            let (others, cell) = row.rsplit_once(" | ").unwrap_or_default();
            if is_inside {
                faults.extend(self.fault(cell).map(|fault| (number, fault)));
                let absent = quoted(others).filter(|name| name.ends_with(".rs") && !has(&self.sources, name, "/"));
                faults.extend(absent.map(|name| (number, format!("there is no file `{name}`"))));
            } else {
                is_inside = cell == "test";
            }
        }
        faults
    }

    fn fault(&self, cell: &str) -> Option<String> {
        if cell.strip_prefix("– ").is_some_and(|reason| !reason.trim().is_empty()) {
            return None;
        }
        let mut names = quoted(cell).peekable();
        if names.peek().is_none() {
            return Some("a row names no test, and no reason after a dash".to_owned());
        }
        names.find(|name| !self.exists(name)).map(|name| format!("there is no test `{name}`"))
    }

    fn exists(&self, name: &str) -> bool {
        if let Some(command) = name.strip_prefix("cargo xtask ") {
            return ci::has_step(command);
        }
        if name.ends_with(".rs") {
            return has(&self.files, name, "/");
        }
        has(&self.functions, name, if name.contains("::") { "/" } else { "::" })
    }
}

/// Returns `true` if a path ends with `name`, behind a separator.
fn has(paths: &BTreeSet<String>, name: &str, separator: &str) -> bool {
    paths.iter().any(|path| path.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with(separator)))
}

/// Returns the pieces of a text in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_names_tests_that_exist_or_a_reason() {
        let mut tests = Tests::default();
        let source = "#[tokio::test(start_paused = true)]\n/// A remark.\nasync fn good() {\n    fn helper() {}\n}\n";
        tests.add("tests/wire/auth/gate.rs", source);
        tests.add("tests/ui/scope/wildcard.rs", "fn main() {}");
        let page = [
            "| promise | test |",
            "|---|---|",
            "| a | `good`, `gate.rs::good` and `auth/gate.rs::good` |",
            "| b | `ui/scope/wildcard.rs`, `cargo xtask budget` |",
            "| c | – the operator's |",
            "| d | `helper` |",
            "| e | `ate.rs::good` |",
            "| f | `ood` |",
            "| g | – |",
            "| h | |",
            "| i | `ui/scope/other.rs` |",
            "| j | `cargo xtask nothing` |",
            "",
            "| promise | setting |",
            "|---|---|",
            "| k | `helper` |",
            "",
            "| class | in | test |",
            "|---|---|---|",
            "| l | `scope/wildcard.rs`, `seconds` | `good` |",
            "| m | `absent.rs` | `good` |",
        ]
        .join("\n");
        let lines: Vec<_> = tests.faults(&page).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [6, 7, 8, 9, 10, 11, 12, 21]);
    }
}
