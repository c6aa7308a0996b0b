impl Notes {
    /// List every note in the notebook.
    async fn list_notes(&self) -> Vec<String> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Report which OAuth client is calling.
    async fn whoami(&self) -> String {
        match mcp::access_token() {
            Some(token) => {
                format!("{} (scopes: {})", token.client_id, token.scopes.join(", "))
            }
            None => "anonymous".to_owned(),
        }
    }
    /// Add a note to the notebook.
    async fn add_note(
        &self,
        text: String,
        copies: u8,
        token: &AccessToken,
    ) -> Result<String, mcp::Error> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.extend((0..copies).map(|_| text.clone()));
        Ok(format!("{} added {copies} of {text:?}", token.client_id))
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
            use ::mcp::__private::keys::server::{
                issuer as _, resource as _, scopes as _, optional_scopes as _,
            };
            use ::mcp::__private::keys::tool::read_only as _;
            use ::mcp::__private::keys::tool::read_only as _;
            use ::mcp::__private::keys::tool::scopes as _;
            use ::mcp::__private::keys::arg::length as _;
            use ::mcp::__private::keys::arg::{default as _, range as _};
        }
    };
    const __REQUIRED_SCOPES: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["notes:read"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: notes:read", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#,
    };
    const __SCOPES_NOTES_WRITE: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["notes:read", "notes:write"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: notes:read notes:write", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read notes:write""#,
    };
    #[automatically_derived]
    impl __mcp::OneBlockPerTypeOthersAreParts for Notes
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Role = __mcp::role::Protected;
        type Of = Self;
        const PROTECTION: &'static __mcp::DeclaredProtection = &__mcp::DeclaredProtection {
            issuers: &["https://auth.example.com"],
            resource: "http://127.0.0.1:8000/mcp",
            origin: "http://127.0.0.1:8000",
            endpoint: "/mcp",
            metadata_path: "/.well-known/oauth-protected-resource/mcp",
            metadata_url: "http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp",
            metadata_document: r#"{"resource":"http://127.0.0.1:8000/mcp","authorization_servers":["https://auth.example.com"],"scopes_supported":["notes:read"],"bearer_methods_supported":["header"]}"#,
            resource_name: ::core::option::Option::None,
            resource_documentation: ::core::option::Option::None,
            required: __REQUIRED_SCOPES,
            optional: &["notes:write"],
            extra: &[],
            scope_prefix: ::core::option::Option::None,
            hierarchy: &[],
            dpop: __mcp::Dpop::Refused,
            challenges: __mcp::Challenges {
                authentication_required: r#"Bearer error="invalid_token", error_description="Authentication required", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#,
                token_expired: r#"Bearer error="invalid_token", error_description="The access token expired", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#,
                wrong_audience: r#"Bearer error="invalid_token", error_description="The access token was issued for another resource", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#,
                invalid_request: r#"Bearer error="invalid_request", error_description="Expected one Authorization header with one bearer token", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#,
            },
        };
        const NAME: &'static str = "Notes";
        const INFO: __mcp::ServerInfo = __mcp::ServerInfo::new(
            "Notes",
            ::core::env!("CARGO_PKG_VERSION"),
        );
        const TOOLS: &'static [__mcp::Tool<Self>] = &[
            __mcp::Tool::new(
                    "list_notes",
                    "List every note in the notebook.",
                    <Vec<String> as __mcp::IntoToolResult>::output_schema,
                    |call| ::std::boxed::Box::pin(async move {
                        <Vec<
                            String,
                        > as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<Vec<String>>::NEW
                                .check(Self::list_notes(call.server).await)?,
                        )
                    }),
                )
                .read_only(true)
                .scopes(__REQUIRED_SCOPES),
            __mcp::Tool::new(
                    "whoami",
                    "Report which OAuth client is calling.",
                    <String as __mcp::IntoToolResult>::output_schema,
                    |call| ::std::boxed::Box::pin(async move {
                        <String as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<String>::NEW
                                .check(Self::whoami(call.server).await)?,
                        )
                    }),
                )
                .read_only(true)
                .scopes(__REQUIRED_SCOPES),
            __mcp::Tool::new(
                    "add_note",
                    "Add a note to the notebook.",
                    <Result<String, mcp::Error> as __mcp::IntoToolResult>::output_schema,
                    |mut call| ::std::boxed::Box::pin(async move {
                        let text = <String as __mcp::Argument>::take(
                            &mut call.arguments,
                            "text",
                        )?;
                        let copies = <u8 as __mcp::Argument>::take_or(
                            &mut call.arguments,
                            "copies",
                            || 1,
                        )?;
                        let token = <&AccessToken as __mcp::Injected<
                            '_,
                            Self,
                        >>::inject(call.request())
                            .await?;
                        call.decided();
                        <Result<
                            String,
                            mcp::Error,
                        > as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<Result<String, mcp::Error>>::NEW
                                .check(
                                    Self::add_note(call.server, text, copies, token).await,
                                )?,
                        )
                    }),
                )
                .parameters(const {
                    &[
                        __mcp::Parameter::new("text", <String as __mcp::Argument>::TYPE)
                            .description("The text of the note.")
                            .length(
                                <String as __mcp::Measured>::LENGTH.min(1).max(1000),
                            ),
                        __mcp::Parameter::new("copies", <u8 as __mcp::Argument>::TYPE)
                            .description("How many copies to add.")
                            .default_json("1")
                            .range(<u8 as __mcp::Ranged>::RANGE.min("1").max("5")),
                    ]
                })
                .scopes(__SCOPES_NOTES_WRITE)
                .takes(const { &[<&AccessToken as __mcp::Injected<'_, Self>>::PART] }),
        ];
    }
};
