impl Tracker {
    /// The tracker is not closed for today.
    pub fn active(&self) -> Result<(), Denied> {
        self.clock.is_open()
    }
    /// Issues belong to tenants.
    pub(crate) async fn same_tenant(
        &self,
        id: IssueId,
        caller: &Caller,
    ) -> Result<(), Denied> {
        self.owner(id).await?.is(caller)
    }
    /// Close an issue.
    fn close_issue(&self, id: u64, caller: &Caller) -> String {
        self.close(id, caller)
    }
    async fn issue(&self, id: u64, part: Option<String>) -> Option<String> {
        self.find(id, part).await
    }
}
const _: () = {
    use ::mcp::__private as __mcp;
    #[mcp::tool(__imported)]
    const _: () = ();
    #[mcp::resource(__imported)]
    const _: () = ();
    #[mcp::guard(__imported)]
    const _: () = ();
    #[cfg(miri)]
    #[allow(unexpected_cfgs)]
    const _: () = {
        #[cfg(rust_analyzer)]
        {
            use ::mcp::__private::keys::server::guard as _;
            use ::mcp::__private::keys::tool::{guard as _, blocking as _};
            use ::mcp::__private::keys::resource::guard as _;
        }
    };
    #[automatically_derived]
    impl __mcp::OneBlockPerTypeOthersAreParts for Tracker
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Role = __mcp::role::Open;
        type Of = Self;
        const PROTECTION: () = ();
        const NAME: &'static str = "Tracker";
        const INFO: __mcp::ServerInfo = __mcp::ServerInfo::new(
            "Tracker",
            ::core::env!("CARGO_PKG_VERSION"),
        );
        const TOOLS: &'static [__mcp::Tool<Self>] = &[
            __mcp::Tool::new(
                    "close_issue",
                    "Close an issue.",
                    <String as __mcp::IntoToolResult>::output_schema,
                    |mut call| ::std::boxed::Box::pin(async move {
                        let id = <u64 as __mcp::Argument>::take(
                            &mut call.arguments,
                            "id",
                        )?;
                        <Result<
                            (),
                            Denied,
                        > as __mcp::Verdict>::verdict(Self::active(call.server))?;
                        {
                            let caller = <&Caller as __mcp::GuardParameter<
                                '_,
                                Self,
                            >>::inject(call.request())
                                .await?;
                            <Result<
                                (),
                                Denied,
                            > as __mcp::Verdict>::verdict(
                                Self::same_tenant(
                                        call.server,
                                        <__mcp::Cloner as __mcp::Clones<
                                            IssueId,
                                        >>::cloned(<u64 as __mcp::SameAs<IssueId>>::same(&id)),
                                        caller,
                                    )
                                    .await,
                            )?;
                        }
                        <&Caller as __mcp::Injected<'_, Self>>::inject(call.request())
                            .await?;
                        call.decided();
                        call.blocking(
                                ::std::boxed::Box::new(move |call| {
                                    let caller = <&Caller as __mcp::Injected<
                                        '_,
                                        Self,
                                    >>::injected(call.request())?;
                                    <String as __mcp::IntoToolResult>::into_tool_result(
                                        __mcp::Output::<String>::NEW
                                            .check(Self::close_issue(call.server, id, caller))?,
                                    )
                                }),
                            )
                            .await
                    }),
                )
                .parameters(const {
                    &[__mcp::Parameter::new("id", <u64 as __mcp::Argument>::TYPE)]
                })
                .takes(const { &[<&Caller as __mcp::Injected<'_, Self>>::PART] })
                .guarded_by(&["active", "same_tenant"])
                .blocking(),
        ];
        const RESOURCES: &'static [__mcp::Resource<Self>] = &[
            __mcp::Resource::new(
                    "issue://{id}{?part}",
                    "issue",
                    |mut call| ::std::boxed::Box::pin(async move {
                        let id = <u64 as __mcp::TextArgument>::take(
                            &mut call.arguments,
                            "id",
                        )?;
                        let part = <Option<
                            String,
                        > as __mcp::OptionalTextArgument>::take(
                            &mut call.arguments,
                            "part",
                        )?;
                        <Result<
                            (),
                            Denied,
                        > as __mcp::Verdict>::verdict(Self::active(call.server))?;
                        {
                            let caller = <&Caller as __mcp::GuardParameter<
                                '_,
                                Self,
                            >>::inject(call.request())
                                .await?;
                            <Result<
                                (),
                                Denied,
                            > as __mcp::Verdict>::verdict(
                                Self::same_tenant(
                                        call.server,
                                        <__mcp::Cloner as __mcp::Clones<
                                            IssueId,
                                        >>::cloned(<u64 as __mcp::SameAs<IssueId>>::same(&id)),
                                        caller,
                                    )
                                    .await,
                            )?;
                        }
                        call.decided();
                        <Option<
                            String,
                        > as __mcp::IntoResource>::into_resource(
                            __mcp::Output::<Option<String>>::NEW
                                .check(Self::issue(call.server, id, part).await)?,
                        )
                    }),
                )
                .guard(|mut call| ::std::boxed::Box::pin(async move {
                    let id = <u64 as __mcp::TextArgument>::take(
                        &mut call.arguments,
                        "id",
                    )?;
                    <Result<
                        (),
                        Denied,
                    > as __mcp::Verdict>::verdict(Self::active(call.server))?;
                    {
                        let caller = <&Caller as __mcp::GuardParameter<
                            '_,
                            Self,
                        >>::inject(call.request())
                            .await?;
                        <Result<
                            (),
                            Denied,
                        > as __mcp::Verdict>::verdict(
                            Self::same_tenant(
                                    call.server,
                                    <__mcp::Cloner as __mcp::Clones<
                                        IssueId,
                                    >>::cloned(<u64 as __mcp::SameAs<IssueId>>::same(&id)),
                                    caller,
                                )
                                .await,
                        )?;
                    }
                    __mcp::allowed()
                }))
                .guarded_by(&["active", "same_tenant"]),
        ];
    }
    mod __argument {
        pub enum id {}
    }
    impl Tracker
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        #[doc(hidden)]
        pub const fn __mcp_list_guard_active() -> ::core::option::Option<
            __mcp::ListQuestion<Self>,
        > {
            ::core::option::Option::Some(
                __mcp::ListQuestion::new(|server, request| Self::__mcp_guard_active(
                    server,
                    &(),
                    request,
                )),
            )
        }
        #[doc(hidden)]
        pub fn __mcp_guard_active<'r, __A>(
            &'r self,
            arguments: &__A,
            request: __mcp::Request<'r>,
        ) -> __mcp::VerdictFuture<'r> {
            ::std::boxed::Box::pin(async move {
                <Result<(), Denied> as __mcp::Verdict>::verdict(Self::active(self))
            })
        }
        #[doc(hidden)]
        pub(crate) const fn __mcp_list_guard_same_tenant() -> ::core::option::Option<
            __mcp::ListQuestion<Self>,
        > {
            ::core::option::Option::None
        }
        #[doc(hidden)]
        pub(crate) fn __mcp_guard_same_tenant<
            'r,
            __A: __mcp::HasArgument<
                    __argument::id,
                    628021283683842752,
                    Type: __mcp::SameAs<IssueId>,
                >,
        >(
            &'r self,
            arguments: &__A,
            request: __mcp::Request<'r>,
        ) -> __mcp::VerdictFuture<'r> {
            let id = <__mcp::Cloner as __mcp::Clones<
                IssueId,
            >>::cloned(
                __mcp::SameAs::same(
                    <__A as __mcp::HasArgument<
                        __argument::id,
                        628021283683842752,
                    >>::argument(arguments),
                ),
            );
            ::std::boxed::Box::pin(async move {
                let caller = <&Caller as __mcp::GuardParameter<
                    '_,
                    Self,
                >>::inject(request)
                    .await?;
                <Result<
                    (),
                    Denied,
                > as __mcp::Verdict>::verdict(Self::same_tenant(self, id, caller).await)
            })
        }
    }
};
