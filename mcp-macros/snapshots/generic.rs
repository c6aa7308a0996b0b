#[cfg(feature = "shelf")]
impl<T, const N: usize> Shelf<T, N>
where
    T: Display + Argument,
{
    /// Name the shelf.
    fn name<'a>(&'a self) -> &'a str {
        &self.name
    }
    /// Put an item on the shelf.
    #[cfg(unix)]
    fn put<'a>(
        &self,
        item: T,
        row: Cow<'static, str>,
        place: f64,
        token: &'a AccessToken,
    ) -> Result<(), Full> {
        self.items.push(item, row, place, token)
    }
    /// Burn the shelf.
    async fn burn(&self) {}
    fn not_a_tool(&self) {}
}
#[cfg(feature = "shelf")]
const _: () = {
    use vendored::mcp::__private as __mcp;
    #[mcp::tool(__imported)]
    const _: () = ();
    #[cfg(miri)]
    #[allow(unexpected_cfgs)]
    const _: () = {
        #[cfg(rust_analyzer)]
        {
            use vendored::mcp::__private::keys::server::{
                name as _, version as _, instructions as _, issuer as _, resource as _,
                scopes as _, optional_scopes as _, hierarchy as _, resource_name as _,
                resource_documentation as _, timeout as _,
            };
            use vendored::mcp::__private::keys::tool::{
                blocking as _, scopes as _, idempotent as _, destructive as _,
            };
            use vendored::mcp::__private::keys::arg::{
                length as _, pattern as _, default as _,
            };
            use vendored::mcp::__private::keys::arg::{range as _, default as _};
            use vendored::mcp::__private::keys::tool::{
                scopes as _, destructive as _, timeout as _,
            };
        }
    };
    const __REQUIRED_SCOPES: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["shelf:read"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: shelf:read", resource_metadata="https://shelf.example.com/.well-known/oauth-protected-resource", scope="shelf:read""#,
    };
    const __SCOPES_SHELF_WRITE: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["shelf:read", "shelf:write"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: shelf:read shelf:write", resource_metadata="https://shelf.example.com/.well-known/oauth-protected-resource", scope="shelf:read shelf:write""#,
    };
    const __SCOPES_SHELF_WRITE__SHELF_ADMIN: &__mcp::ScopeSet = &__mcp::ScopeSet {
        scopes: &["shelf:read", "shelf:write", "shelf:admin"],
        challenge: r#"Bearer error="insufficient_scope", error_description="Required scope: shelf:read shelf:write shelf:admin", resource_metadata="https://shelf.example.com/.well-known/oauth-protected-resource", scope="shelf:read shelf:write shelf:admin""#,
    };
    #[automatically_derived]
    impl<T, const N: usize> __mcp::OneBlockPerTypeOthersAreParts for Shelf<T, N>
    where
        T: Display + Argument,
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Role = __mcp::role::Protected;
        type Of = Self;
        const PROTECTION: &'static __mcp::DeclaredProtection = &__mcp::DeclaredProtection {
            issuers: &["https://login.example.com/", "https://login.example.org"],
            resource: "https://shelf.example.com",
            origin: "https://shelf.example.com",
            endpoint: "/",
            metadata_path: "/.well-known/oauth-protected-resource",
            metadata_url: "https://shelf.example.com/.well-known/oauth-protected-resource",
            metadata_document: r#"{"resource":"https://shelf.example.com","authorization_servers":["https://login.example.com/","https://login.example.org"],"scopes_supported":["shelf:read"],"bearer_methods_supported":["header"],"resource_name":"The \"shelf\"","resource_documentation":"https://example.com/shelf#api"}"#,
            resource_name: ::core::option::Option::Some("The \"shelf\""),
            resource_documentation: ::core::option::Option::Some(
                "https://example.com/shelf#api",
            ),
            required: __REQUIRED_SCOPES,
            optional: &["shelf:write", "shelf:admin"],
            extra: &[],
            scope_prefix: ::core::option::Option::None,
            hierarchy: &[
                ("shelf:read", &["shelf:write", "shelf:admin"]),
                ("shelf:write", &["shelf:admin"]),
            ],
            dpop: __mcp::Dpop::Refused,
            challenges: __mcp::Challenges {
                authentication_required: r#"Bearer error="invalid_token", error_description="Authentication required", resource_metadata="https://shelf.example.com/.well-known/oauth-protected-resource", scope="shelf:read""#,
                token_expired: r#"Bearer error="invalid_token", error_description="The access token expired", resource_metadata="https://shelf.example.com/.well-known/oauth-protected-resource", scope="shelf:read""#,
                wrong_audience: r#"Bearer error="invalid_token", error_description="The access token was issued for another resource", resource_metadata="https://shelf.example.com/.well-known/oauth-protected-resource", scope="shelf:read""#,
                invalid_request: r#"Bearer error="invalid_request", error_description="Expected one Authorization header with one bearer token", resource_metadata="https://shelf.example.com/.well-known/oauth-protected-resource", scope="shelf:read""#,
            },
        };
        const NAME: &'static str = "Shelf";
        const INFO: __mcp::ServerInfo = __mcp::ServerInfo::new("shelf", "1.2.3")
            .instructions("Put \"things\" on the shelf.")
            .timeout_ms(30000);
        const TOOLS: &'static [__mcp::Tool<Self>] = &[
            __mcp::Tool::new(
                    "name",
                    "Name the shelf.",
                    <&'_ str as __mcp::IntoToolResult>::output_schema,
                    |call| ::std::boxed::Box::pin(async move {
                        <&'_ str as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<&'_ str>::NEW.check(Self::name(call.server))?,
                        )
                    }),
                )
                .scopes(__REQUIRED_SCOPES),
            #[cfg(unix)]
            __mcp::Tool::new(
                    "put",
                    "Put an item on the shelf.",
                    <Result<(), Full> as __mcp::IntoToolResult>::output_schema,
                    |mut call| ::std::boxed::Box::pin(async move {
                        let item = <T as __mcp::Argument>::take(
                            &mut call.arguments,
                            "item",
                        )?;
                        let row = <Cow<
                            'static,
                            str,
                        > as __mcp::Argument>::take_or(
                            &mut call.arguments,
                            "row",
                            || __mcp::FromText::from_text("top"),
                        )?;
                        let place = <f64 as __mcp::Argument>::take_or(
                            &mut call.arguments,
                            "place",
                            || HALF,
                        )?;
                        <&'_ AccessToken as __mcp::Injected<
                            '_,
                            Self,
                        >>::inject(call.request())
                            .await?;
                        call.decided();
                        call.blocking(
                                ::std::boxed::Box::new(move |call| {
                                    let token = <&'_ AccessToken as __mcp::Injected<
                                        '_,
                                        Self,
                                    >>::injected(call.request())?;
                                    <Result<
                                        (),
                                        Full,
                                    > as __mcp::IntoToolResult>::into_tool_result(
                                        __mcp::Output::<Result<(), Full>>::NEW
                                            .check(Self::put(call.server, item, row, place, token))?,
                                    )
                                }),
                            )
                            .await
                    }),
                )
                .destructive(false)
                .idempotent(true)
                .parameters(const {
                    &[
                        __mcp::Parameter::new("item", <T as __mcp::Argument>::TYPE),
                        __mcp::Parameter::new(
                                "row",
                                <Cow<'static, str> as __mcp::Argument>::TYPE,
                            )
                            .default_json(r#""top""#)
                            .length(
                                <Cow<'static, str> as __mcp::Measured>::LENGTH
                                    .min(1)
                                    .max(99),
                            )
                            .pattern(
                                <Cow<'static, str> as __mcp::Textual>::TEXT,
                                r"^\w+$",
                            ),
                        __mcp::Parameter::new("place", <f64 as __mcp::Argument>::TYPE)
                            .default_computed()
                            .range(<f64 as __mcp::Ranged>::RANGE.min("0.0").below("1.0")),
                    ]
                })
                .scopes(__SCOPES_SHELF_WRITE)
                .takes(const { &[<&'_ AccessToken as __mcp::Injected<'_, Self>>::PART] })
                .blocking(),
            __mcp::Tool::new(
                    "burn",
                    "Burn the shelf.",
                    <() as __mcp::IntoToolResult>::output_schema,
                    |call| ::std::boxed::Box::pin(async move {
                        <() as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<()>::NEW
                                .check(Self::burn(call.server).await)?,
                        )
                    }),
                )
                .destructive(true)
                .scopes(__SCOPES_SHELF_WRITE__SHELF_ADMIN)
                .timeout_ms(120000),
        ];
    }
};
