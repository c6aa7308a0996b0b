struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {
    let _ = mcp::Stdio::new(Notes).layer(|_: &mcp::Invocation<'_>, next: mcp::Next<'_>| async move { next.run().await });
}
