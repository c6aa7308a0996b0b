//! `cargo xtask ci`: all checks that have to pass before a change is merged.

use std::time::{Duration, Instant};

use crate::workspace::{Outcome, Workspace, output, run as run_program};
use crate::{
    attack, bench, budget, conformance, deny, fuzz, interop, layers, prose, public_api, replicas, restarts,
    side_by_side, soak, supply, verdicts,
};

type Step = fn(&Workspace) -> Outcome;

/// The checks, of which quick ones that fail often come first.
const STEPS: &[(&str, Step)] = &[
    ("format", format),
    ("locks", locks),
    ("layers", layers::run),
    ("prose", prose::run),
    ("clippy", clippy),
    ("features", features),
    ("docs", docs),
    ("public-api", public_api::run),
    ("test", test),
    ("budget", budget::run),
    ("deny", deny::run),
    ("supply", supply::run),
    ("fuzz", fuzz::smoke),
    ("verdicts", verdicts::quick),
    ("attack", attack::quick),
    ("bench", bench::quick),
    ("conformance", conformance::run),
    ("soak", soak::quick),
    ("restarts", restarts::quick),
    ("replicas", replicas::quick),
    ("interop", interop::run),
];

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut durations: Vec<(&str, Duration)> = Vec::new();
    for (name, step) in STEPS {
        println!("\n=== {name}");
        let start = Instant::now();
        step(workspace).map_err(|error| {
            format!("\n=== ci failed in {name} after {:.1} s: {error}", start.elapsed().as_secs_f64())
        })?;
        println!("=== {name} passed in {:.1} s", start.elapsed().as_secs_f64());
        durations.push((name, start.elapsed()));
    }
    println!("\n=== ci passed in {:.0} s", durations.iter().map(|(_, took)| took.as_secs_f64()).sum::<f64>());
    for (name, took) in durations {
        println!("{name:<13}{:>7.1} s", took.as_secs_f64());
    }
    Ok(())
}

/// Returns `true` for the name of a step.
pub(crate) fn has_step(name: &str) -> bool {
    STEPS.iter().any(|(step, _)| *step == name)
}

/// Returns the manifests of the workspaces beside the main one.
fn own_workspaces() -> impl Iterator<Item = String> {
    let others = [interop::RMCP_MANIFEST, interop::RMCP_SERVER_MANIFEST, fuzz::MANIFEST].map(str::to_owned);
    bench::manifests().into_iter().chain(others)
}

fn format(workspace: &Workspace) -> Outcome {
    run_program(&mut workspace.cargo(&["fmt", "--all", "--check"]))?;
    for manifest in own_workspaces() {
        run_program(&mut workspace.cargo(&["fmt", "--check", "--manifest-path", &manifest]))?;
    }
    Ok(())
}

/// Checks that each `Cargo.lock` is up to date, because the steps that need it come late.
fn locks(workspace: &Workspace) -> Outcome {
    for manifest in own_workspaces().chain(["Cargo.toml".to_owned()]) {
        output(&mut workspace.cargo(&["metadata", "--format-version=1", "--locked", "--manifest-path", &manifest]))?;
    }
    Ok(())
}

fn clippy(workspace: &Workspace) -> Outcome {
    run_program(&mut workspace.cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "--deny=warnings",
    ]))
}

/// Checks each feature alone, because every transport and verifier has to work without the others.
fn features(workspace: &Workspace) -> Outcome {
    for features in
        ["", "http", "axum", "stdio", "jwt", "es512", "introspection", "exchange", "opentelemetry", "redis", "testing"]
    {
        println!("--no-default-features --features \"{features}\"");
        run_program(&mut workspace.cargo(&[
            "clippy",
            "--package=mcp",
            "--package=mcp-runtime",
            "--no-default-features",
            "--features",
            features,
            "--",
            "--deny=warnings",
        ]))?;
    }
    Ok(())
}

/// Checks the documentation with private items for maintainers, then without them for users.
fn docs(workspace: &Workspace) -> Outcome {
    let inside = ["--workspace", "--document-private-items"];
    let outside = ["--package=mcp", "--package=mcp-core", "--package=mcp-redis", "--package=mcp-runtime"];
    for (crates, flags) in
        [(inside.as_slice(), "--deny=warnings --allow=rustdoc::private_intra_doc_links"), (&outside, "--deny=warnings")]
    {
        let mut doc = workspace.cargo(&["doc", "--no-deps", "--all-features"]);
        run_program(doc.args(crates).env("RUSTDOCFLAGS", flags))?;
    }
    Ok(())
}

/// Runs the tests with the command of the README, and those of the guide, which also has a page about Redis.
///
/// The compile-fail tests use one processor, and run beside the others.
fn test(workspace: &Workspace) -> Outcome {
    let test = |arguments: &[&str]| {
        let mut cargo = workspace.cargo(&["test", "--workspace", "--features=mcp/redis"]);
        run_program(cargo.args(arguments))
    };
    test(&["--no-run"])?;
    side_by_side::both(
        || test(&["--test=ui"]),
        || test(&["--", "--skip=misuse_does_not_compile", "--skip=valid_programs_compile_without_a_warning"]),
    )?;
    Ok(())
}
