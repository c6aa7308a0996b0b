//! The figures in the repository, which a change must not make worse unnoticed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::counted::Metric;
use super::rows::Row;
use crate::workspace::{Outcome, Workspace, output};

/// The factor up to which a count equals the figure in the repository.
const MARGIN: f64 = 1.03;

#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Figures {
    /// The output of `rustc --version` for the compiler of the counted servers.
    pub(crate) rustc: String,
    /// The costs of the rows, by the names of metric and row.
    #[serde(flatten)]
    counts: BTreeMap<String, BTreeMap<String, f64>>,
}

impl Figures {
    /// Creates an empty set of figures for the installed compiler.
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self { rustc: rustc()?, counts: BTreeMap::new() })
    }

    pub(crate) fn read(workspace: &Workspace) -> Outcome<Self> {
        let path = path(workspace);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn write(&self, workspace: &Workspace) -> Outcome {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        let path = path(workspace);
        fs::write(&path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn insert(&mut self, row: &Row, figure: f64) {
        self.counts.entry(row.metric.name().to_owned()).or_default().insert(row.what.to_owned(), figure.round());
    }

    pub(crate) fn of(&self, row: &Row) -> Option<f64> {
        self.counts.get(row.metric.name())?.get(row.what).copied()
    }

    /// Returns `true` if `figure` is no worse than the stored one of the row.
    pub(crate) fn allow(&self, row: &Row, figure: f64) -> bool {
        self.of(row).is_some_and(|known| figure <= known * MARGIN)
    }
}

impl Metric {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
            Self::SystemCalls => "system calls",
        }
    }
}

/// Returns the version of the installed compiler.
pub(crate) fn rustc() -> Outcome<String> {
    Ok(output(Command::new("rustc").arg("--version"))?.trim().to_owned())
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join("benches/figures.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_compiler_beside_the_counts() {
        let text = r#"{"rustc":"rustc 1.95.0","instructions":{"a call":35365.0}}"#;
        let figures: Figures = serde_json::from_str(text).expect("this is how they are stored");
        assert_eq!(figures.rustc, "rustc 1.95.0");
        assert_eq!(figures.counts["instructions"]["a call"], 35365.0);
        assert_eq!(serde_json::to_string(&figures).expect("they can be stored"), text);
    }
}
