//! The figures in the repository, which a change must not make worse without saying so.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::counted::Metric;
use super::rows::Row;
use crate::workspace::{Outcome, Workspace, output};

/// How much more than the figure in the repository is still the same.
const MARGIN: f64 = 1.03;

#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Figures {
    /// What compiled the servers that were counted, as `rustc --version` says it.
    pub(crate) rustc: String,
    /// What each row cost, by the name of what is counted and that of the row.
    #[serde(flatten)]
    counts: BTreeMap<String, BTreeMap<String, f64>>,
}

impl Figures {
    /// None yet, from the compiler that is there.
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

    /// Whether `figure` is no worse than what is known about the row.
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

/// The compiler that is there.
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
