#[mcp::server(guard = active)]
impl Tracker {
    /// The tracker is not closed for today.
    #[mcp::guard]
    pub fn active(&self) -> Result<(), Denied> {
        self.clock.is_open()
    }

    /// Issues belong to tenants.
    #[mcp::guard]
    pub(crate) async fn same_tenant(&self, id: IssueId, caller: &Caller) -> Result<(), Denied> {
        self.owner(id).await?.is(caller)
    }

    /// Close an issue.
    #[mcp::tool(guard = same_tenant, blocking)]
    fn close_issue(&self, id: u64, caller: &Caller) -> String {
        self.close(id, caller)
    }

    #[mcp::resource("issue://{id}{?part}", guard = same_tenant)]
    async fn issue(&self, id: u64, part: Option<String>) -> Option<String> {
        self.find(id, part).await
    }
}
