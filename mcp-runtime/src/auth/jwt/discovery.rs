//! Where an issuer has its keys.
