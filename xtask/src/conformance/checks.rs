//! The checks that the suite reports.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::workspace::Outcome;

/// The checks that can't or shouldn't succeed: start of the scenario's name, check, outcome and reason.
const EXPECTED: &[(&str, &str, Status, &str)] = &[
    ("sep-2640-skills-", "", Status::Skipped, "the extension for skills is not one of the protocol yet"),
    ("tasks-status-notifications", "", Status::Skipped, "the suite has nothing to check there"),
    ("server-sse-polling", "incoming-", Status::Info, "what was received, for people"),
    ("server-sse-polling", "outgoing-", Status::Info, "what was sent, for people"),
    ("server-sse-polling", "stream-closed", Status::Info, "that the server did what it should, for people"),
];

/// A check and its outcome.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    #[serde(skip)]
    scenario: String,
    id: String,
    status: Status,
    #[serde(default)]
    error_message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Success,
    Info,
    Skipped,
    Warning,
    Failure,
}

impl Finding {
    pub(super) fn is_expected(&self) -> bool {
        let mut expected = EXPECTED.iter().filter(|(_, _, status, _)| *status == self.status);
        self.status == Status::Success
            || expected.any(|(scenario, id, ..)| self.scenario.starts_with(scenario) && self.id.starts_with(id))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = self.error_message.as_deref().unwrap_or_default();
        write!(f, "{}, {}: {:?} {why}", self.scenario, self.id, self.status)
    }
}

/// The number of checks with each outcome.
#[derive(Default)]
pub(super) struct Count {
    pub(super) success: usize,
    pub(super) info: usize,
    pub(super) skipped: usize,
    pub(super) warning: usize,
    pub(super) failure: usize,
}

impl Count {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut count = Self::default();
        for finding in findings {
            *match finding.status {
                Status::Success => &mut count.success,
                Status::Info => &mut count.info,
                Status::Skipped => &mut count.skipped,
                Status::Warning => &mut count.warning,
                Status::Failure => &mut count.failure,
            } += 1;
        }
        count
    }
}

/// Reads the checks of a run from its folders, one for each scenario.
pub(super) fn read(results: &Path) -> Outcome<Vec<Finding>> {
    let failed = |path: &Path, error: &dyn fmt::Display| format!("{}: {error}", path.display());
    let mut findings = Vec::new();
    for entry in fs::read_dir(results).map_err(|error| failed(results, &error))? {
        let folder = entry.map_err(|error| failed(results, &error))?.path();
        let path = folder.join("checks.json");
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
        let mut checks: Vec<Finding> = serde_json::from_str(&text).map_err(|error| failed(&path, &error))?;
        let scenario = scenario(&folder);
        checks.iter_mut().for_each(|check| check.scenario.clone_from(&scenario));
        findings.append(&mut checks);
    }
    findings.sort_by(|a, b| (&a.scenario, &a.id).cmp(&(&b.scenario, &b.id)));
    Ok(findings)
}

/// Returns the scenario of a folder `server-SCENARIO-2026-01-02T03-04-05-678Z`.
fn scenario(folder: &Path) -> String {
    const TIME: usize = "-2026-01-02T03-04-05-678Z".len();
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_prefix("server-").unwrap_or(&name);
    name.get(..name.len().saturating_sub(TIME)).unwrap_or(name).to_owned()
}
