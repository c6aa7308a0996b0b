//! The parts of a result beside its content: `_meta`, another text, structured data of an error.

use mcp::{Error, Json, JsonWithText, MemoryClient, WithMeta};
use serde_json::{Value, json};

use crate::support::conversation::{Client, Way, silent};

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Weather {
    celsius: f64,
}

struct Station;

#[mcp::server]
impl Station {
    /// Measure, with `_meta`.
    #[mcp::tool]
    fn measure(&self) -> WithMeta<Json<Weather>> {
        WithMeta::new(Json(Weather { celsius: 22.5 })).meta("com.example/sensor", 7).meta("color", "red")
    }

    /// Measure, in words.
    #[mcp::tool]
    fn tell(&self) -> JsonWithText<Weather> {
        Json(Weather { celsius: 22.5 }).with_text("It is warm.")
    }

    /// Measure, with a key of the protocol.
    #[mcp::tool]
    fn usurp(&self) -> WithMeta<String> {
        WithMeta::new("text".to_owned()).meta("io.modelcontextprotocol/serverInfo", "mine")
    }

    /// Fail, with data.
    #[mcp::tool]
    fn fail(&self) -> Result<String, Error> {
        Err(Error::tool("sensor 7 is gone").data(&json!({"sensor": 7})))
    }

    /// Fail, with data that are not of the output schema.
    #[mcp::tool]
    fn fail_with_schema(&self) -> Result<Json<Weather>, Error> {
        Err(Error::tool("sensor 7 is gone").data(&json!({"sensor": 7})))
    }

    /// A sensor.
    #[mcp::resource("sensor://{id}")]
    fn sensor(&self, id: u64) -> WithMeta<Option<String>> {
        WithMeta::new((id == 7).then(|| "roof".to_owned())).meta("com.example/sensor", id)
    }

    /// Explain the weather.
    #[mcp::prompt]
    fn explain(&self) -> WithMeta<&'static str> {
        WithMeta::new("Why is it warm?").meta("com.example/sensor", 7)
    }
}

#[tokio::test]
async fn a_result_has_meta_in_every_version() {
    for way in Way::ALL {
        let mut client = way.connect(Station, Client::default()).await;
        for (method, params, expected) in [
            ("tools/call", json!({"name": "measure"}), json!({"com.example/sensor": 7, "color": "red"})),
            ("resources/read", json!({"uri": "sensor://7"}), json!({"com.example/sensor": 7})),
            ("prompts/get", json!({"name": "explain"}), json!({"com.example/sensor": 7})),
        ] {
            let mut answer = client.request(method, params, silent).await.answer;
            let mut meta = answer["result"]["_meta"].take();
            if way.is_modern() {
                let server = meta.as_object_mut().expect("an object").remove("io.modelcontextprotocol/serverInfo");
                assert_eq!(server.expect("the server's own")["name"], "Station");
            }
            assert_eq!(meta, expected, "{way:?} {method}");
        }
    }
}

#[tokio::test]
async fn a_key_of_the_protocol_is_an_error_of_the_server() {
    let error = MemoryClient::new(Station).call_tool("usurp", ()).await.expect_err("an error");
    assert_eq!((error.code(), error.message()), (Some(-32603), "The result has no valid `_meta`"));
}

#[tokio::test]
async fn a_text_beside_structured_content_keeps_the_schema() {
    let client = MemoryClient::new(Station);
    let tools = client.list_tools().await.expect("tools");
    let schema =
        |name: &str| -> &Value { &tools.iter().find(|tool| tool["name"] == name).expect("a tool")["outputSchema"] };
    assert_eq!(schema("tell")["properties"]["celsius"]["type"], "number");
    assert_eq!(schema("tell"), schema("measure"));
    let result = client.call_tool("tell", ()).await.expect("a result");
    assert_eq!(result.text(), "It is warm.");
    assert_eq!(result.structured_content.expect("data").get(), r#"{"celsius":22.5}"#);
}

#[tokio::test]
async fn an_error_of_a_tool_has_structured_data() {
    let client = MemoryClient::new(Station);
    let result = client.call_tool("fail", ()).await.expect("a result");
    assert!(result.is_error && result.text() == "sensor 7 is gone");
    assert_eq!(result.structured_content.expect("data").get(), r#"{"sensor":7}"#);
    // Clients compare it with the output schema.
    let result = client.call_tool("fail_with_schema", ()).await.expect("a result");
    assert!(result.is_error && result.structured_content.is_none());
}
