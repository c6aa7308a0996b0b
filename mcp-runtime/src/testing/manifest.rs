//! A text of who may do what on a server, kept beside its source.

use std::io;
use std::path::Path;
use std::time::Duration;

use mcp_core::Dpop;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::auth::ProtectedResource;
use crate::auth::gate::Gate;
use crate::protocol::version::ProtocolVersion;
use crate::server::{CompletionTarget, Item, PreparedPrompt, PreparedTool, Server, Service, TaskSupport};
use crate::transport::http::Http;

/// Asserts that the rights on a server are those in a file.
///
/// The file has issuers, resource, `dpop` and scopes, and a line for each item of the server and its parts, hidden or not. A
/// line has the scopes that the item needs, its guards, the APIs that it calls in the name of its caller, its rate, its
/// time limit, its annotations, and a digest of its
/// schema. So a change of who may do what is a line in a review.
///
/// `SNAPSHOTS=overwrite cargo test` writes the file. A relative `path` begins at the folder of the package, where cargo
/// runs tests.
///
/// The order of the lines does not depend on that of the source, and a new item changes no other line. A part that is
/// added while the server runs is not in the file. A URI of a template can need more than the template, if it could mean
/// another item, too.
///
/// ```no_run
/// use mcp::testing::assert_manifest;
/// use mcp::{AccessToken, Http, StaticTokens};
///
/// # struct Notes;
/// # #[mcp::server(
/// #     issuer = "https://auth.example.com",
/// #     resource = "https://notes.example.com/mcp",
/// #     scopes = ["notes:read"],
/// # )]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// // In a `#[test]`, with what `main` serves:
/// let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))]);
/// assert_manifest(&Http::protected(Notes, tokens), "notes.manifest");
/// ```
///
/// # Panics
/// There is no such file, or it has another text. The message has the lines that differ.
#[track_caller]
#[expect(private_bounds, reason = "the two gates are chosen by the constructors of `Http`")]
#[expect(clippy::panic, reason = "a mistake in a test fails the test")]
pub fn assert_manifest<S: Server, G: Gate>(http: &Http<S, G>, path: impl AsRef<Path>) {
    let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|mode| mode == "overwrite");
    let mut text =
        format!("# Who may do what on `{}`. `SNAPSHOTS=overwrite cargo test` writes this file anew.\n\n", S::INFO.name);
    match http.resource() {
        Some(resource) => push_protection(&mut text, resource),
        None => text.push_str(&format!("open to anyone at {}\n", http.open_path())),
    }
    if let Some(rate) = http.service().catalog().rate() {
        text.push_str(&format!("rate {rate}\n"));
    }
    if let Some(limit) = http.service().time_limit() {
        text.push_str(&format!("{}\n", timeout(limit)));
    }
    push_items(&mut text, http.service());
    if let Err(difference) = compare(&text, path.as_ref(), overwrite) {
        panic!("{difference}");
    }
}

fn push_protection(text: &mut String, resource: &ProtectedResource) {
    text.push_str(&format!("resource {}\n", resource.url));
    for issuer in &resource.issuers {
        text.push_str(&format!("issuer {issuer}\n"));
    }
    match resource.dpop() {
        Dpop::Refused => {}
        Dpop::Accepted => text.push_str("dpop accepted\n"),
        Dpop::Required => text.push_str("dpop required\n"),
    }
    for scope in resource.required() {
        text.push_str(&format!("required scope {scope}\n"));
    }
    for scope in resource.optional() {
        text.push_str(&format!("optional scope {scope}\n"));
    }
    for scope in resource.extra() {
        text.push_str(&format!("extra scope {scope}\n"));
    }
    if let Some(prefix) = resource.scope_prefix() {
        text.push_str(&format!("scope prefix {prefix}\n"));
    }
    let pairs =
        resource.hierarchy().0.iter().flat_map(|(narrow, broader)| broader.iter().map(move |broad| (broad, narrow)));
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_unstable();
    for (broad, narrow) in pairs {
        text.push_str(&format!("scope {broad} includes {narrow}\n"));
    }
}

/// Writes a paragraph for each kind of item, with sorted lines.
fn push_items(text: &mut String, service: &Service) {
    let (blocks, catalog) = (service.blocks(), service.catalog());
    // A template that has the URI, too, can make it need more.
    let of_uri = |item: &Item| catalog.scopes_of_uri(item.key).unwrap_or_else(|| item.needed.scopes().to_vec());
    let rules = |item: &Item| {
        let guards = item.guards.iter().map(|guard| format!("guard {guard}"));
        let rate = catalog.rate_of(item).map(|rate| format!("rate {rate}"));
        let calls = item.targets.iter().map(|target| format!("calls {target}"));
        guards.chain(calls).chain(rate).chain(item.time_limit.own().map(timeout)).collect::<Vec<_>>()
    };
    let tools = blocks.iter().flat_map(|block| &block.tools).map(|tool| {
        let disabled = service.is_disabled(tool.item.key).then(|| "disabled".to_owned());
        let details = disabled.into_iter().chain(rules(&tool.item)).chain(tool_details(tool));
        line("tool", &tool.item, tool.item.needed.scopes(), details)
    });
    let resources = |fixed: bool| {
        let resources = blocks.iter().flat_map(|block| &block.resources);
        resources.filter(move |(uri, _)| uri.is_fixed() == fixed).map(|(_, resource)| &resource.item)
    };
    let prompts = blocks.iter().flat_map(|block| &block.prompts);
    let completions = blocks.iter().flat_map(|block| &block.completions).map(|completion| {
        let (kind, key) = match completion.of {
            CompletionTarget::Prompt(name) => ("prompt", name),
            CompletionTarget::Resource(template) => ("template", template),
        };
        let mut of = prompts.clone().map(|prompt| &prompt.item).chain(resources(false));
        let needed =
            of.find(|item| item.key == key).map_or("nobody reaches it".to_owned(), |item| needs(item.needed.scopes()));
        let timeout = completion.time_limit.own().map(|limit| format!(", {}", timeout(limit))).unwrap_or_default();
        let calls: String = completion.targets.iter().map(|target| format!(", calls {target}")).collect();
        format!("completion of {} for {kind} {} {needed}{calls}{timeout}\n", word(completion.argument), word(key))
    });
    let paragraphs: [Vec<String>; 5] = [
        tools.collect(),
        resources(true).map(|item| line("resource", item, &of_uri(item), rules(item))).collect(),
        resources(false).map(|item| line("template", item, item.needed.scopes(), rules(item))).collect(),
        prompts
            .clone()
            .map(|prompt| {
                let details = rules(&prompt.item).into_iter().chain(prompt_details(prompt));
                line("prompt", &prompt.item, prompt.item.needed.scopes(), details)
            })
            .collect(),
        completions.collect(),
    ];
    for mut lines in paragraphs.into_iter().filter(|lines| !lines.is_empty()) {
        lines.sort_unstable();
        text.push('\n');
        text.extend(lines);
    }
}

fn line(kind: &str, item: &Item, scopes: &[&str], details: impl IntoIterator<Item = String>) -> String {
    let mut line = format!("{kind} {} {}", word(item.key), needs(scopes));
    for detail in item.hidden.then(|| "hidden".to_owned()).into_iter().chain(details) {
        line.push_str(&format!(", {detail}"));
    }
    line + "\n"
}

fn timeout(limit: Duration) -> String {
    match limit.subsec_nanos() {
        0 => format!("timeout {}s", limit.as_secs()),
        _ => format!("timeout {}ms", limit.as_millis()),
    }
}

fn needs(scopes: &[&str]) -> String {
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    if scopes.is_empty() { "needs nothing".to_owned() } else { format!("needs {}", scopes.join(" ")) }
}

/// Returns the effects of a tool, and the digest of its schemas.
fn tool_details(tool: &PreparedTool) -> Vec<String> {
    let definition = definition(&tool.item);
    let mut details = Vec::new();
    for (key, hint) in [
        ("read_only", "readOnlyHint"),
        ("destructive", "destructiveHint"),
        ("idempotent", "idempotentHint"),
        ("open_world", "openWorldHint"),
    ] {
        match definition["annotations"][hint].as_bool() {
            Some(true) => details.push(key.to_owned()),
            Some(false) => details.push(format!("{key} = false")),
            None => {}
        }
    }
    match tool.task {
        TaskSupport::Never => {}
        TaskSupport::Optional => details.push("task".to_owned()),
        TaskSupport::Required => details.push("task = \"required\"".to_owned()),
    }
    details.push(format!("schema {}", digest_of(&json!([definition["inputSchema"], definition["outputSchema"]]))));
    details
}

fn prompt_details(prompt: &PreparedPrompt) -> Option<String> {
    let arguments = &definition(&prompt.item)["arguments"];
    arguments.as_array().filter(|all| !all.is_empty())?;
    Some(format!("arguments {}", digest_of(arguments)))
}

#[expect(clippy::expect_used, reason = "definitions are written by this crate")]
fn definition(item: &Item) -> Value {
    serde_json::from_slice(item.definition(ProtocolVersion::V2026_07_28)).expect("a definition is JSON")
}

/// Returns the first 16 digits of the SHA-256 of a document.
fn digest_of(json: &Value) -> String {
    let mut text = String::new();
    push_canonical(&mut text, json);
    digest(&SHA256, text.as_bytes()).as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a document with sorted members, whatever order `serde_json` has.
fn push_canonical(text: &mut String, json: &Value) {
    let mut separator = "";
    match json {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in members {
                text.push_str(&format!("{separator}{}:", json!(name)));
                push_canonical(text, value);
                separator = ",";
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                text.push_str(separator);
                push_canonical(text, item);
                separator = ",";
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

/// Returns a name as one word of a line, in quotes if necessary.
fn word(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | ',');
    if !name.is_empty() && name.chars().all(is_plain) { name.to_owned() } else { format!("{name:?}") }
}

/// Compares a manifest with its file, or writes the file. The error has the lines that differ.
fn compare(served: &str, path: &Path, overwrite: bool) -> Result<(), String> {
    let shown = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let shown = shown.display();
    if overwrite {
        return std::fs::write(path, served).map_err(|error| format!("the manifest {shown} can't be written: {error}"));
    }
    let kept = match std::fs::read_to_string(path) {
        Ok(kept) => kept,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!(
                "there is no manifest {shown}; `SNAPSHOTS=overwrite cargo test` writes it, with this text:\n\n{served}"
            ));
        }
        Err(error) => return Err(format!("the manifest {shown} can't be read: {error}")),
    };
    // By lines, because Git may give a file other ends of lines.
    if kept.lines().eq(served.lines()) {
        return Ok(());
    }
    let is_in = |text: &str, line: &str| text.lines().any(|other| other == line);
    let gone = kept.lines().filter(|line| !is_in(served, line)).map(|line| (line, '-'));
    let new = served.lines().filter(|line| !is_in(&kept, line)).map(|line| (line, '+'));
    let mut changes: Vec<(&str, char)> = gone.chain(new).collect();
    // The old form of a line stands above the new one.
    changes.sort_by_key(|(line, sign)| (line.split(" needs ").next(), *sign == '+'));
    let changes = match &*changes {
        [] => "the same lines, in another order or not as often\n".to_owned(),
        changes => changes.iter().map(|(line, sign)| format!("{sign} {line}\n")).collect(),
    };
    Err(format!(
        "the manifest {shown} differs from what is served:\n\n{changes}\n`-` is in the file, `+` is served; if the change is \
         meant, `SNAPSHOTS=overwrite cargo test` writes the file anew"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_does_not_depend_on_the_order_of_members() {
        let digest = |json: &str| digest_of(&serde_json::from_str(json).unwrap());
        let one = digest(r#"{"a": [1, {"c": "x", "b": null}], "b": true}"#);
        assert_eq!(one, digest(r#"{"b":true,"a":[1,{"b":null,"c":"x"}]}"#));
        assert_ne!(one, digest(r#"{"b":true,"a":[{"b":null,"c":"x"},1]}"#));
        // Of `[]`.
        assert_eq!(digest("[ ]"), "4f53cda18c2baa0c");
    }

    #[test]
    fn no_name_says_more_than_one_word() {
        for name in ["list_notes", "library://loans/{reader}", "a:b.c-d"] {
            assert_eq!(word(name), name);
        }
        for name in ["", "a needs nothing", "a\nb", "a,hidden", "é"] {
            assert_eq!(word(name), format!("{name:?}"));
        }
        assert_eq!(word("a\nb"), r#""a\nb""#);
    }

    #[test]
    fn a_manifest_is_written_once_and_compared_from_then_on() {
        let path = std::env::temp_dir().join(format!("mcp-{}.manifest", std::process::id()));
        let served = "resource https://a\n\ntool a needs x\ntool b needs x\n";
        let missing = compare(served, &path, false).unwrap_err();
        assert!(missing.contains("SNAPSHOTS=overwrite cargo test") && missing.ends_with(served), "{missing}");

        compare(served, &path, true).unwrap();
        compare(served, &path, false).unwrap();
        let changed = "resource https://a\n\ntool a needs nothing\ntool b needs x\ntool c needs x, hidden\n";
        let difference = compare(changed, &path, false).unwrap_err();
        let lines = "\n\n- tool a needs x\n+ tool a needs nothing\n+ tool c needs x, hidden\n\n";
        assert!(difference.contains(lines) && difference.contains("SNAPSHOTS=overwrite cargo test"), "{difference}");
        let swapped = compare("\nresource https://a\ntool b needs x\ntool a needs x\n", &path, false).unwrap_err();
        assert!(swapped.contains("the same lines, in another order"), "{swapped}");

        std::fs::write(&path, served.replace('\n', "\r\n")).unwrap();
        compare(served, &path, false).unwrap();
        std::fs::remove_file(&path).unwrap();
    }
}
