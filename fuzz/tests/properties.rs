//! Every property, over its seeds and over inputs that a deterministic generator makes of these.

#![allow(clippy::expect_used, clippy::panic, reason = "a helper of a test fails by panicking, too")]

use std::fs;
use std::path::Path;

/// The pieces that inputs are made of, which parsers are likely to stumble over.
const PIECES: &[&[u8]] = &[
    b"",
    b"\0",
    b" ",
    b"\"",
    b"\\",
    b"\\u0041",
    b"%",
    b"%25",
    b"%2F",
    b"%41",
    b"%%",
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b",",
    b":",
    b".",
    b"=",
    b"-",
    b"1",
    b"-1",
    b"1.0",
    b"1e400",
    b"null",
    b"true",
    b"\"\"",
    b"{}",
    b"[]",
    b"\xff",
    b"\xc3\xbc",
    b"#",
    b"?",
    b"&",
    b";",
    b"/",
    b"+",
    b"*",
    b"a",
];

macro_rules! properties {
    ($($name:ident: $generated:literal,)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                holds_for_all(stringify!($name), mcp_fuzz::$name::check, $generated);
            }
        )*
    };
}
// In alphabetical order, with how many inputs are made: fewer where one takes many requests.
properties! {
    arguments: 1000,
    attributes: 1000,
    bearer: 1000,
    jwt: 500,
    look_up: 1000,
    messages: 1000,
    sealed_texts: 50,
    templates: 3000,
}

fn holds_for_all(name: &str, property: fn(&[u8]), generated: usize) {
    let seeds = seeds(name);
    for (path, seed) in &seeds {
        holds(property, seed, path);
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for number in 0..generated {
        holds(property, &random.input(&seeds), &format!("generated input {number} of {name}"));
    }
}

#[test]
fn every_property_has_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("targets/src/bin");
    let mut targets: Vec<String> = fs::read_dir(folder)
        .expect("the targets")
        .map(|entry| entry.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, NAMES);
}

fn holds(property: fn(&[u8]), input: &[u8], what: &str) {
    // What does not hold is printed as it panics.
    let outcome = std::panic::catch_unwind(|| property(input));
    assert!(outcome.is_ok(), "a property does not hold for {what}: {:?}", String::from_utf8_lossy(input));
}

/// Returns the seeds of a property with their names, in the same order everywhere.
fn seeds(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let paths = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = paths.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.display().to_string(), fs::read(&path).expect("a seed"))).collect()
}

/// A generator of reproducible numbers: Xorshift (Marsaglia, 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (end.max(1) as u64)).expect("it is below a `usize`")
    }

    /// Returns a seed with some changes.
    fn input(&mut self, seeds: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].1.clone();
        for _ in 0..=self.below(4) {
            let start = self.below(input.len() + 1);
            let end = (start + self.below(4)).min(input.len());
            let piece = match self.below(4) {
                0 => vec![u8::try_from(self.below(256)).expect("a byte")],
                1 => {
                    let other = &seeds[self.below(seeds.len())].1;
                    let start = self.below(other.len());
                    other[start..(start + self.below(24)).min(other.len())].to_vec()
                }
                _ => PIECES[self.below(PIECES.len())].to_vec(),
            };
            input.splice(start..end, piece);
        }
        input
    }
}
