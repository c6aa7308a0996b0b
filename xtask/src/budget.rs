//! `cargo xtask budget`: the number of crates that a server with the default features is built from.

use std::collections::BTreeSet;

use crate::workspace::{Outcome, Workspace, output};

/// Limits the number of crates, the framework's own included.
const MOST_CRATES: usize = 62;

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let tree = output(&mut workspace.cargo(&[
        "tree",
        "--package=mcp",
        "--edges=normal,build",
        "--prefix=none",
        "--format={p}",
    ]))?;
    // A line is a name, a version and remarks; a crate that is needed twice has two lines.
    let crates: BTreeSet<Vec<&str>> = tree.lines().map(|line| line.split_whitespace().take(2).collect()).collect();
    println!("{} crates, the framework's own included; {MOST_CRATES} are allowed", crates.len());
    if crates.len() <= MOST_CRATES { Ok(()) } else { Err(format!("more than {MOST_CRATES} crates:\n{tree}")) }
}
