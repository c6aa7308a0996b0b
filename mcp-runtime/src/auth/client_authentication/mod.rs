//! The credentials of this server at an authorization server (RFC 6749 §2.3.1, RFC 7662 §2.1).

mod assertion;

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use self::assertion::Signer;
use super::verifier_error::Problem;
use super::{TokenError, VerifierError};

/// The credentials that are sent with each request.
#[derive(Clone)]
pub(super) enum ClientAuthentication {
    None,
    Basic(Authorization),
    Bearer(Authorization),
    /// The members that are added to the form.
    Post(String),
    PrivateKey(Arc<Signer>),
}

/// The whole value of an `Authorization`, which is never printed.
#[derive(Clone)]
pub(super) struct Authorization(HeaderValue);

impl Authorization {
    fn new(value: String) -> Result<Self, VerifierError> {
        let mut value = HeaderValue::try_from(value).map_err(|_| Problem::UnusableBearerToken)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl ClientAuthentication {
    pub(super) fn basic(id: &str, secret: &str) -> Result<Self, VerifierError> {
        let (id, secret) = encoded(id, secret)?;
        Authorization::new(format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))).map(Self::Basic)
    }

    pub(super) fn post(id: &str, secret: &str) -> Result<Self, VerifierError> {
        let (id, secret) = encoded(id, secret)?;
        Ok(Self::Post(format!("&client_id={id}&client_secret={secret}")))
    }

    pub(super) fn bearer(token: &str) -> Result<Self, VerifierError> {
        refuse_empty("bearer token of this server", token)?;
        Authorization::new(format!("Bearer {token}")).map(Self::Bearer)
    }

    pub(super) fn private_key(id: &str, key: &str) -> Result<Self, VerifierError> {
        refuse_empty("client id", id)?;
        refuse_empty("private key", key)?;
        let signer = Signer::new(id, key).map_err(|reason| Problem::UnusableKey { reason })?;
        Ok(Self::PrivateKey(Arc::new(signer)))
    }

    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        match self {
            Self::Basic(Authorization(value)) | Self::Bearer(Authorization(value)) => Some(value.clone()),
            Self::None | Self::Post(_) | Self::PrivateKey(_) => None,
        }
    }

    /// Returns the members to add to a form for `audience`, each with its `&`.
    pub(super) fn form(&self, audience: &str) -> Result<Cow<'_, str>, TokenError> {
        match self {
            Self::None | Self::Basic(_) | Self::Bearer(_) => Ok("".into()),
            Self::Post(form) => Ok(form.into()),
            Self::PrivateKey(signer) => {
                let id = form_encoded(signer.client_id());
                let kind = form_encoded("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                let assertion = signer.assertion(audience, SystemTime::now())?;
                Ok(format!("&client_id={id}&client_assertion_type={kind}&client_assertion={assertion}").into())
            }
        }
    }

    /// Returns advice for the operator of a server whose credentials are not accepted.
    ///
    /// `purpose` completes "whether the client may …".
    pub(super) fn advice(&self, purpose: &str) -> String {
        match self {
            Self::None => {
                "it wants to know who asks: set `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `bearer`"
                    .to_owned()
            }
            Self::Basic(_) => format!(
                "check the id and the secret of `client_secret_basic`, whether the client may {purpose}, and \
                 whether the server expects `client_secret_post`"
            ),
            Self::Post(_) => format!(
                "check the id and the secret of `client_secret_post`, whether the client may {purpose}, and \
                 whether the server expects `client_secret_basic`"
            ),
            Self::Bearer(_) => {
                format!("check whether the token of `bearer` is still good, and whether it may be used to {purpose}")
            }
            Self::PrivateKey(_) => format!(
                "check whether the public key of `private_key_jwt` is registered for the client, whether the client may \
                 {purpose}, and which audience the server expects in assertions: `assertion_audience`"
            ),
        }
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Basic(_) => "client_secret_basic",
            Self::Post(_) => "client_secret_post",
            Self::Bearer(_) => "bearer",
            Self::PrivateKey(_) => "private_key_jwt",
        })
    }
}

fn encoded(id: &str, secret: &str) -> Result<(String, String), VerifierError> {
    refuse_empty("client id", id)?;
    refuse_empty("client secret", secret)?;
    Ok((form_encoded(id), form_encoded(secret)))
}

/// Checks that a value is not empty, like an unset environment variable.
fn refuse_empty(name: &'static str, value: &str) -> Result<(), VerifierError> {
    if value.is_empty() { Err(Problem::Empty { name }.into()) } else { Ok(()) }
}

/// Returns the audience of assertions, which is `by_default` unless it was set.
pub(super) fn assertion_audience(set: Option<String>, by_default: String) -> Result<String, VerifierError> {
    let audience = set.unwrap_or(by_default);
    refuse_empty("audience of assertions", &audience)?;
    Ok(audience)
}

/// Encodes a text for `application/x-www-form-urlencoded`, which RFC 6749 wants even inside of `Basic`.
pub(super) fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            // Writing to a string cannot fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}
