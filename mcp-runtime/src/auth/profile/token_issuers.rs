//! The `iss` of tokens, which is not always the issuer that is published.

use serde_json::{Map, Value};

use super::JwtProfile;
use super::preset::Naming;
use crate::auth::TokenError;
use crate::auth::claims::{foreign_issuer, read_text};

/// The placeholder of the tenant in the name of an issuer.
const TENANT: &str = "{tid}";

/// The placeholder of the tenant in Microsoft's metadata and keys.
const TENANT_IN_METADATA: &str = "{tenantid}";

/// The tenant of Microsoft's personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The names of one published issuer in its tokens.
#[derive(Debug, Clone)]
pub(in crate::auth) struct TokenIssuers {
    advertised: String,
    /// The further names, with `{tid}` for the tenant.
    names: Vec<String>,
    /// Set if no token has the advertised name, which is several tenants'.
    is_shared: bool,
    /// Set if the claim `tid` is the tenant of a token.
    has_tenants: bool,
    /// The accepted tenants; `None` accepts all but `excluded`.
    tenants: Option<Vec<String>>,
    /// The tenant that is not accepted.
    excluded: Option<&'static str>,
}

impl TokenIssuers {
    pub(in crate::auth) fn new(advertised: &str, profile: &JwtProfile) -> Self {
        let naming = profile.preset.map_or(Naming::Published, |preset| preset.naming);
        let mut issuers = Self {
            advertised: advertised.to_owned(),
            names: profile.token_issuers.clone(),
            is_shared: false,
            has_tenants: naming == Naming::Entra
                || profile.tenants.is_some()
                || profile.token_issuers.iter().any(|name| name.contains(TENANT)),
            tenants: profile.tenants.clone(),
            excluded: None,
        };
        match naming {
            Naming::Published => {}
            Naming::Entra => issuers.add_entra(),
            Naming::AdFs => {
                let host = host_and_path(advertised).0;
                issuers.names.push(format!("http://{host}/adfs/services/trust"));
            }
        }
        issuers
    }

    fn add_entra(&mut self) {
        let (host, path) = host_and_path(&self.advertised);
        let (host, tenant) = (host.to_owned(), path.split('/').next().unwrap_or_default());
        if host.ends_with(".ciamlogin.com") {
            self.names.push(format!("https://{tenant}.ciamlogin.com/{tenant}/v2.0"));
            return;
        }
        let (login, sts) = match &*host {
            "login.microsoftonline.com" | "sts.windows.net" => ("login.microsoftonline.com", "sts.windows.net"),
            "login.microsoftonline.us" => ("login.microsoftonline.us", "sts.windows.net"),
            "login.partner.microsoftonline.cn" | "sts.chinacloudapi.cn" => {
                ("login.partner.microsoftonline.cn", "sts.chinacloudapi.cn")
            }
            _ => return,
        };
        let tenant = match tenant {
            "common" => TENANT,
            "organizations" => {
                self.excluded = Some(PERSONAL);
                TENANT
            }
            "consumers" => PERSONAL,
            tenant => tenant,
        };
        self.is_shared = tenant == TENANT;
        self.names.extend([format!("https://{login}/{tenant}/v2.0"), format!("https://{sts}/{tenant}/")]);
    }

    /// Returns the issuer that the server publishes.
    pub(in crate::auth) fn advertised(&self) -> &str {
        &self.advertised
    }

    /// Returns the names that the metadata may have (RFC 8414 §3.3).
    pub(in crate::auth) fn metadata_names(&self) -> Vec<String> {
        let further = self.names.iter().map(|name| name.replace(TENANT, TENANT_IN_METADATA));
        std::iter::once(self.advertised.clone()).chain(further).collect()
    }

    /// Returns `true` if the `iss` of these claims is a name of this issuer. [`check`](Self::check) has the tenant.
    pub(in crate::auth) fn are_of(&self, claims: &Map<String, Value>) -> bool {
        let Some(Value::String(issuer)) = claims.get("iss") else { return false };
        *issuer == self.advertised
            || self.names.iter().any(|name| match name.split_once(TENANT) {
                None => name == issuer,
                Some((before, after)) => {
                    // The tenant is one segment of a path, so that no other host or path fits.
                    let tenant = issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                    tenant.is_some_and(is_tenant)
                }
            })
    }

    /// Checks the tenant of a token of this issuer ([`are_of`](Self::are_of)).
    pub(in crate::auth) fn check(&self, claims: &Map<String, Value>) -> Result<(), TokenError> {
        if !self.has_tenants {
            return Ok(());
        }
        let issuer = read_text(claims, "iss")?.unwrap_or_default();
        let Some(tenant) = read_text(claims, "tid")? else {
            let is_needed = self.tenants.is_some() || !self.is_fixed(issuer);
            return match is_needed {
                true => Err(no_tenant()),
                false => Ok(()),
            };
        };
        let mut segments = issuer.split('/');
        let names_none = self.is_fixed(issuer) && !segments.clone().any(is_guid);
        if !is_tenant(tenant) || !names_none && !segments.any(|segment| segment == tenant) {
            return Err(TokenError::invalid("its `tid` is not the tenant in its `iss`"));
        }
        self.check_tenant(tenant)
    }

    /// Checks and returns the tenant of a token without an `iss`.
    #[cfg(feature = "introspection")]
    pub(in crate::auth) fn check_unnamed<'c>(
        &self,
        claims: &'c Map<String, Value>,
    ) -> Result<Option<&'c str>, TokenError> {
        if !self.has_tenants {
            return Ok(None);
        }
        let tenant = read_text(claims, "tid")?;
        match tenant {
            Some(tenant) => self.check_tenant(tenant)?,
            None if self.tenants.is_some() || self.excluded.is_some() => return Err(no_tenant()),
            None => {}
        }
        Ok(tenant)
    }

    fn check_tenant(&self, tenant: &str) -> Result<(), TokenError> {
        let is_accepted = match &self.tenants {
            Some(listed) => listed.iter().any(|listed| listed.eq_ignore_ascii_case(tenant)),
            None => self.excluded.is_none_or(|excluded| !excluded.eq_ignore_ascii_case(tenant)),
        };
        match is_accepted {
            true => Ok(()),
            false => Err(TokenError::invalid("its tenant is not accepted; `JwtProfile::tenants` lists those that are")),
        }
    }

    /// Returns `true` if a name is that of one tenant alone.
    fn is_fixed(&self, issuer: &str) -> bool {
        issuer == self.advertised && !self.is_shared || self.names.iter().any(|name| name == issuer)
    }

    /// Returns `true` if a key of this issuer may sign these claims.
    ///
    /// Microsoft publishes the keys of organisations and of personal accounts together, each with the issuer that it is
    /// for.
    pub(in crate::auth) fn key_signs_for(&self, key_issuer: &str, claims: &Map<String, Value>) -> bool {
        !self.has_tenants || key_issuer.contains(TENANT_IN_METADATA) || {
            let text = |name| claims.get(name).and_then(Value::as_str);
            let is_of = |tenant: &str| key_issuer.split('/').any(|segment| segment == tenant);
            match (text("tid"), text("iss")) {
                (Some(tenant), _) => is_of(tenant),
                (None, Some(issuer)) => {
                    issuer == key_issuer || issuer.split('/').find(|segment| is_guid(segment)).is_some_and(is_of)
                }
                (None, None) => false,
            }
        }
    }
}

fn no_tenant() -> TokenError {
    TokenError::invalid("it names no tenant: it has no `tid`")
}

/// Returns the refusal of a token that is of none of these issuers.
pub(in crate::auth) fn unknown_issuer<'a>(
    claims: &Map<String, Value>,
    known: impl Iterator<Item = &'a TokenIssuers>,
) -> TokenError {
    match read_text(claims, "iss") {
        Ok(None) => TokenError::invalid("it names no issuer: it has no `iss`"),
        Ok(Some(_)) => foreign_issuer(known.map(TokenIssuers::advertised)),
        Err(error) => error,
    }
}

/// Returns `true` for a GUID or another name in one segment.
fn is_tenant(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Returns the host and port of a URL, and its path.
fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').unwrap_or((rest, ""))
}
