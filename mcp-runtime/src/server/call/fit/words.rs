//! The words for shapes and values in messages.

use serde_json::Value;

use crate::json::tree::{Json, Node};
use crate::json::truncate::truncated;
use crate::server::catalog::schema::shape::{Kind, Shape};

/// Returns the words for any of some kinds.
pub(super) fn kinds(kinds: &[Kind]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for kind in kinds.iter().filter(|kind| **kind != Kind::Null || kinds.len() == 1) {
        if !all.contains(&kind.words()) {
            all.push(kind.words());
        }
    }
    all.join(" or ")
}

/// Returns the words for the numbers of a shape.
pub(super) fn numbers(shape: &Shape) -> String {
    let kind = if shape.kinds.contains(&Kind::Integer) { "an integer" } else { "a number" };
    let range = &shape.range;
    match (&range.minimum, &range.maximum) {
        (Some(minimum), Some(maximum)) => format!("{kind} from {minimum} to {maximum}"),
        _ => {
            let ends = [
                ("at least", &range.minimum),
                ("more than", &range.above),
                ("at most", &range.maximum),
                ("less than", &range.below),
            ];
            let ends = ends.iter().filter_map(|(words, end)| Some(format!("{words} {}", end.as_ref()?)));
            let ends = ends.collect::<Vec<_>>().join(" and ");
            if ends.is_empty() { kind.to_owned() } else { format!("{kind} of {ends}") }
        }
    }
}

/// Returns the text of a value among choices.
pub(super) fn choice(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the words for one of some choices.
pub(super) fn one_of(choices: &[String]) -> String {
    match choices {
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// Returns the words for a value in a message.
pub(super) fn got<'j>(json: &'j Json<'_>) -> &'j str {
    match &json.node {
        Node::Scalar(text) => truncated(text),
        Node::Array(_) => "an array",
        Node::Object(_) => "an object",
    }
}
