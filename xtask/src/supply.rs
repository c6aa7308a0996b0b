//! `cargo xtask supply`: spelling, unused dependencies, the oldest dependencies, and the packages for the registry.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::interop::python::Python;
use crate::workspace::{Outcome, Workspace, run as run_program};

/// The published crates, each behind those that it needs.
const PACKAGES: [&str; 5] = ["mcp-core", "mcp-macros", "mcp-runtime", "mcp-redis", "mcp"];

/// The package of the spelling checker, whose settings are in `typos.toml`.
const TYPOS: &str = "xtask/supply/requirements.txt";

const MACHETE: &str = "0.9.2";

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    spelling(workspace)?;
    unused_dependencies(workspace)?;
    packages(workspace)?;
    oldest_dependencies(workspace)
}

fn spelling(workspace: &Workspace) -> Outcome {
    let folder = workspace.target.join("tools/typos");
    Python::install(workspace, TYPOS, &folder)?;
    run_program(Command::new(folder.join("bin/typos")).current_dir(&workspace.root))
}

fn unused_dependencies(workspace: &Workspace) -> Outcome {
    let machete = workspace.install("cargo-machete", MACHETE)?;
    run_program(Command::new(machete).current_dir(&workspace.root))
}

/// Builds each package on its own, and packs it twice, which has to give the same bytes.
fn packages(workspace: &Workspace) -> Outcome {
    let pack = |options: &[&str]| -> Outcome<BTreeMap<&str, Vec<u8>>> {
        let mut cargo = workspace.cargo(&["package", "--locked", "--allow-dirty"]);
        cargo.args(PACKAGES.map(|name| format!("--package={name}")));
        run_program(cargo.args(options))?;
        let version = env!("CARGO_PKG_VERSION");
        let file = |name: &str| workspace.target.join(format!("package/{name}-{version}.crate"));
        PACKAGES.into_iter().map(|name| Ok((name, read(&file(name))?))).collect()
    };
    let first = pack(&[])?;
    let second = pack(&["--no-verify"])?;
    let differing: Vec<_> = PACKAGES.into_iter().filter(|name| first.get(name) != second.get(name)).collect();
    if differing.is_empty() { Ok(()) } else { Err(format!("packed twice, these differ: {}", differing.join(", "))) }
}

/// Compiles the library with the oldest version of each direct dependency that its manifest allows.
fn oldest_dependencies(workspace: &Workspace) -> Outcome {
    let copy = workspace.target.join("oldest");
    _ = fs::remove_dir_all(&copy);
    fs::create_dir_all(&copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    // The lock file of the workspace stays as it is.
    let mut archive = Command::new("git");
    let mut archive = archive
        .args(["archive", "HEAD"])
        .current_dir(&workspace.root)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("git: {error}"))?;
    let files = archive.stdout.take().ok_or("git has no output")?;
    let unpacked = Command::new("tar").arg("-x").current_dir(&copy).stdin(files).status();
    let (archived, unpacked) = (archive.wait(), unpacked);
    if ![archived, unpacked].into_iter().all(|status| status.is_ok_and(|status| status.success())) {
        return Err("the workspace could not be copied".to_owned());
    }
    // The programs beside the library are not published, and may need newer versions.
    let manifest = copy.join("Cargo.toml");
    let text = String::from_utf8_lossy(&read(&manifest)?).into_owned();
    let members = r#"members = ["mcp-core", "mcp-macros", "mcp-redis", "mcp-runtime"]"#;
    let lines: Vec<_> = text.lines().map(|line| if line.starts_with("members = ") { members } else { line }).collect();
    fs::write(&manifest, lines.join("\n")).map_err(|error| format!("{}: {error}", manifest.display()))?;
    // Cargo can choose the oldest versions only as an unstable feature.
    let cargo = |arguments: &[&str]| {
        let mut cargo = workspace.cargo(arguments);
        cargo.current_dir(&copy).env("CARGO_TARGET_DIR", copy.join("target")).env("RUSTC_BOOTSTRAP", "1");
        cargo
    };
    run_program(&mut cargo(&["-Zdirect-minimal-versions", "update"]))?;
    run_program(&mut cargo(&["check", "--package=mcp", "--all-features"]))
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
