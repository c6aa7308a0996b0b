//! Enums, in all forms that serde has for them.

use std::collections::BTreeMap;

use mcp::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct Enums;

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
    Blue,
}

/// The urgency.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Priority {
    /// It can wait.
    Low,
    /// Today.
    High,
    /// Now, whatever the time is.
    OnFire,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum State {
    Open,
    /// A task that nobody works on.
    OnHold,
    Closed,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Shape {
    /// Round.
    Circle {
        radius: f64,
    },
    Rectangle {
        width: f64,
        height: f64,
    },
    Nothing,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", content = "data")]
enum Event {
    Created { id: u64 },
    Renamed(String),
    Deleted,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Command {
    Stop,
    Move { x: i32, y: i32 },
    Say(String),
    Mix(Colour, u8),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Reference {
    Number(u64),
    Name(String),
    Point { x: f64, y: f64 },
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Ticket {
    /// The urgency of this one.
    priority: Priority,
    state: Option<State>,
    colour: Option<Colour>,
    shape: Shape,
    command: Option<Command>,
    reference: Reference,
}

#[mcp::part(of = crate::Dialects)]
impl Enums {
    /// Return a choice.
    #[mcp::tool(read_only)]
    fn enum_plain(&self, value: Colour) -> Json<Colour> {
        Json(value)
    }

    /// Return a choice whose variants are documented.
    #[mcp::tool(read_only)]
    fn enum_documented(&self, value: Priority) -> Json<Priority> {
        Json(value)
    }

    /// Return a choice of whose variants some are documented.
    #[mcp::tool(read_only)]
    fn enum_partly_documented(
        &self,
        /// The place where it stands.
        value: State,
    ) -> Json<State> {
        Json(value)
    }

    /// Return a choice, or nothing.
    #[mcp::tool(read_only)]
    fn enum_optional(&self, value: Option<Priority>) -> Json<Option<Priority>> {
        Json(value)
    }

    /// Return choices.
    #[mcp::tool(read_only)]
    fn enum_list(&self, value: Vec<Priority>) -> Json<Vec<Priority>> {
        Json(value)
    }

    /// Return numbers by choice.
    #[mcp::tool(read_only)]
    fn enum_as_key(&self, value: BTreeMap<Colour, u32>) -> Json<BTreeMap<Colour, u32>> {
        Json(value)
    }

    /// Return a shape, which its `type` tells.
    #[mcp::tool(read_only)]
    fn enum_tagged_internally(&self, value: Shape) -> Json<Shape> {
        Json(value)
    }

    /// Return an event, which its `event` tells.
    #[mcp::tool(read_only)]
    fn enum_tagged_adjacently(&self, value: Event) -> Json<Event> {
        Json(value)
    }

    /// Return a command, which its one member tells.
    #[mcp::tool(read_only)]
    fn enum_tagged_externally(&self, value: Command) -> Json<Command> {
        Json(value)
    }

    /// Return a reference, which its form tells.
    #[mcp::tool(read_only)]
    fn enum_untagged(&self, value: Reference) -> Json<Reference> {
        Json(value)
    }

    /// Return all of them in a struct.
    #[mcp::tool(read_only)]
    fn enum_within(&self, value: Ticket) -> Json<Ticket> {
        Json(value)
    }
}
