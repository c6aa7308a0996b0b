//! A server whose router is made once, in a field, with `TOOLS` tools.

use std::sync::Arc;

use rmcp::handler::server::router::tool::{ToolRoute, ToolRouter};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ProgressNotificationParam, RequestMetaObject};
use rmcp::{Peer, RoleServer, ServerHandler, tool, tool_handler, tool_router};
use rmcp_bench::{Add, Blob, Caller, Outcome, run};

#[derive(Clone)]
struct Bench {
    router: Arc<ToolRouter<Self>>,
}

#[tool_router]
impl Bench {
    /// Add two numbers.
    #[tool(annotations(read_only_hint = true))]
    async fn add(&self, Parameters(Add { a, b }): Parameters<Add>) -> String {
        a.wrapping_add(b).to_string()
    }

    /// Measure how long a text is, in bytes.
    #[tool(annotations(read_only_hint = true))]
    async fn blob(&self, Parameters(Blob { data }): Parameters<Blob>) -> String {
        data.len().to_string()
    }

    /// Report which OAuth client is calling.
    #[tool(annotations(read_only_hint = true))]
    async fn whoami(&self, context: rmcp::service::RequestContext<RoleServer>) -> String {
        let parts = context.extensions.get::<http::request::Parts>();
        parts.and_then(|parts| parts.extensions.get::<Caller>()).map_or("nobody", |caller| caller.client_id).to_owned()
    }

    /// Add two numbers, and report three steps.
    #[tool(annotations(read_only_hint = true))]
    async fn steps(
        &self,
        Parameters(Add { a, b }): Parameters<Add>,
        meta: RequestMetaObject,
        peer: Peer<RoleServer>,
    ) -> String {
        if let Some(token) = meta.get_progress_token() {
            for step in 1..=3 {
                let _ = peer.notify_progress(ProgressNotificationParam::new(token.clone(), f64::from(step))).await;
            }
        }
        a.wrapping_add(b).to_string()
    }
}

#[tool_handler(router = self.router)]
impl ServerHandler for Bench {}

fn main() -> Outcome {
    let mut router = Bench::tool_router();
    // Lists are compared with those of servers that have nothing but `add`, as often as `TOOLS` says.
    if let Ok(tools) = std::env::var("TOOLS") {
        router = ToolRouter::new();
        for number in 0..tools.parse()? {
            let mut attribute = Bench::add_tool_attr();
            if number > 0 {
                attribute.name = format!("add_{number}").into();
            }
            router.add_route(ToolRoute::new(attribute, Bench::add));
        }
    }
    run(Bench { router: Arc::new(router) })
}
