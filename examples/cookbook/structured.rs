//! Structured data with a short text for models.

use mcp::{Json, JsonWithText, MemoryClient};

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Weather {
    celsius: f64,
    wind: u32,
}

struct Station;

#[mcp::server]
impl Station {
    /// Measure the weather.
    #[mcp::tool(read_only)]
    fn weather(&self) -> JsonWithText<Weather> {
        Json(Weather { celsius: 7.5, wind: 12 }).with_text("7.5 °C, light wind")
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let result = MemoryClient::new(Station).call_tool("weather", ()).await?;
    assert_eq!(result.text(), "7.5 °C, light wind");
    assert_eq!(result.structured::<Weather>()?.wind, 12);
    Ok(())
}
