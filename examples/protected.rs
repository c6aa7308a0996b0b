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
//! | `MCP_VERIFIER` | `jwt` or `introspection`; `jwt` when not set beside an `MCP_PROFILE` |
//! | `MCP_PROFILE` | whose tokens they are: a name from the next table; `rfc9068` when not set |
//! | `MCP_APPLICATION` | the id of the application (`entra`), or of the project (`stytch`) |
//! | `MCP_AUDIENCE` | what `aud` may be besides the resource; several with spaces between them, as in all below |
//! | `MCP_CLIENTS` | the clients whose tokens need no `aud`; `*` for any client of the issuer |
//! | `MCP_CLIENT_AS_AUDIENCE` | `yes` if `aud` may be the client that a token was issued to |
//! | `MCP_SCOPE_CLAIMS` | further claims with scopes, such as `permissions` or `realm_access.roles` |
//! | `MCP_TOKEN_ISSUER` | what `iss` may be besides the issuer |
//! | `MCP_TENANTS` | the tenants whose tokens are accepted |
//! | `MCP_DPOP` | `accepted` or `required`: tokens that are bound to a key, beside bearer tokens or in place of them |
//! | `MCP_EXPLAIN` | `token` to read a token from the standard input, say all that is wrong with it, and end |
//! | `MCP_INTROSPECTION_URL` | where to ask about tokens; for `introspection` only, as are the next two |
//! | `MCP_INTROSPECTION_CLIENT_ID` | who asks, by HTTP Basic; without it and its secret, anyone may |
//! | `MCP_INTROSPECTION_CLIENT_SECRET` | the secret of that client |
//!
//! | profile | provider, and what has to be set with it |
//! |---|---|
//! | `rfc9068` | any that issues tokens by the standard |
//! | `entra` | Microsoft Entra ID; `MCP_APPLICATION` |
//! | `auth0`, `okta`, `ping`, `authkit`, `descope`, `keycloak` | nothing |
//! | `cognito`, `clerk`, `hydra` | `MCP_CLIENTS` where tokens have no audience |
//! | `stytch` | `MCP_APPLICATION`, the id of the project |
//! | `supabase` | `MCP_AUDIENCE=authenticated` |
//! | `zitadel` | `MCP_AUDIENCE`, the id of the project |
//! | `authentik` | `MCP_CLIENT_AS_AUDIENCE=yes`, or `MCP_AUDIENCE`, the id of the client |
//! | `ad_fs` | `MCP_TOKEN_ISSUER` where the federation service has an identifier of its own |

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a person, who reads what it prints")]

use std::env::{self, VarError};
use std::net::SocketAddr;
use std::process::ExitCode;

use mcp::{
    AcceptedTokens, AccessToken, Bearer, Http, IntrospectionVerifier, JwtProfile, JwtVerifier, Protection, TokenError,
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

impl Verifier {
    /// Explains each problem of a token, or tells if an opaque one is valid.
    async fn explain(&self, token: &str) -> String {
        match self {
            Self::Jwt(verifier) => verifier.explain(token).await.to_string(),
            Self::Introspection(verifier) => match verifier.verify_token(token).await {
                Ok(token) => {
                    format!("The token is accepted: client {:?}, scopes {:?}.\n", token.client_id, token.scopes)
                }
                Err(error) => format!("The token is refused: {error}.\n"),
            },
        }
    }
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
    // Another thread writes the log, so that requests do not wait for who reads it.
    let (log, _flushed_at_the_end) = tracing_appender::non_blocking(std::io::stderr());
    // At debug level, the log says why a request was refused.
    tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG).with_writer(log).init();
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if settings.explain {
        return explain(&settings.verifier).await;
    }
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

/// Explains a token from the standard input, because other users can see a program's arguments.
async fn explain(verifier: &Verifier) -> ExitCode {
    let mut token = String::new();
    if let Err(error) = std::io::stdin().read_line(&mut token) {
        eprintln!("the token can't be read: {error}");
        return ExitCode::FAILURE;
    }
    print!("{}", verifier.explain(token.trim()).await);
    ExitCode::SUCCESS
}

struct Settings {
    explain: bool,
    listen: SocketAddr,
    protection: Protection<Example>,
    verifier: Verifier,
}

impl Settings {
    /// Reads the settings. The error names the variable and the remedy, and repeats no value, because one is a secret.
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
        protection = match optional("MCP_DPOP")?.as_deref() {
            None => protection,
            Some("accepted") => protection.accept_dpop(),
            Some("required") => protection.require_dpop(),
            Some(_) => return Err("MCP_DPOP: there is no such setting; write `accepted` or `required`".to_owned()),
        };
        let explain = match optional("MCP_EXPLAIN")?.as_deref() {
            None => false,
            Some("token") => true,
            Some(_) => return Err("MCP_EXPLAIN: write `token`, and pass the token on the standard input".to_owned()),
        };
        let name = optional("MCP_PROFILE")?;
        let kind = match (optional("MCP_VERIFIER")?, &name) {
            (Some(kind), _) => kind,
            (None, Some(_)) => "jwt".to_owned(),
            (None, None) => return Err(missing("MCP_VERIFIER", "`jwt` or `introspection`")),
        };
        let profile = profile(name.as_deref().unwrap_or("rfc9068"))?;
        // For some providers, clients ask for scopes by other names.
        let (protection, builder) =
            profile.clone().set_up(protection).map_err(|error| format!("MCP_PROFILE: {error}"))?;
        let verifier = match kind.as_str() {
            "jwt" => builder.build().map(Verifier::Jwt).map_err(|error| error.to_string())?,
            "introspection" => introspection(&protection, profile)?,
            _ => return Err("MCP_VERIFIER: there is no such verifier; write `jwt` or `introspection`".to_owned()),
        };
        Ok(Self { explain, listen, protection, verifier })
    }
}

/// Returns the preset of a provider with the other settings of the environment.
fn profile(name: &str) -> Result<JwtProfile, String> {
    let application = |what| required("MCP_APPLICATION", what);
    let mut profile = match name {
        "rfc9068" => JwtProfile::rfc9068(),
        "entra" => JwtProfile::entra(application("the id of the application at Entra ID")?),
        "auth0" => JwtProfile::auth0(),
        "keycloak" => JwtProfile::keycloak(),
        "okta" => JwtProfile::okta(),
        "cognito" => JwtProfile::cognito(),
        "ping" => JwtProfile::ping(),
        "authkit" => JwtProfile::authkit(),
        "clerk" => JwtProfile::clerk(),
        "stytch" => JwtProfile::stytch(application("the id of the project at Stytch")?),
        "descope" => JwtProfile::descope(),
        "supabase" => JwtProfile::supabase(),
        "hydra" => JwtProfile::hydra(),
        "zitadel" => JwtProfile::zitadel(),
        "authentik" => JwtProfile::authentik(),
        "ad_fs" => JwtProfile::ad_fs(),
        _ => {
            return Err(
                "MCP_PROFILE: there is no such profile; write `rfc9068`, `entra`, `auth0`, `keycloak`, `okta`, \
                        `cognito`, `ping`, `authkit`, `clerk`, `stytch`, `descope`, `supabase`, `hydra`, `zitadel`, \
                        `authentik` or `ad_fs`"
                    .to_owned(),
            );
        }
    };
    for audience in list("MCP_AUDIENCE")? {
        profile = profile.accept_audience(audience);
    }
    let clients = list("MCP_CLIENTS")?;
    profile = match clients.iter().any(|client| client == "*") {
        true => profile.accept_any_client_without_audience(),
        false => profile.accept_clients_without_audience(clients),
    };
    profile = match optional("MCP_CLIENT_AS_AUDIENCE")?.as_deref() {
        None | Some("no") => profile,
        Some("yes") => profile.accept_client_as_audience(),
        Some(_) => return Err("MCP_CLIENT_AS_AUDIENCE: write `yes` or `no`".to_owned()),
    };
    for claim in list("MCP_SCOPE_CLAIMS")? {
        profile = profile.scope_claim(claim);
    }
    for issuer in list("MCP_TOKEN_ISSUER")? {
        profile = profile.token_issuer(issuer);
    }
    if optional("MCP_TENANTS")?.is_some() {
        profile = profile.tenants(list("MCP_TENANTS")?);
    }
    Ok(profile)
}

fn introspection(protection: &Protection<Example>, profile: JwtProfile) -> Result<Verifier, String> {
    let url = required("MCP_INTROSPECTION_URL", "the introspection endpoint of the authorization server")?;
    let mut builder = IntrospectionVerifier::builder(protection, url).profile(profile);
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

/// Sets the hosts and origins of requests: behind a proxy, or from pages of other origins.
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

/// Splits a variable into words.
fn list(name: &str) -> Result<Vec<String>, String> {
    Ok(optional(name)?.unwrap_or_default().split_whitespace().map(str::to_owned).collect())
}

fn missing(name: &str, what: &str) -> String {
    format!("{name}: not set; write {what}")
}
