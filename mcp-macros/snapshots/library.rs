impl Library {
    /// Read a page of a "book".
    async fn page(
        &self,
        page: u32,
        isbn: Isbn,
        language: Option<String>,
        token: &AccessToken,
    ) -> Option<String> {
        self.find(isbn, page, language, token).await
    }
    async fn pages(
        &self,
        after: Option<u32>,
        token: &AccessToken,
    ) -> Result<ResourcePage, Error> {
        self.pages_of(token, after).await
    }
    fn all(&self) -> Vec<u8> {
        self.catalog()
    }
    /// Recommend a book.
    fn recommend(
        &self,
        genre: String,
        max_pages: u32,
        cx: &Context,
    ) -> Vec<PromptMessage> {
        self.recommendation(genre, max_pages, cx)
    }
    fn genres(&self, genre: String, max_pages: Option<u32>) -> Vec<String> {
        self.genres_like(genre, max_pages)
    }
    async fn isbns(&self, isbn: String) -> Vec<String> {
        self.isbns_like(isbn).await
    }
    /// Scan a book.
    async fn scan(&self, isbn: String) -> String {
        self.scanned(isbn).await
    }
}
const _: () = {
    use ::mcp::__private as __mcp;
    #[mcp::resource(__imported)]
    const _: () = ();
    #[mcp::prompt(__imported)]
    const _: () = ();
    #[mcp::completion(__imported)]
    const _: () = ();
    #[mcp::tool(__imported)]
    const _: () = ();
    #[cfg(miri)]
    #[allow(unexpected_cfgs)]
    const _: () = {
        #[cfg(rust_analyzer)]
        {
            use ::mcp::__private::keys::server::{
                website as _, icons as _, issuer as _, resource as _, scopes as _,
                optional_scopes as _, rate as _,
            };
            use ::mcp::__private::keys::resource::{
                name as _, title as _, mime_type as _, scopes as _, hidden as _,
                list as _, rate as _, ttl_ms as _, audience as _, priority as _,
                last_modified as _, icons as _, meta as _,
            };
            use ::mcp::__private::keys::resource::size as _;
            use ::mcp::__private::keys::prompt::{name as _, rate as _};
            use ::mcp::__private::keys::arg::{name as _, default as _};
            use ::mcp::__private::keys::completion::{
                prompt as _, argument as _, blocking as _,
            };
            use ::mcp::__private::keys::arg::name as _;
            use ::mcp::__private::keys::completion::{resource as _, argument as _};
            use ::mcp::__private::keys::tool::{task as _, input_schema as _};
        }
    };
    const __REQUIRED_SCOPES: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["books:read"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: books:read", resource_metadata="https://library.example.com/.well-known/oauth-protected-resource/mcp", scope="books:read""#,
    };
    const __SCOPES_BOOKS_LEND: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["books:read", "books:lend"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: books:read books:lend", resource_metadata="https://library.example.com/.well-known/oauth-protected-resource/mcp", scope="books:read books:lend""#,
    };
    #[automatically_derived]
    impl __mcp::OneBlockPerTypeOthersAreParts for Library
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Role = __mcp::role::Protected;
        type Of = Self;
        const PROTECTION: &'static __mcp::DeclaredProtection = &__mcp::DeclaredProtection {
            issuers: &["https://login.example.com"],
            resource: "https://library.example.com/mcp",
            origin: "https://library.example.com",
            endpoint: "/mcp",
            metadata_path: "/.well-known/oauth-protected-resource/mcp",
            metadata_url: "https://library.example.com/.well-known/oauth-protected-resource/mcp",
            metadata_document: r#"{"resource":"https://library.example.com/mcp","authorization_servers":["https://login.example.com"],"scopes_supported":["books:read"],"bearer_methods_supported":["header"]}"#,
            resource_name: ::core::option::Option::None,
            resource_documentation: ::core::option::Option::None,
            required: __REQUIRED_SCOPES,
            optional: &["books:lend"],
            extra: &[],
            scope_prefix: ::core::option::Option::None,
            hierarchy: &[],
            dpop: __mcp::Dpop::Refused,
            challenges: __mcp::Challenges {
                authentication_required: r#"Bearer error="invalid_token", error_description="Authentication required", resource_metadata="https://library.example.com/.well-known/oauth-protected-resource/mcp", scope="books:read""#,
                token_expired: r#"Bearer error="invalid_token", error_description="The access token expired", resource_metadata="https://library.example.com/.well-known/oauth-protected-resource/mcp", scope="books:read""#,
                wrong_audience: r#"Bearer error="invalid_token", error_description="The access token was issued for another resource", resource_metadata="https://library.example.com/.well-known/oauth-protected-resource/mcp", scope="books:read""#,
                invalid_request: r#"Bearer error="invalid_request", error_description="Expected one Authorization header with one bearer token", resource_metadata="https://library.example.com/.well-known/oauth-protected-resource/mcp", scope="books:read""#,
            },
        };
        const NAME: &'static str = "Library";
        const INFO: __mcp::ServerInfo = __mcp::ServerInfo::new(
                "Library",
                ::core::env!("CARGO_PKG_VERSION"),
            )
            .website("https://library.example.com")
            .icons(const { &[__mcp::Icon::new("https://library.example.com/icon.png")] })
            .rate(__mcp::Rate::per_minute(600));
        const TOOLS: &'static [__mcp::Tool<Self>] = &[
            __mcp::Tool::new(
                    "scan",
                    "Scan a book.",
                    <String as __mcp::IntoToolResult>::output_schema,
                    |mut call| ::std::boxed::Box::pin(async move {
                        let isbn = <String as __mcp::Argument>::take(
                            &mut call.arguments,
                            "isbn",
                        )?;
                        <String as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<String>::NEW
                                .check(Self::scan(call.server, isbn).await)?,
                        )
                    }),
                )
                .task(__mcp::TaskSupport::Required)
                .parameters(const {
                    &[__mcp::Parameter::new("isbn", <String as __mcp::Argument>::TYPE)]
                })
                .input_schema(
                    r#"{"type":"object","properties":{"isbn":{"type":"string","pattern":"^[0-9]+$"}}}"#,
                )
                .scopes(__REQUIRED_SCOPES),
        ];
        const RESOURCES: &'static [__mcp::Resource<Self>] = &[
            __mcp::Resource::new(
                    "books://{isbn}{/page}{?language}",
                    "page",
                    |mut call| ::std::boxed::Box::pin(async move {
                        let page = <u32 as __mcp::TextArgument>::take(
                            &mut call.arguments,
                            "page",
                        )?;
                        let isbn = <Isbn as __mcp::TextArgument>::take(
                            &mut call.arguments,
                            "isbn",
                        )?;
                        let language = <Option<
                            String,
                        > as __mcp::OptionalTextArgument>::take(
                            &mut call.arguments,
                            "language",
                        )?;
                        let token = <&AccessToken as __mcp::Injected<
                            '_,
                            Self,
                        >>::inject(call.request())
                            .await?;
                        call.decided();
                        <Option<
                            String,
                        > as __mcp::IntoResource>::into_resource(
                            __mcp::Output::<Option<String>>::NEW
                                .check(
                                    Self::page(call.server, page, isbn, language, token).await,
                                )?,
                        )
                    }),
                )
                .description(r#"Read a page of a "book"."#)
                .mime_type("text/plain")
                .audience(&["user"])
                .priority(0.5)
                .last_modified("2025-01-12T15:00:58Z")
                .ttl_ms(60000)
                .list_by_cursor(|mut call| ::std::boxed::Box::pin(async move {
                    let after = <Option<
                        u32,
                    > as __mcp::OptionalTextArgument>::take(
                        &mut call.arguments,
                        "cursor",
                    )?;
                    let token = <&AccessToken as __mcp::Injected<
                        '_,
                        Self,
                    >>::inject(call.request())
                        .await?;
                    call.decided();
                    <Result<
                        ResourcePage,
                        Error,
                    > as __mcp::IntoResourcePage>::into_resource_page(
                        __mcp::Output::<Result<ResourcePage, Error>>::NEW
                            .check(Self::pages(call.server, after, token).await)?,
                    )
                }))
                .list_takes(const {
                    &[<&AccessToken as __mcp::Injected<'_, Self>>::PART]
                })
                .title("A page")
                .scopes(__SCOPES_BOOKS_LEND)
                .takes(const { &[<&AccessToken as __mcp::Injected<'_, Self>>::PART] })
                .hidden()
                .rate(__mcp::Rate::per_second(10))
                .icons(const {
                    &[
                        __mcp::Icon::new("https://library.example.com/page.svg")
                            .sizes(&["any"])
                            .theme("dark"),
                    ]
                })
                .meta(r#"{"com.example/shelf":[1,null]}"#),
            __mcp::Resource::new(
                    "books://all",
                    "all",
                    |call| ::std::boxed::Box::pin(async move {
                        <Vec<
                            u8,
                        > as __mcp::IntoResource>::into_resource(
                            __mcp::Output::<Vec<u8>>::NEW.check(Self::all(call.server))?,
                        )
                    }),
                )
                .size(1024)
                .scopes(__REQUIRED_SCOPES),
        ];
        const PROMPTS: &'static [__mcp::Prompt<Self>] = &[
            __mcp::Prompt::new(
                    "recommend-book",
                    "Recommend a book.",
                    |mut call| ::std::boxed::Box::pin(async move {
                        let genre = <String as __mcp::TextArgument>::take(
                            &mut call.arguments,
                            "genre",
                        )?;
                        let max_pages = <u32 as __mcp::TextArgument>::take_or(
                            &mut call.arguments,
                            "maxPages",
                            || 500,
                        )?;
                        let cx = <&Context as __mcp::Injected<
                            '_,
                            Self,
                        >>::inject(call.request())
                            .await?;
                        call.decided();
                        <Vec<
                            PromptMessage,
                        > as __mcp::IntoPromptResult>::into_prompt_result(
                            __mcp::Output::<Vec<PromptMessage>>::NEW
                                .check(Self::recommend(call.server, genre, max_pages, cx))?,
                        )
                    }),
                )
                .arguments(const {
                    &[
                        __mcp::PromptArgument::new(
                                "genre",
                                <String as __mcp::TextArgument>::is_optional,
                            )
                            .description("Of which kind."),
                        __mcp::PromptArgument::new(
                                "maxPages",
                                <u32 as __mcp::TextArgument>::is_optional,
                            )
                            .with_default(),
                    ]
                })
                .scopes(__REQUIRED_SCOPES)
                .takes(const { &[<&Context as __mcp::Injected<'_, Self>>::PART] })
                .rate(__mcp::Rate::per_hour(1000)),
        ];
        const COMPLETIONS: &'static [__mcp::Completion<Self>] = &[
            __mcp::Completion::of_prompt(
                    "recommend-book",
                    "genre",
                    |mut call| ::std::boxed::Box::pin(async move {
                        let genre = <String as __mcp::TextArgument>::take(
                            &mut call.arguments,
                            "genre",
                        )?;
                        let max_pages = <Option<
                            u32,
                        > as __mcp::OptionalTextArgument>::take(
                            &mut call.arguments,
                            "maxPages",
                        )?;
                        call.blocking(
                                ::std::boxed::Box::new(move |call| {
                                    <Vec<
                                        String,
                                    > as __mcp::IntoCompletion>::into_completion(
                                        __mcp::Output::<Vec<String>>::NEW
                                            .check(Self::genres(call.server, genre, max_pages))?,
                                    )
                                }),
                            )
                            .await
                    }),
                )
                .blocking(),
            __mcp::Completion::of_resource(
                "books://{isbn}{/page}{?language}",
                "isbn",
                |mut call| ::std::boxed::Box::pin(async move {
                    let isbn = <String as __mcp::TextArgument>::take(
                        &mut call.arguments,
                        "isbn",
                    )?;
                    <Vec<
                        String,
                    > as __mcp::IntoCompletion>::into_completion(
                        __mcp::Output::<Vec<String>>::NEW
                            .check(Self::isbns(call.server, isbn).await)?,
                    )
                }),
            ),
        ];
    }
};
