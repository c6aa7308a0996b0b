//! The official JSON schemas, where they are at hand: beside the repository, in `../shared/schema`.
//!
//! Whatever a test sends or receives goes past a [`Watch`], which panics at the first message that is not one of the
//! protocol version that is spoken.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};

pub(crate) const MODERN: &str = "2026-07-28";
/// The version that a server offers when it does not know the requested one.
const NEWEST_LEGACY: &str = "2025-11-25";
pub(crate) const VERSIONS: [&str; 4] = ["2025-03-26", "2025-06-18", NEWEST_LEGACY, MODERN];

/// A method, the definitions of the request and of its result, and the first and last version that have it.
type Asked = (&'static str, &'static str, &'static str, [&'static str; 2]);

/// The requests of clients.
const ASKED_OF_SERVERS: &[Asked] = &[
    ("completion/complete", "CompleteRequest", "CompleteResult", ALWAYS),
    ("initialize", "InitializeRequest", "InitializeResult", LEGACY),
    ("logging/setLevel", "SetLevelRequest", "EmptyResult", LEGACY),
    ("ping", "PingRequest", "EmptyResult", LEGACY),
    ("prompts/get", "GetPromptRequest", "GetPromptResult", ALWAYS),
    ("prompts/list", "ListPromptsRequest", "ListPromptsResult", ALWAYS),
    ("resources/list", "ListResourcesRequest", "ListResourcesResult", ALWAYS),
    ("resources/read", "ReadResourceRequest", "ReadResourceResult", ALWAYS),
    ("resources/subscribe", "SubscribeRequest", "EmptyResult", LEGACY),
    ("resources/templates/list", "ListResourceTemplatesRequest", "ListResourceTemplatesResult", ALWAYS),
    ("resources/unsubscribe", "UnsubscribeRequest", "EmptyResult", LEGACY),
    ("server/discover", "DiscoverRequest", "DiscoverResult", SINCE_2026_07_28),
    ("subscriptions/listen", "SubscriptionsListenRequest", "SubscriptionsListenResult", SINCE_2026_07_28),
    ("tools/call", "CallToolRequest", "CallToolResult", ALWAYS),
    ("tools/list", "ListToolsRequest", "ListToolsResult", ALWAYS),
];

/// The requests of servers, on a stream or in a result.
const ASKED_OF_CLIENTS: &[Asked] = &[
    ("elicitation/create", "ElicitRequest", "ElicitResult", ["2025-06-18", MODERN]),
    ("ping", "PingRequest", "EmptyResult", LEGACY),
    ("roots/list", "ListRootsRequest", "ListRootsResult", ALWAYS),
    ("sampling/createMessage", "CreateMessageRequest", "CreateMessageResult", ALWAYS),
];

/// The notifications of both.
const TOLD: &[(&str, &str, [&str; 2])] = &[
    ("notifications/cancelled", "CancelledNotification", ALWAYS),
    ("notifications/elicitation/complete", "ElicitationCompleteNotification", [NEWEST_LEGACY, NEWEST_LEGACY]),
    ("notifications/initialized", "InitializedNotification", LEGACY),
    ("notifications/message", "LoggingMessageNotification", ALWAYS),
    ("notifications/progress", "ProgressNotification", ALWAYS),
    ("notifications/prompts/list_changed", "PromptListChangedNotification", ALWAYS),
    ("notifications/resources/list_changed", "ResourceListChangedNotification", ALWAYS),
    ("notifications/resources/updated", "ResourceUpdatedNotification", ALWAYS),
    ("notifications/roots/list_changed", "RootsListChangedNotification", LEGACY),
    ("notifications/subscriptions/acknowledged", "SubscriptionsAcknowledgedNotification", SINCE_2026_07_28),
    ("notifications/tools/list_changed", "ToolListChangedNotification", ALWAYS),
];

const ALWAYS: [&str; 2] = ["2025-03-26", MODERN];
const LEGACY: [&str; 2] = ["2025-03-26", NEWEST_LEGACY];
const SINCE_2026_07_28: [&str; 2] = [MODERN, MODERN];

/// Errors whose code says what is in them. Older versions get them, too, where they have no code of their own.
const ERRORS: &[(i64, &str, &str)] = &[
    (-32020, MODERN, "HeaderMismatchError"),
    (-32021, MODERN, "MissingRequiredClientCapabilityError"),
    (-32022, MODERN, "UnsupportedProtocolVersionError"),
    (-32042, NEWEST_LEGACY, "URLElicitationRequiredError"),
];

/// Methods of extensions, which have no schema; only that they are messages is checked.
const OF_EXTENSIONS: &[&str] = &["tasks/cancel", "tasks/get", "tasks/update", "notifications/tasks"];

/// Looks at what a client and a server say to each other. Its clones look at the same conversation.
#[derive(Clone)]
pub(crate) struct Watch(Arc<Mutex<Conversation>>);

struct Conversation {
    /// That of messages which don't say their own.
    version: &'static str,
    /// The requests of the client and those of the server, by their ids.
    of_client: HashMap<String, Request>,
    of_server: HashMap<String, Request>,
}

#[derive(Clone)]
struct Request {
    method: String,
    version: &'static str,
}

impl Watch {
    /// `version` is that of messages which don't say their own.
    pub(crate) fn new(version: &str) -> Self {
        let version = known(version).unwrap_or(NEWEST_LEGACY);
        Self(Arc::new(Mutex::new(Conversation { version, of_client: HashMap::new(), of_server: HashMap::new() })))
    }

    /// The client says something.
    pub(crate) fn sent(&self, text: &[u8]) {
        if let Err(error) = self.conversation().sending(text) {
            let text = String::from_utf8_lossy(text);
            panic!("a test sends what is no message, without saying that it means to: {text}\n{error}");
        }
    }

    /// The client says something that may be no message of the protocol, on purpose.
    pub(crate) fn sent_unchecked(&self, text: &[u8]) {
        // What it asks, as far as that can be told, is what the answer belongs to.
        let _ = self.conversation().sending(text);
    }

    /// The server says something.
    pub(crate) fn received(&self, text: &[u8]) {
        if let Err(error) = self.conversation().receiving(text) {
            panic!("the server sends what is no message: {}\n{error}", String::from_utf8_lossy(text));
        }
    }

    fn conversation(&self) -> MutexGuard<'_, Conversation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Conversation {
    fn sending(&mut self, text: &[u8]) -> Result<(), String> {
        let message: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let Value::Array(batch) = message else { return self.sending_one(&message) };
        check(self.version, "JSONRPCBatchRequest", &json!(batch))?;
        batch.iter().try_for_each(|message| self.sending_one(message))
    }

    fn sending_one(&mut self, message: &Value) -> Result<(), String> {
        let Some(method) = message["method"].as_str() else {
            return answer(&mut self.of_server, message, self.version);
        };
        let version = match (method, message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].as_str()) {
            ("initialize", None) => match message["params"]["protocolVersion"].as_str().and_then(known) {
                Some(MODERN) | None => NEWEST_LEGACY,
                Some(version) => version,
            },
            (_, None) => self.version,
            (_, Some(version)) => known(version).unwrap_or(MODERN),
        };
        if let Some(id) = message.get("id") {
            self.of_client.insert(id.to_string(), Request { method: method.to_owned(), version });
        }
        statement(ASKED_OF_SERVERS, message, method, version)
    }

    fn receiving(&mut self, text: &[u8]) -> Result<(), String> {
        let message: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let Value::Array(batch) = message else { return self.receiving_one(&message) };
        check(self.version, "JSONRPCBatchResponse", &json!(batch))?;
        batch.iter().try_for_each(|message| self.receiving_one(message))
    }

    fn receiving_one(&mut self, message: &Value) -> Result<(), String> {
        if let Some(method) = message["method"].as_str() {
            // Over stdio, it may belong to any request that has no answer yet, each of which has a version of its own.
            let mut versions = self.of_client.values().map(|request| request.version).chain([self.version]);
            if let Some(id) = message.get("id") {
                self.of_server.insert(id.to_string(), Request { method: method.to_owned(), version: self.version });
            }
            let check = |version| statement(ASKED_OF_CLIENTS, message, method, version);
            return if versions.any(|version| check(version).is_ok()) { Ok(()) } else { check(self.version) };
        }
        answer(&mut self.of_client, message, self.version)?;
        if let Some(agreed) = message["result"]["protocolVersion"].as_str().and_then(known) {
            self.version = agreed;
        }
        Ok(())
    }
}

/// A request or a notification.
fn statement(requests: &[Asked], message: &Value, method: &str, version: &str) -> Result<(), String> {
    let is_known = |[first, last]: [&str; 2]| (first..=last).contains(&version);
    if message.get("id").is_some() {
        check(version, "JSONRPCRequest", message)?;
        match requests.iter().find(|(name, .., versions)| *name == method && is_known(*versions)) {
            Some((_, definition, ..)) => check(version, definition, message),
            None => Ok(()),
        }
    } else {
        check(version, "JSONRPCNotification", message)?;
        match TOLD.iter().find(|(name, _, versions)| *name == method && is_known(*versions)) {
            Some((_, definition, _)) => check(version, definition, message),
            None => Ok(()),
        }
    }
}

/// A response to one of the `requests`, which is then settled.
fn answer(requests: &mut HashMap<String, Request>, message: &Value, version: &str) -> Result<(), String> {
    let request = message.get("id").and_then(|id| requests.remove(&id.to_string()));
    let version = request.as_ref().map_or(version, |request| request.version);
    if let Some(error) = message.get("error") {
        // Where no request was understood, there is no id; the newest version says how such an error looks.
        let version = if message.get("id").is_some() { version } else { MODERN };
        check(version, "JSONRPCMessage", message)?;
        return match ERRORS.iter().find(|(code, ..)| error["code"] == *code) {
            Some((_, version, definition)) => check(version, definition, message),
            None => Ok(()),
        };
    }
    check(version, "JSONRPCMessage", message)?;
    let result = message.get("result").ok_or("neither a method nor a result nor an error")?;
    let Some(Request { method, .. }) = request else { return Ok(()) };
    if OF_EXTENSIONS.contains(&method.as_str()) || result["resultType"] == "task" {
        return check(version, "Result", result);
    }
    let known = ASKED_OF_SERVERS
        .iter()
        .chain(ASKED_OF_CLIENTS)
        .find(|(name, _, _, [first, last])| *name == method && (*first..=*last).contains(&version));
    let (_, _, definition, _) = known.ok_or_else(|| format!("a result of {method}, which {version} doesn't have"))?;
    check(version, if result["resultType"] == "input_required" { "InputRequiredResult" } else { definition }, result)
}

fn known(version: &str) -> Option<&'static str> {
    VERSIONS.into_iter().find(|known| *known == version)
}

fn check(version: &str, definition: &str, value: &Value) -> Result<(), String> {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let Some(schemas) = &*SCHEMAS else { return Ok(()) };
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let name = format!("{definition} of {version}");
    let validator = match validators.get(&name) {
        Some(validator) => Arc::clone(validator),
        None => {
            let validator =
                Arc::new(build(&schemas[version], definition).ok_or_else(|| format!("there is no {name}"))?);
            validators.insert(name.clone(), Arc::clone(&validator));
            validator
        }
    };
    drop(validators);
    let errors: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(format!("not a {name}: {}", errors.join("\n"))) }
}

fn build(schema: &Value, definition: &str) -> Option<Validator> {
    let definitions = if schema.get("$defs").is_some() { "$defs" } else { "definitions" };
    schema[definitions].get(definition)?;
    let mut schema = schema.clone();
    schema["$ref"] = json!(format!("#/{definitions}/{definition}"));
    Some(jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema"))
}

/// All versions, or none.
static SCHEMAS: LazyLock<Option<HashMap<&str, Value>>> = LazyLock::new(|| {
    let read = |version| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../shared/schema/{version}.json"));
        let Ok(text) = std::fs::read_to_string(&path) else {
            // Not by `println`, which a passing test would swallow.
            let note = format!("\nMESSAGES ARE NOT VALIDATED: {} is missing\n", path.display());
            std::io::stderr().write_all(note.as_bytes()).expect("stderr");
            return None;
        };
        Some((version, serde_json::from_str(&text).expect("a schema is JSON")))
    };
    VERSIONS.into_iter().map(read).collect()
});
