//! A server whose access tokens come from a real authorization server: as JWTs, or opaque and introspected.
//!
//! Run it with `cargo run --example protected --features introspection,jwt`. Its environment says whose tokens it
//! accepts. A variable that is empty counts as not set.
//!
//! | variable | value |
//! |---|---|
//! | `MCP_LISTEN` | the address to listen on; `127.0.0.1:8000` when not set |
//! | `MCP_RESOURCE` | the public URL of the endpoint; `http://127.0.0.1:8000/mcp` when not set |
//! | `MCP_PATH` | where the endpoint is, if a proxy strips a prefix from the path of the resource; a path such as `/mcp` |
//! | `MCP_ORIGINS` | whose pages may call it from a browser, such as `https://app.example.com`, with spaces between them |
//! | `MCP_ISSUER` | the authorization server |
//! | `MCP_VERIFIER` | `jwt` or `introspection` |
//! | `MCP_INTROSPECTION_URL` | where to ask about tokens; for `introspection` only, as are the next two |
//! | `MCP_INTROSPECTION_CLIENT_ID` | who asks, by HTTP Basic; without it and its secret, anyone may |
//! | `MCP_INTROSPECTION_CLIENT_SECRET` | the secret of that client |

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a person, who reads what it prints")]

use std::env::{self, VarError};
use std::net::SocketAddr;
use std::process::ExitCode;

use mcp::{
    AcceptedTokens, AccessToken, Bearer, Http, IntrospectionVerifier, JwtVerifier, Protection, TokenError,
    TokenVerifier,
};

struct Example;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["mcp:tools"],
    optional_scopes = ["mcp:admin"],
)]
impl Example {
    /// Report which OAuth client is calling, its scopes, and the number it gave, or `none`.
    #[mcp::tool(read_only)]
    async fn whoami(
        &self,
        /// Any number; it is repeated in the answer.
        x: Option<i64>,
        token: &AccessToken,
    ) -> String {
        let x = x.map_or_else(|| "none".to_owned(), |x| x.to_string());
        format!("client={} scopes={} x={x}", token.client_id, token.scopes.join(" "))
    }

    /// Confirm that the caller is an administrator.
    #[mcp::tool(scopes = ["mcp:admin"], read_only)]
    async fn admin(&self, token: &AccessToken) -> String {
        format!("{} is an administrator", token.client_id)
    }
}

/// The two kinds of tokens in one type, to choose between them at start.
enum Verifier {
    Jwt(JwtVerifier),
    Introspection(IntrospectionVerifier),
}

impl TokenVerifier for Verifier {
    async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
        match self {
            Self::Jwt(verifier) => verifier.verify_token(token).await,
            Self::Introspection(verifier) => verifier.verify_token(token).await,
        }
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        match self {
            Self::Jwt(verifier) => verifier.accepts(),
            Self::Introspection(verifier) => verifier.accepts(),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    // At debug level, the log says why a request was refused.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_writer(std::io::stderr)
        .init();
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let http = Http::protected(Example, settings.verifier).protection(settings.protection);
    let http = match reached(http) {
        Ok(http) => http,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    println!("{}", http.summary());
    match http.serve(settings.listen).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("MCP_LISTEN: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Settings {
    listen: SocketAddr,
    protection: Protection<Example>,
    verifier: Verifier,
}

impl Settings {
    /// The error is a line for the person who starts the server: which variable, what is wrong, what to write. It does
    /// not repeat values, of which one is a secret.
    fn from_environment() -> Result<Self, String> {
        let listen = optional("MCP_LISTEN")?.unwrap_or_else(|| "127.0.0.1:8000".to_owned());
        let listen = listen.parse().map_err(
            |_| "MCP_LISTEN: not an address to listen on; write an IP address and a port, such as `127.0.0.1:8000`",
        )?;
        let issuer = required("MCP_ISSUER", "the URL of the authorization server, such as `https://auth.example.com`")?;
        let mut protection =
            Protection::of::<Example>().issuer(issuer).map_err(|error| format!("MCP_ISSUER: {error}"))?;
        if let Some(resource) = optional("MCP_RESOURCE")? {
            protection = protection.resource(resource).map_err(|error| format!("MCP_RESOURCE: {error}"))?;
        }
        let verifier = match required("MCP_VERIFIER", "`jwt` or `introspection`")?.as_str() {
            "jwt" => jwt(&protection)?,
            "introspection" => introspection(&protection)?,
            _ => return Err("MCP_VERIFIER: there is no such verifier; write `jwt` or `introspection`".to_owned()),
        };
        Ok(Self { listen, protection, verifier })
    }
}

fn jwt(protection: &Protection<Example>) -> Result<Verifier, String> {
    JwtVerifier::builder(protection).build().map(Verifier::Jwt).map_err(|error| error.to_string())
}

fn introspection(protection: &Protection<Example>) -> Result<Verifier, String> {
    let url = required("MCP_INTROSPECTION_URL", "the introspection endpoint of the authorization server")?;
    let mut builder = IntrospectionVerifier::builder(protection, url);
    match (optional("MCP_INTROSPECTION_CLIENT_ID")?, optional("MCP_INTROSPECTION_CLIENT_SECRET")?) {
        (Some(id), Some(secret)) => builder = builder.client_secret_basic(id, secret),
        (None, None) => {}
        (Some(_), None) => {
            return Err(missing("MCP_INTROSPECTION_CLIENT_SECRET", "the secret of the client that asks"));
        }
        (None, Some(_)) => {
            return Err(missing("MCP_INTROSPECTION_CLIENT_ID", "the id of the client that has the secret"));
        }
    }
    builder.build().map(Verifier::Introspection).map_err(|error| format!("MCP_INTROSPECTION_URL: {error}"))
}

/// Sets by which ways requests get here: through a proxy, from pages of other origins.
fn reached(mut http: Http<Example, Bearer<Verifier>>) -> Result<Http<Example, Bearer<Verifier>>, String> {
    if let Some(path) = optional("MCP_PATH")? {
        if !path.starts_with('/') || path.contains(['{', '}', '?', '#']) {
            return Err("MCP_PATH: not the path of an endpoint; write one such as `/mcp`".to_owned());
        }
        http = http.path(path);
    }
    let origins = optional("MCP_ORIGINS")?.unwrap_or_default();
    let is_origin = |origin: &str| origin.split_once("://").is_some_and(|(_, host)| !host.contains('/'));
    if !origins.split_whitespace().all(is_origin) {
        return Err(
            "MCP_ORIGINS: not an origin; write a scheme and a host such as `https://app.example.com`".to_owned()
        );
    }
    Ok(http.allow_origins(origins.split_whitespace()))
}

fn required(name: &str, what: &str) -> Result<String, String> {
    optional(name)?.ok_or_else(|| missing(name, what))
}

fn optional(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{name}: not UTF-8; write it in UTF-8")),
    }
}

fn missing(name: &str, what: &str) -> String {
    format!("{name}: not set; write {what}")
}
