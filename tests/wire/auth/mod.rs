//! Tokens and scopes: the gate, the verifiers, and the record of decisions.

mod audit;
mod cached_verifier;
mod dpop;
mod exchange;
mod explain;
pub(crate) mod gate;
mod hidden;
pub(crate) mod hostile;
mod introspection;
mod keys;
mod profiles;
mod protection;
mod providers;
mod resource_server;
mod scope_names;
mod scopes;
mod spellings;
mod token;
