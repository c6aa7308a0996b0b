#![forbid(warnings, dead_code, non_camel_case_types, private_bounds, private_interfaces)]

use std::marker::PhantomData;

use mcp::{AccessToken, Context, Denied, FromRequest, Request};

struct Tracker<T> {
    of: PhantomData<T>,
}

type IssueId = u64;

struct Caller(String);

impl FromRequest for Caller {
    async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
        let name = request.token().map(|token| token.client_id.clone());
        Ok(Self(name.ok_or(Denied::absent("this needs a token"))?))
    }
}

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://tracker.example.com/mcp",
    scopes = ["issues:read"],
    guard = active,
)]
impl<T: Send + Sync + 'static> Tracker<T> {
    #[mcp::guard]
    fn active(&self) -> Result<(), Denied> {
        let _ = self.of;
        "1".parse::<u8>()?;
        Ok(())
    }

    #[mcp::guard]
    pub(crate) async fn same_tenant<'a>(&self, r#type: IssueId, caller: &'a Caller) -> Result<(), Denied> {
        if r#type == 0 || caller.0.is_empty() { Err(Denied::not_found()) } else { Ok(()) }
    }

    #[mcp::guard]
    pub fn known(&self, token: Option<&AccessToken>) -> Result<(), Denied> {
        token.map(|_| ()).ok_or(Denied::new("who are you?"))
    }

    /// Close an issue.
    #[mcp::tool(guard = [Self::same_tenant, known])]
    async fn close(&self, r#type: u64, caller: Option<&Caller>, cx: &Context) -> String {
        cx.progress(1.0);
        format!("{} {}", r#type, caller.is_some())
    }

    /// Close an issue on a thread.
    #[mcp::tool(guard = same_tenant, blocking)]
    fn close_blocking(&self, r#type: u64, caller: &Caller) -> String {
        format!("{} {}", r#type, caller.0)
    }

    /// An issue.
    #[mcp::resource("issue://{type}{?part}", guard = same_tenant)]
    fn issue(&self, r#type: u64, part: Option<String>) -> String {
        part.unwrap_or_else(|| r#type.to_string())
    }
}

struct Comments;

#[mcp::part(of = Tracker<u8>, guard = Tracker::<u8>::known)]
impl Comments {
    /// Comment on an issue.
    #[mcp::tool(guard = Tracker::<u8>::same_tenant)]
    fn comment(&self, text: String, r#type: IssueId) -> String {
        format!("{text} {}", r#type)
    }

    /// List all comments.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        vec![]
    }
}

fn main() {
    let _ = mcp::MemoryClient::new(Tracker { of: PhantomData::<u8> }).with(Comments);
}
