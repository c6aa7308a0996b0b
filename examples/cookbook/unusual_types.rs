//! A date as an argument, by `Deserialize` and a schema of its own.

use std::borrow::Cow;

use mcp::MemoryClient;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::json;

/// A day, as `2026-07-28`. A crate such as `jiff` has better ones.
struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parse = || {
            let mut parts = text.split('-');
            let day = Self {
                year: parts.next()?.parse().ok()?,
                month: parts.next()?.parse().ok().filter(|month| (1..=12).contains(month))?,
                day: parts.next()?.parse().ok().filter(|day| (1..=31).contains(day))?,
            };
            parts.next().is_none().then_some(day)
        };
        // The model reads this text, with the place of the argument.
        parse().ok_or_else(|| de::Error::custom("expected a day such as 2026-07-28"))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date", "description": "A day, such as 2026-07-28."})
    }
}

struct Calendar;

#[mcp::server]
impl Calendar {
    /// Tell whether a day is in winter.
    #[mcp::tool]
    fn is_winter(&self, day: Day) -> bool {
        day.year > 0 && (day.month, day.day) < (3, 20) || (day.month, day.day) > (12, 20)
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let client = MemoryClient::new(Calendar);
    assert_eq!(client.call_tool("is_winter", json!({"day": "2026-01-15"})).await?.text(), "true");
    let wrong = client.call_tool("is_winter", json!({"day": "tomorrow"})).await?;
    assert!(wrong.is_error && wrong.text().contains("expected a day such as 2026-07-28"));
    Ok(())
}
