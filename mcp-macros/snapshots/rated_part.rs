impl Search {
    /// Search through all books.
    async fn search(&self, text: String) -> Vec<String> {
        self.index.search(text).await
    }
}
const _: () = {
    use ::mcp::__private as __mcp;
    #[mcp::tool(__imported)]
    const _: () = ();
    #[cfg(miri)]
    #[allow(unexpected_cfgs)]
    const _: () = {
        #[cfg(rust_analyzer)]
        {
            use ::mcp::__private::keys::part::of as _;
            use ::mcp::__private::keys::tool::rate as _;
        }
    };
    #[automatically_derived]
    impl __mcp::OneBlockPerTypeOthersAreParts for Search
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Role = __mcp::role::Part;
        type Of = Library;
        const PROTECTION: () = <Library as __mcp::HasRatedParts>::PROTECTION_OF_PARTS;
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
                        <Vec<
                            String,
                        > as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<Vec<String>>::NEW
                                .check(Self::search(call.server, text).await)?,
                        )
                    }),
                )
                .parameters(const {
                    &[__mcp::Parameter::new("text", <String as __mcp::Argument>::TYPE)]
                })
                .rate(__mcp::Rate::per_minute(30)),
        ];
    }
};
