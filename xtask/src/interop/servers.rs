//! The examples that programs in Python start, and the authorization servers that one of them trusts.

use std::path::PathBuf;

use crate::npm;
use crate::side_by_side::both;
use crate::workspace::{Outcome, Workspace, run};

/// An authorization server that was written elsewhere.
#[derive(Clone, Copy)]
pub(super) enum AuthorizationServer {
    OidcProvider,
    DjangoOauthToolkit,
    BetterAuth,
    Glewlwyd,
}

impl AuthorizationServer {
    /// The name of its package, and of its case in the programs that start it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OidcProvider => "oidc-provider",
            Self::DjangoOauthToolkit => "django-oauth-toolkit",
            Self::BetterAuth => "better-auth",
            Self::Glewlwyd => "glewlwyd",
        }
    }
}

/// Built and installed.
pub(super) struct Servers {
    /// The protected one.
    pub(super) example: PathBuf,
    pub(super) silent: PathBuf,
    /// Runs the scripts of npm; the interpreter of the programs runs the others.
    pub(super) node: PathBuf,
    /// The scripts that are beside their packages.
    installed: PathBuf,
    /// The others.
    source: PathBuf,
}

impl Servers {
    pub(super) fn install(workspace: &Workspace, installed: PathBuf) -> Outcome<Self> {
        let examples = ["--example=protected", "--example=silent", "--features=introspection,jwt"];
        run(workspace.cargo(&["build", "--package=mcp"]).args(examples))?;
        let npm = |server: AuthorizationServer| {
            let source = format!("xtask/interop/{}", server.name());
            npm::install(workspace, &source, &["server.mjs"], &installed.join(server.name()))
        };
        let (node, _) = both(|| npm(AuthorizationServer::OidcProvider), || npm(AuthorizationServer::BetterAuth))?;
        Ok(Self {
            example: workspace.target.join("debug/examples/protected"),
            silent: workspace.target.join("debug/examples/silent"),
            node,
            installed,
            source: workspace.root.join("xtask/interop"),
        })
    }

    /// The script that runs one, which needs a port and what the programs know.
    pub(super) fn script(&self, server: AuthorizationServer) -> PathBuf {
        use AuthorizationServer::{BetterAuth, DjangoOauthToolkit, Glewlwyd, OidcProvider};
        match server {
            OidcProvider | BetterAuth => self.installed.join(server.name()).join("server.mjs"),
            DjangoOauthToolkit | Glewlwyd => self.source.join(server.name()).join("server.py"),
        }
    }
}
