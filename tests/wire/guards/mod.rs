//! Guards and what they decide by: parts of the request, and the arguments of the item.

mod calls;
mod extraction;
mod hidden;
mod items;
mod lists;
mod parts;
mod subscriptions;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use mcp::{AccessToken, Answer, Context, Denied, FromRequest, Http, Json, Request, StaticTokens};

/// A server whose issues 1 to 9 belong to acme, and all others to globex.
#[derive(Default)]
struct Tracker {
    /// The extractions of callers.
    extractions: AtomicUsize,
    /// Set once issue 5 belongs to globex.
    is_sold: Arc<AtomicBool>,
}

/// The caller, by the claim of the token.
#[derive(serde::Deserialize)]
struct Caller {
    tenant: String,
}

impl FromRequest for Caller {
    async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
        tokio::task::yield_now().await;
        let server = request.server::<Tracker>().ok_or("a request to another server")?;
        server.extractions.fetch_add(1, Ordering::Relaxed);
        let token = request.token().ok_or(Denied::absent("this needs a token"))?;
        let caller: Self = token.claims().map_err(|_| Denied::absent("the token names no tenant"))?;
        match &*caller.tenant {
            "down" => Err("no connection to the database of secrets".into()),
            "banned" => Err(Denied::new("this tenant is banned")),
            _ => Ok(caller),
        }
    }
}

/// The type of `id` by another name.
type Number = u64;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    confirm: bool,
}

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write", "admin"],
)]
impl Tracker {
    /// Issues belong to tenants.
    #[mcp::guard]
    async fn same_tenant(&self, id: u64, caller: &Caller) -> Result<(), Denied> {
        let is_sold = id == 5 && self.is_sold.load(Ordering::Relaxed);
        let owner = if id < 10 && !is_sold { "acme" } else { "globex" };
        if caller.tenant == owner { Ok(()) } else { Err(Denied::not_found()) }
    }

    /// Issue 7 is locked.
    #[mcp::guard]
    fn unlocked(&self, id: Number) -> Result<(), Denied> {
        if id == 7 { Err(Denied::new("issue 7 is locked")) } else { Ok(()) }
    }

    /// Parts can ask whether an issue is visible, too.
    #[mcp::guard]
    pub(crate) async fn visible(&self, id: u64, caller: &Caller) -> Result<(), Denied> {
        self.same_tenant(id, caller).await
    }

    /// Some tenant is known.
    #[mcp::guard]
    pub(crate) fn known(&self, caller: &Caller) -> Result<(), Denied> {
        if caller.tenant.is_empty() { Err(Denied::not_found()) } else { Ok(()) }
    }

    /// Says who is calling.
    #[mcp::tool]
    async fn whoami(&self, caller: &Caller, again: &Caller) -> String {
        tokio::task::yield_now().await;
        format!("{} {}", caller.tenant, std::ptr::eq(caller, again))
    }

    /// Says who may be calling.
    #[mcp::tool(timeout = "10s")]
    fn maybe(&self, caller: Option<&Caller>, again: Option<&Caller>) -> String {
        format!("{:?} {:?}", caller.map(|caller| &caller.tenant), again.is_some())
    }

    /// Says who is calling, on a thread.
    #[mcp::tool(blocking)]
    fn whoami_blocking(&self, caller: &Caller, token: &AccessToken, other: Option<&Caller>) -> String {
        format!("{} {} {}", caller.tenant, token.client_id, other.is_some())
    }

    /// Closes an issue.
    #[mcp::tool(scopes = ["write"], guard = [same_tenant, unlocked])]
    async fn close(
        &self,
        #[arg(range = 1..=100)] id: u64,
        reason: Option<String>,
        caller: &Caller,
    ) -> Result<Json<u64>, mcp::Error> {
        match reason.as_deref() {
            Some("admin") => Err(mcp::Error::scopes(["admin"])),
            _ => Ok(Json(id + caller.tenant.len() as u64)),
        }
    }

    /// Closes an issue on a thread.
    #[mcp::tool(guard = same_tenant, blocking)]
    fn close_blocking(&self, id: u64, caller: &Caller) -> String {
        format!("{id} {}", caller.tenant)
    }

    /// Deletes an issue, if the user confirms it.
    #[mcp::tool(guard = same_tenant)]
    async fn delete(&self, id: u64, cx: &Context) -> Result<String, mcp::Error> {
        match cx.elicit::<Confirmation>("confirm", format!("Delete {id}?")).await? {
            Answer::Accepted(Confirmation { confirm: true }) => Ok(format!("deleted {id}")),
            _ => Ok("kept".to_owned()),
        }
    }

    /// Exports an issue.
    #[mcp::tool(guard = same_tenant, task = "required")]
    async fn export(&self, id: u64, cx: &Context) -> Result<String, mcp::Error> {
        cx.start_task()?;
        Ok(format!("exported {id}"))
    }

    /// An issue.
    #[mcp::resource("issue://{id}", guard = same_tenant)]
    async fn issue(&self, id: u64) -> String {
        format!("issue {id}")
    }

    /// Explains an issue.
    #[mcp::prompt(guard = same_tenant)]
    fn explain(&self, #[arg(name = "number", default = 3)] id: u64) -> String {
        format!("Explain issue {id}")
    }

    /// Numbers of issues.
    #[mcp::completion(prompt = "explain", argument = "number")]
    fn numbers(&self, #[arg(name = "number")] typed: String, caller: &Caller) -> Vec<String> {
        vec![format!("{typed}-{}", caller.tenant)]
    }
}

fn http(tracker: Tracker) -> Http<Tracker, mcp::Bearer<StaticTokens>> {
    let token = |name: &str| AccessToken::ours(name).with_scopes(["read", "write"]);
    let of = |name: &str, tenant: &str| (format!("{name}-token"), token(name).with_claim("tenant", tenant));
    let tokens = [
        of("alice", "acme"),
        of("gloria", "globex"),
        of("down", "down"),
        of("banned", "banned"),
        ("stranger-token".to_owned(), token("stranger")),
    ];
    Http::protected(tracker, StaticTokens::new(tokens))
}

fn app() -> Router {
    http(Tracker::default()).router()
}
