//! Finds its way into the protected example, with a user whose browser is the program that `BROWSER` names.

use reqwest::Url;
use rmcp::service::{ClientInitializeError, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{
    AuthClient, AuthorizationCallback, AuthorizationRequest, OAuthState, WWWAuthenticateParams,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt as _, RoleClient};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::{Answer, Client, call, equal, request};

/// Prints the name of each check that passed.
pub(crate) async fn check(url: &str, lifecycle: ClientLifecycleMode) -> Result<(), String> {
    let user = User::ready().await?;
    let http = user.authorized(url, &refusal(url, lifecycle.clone()).await?).await?;
    let transport =
        StreamableHttpClientTransport::with_client(http.clone(), StreamableHttpClientTransportConfig::with_uri(url));
    let client = ().serve_with_lifecycle(transport, lifecycle).await.map_err(text)?;
    println!("connect");
    expect(&client, "whoami", json!({ "x": 7 }), "scopes=mcp:tools x=7").await?;
    println!("call");

    let refused = match client.call_tool(request("admin", json!({}))).await {
        Ok(_) => return Err("this should have failed".to_owned()),
        Err(error) => error.auth_challenge().map(str::to_owned).ok_or_else(|| text(error))?,
    };
    let base = Url::parse(url).map_err(text)?;
    let scope = WWWAuthenticateParams::parse(&refused, &base).scope.ok_or("the challenge names no scope")?;
    let manager = http.auth_manager.lock().await;
    let page = manager.request_scope_upgrade(&scope).await.map_err(text)?;
    let back = AuthorizationCallback::from_redirect_url(&user.visit(&page).await?).map_err(text)?;
    manager
        .exchange_code_for_token_with_issuer(&back.code, &back.csrf_token, back.issuer.as_deref())
        .await
        .map_err(text)?;
    drop(manager);
    expect(&client, "admin", json!({}), "is an administrator").await?;
    println!("step-up");
    Ok(())
}

/// Returns the challenge for a request without a token.
async fn refusal(url: &str, lifecycle: ClientLifecycleMode) -> Result<String, String> {
    let transport = StreamableHttpClientTransport::from_config(StreamableHttpClientTransportConfig::with_uri(url));
    let refused: Result<RunningService<RoleClient, ()>, ClientInitializeError> =
        ().serve_with_lifecycle(transport, lifecycle).await;
    match refused {
        Ok(_) => Err("this should have failed".to_owned()),
        Err(error) => error.auth_challenge().map(str::to_owned).ok_or_else(|| text(error)),
    }
}

/// Compares a tool's answer with `expected`, without the id of the registered client.
async fn expect(
    client: &Client,
    tool: &'static str,
    arguments: serde_json::Value,
    expected: &str,
) -> Result<(), String> {
    let Answer { texts, is_error } = call(client, tool, arguments).await?;
    let texts: Vec<&str> = texts.iter().filter_map(|text| text.split_once(' ')).map(|(_, rest)| rest).collect();
    equal(&(texts.as_slice(), is_error), &([expected].as_slice(), false))
}

/// A user who is sent to the authorization server, and returns with a code.
struct User {
    callback: TcpListener,
    redirect_uri: String,
}

impl User {
    async fn ready() -> Result<Self, String> {
        let callback = TcpListener::bind("127.0.0.1:0").await.map_err(text)?;
        let redirect_uri = format!("http://{}/callback", callback.local_addr().map_err(text)?);
        Ok(Self { callback, redirect_uri })
    }

    async fn authorized(&self, url: &str, challenge: &str) -> Result<AuthClient<reqwest::Client>, String> {
        let mut state = OAuthState::new(url, None).await.map_err(text)?;
        let request = AuthorizationRequest::new(&self.redirect_uri)
            .with_client_name("rmcp")
            .with_initial_scope_selection()
            .with_challenge(challenge);
        state.start_authorization(request).await.map_err(text)?;
        let page = state.get_authorization_url().await.map_err(text)?;
        state.handle_callback_url(&self.visit(&page).await?).await.map_err(text)?;
        let manager = state.into_authorization_manager().ok_or("there is no authorization")?;
        Ok(AuthClient::new(reqwest::Client::new(), manager))
    }

    /// Returns the address at which the user came back.
    async fn visit(&self, page: &str) -> Result<String, String> {
        let browser = std::env::var_os("BROWSER").ok_or("BROWSER is not set")?;
        let mut browser = Command::new(browser).arg(page).spawn().map_err(text)?;
        let (mut stream, _) = self.callback.accept().await.map_err(text)?;
        let mut line = String::new();
        BufReader::new(&mut stream).read_line(&mut line).await.map_err(text)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.map_err(text)?;
        drop(stream);
        browser.wait().await.map_err(text)?;
        let target = line.split(' ').nth(1).ok_or("the browser said nothing")?;
        let redirect = Url::parse(&self.redirect_uri).map_err(text)?;
        Ok(redirect.join(target).map_err(text)?.into())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
