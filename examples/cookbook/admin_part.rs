//! Tools in some deployments only, by a part.

use mcp::MemoryClient;

struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list_notes(&self) -> Vec<String> {
        vec!["Buy milk".to_owned()]
    }
}

struct Admin;

#[mcp::part(of = Notes)]
impl Admin {
    /// Delete every note.
    #[mcp::tool(destructive)]
    fn clear(&self) -> &'static str {
        "Deleted"
    }
}

/// Returns a client of the server. `Http` and `Stdio` have `with`, too.
fn client(with_admin: bool) -> MemoryClient<Notes> {
    let client = MemoryClient::new(Notes);
    if with_admin { client.with(Admin) } else { client }
}

pub(crate) async fn run() -> crate::Outcome {
    assert_eq!(client(false).list_tools().await?.len(), 1);
    assert_eq!(client(true).list_tools().await?.len(), 2);
    Ok(())
}
