//! Calls the tools of the example `replicated` behind its proxy, and answers their questions.
#![allow(deprecated, reason = "the crate deprecates sampling, which older servers use")]

use std::time::Duration;

use rmcp::model::{
    ClientCapabilities, ClientConfig, CreateMessageRequestParams, CreateMessageResult, ElicitRequestParams,
    ElicitResult, ElicitationAction, ElicitationCapability, Implementation, Role, SamplingCapability, SamplingMessage,
    SamplingMessageContentBlock,
};
use rmcp::service::RequestContext;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt as _, ErrorData, RoleClient};
use serde_json::json;

use crate::request;

const TIMES: usize = 6;

/// A client that agrees to everything.
#[derive(Clone)]
struct Agreeing;

impl ClientHandler for Agreeing {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(ElicitationCapability::default());
        capabilities.sampling = Some(SamplingCapability::default());
        ClientConfig::new(capabilities, Implementation::new("rmcp", "0"))
    }

    async fn create_elicitation(
        &self,
        _: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(json!({ "ok": true })))
    }

    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        let message = SamplingMessage::new(Role::Assistant, SamplingMessageContentBlock::text("Paris"));
        Ok(CreateMessageResult::new(message, "m".to_owned()))
    }
}

/// Prints `ok CHECK` or `failed CHECK: WHY` per line.
pub(crate) async fn check(url: &str, lifecycle: ClientLifecycleMode) -> Result<(), String> {
    for (check, tool, expected) in
        [("call", "whoami", "alice"), ("two", "two", "yes yes"), ("sample", "sample", "Paris")]
    {
        let called = tokio::time::timeout(Duration::from_secs(30), call(url, lifecycle.clone(), tool, expected)).await;
        match called.unwrap_or_else(|_| Err("not done in time".to_owned())) {
            Ok(()) => println!("ok {check}"),
            Err(why) => println!("failed {check}: {why}"),
        }
    }
    Ok(())
}

async fn call(url: &str, lifecycle: ClientLifecycleMode, tool: &'static str, expected: &str) -> Result<(), String> {
    let mut config = StreamableHttpClientTransportConfig::with_uri(url);
    config.auth_header = Some("alice".to_owned());
    let transport = StreamableHttpClientTransport::from_config(config);
    let client = Agreeing.serve_with_lifecycle(transport, lifecycle).await.map_err(|error| error.to_string())?;
    for _ in 0..TIMES {
        let result = client.call_tool(request(tool, json!({}))).await.map_err(|error| error.to_string())?;
        let text = result.content.first().and_then(|content| content.as_text()).map_or("", |text| text.text.as_str());
        if text.split_once(' ').map(|(_, rest)| rest) != Some(expected) {
            return Err(format!("found {text:?}, expected {expected:?}"));
        }
    }
    Ok(())
}
