//! `cargo xtask public-api`: the public API of `mcp` as a text, and the types of other crates in it.
//!
//! The facade re-exports other crates, whose items are listed under the facade's name. Hidden items are no part of the API.

use std::collections::BTreeSet;
use std::fs;

use public_api::PublicItem;

use crate::workspace::{Outcome, Workspace, run as run_program};

/// The file with the API, one item a line.
const FILE: &str = "docs/public-api.txt";

const FACADE: &str = "mcp";

/// The crates that the facade re-exports.
const INNER: [&str; 2] = ["mcp_runtime", "mcp_redis"];

/// The types and traits of other crates that the API names: a new major version of one of these is one of `mcp`.
const FOREIGN: &[Foreign] = &[
    Foreign { name: "axum", items: &["routing::Router"], reason: "`Http::router` gives the routes to an app" },
    Foreign {
        name: "axum_core",
        items: &["extract::FromRequestParts"],
        reason: "routes of an app take the token of their caller",
    },
    Foreign { name: "bytes", items: &["bytes::Bytes"], reason: "`TestClient` sends any body" },
    Foreign {
        name: "http",
        items: &[
            "extensions::Extensions",
            "header::map::HeaderMap",
            "header::value::HeaderValue",
            "request::Parts",
            "request::Request",
            "response::Response",
            "status::StatusCode",
        ],
        reason: "handlers, extractors, pages and services behind a layer see the request, and a token is a header",
    },
    Foreign { name: "http_body", items: &["Body"], reason: "a layer passes bodies on" },
    Foreign {
        name: "schemars",
        items: &["JsonSchema", "generate::SchemaGenerator", "schema::Schema"],
        reason: "users derive the schemas of their types",
    },
    Foreign {
        name: "serde_core",
        items: &["de::Deserialize", "de::DeserializeOwned", "ser::Serialize"],
        reason: "users derive how their types are read and written",
    },
    Foreign {
        name: "serde_json",
        items: &["error::Error", "map::Map", "raw::RawValue", "value::Value"],
        reason: "claims, arguments and results can be JSON without a type",
    },
    Foreign {
        name: "tokio",
        items: &[
            "io::async_read::AsyncRead",
            "io::async_write::AsyncWrite",
            "net::addr::ToSocketAddrs",
            "net::tcp::listener::TcpListener",
        ],
        reason: "it is the asynchronous runtime that servers run on",
    },
    Foreign { name: "tower_layer", items: &["Layer"], reason: "`BearerLayer` fits into any stack of layers" },
    Foreign { name: "tower_service", items: &["Service"], reason: "`BearerLayer` protects any service" },
];

/// A crate with the items of it that the API may name.
struct Foreign {
    name: &'static str,
    items: &'static [&'static str],
    reason: &'static str,
}

/// Compares the API with its file.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let api = api(workspace)?;
    let path = workspace.root.join(FILE);
    let stored = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (now, before): (BTreeSet<&str>, BTreeSet<&str>) = (api.lines().collect(), stored.lines().collect());
    let removed = before.difference(&now).map(|line| format!("- {line}\n"));
    let added = now.difference(&before).map(|line| format!("+ {line}\n"));
    let change: String = removed.chain(added).collect();
    if api == stored {
        return Ok(());
    }
    Err(format!("the public API is not the one in {FILE}; if that is meant, add --bless\n{change}"))
}

/// Writes the API to its file.
pub(crate) fn bless(workspace: &Workspace) -> Outcome {
    let path = workspace.root.join(FILE);
    fs::write(&path, api(workspace)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the lines of the API, if it names no further types of other crates.
fn api(workspace: &Workspace) -> Outcome<String> {
    let facade = lines(workspace, FACADE)?;
    let inner: Vec<Vec<String>> = INNER.iter().map(|name| lines(workspace, name)).collect::<Outcome<_>>()?;
    let inner_names: BTreeSet<&str> = INNER.iter().zip(&inner).flat_map(|(name, lines)| names(lines, name)).collect();
    let lacking: Vec<_> = inner_names.difference(&names(&facade, FACADE)).copied().collect();
    if !lacking.is_empty() {
        return Err(format!("public in an inner crate, and not re-exported by `mcp`: {}", lacking.join(", ")));
    }
    check_foreign(inner.iter().flatten())?;
    let own = facade.iter().filter(|line| name(line, FACADE).is_none_or(|name| !inner_names.contains(name)));
    let inner = inner.iter().flat_map(|lines| lines.iter().skip(1)).map(|line| through_facade(line, &inner_names));
    Ok(own.cloned().chain(inner).map(|line| line + "\n").collect())
}

/// Writes a line of an inner crate with the paths of the facade, where a hidden item has its bare name.
fn through_facade(line: &str, names: &BTreeSet<&str>) -> String {
    INNER.iter().fold(line.to_owned(), |line, inner| {
        let mut text = String::new();
        let mut rest = &*line;
        while let Some((before, after)) = rest.split_once(&format!("{inner}::")) {
            let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(after.len());
            let (path, tail) = after.split_at(after[..end].trim_end_matches(':').len());
            let is_public = path.split("::").next().is_some_and(|first| names.contains(first));
            let path = if is_public { &format!("mcp::{path}") } else { path.rsplit("::").next().unwrap_or(path) };
            text.extend([before, path]);
            rest = tail;
        }
        text + rest
    })
}

/// Returns the items of a crate as lines, of which the first is the crate.
fn lines(workspace: &Workspace, name: &str) -> Outcome<Vec<String>> {
    // A folder of its own, because build scripts run again when the variable is set.
    let target = workspace.target.join("public-api");
    let package = format!("--package={}", name.replace('_', "-"));
    let rustdoc = ["--", "-Zunstable-options", "--output-format=json", "--cap-lints=allow"];
    run_program(
        workspace
            .cargo(&["rustdoc", &package, "--lib", "--all-features", "--quiet"])
            .args(rustdoc)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", &target),
    )?;
    let json = target.join("doc").join(name).with_extension("json");
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()
        .map_err(|error| format!("{error}\nxtask/Cargo.toml has the version of `public-api` for another compiler"))?;
    let items: Vec<(&PublicItem, String)> = api.items().map(|item| (item, item.to_string())).collect();
    let trait_impls: BTreeSet<u32> = items
        .iter()
        .filter(|(_, line)| line.starts_with("impl") && line.contains(" for "))
        .map(|(item, _)| item.id().0)
        .collect();
    // The trait says what the functions of its implementations are.
    let is_implied = |item: &PublicItem, line: &str| {
        let is_function = line.split_whitespace().take(4).any(|word| word == "fn");
        is_function && item.parent_id().is_some_and(|parent| trait_impls.contains(&parent.0))
    };
    Ok(items
        .iter()
        .filter(|(item, line)| !is_implied(item, line) && !line.contains(" core::marker::StructuralPartialEq "))
        .map(|(_, line)| line.clone())
        .collect())
}

/// Returns the names of the items at the top of a crate.
fn names<'a>(lines: &'a [String], of_crate: &str) -> BTreeSet<&'a str> {
    lines.iter().filter_map(|line| name(line, of_crate)).collect()
}

/// Returns the name of an item if it is at the top of its crate.
fn name<'a>(line: &'a str, of_crate: &str) -> Option<&'a str> {
    let (kind, path) = line.split_once(&format!(" {of_crate}::"))?;
    let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(path.len());
    let is_item = kind.split_whitespace().any(|word| word == "pub") && !path[end..].starts_with("::");
    is_item.then_some(&path[..end])
}

/// Compares the items of other crates that these lines name with [`FOREIGN`].
fn check_foreign<'a>(lines: impl Iterator<Item = &'a String>) -> Outcome {
    let found: BTreeSet<&str> = lines.flat_map(|line| foreign(line)).collect();
    let allowed: Vec<(String, &str)> = FOREIGN
        .iter()
        .flat_map(|of| of.items.iter().map(move |item| (format!("{}::{item}", of.name), of.reason)))
        .collect();
    let unknown = found.iter().filter(|path| !allowed.iter().any(|(known, _)| known == *path));
    let unknown = unknown.map(|path| format!("the public API names {path}, which `FOREIGN` does not allow"));
    let unneeded = allowed.iter().filter(|(path, _)| !found.contains(path.as_str()));
    let unneeded = unneeded.map(|(path, reason)| format!("the public API no longer names {path} ({reason})"));
    let mistakes: Vec<String> = unknown.chain(unneeded).collect();
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.join("\n")) }
}

/// Returns the paths in a line that begin in another crate than those of the framework and of Rust.
fn foreign(line: &str) -> impl Iterator<Item = &str> {
    let paths = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    paths.map(|path| path.trim_matches(':')).filter(|path| {
        let first = path.split_once("::").map_or("", |(first, _)| first);
        first.starts_with(char::is_lowercase) && !["alloc", "core", "std"].contains(&first) && !INNER.contains(&first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_items_at_the_top() {
        let lines = [
            "pub mod mcp_runtime",
            "pub use mcp_runtime::http",
            "#[non_exhaustive] pub struct mcp_runtime::Http<S, G = mcp_runtime::Anyone>",
            "pub async fn mcp_runtime::Http<S, G>::serve(self, impl tokio::net::ToSocketAddrs) -> std::io::Result<()>",
            "impl core::fmt::Debug for mcp_runtime::Http",
        ]
        .map(str::to_owned);
        assert_eq!(names(&lines, INNER[0]).into_iter().collect::<Vec<_>>(), ["Http", "http"]);
        assert_eq!(
            through_facade(
                "impl mcp_runtime::Block<mcp_runtime::server::role::OfOpen> for mcp_redis::Redis",
                &["Block", "Redis"].into()
            ),
            "impl mcp::Block<OfOpen> for mcp::Redis"
        );
        assert_eq!(foreign(&lines[3]).collect::<Vec<_>>(), ["tokio::net::ToSocketAddrs"]);
    }
}
