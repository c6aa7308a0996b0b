//! `cargo xtask layers`: the order of the crates, of the runtime's layers, and of the files in them.
//!
//! A layer names only those before it, and no file of the runtime imports another in a circle.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::workspace::{Outcome, Workspace, output};
use modules::Imports;

/// The framework's crates with those that each may depend on.
const CRATES: &[(&str, &[&str])] = &[
    ("mcp-core", &[]),
    ("mcp-macros", &["mcp-core"]),
    ("mcp-runtime", &["mcp-core"]),
    ("mcp-redis", &["mcp-runtime"]),
    ("mcp", &["mcp-macros", "mcp-redis", "mcp-runtime"]),
];

/// The files and folders at the top of the runtime, lowest first. Those of one line do not name each other.
const LAYERS: &[&[&str]] = &[
    &["keys", "latch", "lock", "panics"],
    &["throttle"],
    &["json"],
    &["backplane", "budget", "seal"],
    &["protocol"],
    &["json_response", "limits"],
    &["auth"],
    &["server"],
    &["transport"],
    &["testing"],
];

/// An import in a circle that stays, of one name.
struct Exception {
    file: &'static str,
    import: &'static str,
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[Exception {
    file: "server/changes/mod.rs",
    import: "NewPart",
    reason: "a part is prepared where its type is known, and its server adds it",
}];

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut imports = modules::imports(&workspace.root.join("mcp-runtime/src"))?;
    let mut mistakes = wrong_dependencies(workspace)?;
    mistakes.extend(upward(&imports));
    mistakes.extend(EXCEPTIONS.iter().filter_map(|exception| exclude(&mut imports, exception)));
    let circles = circles(&imports);
    mistakes.extend(circles.iter().map(|circle| report(&imports, circle)));
    println!(
        "{} files, {} imports between them, {} in {} circles",
        imports.len(),
        imports.values().map(BTreeMap::len).sum::<usize>(),
        circles.iter().map(BTreeSet::len).sum::<usize>(),
        circles.len()
    );
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.join("\n")) }
}

/// Returns the dependencies between the framework's crates that point elsewhere than [`CRATES`].
fn wrong_dependencies(workspace: &Workspace) -> Outcome<Vec<String>> {
    let metadata = output(&mut workspace.cargo(&["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let mut mistakes = Vec::new();
    for (name, allowed) in CRATES {
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let package = packages.into_iter().find(|package| package["name"] == *name);
        let package = package.ok_or_else(|| format!("there is no crate {name}"))?;
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let is_dev = dependency["kind"] == "dev";
            let to = dependency["name"].as_str().unwrap_or_default();
            if !is_dev && CRATES.iter().any(|(name, _)| *name == to) && !allowed.contains(&to) {
                mistakes.push(format!("{name} depends on {to}"));
            }
        }
    }
    Ok(mistakes)
}

/// Returns the imports that name a layer above, or one beside.
fn upward(imports: &Imports) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (file, targets) in imports {
        // The root only re-exports.
        let Some(from) = layer(file) else { continue };
        for (target, paths) in targets {
            if layer_name(file) != layer_name(target) && layer(target).is_none_or(|to| to >= from) {
                mistakes.push(format!("upward: {} → {}: {}", file.display(), target.display(), joined(paths)));
            }
        }
        if from == LAYERS.len() {
            mistakes.push(format!("{} is in no layer: `LAYERS` names all of them", file.display()));
        }
    }
    mistakes
}

/// Returns the number of a file's layer. The root has none, and a file without a place is above all.
fn layer(file: &Path) -> Option<usize> {
    let name = layer_name(file);
    let number = LAYERS.iter().position(|layers| layers.contains(&name.as_str())).unwrap_or(LAYERS.len());
    (name != "lib").then_some(number)
}

fn layer_name(file: &Path) -> String {
    let first: PathBuf = file.iter().take(1).collect();
    first.with_extension("").display().to_string()
}

/// Takes the import of an exception out, and returns a complaint if no circle needs it.
fn exclude(imports: &mut Imports, exception: &Exception) -> Option<String> {
    let Exception { file, import, reason } = exception;
    let targets = imports.get_mut(Path::new(file))?;
    let found = targets.iter().find(|(_, paths)| paths.contains(*import)).map(|(target, _)| target.clone());
    let Some(target) = found else {
        return Some(format!("the exception for {import} in {file} is not needed any more: there is no such import"));
    };
    let paths = targets.get_mut(&target)?;
    paths.remove(*import);
    if paths.is_empty() {
        targets.remove(&target);
    }
    let in_circle = reachable(imports, &target).contains(Path::new(file));
    (!in_circle).then(|| format!("the exception for {import} in {file} ({reason}) is not needed any more: no circle"))
}

/// Returns the sets of files that all reach each other by imports.
fn circles(imports: &Imports) -> Vec<BTreeSet<PathBuf>> {
    let mut circles: Vec<BTreeSet<PathBuf>> = Vec::new();
    for file in imports.keys() {
        let ahead = reachable(imports, file);
        if ahead.contains(file) && !circles.iter().any(|circle| circle.contains(file)) {
            circles.push(ahead.into_iter().filter(|other| reachable(imports, other).contains(file)).collect());
        }
    }
    circles
}

/// Returns the files that `file` imports, and those that they import, and so on.
fn reachable(imports: &Imports, file: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut next = vec![file];
    while let Some(file) = next.pop() {
        for target in imports.get(file).into_iter().flat_map(|targets| targets.keys()) {
            if found.insert(target.clone()) {
                next.push(target);
            }
        }
    }
    found
}

/// Describes a circle by the imports in it.
fn report(imports: &Imports, circle: &BTreeSet<PathBuf>) -> String {
    let mut text = format!("circle of {} files:", circle.len());
    for file in circle {
        for (target, paths) in imports.get(file).into_iter().flatten().filter(|(target, _)| circle.contains(*target)) {
            text += &format!("\n  {} → {}: {}", file.display(), target.display(), joined(paths));
        }
    }
    text
}

fn joined(paths: &BTreeSet<String>) -> String {
    paths.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(edges: &[(&str, &str, &str)]) -> Imports {
        let mut imports = Imports::new();
        for (file, target, name) in edges {
            imports.entry(target.into()).or_default();
            let targets = imports.entry(file.into()).or_default();
            targets.entry(target.into()).or_default().insert((*name).to_owned());
        }
        imports
    }

    #[test]
    fn a_layer_names_only_those_before_it() {
        let imports = imports(&[
            ("server/call.rs", "auth/token.rs", "AccessToken"),
            ("auth/token.rs", "server/call.rs", "Call"),
            ("budget/queue.rs", "seal/mod.rs", "Seal"),
            ("lib.rs", "server/call.rs", "Call"),
            ("other.rs", "lock.rs", "locked"),
        ]);
        assert_eq!(
            upward(&imports),
            [
                "upward: auth/token.rs → server/call.rs: Call",
                "upward: budget/queue.rs → seal/mod.rs: Seal",
                "other.rs is in no layer: `LAYERS` names all of them",
            ]
        );
    }

    #[test]
    fn a_circle_is_found_and_excepted_once() {
        let edges = [("a.rs", "b.rs", "B"), ("b.rs", "c.rs", "C"), ("c.rs", "a.rs", "A"), ("c.rs", "d.rs", "D")];
        let mut imports = imports(&edges);
        assert_eq!(
            circles(&imports).iter().map(|circle| report(&imports, circle)).collect::<Vec<_>>(),
            ["circle of 3 files:\n  a.rs → b.rs: B\n  b.rs → c.rs: C\n  c.rs → a.rs: A"]
        );
        let exception = Exception { file: "c.rs", import: "A", reason: "it is a test" };
        assert_eq!(exclude(&mut imports, &exception), None);
        assert!(circles(&imports).is_empty());
        for unneeded in [Exception { import: "D", ..exception }, exception] {
            assert!(exclude(&mut imports, &unneeded).is_some_and(|complaint| complaint.contains("not needed")));
        }
    }
}
