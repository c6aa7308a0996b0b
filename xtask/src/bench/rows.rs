//! The rows of the tables of counts, with their goals. A further row is a line.

use super::counted::Metric;
use super::load::Load;
use super::servers::{
    AXUM, CACHED, CHECKED, GENERATED, HYPER, HYPER_CHECKED, JWT, MANY, MOUNTED, SERVE, SIGNATURE, STREAMING, Server,
    USED,
};

pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) metric: Metric,
    pub(crate) load: Load,
    /// The number of requests by which the two runs differ.
    pub(crate) requests: usize,
    pub(crate) ours: Server,
    /// The server that a careful engineer would write by hand, if there is one.
    pub(crate) floor: Option<Server>,
    pub(crate) peer: Option<Server>,
    pub(crate) goal: Goal,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    None,
    AtMost(f64),
    TimesFloor(f64),
    /// A multiple of another row's cost on this framework.
    TimesRow(f64, &'static str),
    /// A cost above that of another row on this framework.
    AboveRow(f64, &'static str),
}

use Goal::{AboveRow, AtMost, TimesFloor, TimesRow};
use Metric::{Allocations, Instructions, SystemCalls};

const CALL: &str = "authenticated call, `serve()`";
const ONE_TOOL: &str = "call, 1 tool";
const BARE: &str = "call with nothing else";
const OPEN: &str = "open call with nothing else";
const ADD: Load = Load::Call;
pub(crate) const ADDED: usize = 1000;

pub(crate) const ROWS: &[Row] = &[
    row(CALL, Instructions, ADD, ADDED, SERVE, AtMost(36_000.0)).floor(CHECKED).peer(CACHED),
    row(CALL, Allocations, ADD, ADDED, SERVE, AtMost(30.0)).floor(CHECKED).peer(CACHED),
    row(CALL, SystemCalls, ADD, ADDED, SERVE, Goal::None).floor(CHECKED).peer(CACHED),
    row("authenticated call, `router()`", Instructions, ADD, ADDED, MOUNTED, AtMost(42_000.0))
        .floor(CHECKED)
        .peer(CACHED),
    row(ONE_TOOL, Instructions, ADD, ADDED, MANY.with("TOOLS", "1"), Goal::None).peer(GENERATED.with("TOOLS", "1")),
    row("call, 100 tools", Instructions, ADD, ADDED, MANY.with("TOOLS", "100"), TimesRow(1.05, ONE_TOOL))
        .peer(GENERATED.with("TOOLS", "100")),
    row("call, 1,000 tools", Instructions, ADD, ADDED, MANY.with("TOOLS", "1000"), TimesRow(1.05, ONE_TOOL)),
    used(BARE, "nothing", Goal::None),
    used("call with a guard", "guard", AboveRow(1000.0, BARE)),
    used("call with a rate", "rate", AboveRow(1000.0, BARE)),
    used("call through a layer", "layer", AboveRow(1000.0, BARE)),
    used("call with a time limit", "time limit", AboveRow(1000.0, BARE)),
    // The hook receives a decision as well as a record.
    used("call with an audit hook", "audit hook", AboveRow(1500.0, BARE)),
    used(OPEN, "nobody", Goal::None),
    used("open call with a record", "record", AboveRow(1000.0, OPEN)),
    list("`tools/list`, 1 tool", 1000, "1"),
    list("`tools/list`, 100 tools", 500, "100"),
    list("`tools/list`, 1,000 tools", 100, "1000"),
    blob("arguments of 1 KB", 1000, 1024),
    blob("arguments of 100 KB", 100, 100 * 1024),
    blob("arguments of 1 MB", 20, 1024 * 1024),
    refused("no token", Load::NoToken),
    refused("a bad token", Load::BadToken),
    row("metadata document", Instructions, Load::Metadata, ADDED, SERVE, TimesFloor(1.0)).floor(AXUM),
    row("JWT, token seen before", Instructions, Load::SeenToken, ADDED, JWT, Goal::None),
    // The floor is the check of a signature and nothing else.
    row("JWT, new token", Instructions, Load::FreshTokens, 500, JWT, TimesFloor(1.15)).floor(SIGNATURE),
    row("three progress notifications", Instructions, Load::Progress, ADDED, STREAMING, AtMost(70_000.0)).peer(CACHED),
];

/// The servers that are compared by the cost of the same call.
pub(crate) const SIDE_BY_SIDE: &[(&str, Server)] = &[
    ("hyper, by hand: a bearer token, no other check", HYPER),
    ("hyper, by hand, with the checks that the specification asks for", HYPER_CHECKED),
    ("axum, by hand: a bearer token, no other check", AXUM),
    ("axum, by hand, with the checks that the specification asks for", CHECKED),
    ("this framework, `serve()`", SERVE),
    ("this framework, `router()` in an axum app", MOUNTED),
    ("rmcp, its router cached by hand", CACHED),
    ("rmcp as its macros write it, 1 tool", GENERATED.with("TOOLS", "1")),
    ("rmcp as its macros write it, 20 tools", GENERATED.with("TOOLS", "20")),
    ("rmcp as its macros write it, 100 tools", GENERATED.with("TOOLS", "100")),
];

const fn row(what: &'static str, metric: Metric, load: Load, requests: usize, ours: Server, goal: Goal) -> Row {
    Row { what, metric, load, requests, ours, goal, floor: None, peer: None }
}

const fn list(what: &'static str, requests: usize, tools: &'static str) -> Row {
    row(what, Instructions, Load::List, requests, MANY.with("TOOLS", tools), TimesFloor(1.1))
        .floor(CHECKED.with("TOOLS", tools))
        .peer(CACHED.with("TOOLS", tools))
}

/// A call on a server that uses one more part.
const fn used(what: &'static str, part: &'static str, goal: Goal) -> Row {
    row(what, Instructions, ADD, ADDED, USED.with("USES", part), goal)
}

const fn blob(what: &'static str, requests: usize, bytes: usize) -> Row {
    row(what, Instructions, Load::Blob(bytes), requests, SERVE, TimesFloor(1.1)).floor(CHECKED).peer(CACHED)
}

const fn refused(what: &'static str, load: Load) -> Row {
    row(what, Instructions, load, ADDED, SERVE, AtMost(20_000.0)).floor(CHECKED).peer(CACHED)
}

impl Row {
    const fn floor(self, server: Server) -> Self {
        Self { floor: Some(server), ..self }
    }

    const fn peer(self, server: Server) -> Self {
        Self { peer: Some(server), ..self }
    }
}
