impl Notes {
    /// List every note.
    fn list(&self) {}
    /// Add a note.
    fn add(&self) {}
    /// Share the notes.
    fn share(&self) {}
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
                extra_scopes as _, scope_prefix as _,
            };
            use ::mcp::__private::keys::tool::scopes as _;
            use ::mcp::__private::keys::tool::scopes as _;
        }
    };
    const __REQUIRED_SCOPES: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["notes.read"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: https://notes.example.com/mcp/notes.read", resource_metadata="https://notes.example.com/.well-known/oauth-protected-resource/mcp", scope="https://notes.example.com/mcp/notes.read openid https://notes.example.com/mcp/notes.write""#,
    };
    const __SCOPES_NOTES_WRITE___C878B7E393FE97DB: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["notes.read", "notes.write"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: https://notes.example.com/mcp/notes.read https://notes.example.com/mcp/notes.write", resource_metadata="https://notes.example.com/.well-known/oauth-protected-resource/mcp", scope="https://notes.example.com/mcp/notes.read https://notes.example.com/mcp/notes.write openid""#,
    };
    const __SCOPES_NOTES_SHARE___29F18BE144E95A07: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["notes.read", "notes.share"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: https://notes.example.com/mcp/notes.read https://notes.example.com/mcp/notes.share", resource_metadata="https://notes.example.com/.well-known/oauth-protected-resource/mcp", scope="https://notes.example.com/mcp/notes.read https://notes.example.com/mcp/notes.share openid https://notes.example.com/mcp/notes.write""#,
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
            resource: "https://notes.example.com/mcp",
            origin: "https://notes.example.com",
            endpoint: "/mcp",
            metadata_path: "/.well-known/oauth-protected-resource/mcp",
            metadata_url: "https://notes.example.com/.well-known/oauth-protected-resource/mcp",
            metadata_document: r#"{"resource":"https://notes.example.com/mcp","authorization_servers":["https://auth.example.com"],"scopes_supported":["https://notes.example.com/mcp/notes.read","openid","https://notes.example.com/mcp/notes.write"],"bearer_methods_supported":["header"]}"#,
            resource_name: ::core::option::Option::None,
            resource_documentation: ::core::option::Option::None,
            required: __REQUIRED_SCOPES,
            optional: &["notes.write", "notes.share"],
            extra: &["openid", "notes.write"],
            scope_prefix: ::core::option::Option::Some("{resource}/"),
            hierarchy: &[],
            dpop: __mcp::Dpop::Refused,
            challenges: __mcp::Challenges {
                authentication_required: r#"Bearer error="invalid_token", error_description="Authentication required", resource_metadata="https://notes.example.com/.well-known/oauth-protected-resource/mcp", scope="https://notes.example.com/mcp/notes.read openid https://notes.example.com/mcp/notes.write""#,
                token_expired: r#"Bearer error="invalid_token", error_description="The access token expired", resource_metadata="https://notes.example.com/.well-known/oauth-protected-resource/mcp", scope="https://notes.example.com/mcp/notes.read openid https://notes.example.com/mcp/notes.write""#,
                wrong_audience: r#"Bearer error="invalid_token", error_description="The access token was issued for another resource", resource_metadata="https://notes.example.com/.well-known/oauth-protected-resource/mcp", scope="https://notes.example.com/mcp/notes.read openid https://notes.example.com/mcp/notes.write""#,
                invalid_request: r#"Bearer error="invalid_request", error_description="Expected one Authorization header with one bearer token", resource_metadata="https://notes.example.com/.well-known/oauth-protected-resource/mcp", scope="https://notes.example.com/mcp/notes.read openid https://notes.example.com/mcp/notes.write""#,
            },
        };
        const NAME: &'static str = "Notes";
        const INFO: __mcp::ServerInfo = __mcp::ServerInfo::new(
            "Notes",
            ::core::env!("CARGO_PKG_VERSION"),
        );
        const TOOLS: &'static [__mcp::Tool<Self>] = &[
            __mcp::Tool::new(
                    "list",
                    "List every note.",
                    <() as __mcp::IntoToolResult>::output_schema,
                    |call| ::std::boxed::Box::pin(async move {
                        <() as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<()>::NEW.check(Self::list(call.server))?,
                        )
                    }),
                )
                .scopes(__REQUIRED_SCOPES),
            __mcp::Tool::new(
                    "add",
                    "Add a note.",
                    <() as __mcp::IntoToolResult>::output_schema,
                    |call| ::std::boxed::Box::pin(async move {
                        <() as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<()>::NEW.check(Self::add(call.server))?,
                        )
                    }),
                )
                .scopes(__SCOPES_NOTES_WRITE___C878B7E393FE97DB),
            __mcp::Tool::new(
                    "share",
                    "Share the notes.",
                    <() as __mcp::IntoToolResult>::output_schema,
                    |call| ::std::boxed::Box::pin(async move {
                        <() as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<()>::NEW.check(Self::share(call.server))?,
                        )
                    }),
                )
                .scopes(__SCOPES_NOTES_SHARE___29F18BE144E95A07),
        ];
    }
};
