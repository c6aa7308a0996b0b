//! A program that checks ES256 signatures, as many as the variable `SIGNATURES` says.
//!
//! It prints the processor time per signature, in microseconds.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use floor::Outcome;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};

/// The number of signatures that are made, so that signing costs the same in every run.
const SIGNED: usize = 1024;

fn main() -> Outcome {
    let checked: usize = std::env::var("SIGNATURES")?.parse()?;
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| "no key could be made")?;
    let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).map_err(|_| "the key could not be read")?;
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref());
    let mut signed = Vec::new();
    for number in 0..SIGNED {
        // As long as the header and the claims of a token.
        let message = format!("{number:0400}");
        let signature = key.sign(&random, message.as_bytes()).map_err(|_| "the key does not sign")?;
        signed.push((message, signature));
    }
    let before = processor_time()?;
    for (message, signature) in signed.iter().take(checked) {
        public.verify(message.as_bytes(), signature.as_ref()).map_err(|_| "the signature is not one of the key")?;
    }
    println!("{:.2}", (processor_time()? - before) / checked as f64 / 1000.0);
    Ok(())
}

/// Reads the processor time of the only thread, in nanoseconds.
fn processor_time() -> Outcome<f64> {
    // Or else it would be that of the last tick of the clock, some milliseconds ago.
    sleep(Duration::from_millis(1));
    let text = fs::read_to_string("/proc/self/schedstat")?;
    Ok(text.split(' ').next().ok_or("the schedstat has no time")?.parse()?)
}
