impl Search {
    /// Search through all books.
    async fn search(&self, text: String, token: &AccessToken) -> Vec<String> {
        self.index.search(text, token).await
    }
    fn recent(&self) -> String {
        self.index.recent()
    }
}
const _: () = {
    use ::mcp::__private as __mcp;
    #[mcp::tool(__imported)]
    const _: () = ();
    #[mcp::resource(__imported)]
    const _: () = ();
    #[cfg(miri)]
    #[allow(unexpected_cfgs)]
    const _: () = {
        #[cfg(rust_analyzer)]
        {
            use ::mcp::__private::keys::part::of as _;
            use ::mcp::__private::keys::tool::{scopes as _, hidden as _, task as _};
            use ::mcp::__private::keys::resource::rate as _;
        }
    };
    const _: () = ::core::assert!(
        < Library as __mcp::HasScopedParts > ::PROTECTION.declares("books:lend"),
        r#"this tool names the scope `books:lend`, which `Library` does not declare; add it there: `optional_scopes = ["books:lend"]`"#
    );
    const _: () = ::core::assert!(
        ! (< Library as __mcp::HasScopedParts > ::PROTECTION.is_everyones("books:lend")),
        "every caller that is let in has the scopes of this tool, so it is hidden from nobody; name a scope that `Library` does not require, or remove `hidden`"
    );
    #[automatically_derived]
    impl __mcp::OneBlockPerTypeOthersAreParts for Search
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Role = __mcp::role::Part;
        type Of = Library;
        const PROTECTION: () = ();
        const NAME: &'static str = "Search";
        const TOOLS: &'static [__mcp::Tool<Self>] = &[
            __mcp::Tool::new(
                    "search",
                    "Search through all books.",
                    <Vec<String> as __mcp::IntoToolResult>::output_schema,
                    |mut call| ::std::boxed::Box::pin(async move {
                        let text = <String as __mcp::Argument>::take(
                            &mut call.arguments,
                            "text",
                        )?;
                        let token = <&AccessToken as __mcp::Injected<
                            '_,
                            Library,
                        >>::inject(call.request())
                            .await?;
                        call.decided();
                        <Vec<
                            String,
                        > as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<Vec<String>>::NEW
                                .check(Self::search(call.server, text, token).await)?,
                        )
                    }),
                )
                .task(__mcp::TaskSupport::Optional)
                .parameters(const {
                    &[__mcp::Parameter::new("text", <String as __mcp::Argument>::TYPE)]
                })
                .further_scopes(&["books:lend"])
                .takes(const { &[<&AccessToken as __mcp::Injected<'_, Library>>::PART] })
                .hidden(),
        ];
        const RESOURCES: &'static [__mcp::Resource<Self>] = &[
            __mcp::Resource::new(
                    "search://recent",
                    "recent",
                    |call| ::std::boxed::Box::pin(async move {
                        <String as __mcp::IntoResource>::into_resource(
                            __mcp::Output::<String>::NEW
                                .check(Self::recent(call.server))?,
                        )
                    }),
                )
                .rate(__mcp::Rate::per_minute(30)),
        ];
    }
};
