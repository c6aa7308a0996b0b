//! The guide, whose pages are also under `docs/guide`. Its code compiles with the tests of this crate.
//!
#![doc = include_str!("links.md")]
#![doc = include_str!("../../docs/guide/README.md")]

/// Makes modules of pages. The first definition of a link counts, so that links lead to modules here, and to files where
/// a page is read on its own. `docs/guide/pictures/build.sh` writes the pictures.
macro_rules! pages {
    ($($(#[doc = $title:literal])* $name:ident: $file:literal,)*) => {$(
        $(#[doc = $title])*
        ///
        #[doc = include_str!("links.md")]
        #[doc = include_str!("pictures.md")]
        #[doc = include_str!(concat!("../../docs/", $file))]
        pub mod $name {}
    )*};
}

pages! {
    /// A protected server, its first calls, and a client.
    quick_start: "guide/quick-start.md",
    /// Schemas, constraints, results, resources, prompts.
    tools: "guide/tools.md",
    /// Fields of a server, connection pools, blocking code.
    state: "guide/state.md",
    /// Errors for models, for clients, and for the log alone.
    errors: "guide/errors.md",
    /// Claims, tenants, guards, rate limits.
    callers: "guide/callers.md",
    /// Several blocks, and tools that are known at run time only.
    splitting: "guide/splitting.md",
    /// Other routes, health checks, CORS, timeouts, middleware, graceful shutdown.
    axum: "guide/axum.md",
    /// Questions, progress, tasks, changes.
    asking: "guide/asking.md",
    /// Containers, systemd, nginx, Kubernetes, keys, several instances.
    deploying: "guide/deploying.md",
    /// Logs, audit, traces, metrics.
    observing: "guide/observing.md",
    /// Tests of methods, of permissions, and of attacks.
    testing: "guide/testing.md",
    /// The terms of rmcp and FastMCP, and those here.
    migrating: "guide/migrating.md",
    /// Presets, verifiers, and how clients get a `client_id`.
    identity_providers: "guide/identity-providers.md",
    /// The 401 loop, the 421, the trailing slash, and other puzzles.
    questions: "guide/questions.md",
    /// Promises, their limits, and reasons.
    security: "guide/security.md",
    /// Each limit, and how accounts share it.
    limits: "limits.md",
    /// nginx and others in front of a server.
    proxies: "proxies.md",
    /// Several instances behind a balancer.
    scaling: "scaling.md",
    /// Clients, and the peculiarities of each.
    clients: "clients.md",
    /// Tokens for other APIs, in the names of callers.
    downstream: "downstream.md",
    /// Protection of other routes and other servers.
    other_routes: "other-routes.md",
}
