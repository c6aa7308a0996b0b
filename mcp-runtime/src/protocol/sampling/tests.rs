//! Tests of the messages of sampling.

use serde_json::json;

use super::*;

fn written(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}

#[test]
fn what_is_not_said_is_not_written() {
    assert_eq!(
        written(Sampling::new(100).user("Hi")),
        json!({"messages": [{"role": "user", "content": {"type": "text", "text": "Hi"}}], "maxTokens": 100})
    );
}

#[test]
fn everything_has_its_place() {
    let use_ = ToolUse { id: "1".to_owned(), name: "weather".to_owned(), input: Map::new() };
    let result = ToolUseResult::new("1", vec![TextContent::new("sunny").into()]);
    let Value::Object(schema) = json!({"type": "object"}) else { panic!("an object") };
    let sampling = Sampling::new(5)
        .system("Be brief")
        .user(ImageContent::new([1], "image/png"))
        .assistant(use_)
        .message(SamplingMessage::new(Role::User, vec![result.clone().into(), result.failed().into()]))
        .temperature(0.5)
        .stop_sequence("END")
        .model("claude")
        .cost_priority(0.1)
        .speed_priority(0.2)
        .intelligence_priority(0.3)
        .include_context(IncludeContext::ThisServer)
        .metadata("provider", "x")
        .tool("weather", "Tells the weather", schema)
        .tool_choice(ToolChoice::Required);
    let content = json!([{"type": "text", "text": "sunny"}]);
    assert_eq!(
        written(&sampling),
        json!({
            "messages": [
                {"role": "user", "content": {"type": "image", "data": "AQ==", "mimeType": "image/png"}},
                {"role": "assistant", "content": {"type": "tool_use", "id": "1", "name": "weather", "input": {}}},
                {"role": "user", "content": [
                    {"type": "tool_result", "toolUseId": "1", "content": content},
                    {"type": "tool_result", "toolUseId": "1", "content": content, "isError": true},
                ]},
            ],
            "maxTokens": 5,
            "systemPrompt": "Be brief",
            "modelPreferences": {
                "hints": [{"name": "claude"}], "costPriority": 0.1, "speedPriority": 0.2, "intelligencePriority": 0.3,
            },
            "temperature": 0.5,
            "stopSequences": ["END"],
            "includeContext": "thisServer",
            "metadata": {"provider": "x"},
            "tools": [{"name": "weather", "description": "Tells the weather", "inputSchema": {"type": "object"}}],
            "toolChoice": {"mode": "required"},
        })
    );
    assert_eq!(written(sampling.needs()), json!({"sampling": {"context": {}, "tools": {}}}));
    assert_eq!(written(Sampling::new(1).needs()), json!({"sampling": {}}));
}

#[test]
fn a_result_has_one_block_or_several() {
    let block = json!({"type": "text", "text": "Paris", "_meta": {}});
    for (content, text) in [(block.clone(), "Paris"), (json!([block, block]), "Paris\nParis"), (json!([]), "")] {
        let result = json!({"role": "assistant", "model": "m", "stopReason": "endTurn", "content": content});
        let result: SamplingResult = serde_json::from_value(result).expect("a result");
        assert_eq!((result.text().as_str(), result.stop_reason.as_deref()), (text, Some("endTurn")));
    }
    for wrong in [
        json!({"role": "assistant", "content": block}),
        json!({"role": "system", "model": "m", "content": block}),
        json!({"role": "assistant", "model": "m", "content": "Paris"}),
        json!({"role": "assistant", "model": "m", "content": {"type": "video"}}),
        json!({"role": "assistant", "model": "m"}),
    ] {
        assert!(serde_json::from_value::<SamplingResult>(wrong.clone()).is_err(), "{wrong}");
    }
}
