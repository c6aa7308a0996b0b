//! The other profiles that may fit a token, and the scopes that providers need.

use serde_json::{Map, Value};

use super::JwtProfile;
use super::preset::{Naming, PRESETS};
use crate::auth::claims::read_texts;

/// A profile that may be that of a token's provider.
pub(in crate::auth) struct Alternative {
    /// The call of the constructor in Rust.
    pub(in crate::auth) constructor: String,
    pub(in crate::auth) profile: JwtProfile,
    /// Set if the name of the issuer looks like this provider's.
    pub(in crate::auth) is_likely: bool,
}

impl JwtProfile {
    /// Returns all presets but this profile's own, with the operator's settings in this profile.
    pub(in crate::auth) fn alternatives(&self, advertised: &str, claims: &Map<String, Value>) -> Vec<Alternative> {
        let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        let audience = read_texts(claims, "aud").ok().flatten().unwrap_or_default();
        let own = self.preset.map(|preset| preset.constructor);
        let mut alternatives = Vec::new();
        for preset in PRESETS.into_iter().filter(|preset| Some(preset.constructor) != own) {
            let is_likely = preset.signs.iter().any(|sign| advertised.contains(sign) || issuer.contains(sign));
            // The argument of a constructor is in the audience of its provider's tokens.
            let named: Vec<&str> = match preset.constructor {
                "entra(application)" => {
                    audience.iter().map(|name| name.strip_prefix("api://").unwrap_or(name)).collect()
                }
                "stytch(project)" => audience.iter().map(String::as_str).collect(),
                _ => vec![""],
            };
            for name in named {
                let (constructor, profile) = match preset.constructor {
                    "entra(application)" => (format!("JwtProfile::entra({name:?})"), Self::entra(name)),
                    "stytch(project)" => (format!("JwtProfile::stytch({name:?})"), Self::stytch(name)),
                    constructor => (format!("JwtProfile::{constructor}"), Self::of(preset)),
                };
                // Every text is an argument of these two, so that they would fit every token.
                if is_likely || name.is_empty() {
                    alternatives.push(Alternative { constructor, profile: profile.with_settings_of(self), is_likely });
                }
            }
        }
        alternatives
    }

    /// Returns `true` if clients ask this issuer for scopes behind the resource.
    pub(in crate::auth) fn asks_by_resource(&self, advertised: &str) -> bool {
        let is_entra = self.preset.is_some_and(|preset| preset.naming == Naming::Entra);
        // Scopes of Azure AD B2C begin with another URI, which only its operator knows.
        is_entra && !advertised.contains(".b2clogin.com/")
    }

    /// Returns the scopes by which tokens get an accepted audience and roles.
    pub(in crate::auth) fn scopes_for_audiences(&self) -> Vec<String> {
        let Some([before, after, roles]) = self.preset.and_then(|preset| preset.scope_for_audience) else {
            return Vec::new();
        };
        let audiences = self.audiences.iter().map(|name| format!("{before}{name}{after}"));
        audiences.chain((!self.audiences.is_empty()).then(|| roles.to_owned())).collect()
    }

    /// Adds the operator's settings in another profile.
    fn with_settings_of(mut self, other: &Self) -> Self {
        self.audiences.extend(other.audiences.iter().cloned());
        self.scope_claims.extend(other.scope_claims.iter().filter(|claim| claim.is_expected()).cloned());
        self.token_issuers.extend(other.token_issuers.iter().cloned());
        Self {
            algorithms: other.algorithms.clone(),
            without_audience: other.without_audience.clone(),
            client_as_audience: other.client_as_audience,
            tenants: other.tenants.clone(),
            ..self
        }
    }
}
