//! The examples that programs in Python start, and the authorization servers that one of them trusts.

use std::path::PathBuf;

use crate::npm;
use crate::side_by_side::both;
use crate::workspace::{Outcome, Workspace, run};

/// An authorization server of another project.
#[derive(Clone, Copy)]
pub(super) enum AuthorizationServer {
    OidcProvider,
    DjangoOauthToolkit,
    BetterAuth,
    Glewlwyd,
}

impl AuthorizationServer {
    /// Returns the name of its package, and of its case in the programs that start it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OidcProvider => "oidc-provider",
            Self::DjangoOauthToolkit => "django-oauth-toolkit",
            Self::BetterAuth => "better-auth",
            Self::Glewlwyd => "glewlwyd",
        }
    }
}

/// The examples, built, and the authorization servers, installed.
pub(super) struct Servers {
    /// The program of the protected example.
    pub(super) example: PathBuf,
    pub(super) silent: PathBuf,
    /// The Node.js for scripts of npm. The interpreter of the programs runs the others.
    pub(super) node: PathBuf,
    /// The folder of the scripts that need their packages beside them.
    installed: PathBuf,
    /// The folder of the other scripts.
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

    /// Returns the script that runs a server, with the port and settings as arguments.
    pub(super) fn script(&self, server: AuthorizationServer) -> PathBuf {
        use AuthorizationServer::{BetterAuth, DjangoOauthToolkit, Glewlwyd, OidcProvider};
        match server {
            OidcProvider | BetterAuth => self.installed.join(server.name()).join("server.mjs"),
            DjangoOauthToolkit | Glewlwyd => self.source.join(server.name()).join("server.py"),
        }
    }
}
