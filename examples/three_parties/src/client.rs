//! The client: the crate `rmcp`, which knows nothing of this framework, with its OAuth client.

use std::sync::Arc;

use oauth2::ClientSecret;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientInitializeError, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::enterprise::{
    EmaAuthorizationServer, EmaClientAuthentication, EmaExchangeRequest, EmaIdJag,
};
use rmcp::transport::auth::{
    AuthClient, AuthorizationCallback, AuthorizationManager, AuthorizationRequest, AuthorizationSession,
    ClientCredentialsConfig, OAuthClientConfig, OAuthHttpClient, OAuthHttpClientFuture, OAuthHttpRequest,
    WWWAuthenticateParams,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt as _, RoleClient};
use serde_json::Value;
use url::Url;

use crate::narrate::Party;
use crate::{Outcome, http};

/// The outcome of a tool call.
pub(crate) enum Answer {
    Texts(Vec<String>),
    /// A 403, whose challenge names the needed scopes.
    NeedsScope(String),
}

/// A connection to the protected server.
pub(crate) struct Connection {
    service: RunningService<RoleClient, ()>,
    /// The tokens, shared with the transport.
    auth: AuthClient<reqwest::Client>,
}

/// An authorization that waits for the browser to return.
pub(crate) struct PendingAuthorization {
    manager: AuthorizationManager,
    pub(crate) url: String,
}

/// Tries without a token, and returns the challenge of the 401.
pub(crate) async fn challenge(resource: &str) -> Outcome<String> {
    match connect(resource, http()?).await {
        Ok(_) => Err("the server let in somebody without a token".into()),
        Err(error) => Ok(error.auth_challenge().ok_or("the 401 has no challenge")?.to_owned()),
    }
}

/// Follows the challenge to the metadata of the authorization server.
pub(crate) async fn discover(resource: &str, challenge: &str) -> Outcome<AuthorizationManager> {
    let mut manager = AuthorizationManager::new_with_oauth_http_client(resource, Arc::new(Direct::new()?)).await?;
    let found = manager.resolve_metadata_from_challenge(Some(challenge)).await?;
    if !found.source.is_discovered() {
        return Err("the server's metadata was not found".into());
    }
    manager.set_metadata(found.metadata);
    Ok(manager)
}

/// Registers a client, and returns the address at which a person allows it access.
pub(crate) async fn register(
    manager: AuthorizationManager,
    name: &str,
    redirect_uri: &str,
) -> Outcome<PendingAuthorization> {
    let request = AuthorizationRequest::new(redirect_uri).with_client_name(name).with_initial_scope_selection();
    let session = AuthorizationSession::new(manager, request).await.map_err(|(_, error)| error)?;
    Ok(PendingAuthorization { url: session.auth_url, manager: session.auth_manager })
}

/// Begins an authorization of a client whose id is the address of its metadata document.
///
/// `AuthorizationSession` does this for `https`.
pub(crate) async fn identify(
    mut manager: AuthorizationManager,
    id: &str,
    redirect_uri: &str,
) -> Outcome<PendingAuthorization> {
    manager.configure_client(OAuthClientConfig::new(id, redirect_uri))?;
    let scopes = manager.select_initial_scopes(&[]).await;
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    Ok(PendingAuthorization { url: manager.get_authorization_url(&scopes).await?, manager })
}

impl PendingAuthorization {
    /// Redeems the code of the returned browser. It still waits after the answer to another request.
    pub(crate) async fn redeem(&self, callback: &str) -> Outcome {
        redeem(&self.manager, callback).await
    }

    /// Connects with the token.
    pub(crate) async fn connect(self, resource: &str) -> Outcome<Connection> {
        Connection::new(resource, self.manager).await
    }
}

/// Gets a token with the client's own secret, and connects with it.
pub(crate) async fn connect_as_itself(
    mut manager: AuthorizationManager,
    resource: &str,
    (id, secret): (&str, &str),
) -> Outcome<Connection> {
    let config = ClientCredentialsConfig::ClientSecret {
        client_id: id.to_owned(),
        client_secret: secret.to_owned(),
        scopes: manager.select_initial_scopes(&[]).await,
        resource: Some(resource.to_owned()),
    };
    manager.validate_client_credentials_metadata(&config)?;
    manager.configure_client_credentials(&config)?;
    manager.exchange_client_credentials(&config).await?;
    Connection::new(resource, manager).await
}

/// A client with two names: at an enterprise's identity provider and at an authorization server.
pub(crate) struct EnterpriseClient<'a> {
    pub(crate) identity_provider: &'a str,
    pub(crate) authorization_server: &'a str,
    pub(crate) resource: &'a str,
    /// Id and secret at the identity provider.
    pub(crate) there: (&'a str, &'a str),
    /// Id and secret at the authorization server.
    pub(crate) here: (&'a str, &'a str),
}

impl EnterpriseClient<'_> {
    /// Exchanges a person's ID token for an identity assertion.
    pub(crate) async fn assertion(&self, id_token: &str) -> Outcome<EmaIdJag> {
        let server = |issuer: &str, (id, secret): (&str, &str)| {
            let secret = ClientSecret::new(secret.to_owned());
            EmaAuthorizationServer::new(issuer, format!("{issuer}/token"), id)
                .with_client_authentication(EmaClientAuthentication::ClientSecretBasic(secret))
        };
        let (from, to) = (server(self.identity_provider, self.there), server(self.authorization_server, self.here));
        let exchange = EmaExchangeRequest::new_with_id_token(from, to, self.resource, id_token);
        Ok(exchange.with_scopes(["notes:read"]).exchange_id_jag(&Direct::new()?).await?)
    }

    /// Redeems an assertion, and connects with the access token.
    pub(crate) async fn connect(&self, assertion: EmaIdJag) -> Outcome<RunningService<RoleClient, ()>> {
        let token = assertion.exchange(&Direct::new()?).await?;
        let mut config = StreamableHttpClientTransportConfig::with_uri(self.resource);
        config.auth_header = Some(token.access_token.secret().clone());
        Ok(().serve_with_lifecycle(StreamableHttpClientTransport::with_client(http()?, config), lifecycle()).await?)
    }
}

impl Connection {
    async fn new(resource: &str, manager: AuthorizationManager) -> Outcome<Self> {
        let auth = AuthClient::new(http()?, manager);
        Ok(Self { service: connect(resource, auth.clone()).await?, auth })
    }

    pub(crate) async fn call(&self, tool: &'static str, arguments: Value) -> Outcome<Answer> {
        call(&self.service, tool, arguments).await
    }

    /// Returns the address at which a person adds the scopes of the challenge to those of the client.
    pub(crate) async fn step_up(&self, challenge: &str, resource: &str) -> Outcome<String> {
        let params = WWWAuthenticateParams::parse(challenge, &Url::parse(resource)?);
        let scope = params.scope.ok_or("the challenge does not say which scopes are needed")?;
        Ok(self.auth.auth_manager.lock().await.request_scope_upgrade(&scope).await?)
    }

    /// Redeems the code of the returned browser, and continues with the new token.
    pub(crate) async fn stepped_up(&self, callback: &str) -> Outcome {
        redeem(&*self.auth.auth_manager.lock().await, callback).await
    }

    pub(crate) async fn refresh(&self) -> Outcome {
        self.auth.auth_manager.lock().await.refresh_token().await?;
        Ok(())
    }

    /// Returns the current access token.
    pub(crate) async fn access_token(&self) -> Outcome<String> {
        Ok(self.auth.auth_manager.lock().await.get_access_token().await?)
    }

    /// Returns the client's id and its current refresh token.
    pub(crate) async fn refresh_token(&self) -> Outcome<(String, String)> {
        use oauth2::TokenResponse as _;
        let (id, tokens) = self.auth.auth_manager.lock().await.get_credentials().await?;
        let token = tokens.as_ref().and_then(|tokens| tokens.refresh_token()).ok_or("there is no refresh token")?;
        Ok((id, token.secret().clone()))
    }
}

pub(crate) async fn call(
    service: &RunningService<RoleClient, ()>,
    tool: &'static str,
    arguments: Value,
) -> Outcome<Answer> {
    let request = CallToolRequestParams::new(tool).with_arguments(arguments.as_object().cloned().unwrap_or_default());
    let result = match service.call_tool(request).await {
        Ok(result) => result,
        Err(error @ ServiceError::TransportSend(_)) => {
            let challenge = error.auth_challenge().map(str::to_owned);
            return Ok(Answer::NeedsScope(challenge.ok_or(error)?));
        }
        Err(error) => return Err(error.into()),
    };
    let texts = result.content.iter().filter_map(|content| content.as_text());
    let texts: Vec<String> = texts.map(|text| text.text.clone()).collect();
    if result.is_error == Some(true) { Err(texts.join(", ").into()) } else { Ok(Answer::Texts(texts)) }
}

/// Checks `state` and `iss` of the answer, and sends the code with the verifier that belongs to it.
async fn redeem(manager: &AuthorizationManager, callback: &str) -> Outcome {
    let callback = AuthorizationCallback::from_redirect_url(callback)?;
    let issuer = callback.issuer.as_deref();
    manager.exchange_code_for_token_with_issuer(&callback.code, &callback.csrf_token, issuer).await?;
    Ok(())
}

async fn connect<C>(resource: &str, http: C) -> Result<RunningService<RoleClient, ()>, ClientInitializeError>
where
    C: rmcp::transport::streamable_http_client::StreamableHttpClient + Sync,
{
    let config = StreamableHttpClientTransportConfig::with_uri(resource);
    ().serve_with_lifecycle(StreamableHttpClientTransport::with_client(http, config), lifecycle()).await
}

fn lifecycle() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
}

fn http() -> reqwest::Result<reqwest::Client> {
    http::builder(Party::Client).build()
}

/// An HTTP client for OAuth: without proxies and redirects.
struct Direct(reqwest::Client);

impl Direct {
    fn new() -> Outcome<Self> {
        Ok(Self(http()?))
    }
}

impl OAuthHttpClient for Direct {
    fn execute(&self, request: OAuthHttpRequest) -> OAuthHttpClientFuture<'_> {
        Box::pin(async move {
            let response = self.0.execute(request.request.try_into()?).await?;
            let mut answer = oauth2::http::Response::builder().status(response.status());
            for (name, value) in response.headers() {
                answer = answer.header(name, value);
            }
            Ok(answer.body(response.bytes().await?.into())?)
        })
    }
}
