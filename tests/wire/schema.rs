//! The official JSON schemas, where they are at hand: beside the repository, in `../shared/schema`.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};

/// Validates a request of a client.
pub(crate) fn check_request(version: &str, message: &Value) {
    let definition = match message["method"].as_str() {
        Some("server/discover") => "DiscoverRequest",
        Some("initialize") => "InitializeRequest",
        Some("ping") => "PingRequest",
        Some("tools/list") => "ListToolsRequest",
        Some("tools/call") => "CallToolRequest",
        Some("notifications/initialized") => "InitializedNotification",
        Some("notifications/cancelled") => "CancelledNotification",
        _ => "JSONRPCMessage",
    };
    check(version, definition, message);
}

/// Validates an answer of the server to a request of this method.
pub(crate) fn check_response(version: &str, method: &str, message: &Value) {
    check(version, "JSONRPCMessage", message);
    if let Some(error) = message.get("error") {
        let definition = match error["code"].as_i64() {
            Some(-32020) => "HeaderMismatchError",
            Some(-32022) => "UnsupportedProtocolVersionError",
            _ => return,
        };
        return check("2026-07-28", definition, message);
    }
    let definition = match method {
        "server/discover" => "DiscoverResult",
        "initialize" => "InitializeResult",
        "ping" => "EmptyResult",
        "tools/list" => "ListToolsResult",
        "tools/call" => "CallToolResult",
        _ => "Result",
    };
    check(version, definition, &message["result"]);
}

fn check(version: &str, definition: &str, value: &Value) {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Option<jsonschema::Validator>>>> = LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let validator = validators.entry(format!("{version} {definition}")).or_insert_with(|| build(version, definition));
    if let Some(validator) = validator {
        let errors: Vec<_> =
            validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "not a {definition} of {version}: {value}\n{}", errors.join("\n"));
    }
}

fn build(version: &str, definition: &str) -> Option<jsonschema::Validator> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../shared/schema/{version}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        // Not by `println`, which a passing test would swallow.
        let note = format!("\nNOT VALIDATED against {definition}: {} is missing\n", path.display());
        std::io::stderr().write_all(note.as_bytes()).expect("stderr");
        return None;
    };
    let mut schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    let definitions = if schema.get("$defs").is_some() { "$defs" } else { "definitions" };
    schema["$ref"] = json!(format!("#/{definitions}/{definition}"));
    Some(jsonschema::validator_for(&schema).expect("a schema"))
}
