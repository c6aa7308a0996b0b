impl Comments {
    /// Comment on an issue.
    async fn comment(&self, id: u64, text: String) -> String {
        self.add(id, text).await
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
            use ::mcp::__private::keys::part::{of as _, guard as _};
            use ::mcp::__private::keys::tool::{hidden as _, guard as _};
        }
    };
    const _: () = ::core::assert!(
        < Tracker > ::__mcp_list_guard_active().is_some() || < Tracker >
        ::__mcp_list_guard_same_tenant().is_some(),
        "the guards of this tool decide by arguments, so it is hidden from nobody; name a guard of `Tracker` that decides without, or remove `hidden`"
    );
    #[automatically_derived]
    impl __mcp::OneBlockPerTypeOthersAreParts for Comments
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Role = __mcp::role::Part;
        type Of = Tracker;
        const PROTECTION: () = <Tracker as __mcp::HasParts>::PROTECTION_OF_PARTS;
        const NAME: &'static str = "Comments";
        const TOOLS: &'static [__mcp::Tool<Self>] = &[
            __mcp::Tool::new(
                    "comment",
                    "Comment on an issue.",
                    <String as __mcp::IntoToolResult>::output_schema,
                    |mut call| ::std::boxed::Box::pin(async move {
                        let id = <u64 as __mcp::Argument>::take(
                            &mut call.arguments,
                            "id",
                        )?;
                        let text = <String as __mcp::Argument>::take(
                            &mut call.arguments,
                            "text",
                        )?;
                        {
                            struct __Arguments<'a, T0, T1>(&'a T0, &'a T1);
                            impl<
                                T0,
                                T1,
                                Name,
                            > __mcp::HasArgument<Name, 628021283683842752>
                            for __Arguments<'_, T0, T1> {
                                type Type = T0;
                                fn argument(&self) -> &T0 {
                                    self.0
                                }
                            }
                            impl<
                                T0,
                                T1,
                                Name,
                            > __mcp::HasArgument<Name, 18015793717152399486>
                            for __Arguments<'_, T0, T1> {
                                type Type = T1;
                                fn argument(&self) -> &T1 {
                                    self.1
                                }
                            }
                            let __server = __mcp::server_of_part::<
                                Tracker,
                            >(call.request())?;
                            <Tracker>::__mcp_guard_active(
                                    __server,
                                    &__Arguments(&id, &text),
                                    call.request(),
                                )
                                .await?;
                        }
                        {
                            struct __Arguments<'a, T0, T1>(&'a T0, &'a T1);
                            impl<
                                T0,
                                T1,
                                Name,
                            > __mcp::HasArgument<Name, 628021283683842752>
                            for __Arguments<'_, T0, T1> {
                                type Type = T0;
                                fn argument(&self) -> &T0 {
                                    self.0
                                }
                            }
                            impl<
                                T0,
                                T1,
                                Name,
                            > __mcp::HasArgument<Name, 18015793717152399486>
                            for __Arguments<'_, T0, T1> {
                                type Type = T1;
                                fn argument(&self) -> &T1 {
                                    self.1
                                }
                            }
                            let __server = __mcp::server_of_part::<
                                Tracker,
                            >(call.request())?;
                            <Tracker>::__mcp_guard_same_tenant(
                                    __server,
                                    &__Arguments(&id, &text),
                                    call.request(),
                                )
                                .await?;
                        }
                        call.decided();
                        <String as __mcp::IntoToolResult>::into_tool_result(
                            __mcp::Output::<String>::NEW
                                .check(Self::comment(call.server, id, text).await)?,
                        )
                    }),
                )
                .parameters(const {
                    &[
                        __mcp::Parameter::new("id", <u64 as __mcp::Argument>::TYPE),
                        __mcp::Parameter::new("text", <String as __mcp::Argument>::TYPE),
                    ]
                })
                .guarded_by(&["Tracker::active", "Tracker::same_tenant"])
                .hidden()
                .listed_by(const {
                    &[
                        __mcp::ListGuard::of_server(
                                "active",
                                |call| ::std::boxed::Box::pin(
                                    __mcp::ask_for_list(
                                        <Tracker>::__mcp_list_guard_active(),
                                        call.request(),
                                    ),
                                ),
                            )
                            .by_item(
                                __mcp::ListQuestion::is_by_item(
                                    &<Tracker>::__mcp_list_guard_active(),
                                ),
                            ),
                        __mcp::ListGuard::of_server(
                                "same_tenant",
                                |call| ::std::boxed::Box::pin(
                                    __mcp::ask_for_list(
                                        <Tracker>::__mcp_list_guard_same_tenant(),
                                        call.request(),
                                    ),
                                ),
                            )
                            .by_item(
                                __mcp::ListQuestion::is_by_item(
                                    &<Tracker>::__mcp_list_guard_same_tenant(),
                                ),
                            ),
                    ]
                }),
        ];
    }
};
