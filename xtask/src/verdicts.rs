//! `cargo xtask verdicts`: mutated tokens, and the verdicts of other libraries about them.
//!
//! The package `xtask/verdicts` mutates tokens, verifies them with the framework and with the crate `jsonwebtoken`, and has
//! programs that verify them with PyJWT and jose. All have the same keys and settings. A disagreement whose reason the
//! tables below do not have fails the command, and so does a token that two libraries read in different ways.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::interop::python::Python;
use crate::npm;
use crate::side_by_side::both;
use crate::workspace::{Outcome, Workspace, output, run as run_program};

const PACKAGE: &str = "xtask/verdicts";

/// The number of tokens, which have other mutations each time.
const TOKENS: u32 = 50_000;

/// The number of tokens in `cargo xtask ci`, whose mutations are the same each time.
const QUICK_TOKENS: u32 = 6_000;
const QUICK_SEED: u64 = 1;

/// The number of unexplained disagreements that are printed.
const PRINTED: usize = 20;

/// A reason for which the framework refuses tokens that another library accepts.
struct Stricter {
    /// The begin of the framework's reason.
    reason: &'static str,
    libraries: &'static [&'static str],
    because: &'static str,
}

const JOSE: &str = "jose";
const PYJWT: &str = "PyJWT";
const JSONWEBTOKEN: &str = "jsonwebtoken";
const ALL: &[&str] = &[JOSE, PYJWT, JSONWEBTOKEN];

const STRICTER: &[Stricter] = &[
    Stricter {
        reason: "its header is not a JSON object of unique members",
        libraries: ALL,
        because: "a header has one reading: no member twice (RFC 7515 §4), and no JSON that parsers differ about",
    },
    Stricter {
        reason: "its claims are not a JSON object of unique members",
        libraries: ALL,
        because: "claims have one reading: no member twice (RFC 7519 §4), and no JSON that parsers differ about",
    },
    Stricter {
        reason: "its header has an extension or a key that is never accepted",
        libraries: ALL,
        because: "`crit`, `b64` and `zip` change the meaning of a signature, `jwk` and `x5c` bring their own key",
    },
    Stricter {
        reason: "its header has a member of a wrong type",
        libraries: &[PYJWT, JSONWEBTOKEN],
        because: "`kid` and `typ` are strings (RFC 7515 §4.1.4, §4.1.9), and `null` is not an absent one",
    },
    Stricter {
        reason: "its signature is not canonical base64url",
        libraries: &[JOSE, PYJWT],
        because: "base64url has no padding and no white space (RFC 7515 §2), so that a token has one spelling",
    },
    Stricter {
        reason: "its `typ` is not `at+jwt`",
        libraries: &[PYJWT, JSONWEBTOKEN],
        because: "another kind of JWT is no access token (RFC 9068 §4), and these libraries do not check the `typ`",
    },
    Stricter {
        reason: "it is bound to a key",
        libraries: ALL,
        because: "a bound token needs a proof (RFC 9449 §7.1), which is the caller's task with these libraries",
    },
    Stricter {
        reason: "it is not valid yet, by its `iat`",
        libraries: &[JOSE, JSONWEBTOKEN],
        because: "a token from the future is of a broken clock or forged; RFC 7519 leaves the `iat` to the application",
    },
    Stricter {
        reason: "its `*` has a wrong type",
        libraries: ALL,
        because: "a claim of a wrong type is refused, because another reader may find a value in it (RFC 9068 §2.2)",
    },
    Stricter {
        reason: "it names no client",
        libraries: ALL,
        because: "an empty `client_id` is no name, by which a client could be told from another one",
    },
    Stricter {
        reason: "its `*` is `null`",
        libraries: ALL,
        because: "`null` is of a wrong type for each of these claims, and not the absence of one",
    },
    Stricter {
        reason: "its `aud` has an item that is no text",
        libraries: &[JOSE],
        because: "an audience is a string or an array of strings (RFC 7519 §4.1.3)",
    },
    Stricter {
        reason: "its `*` is not a date",
        libraries: ALL,
        because: "a date beyond the year 9999 is no `NumericDate` but another unit, or never ends",
    },
];

/// A mutation with which the framework accepts a token that the other libraries refuse.
struct Laxer {
    /// The label of the mutation.
    label: &'static str,
    because: &'static str,
}

const LAXER: &[Laxer] = &[Laxer {
    label: "alg: \"Ed25519\"",
    because: "the newer name of `EdDSA` with this curve (RFC 9864 §2.2); the key has the older one",
}];

/// Runs many tokens of a new seed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    compare(workspace, time.as_secs(), TOKENS).map(drop)
}

/// Runs the tokens of `cargo xtask ci`, for which every explanation is needed.
pub(crate) fn quick(workspace: &Workspace) -> Outcome {
    let needed = compare(workspace, QUICK_SEED, QUICK_TOKENS)?;
    let unneeded: Vec<String> = explanations()
        .filter(|(disagreement, library, _)| !needed.contains(&(disagreement, library)))
        .map(|(disagreement, library, _)| format!("{library} no longer disagrees about: {disagreement}"))
        .collect();
    if unneeded.is_empty() { Ok(()) } else { Err(unneeded.join("\n")) }
}

/// Returns each known disagreement with a library, and its reason.
fn explanations() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let stricter = STRICTER.iter().map(|known| (known.reason, known.libraries, known.because));
    let laxer = LAXER.iter().map(|known| (known.label, ALL, known.because));
    stricter.chain(laxer).flat_map(|(disagreement, libraries, because)| {
        libraries.iter().map(move |library| (disagreement, *library, because))
    })
}

/// Compares the verdicts about the tokens of a seed, and returns the disagreements that were explained.
fn compare(workspace: &Workspace, seed: u64, tokens: u32) -> Outcome<BTreeSet<(&'static str, &'static str)>> {
    let folder = workspace.target.join("verdicts");
    let failed = |error| format!("{}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    let packages = folder.join("npm");
    let (python, node) = both(
        || Python::install(workspace, &format!("{PACKAGE}/requirements.txt"), &folder.join("python")),
        || {
            run_program(&mut workspace.cargo(&["build", "--package=verdicts"]))?;
            npm::install(workspace, PACKAGE, &["jose.mjs"], &packages)
        },
    )?;
    println!("{tokens} tokens of the seed {seed}");
    let program = workspace.target.join("debug/verdicts");
    let lines = output(Command::new(program).args([seed.to_string(), tokens.to_string()]))?;
    let file = folder.join("tokens.jsonl");
    fs::write(&file, &lines).map_err(failed)?;
    let python = python.command(workspace, &format!("{PACKAGE}/pyjwt.py"));
    let (jose, pyjwt) = both(
        || output(Command::new(&node).arg(packages.join("jose.mjs")).arg(&file)),
        || output(Command::new(&python[0]).args(&python[1..]).arg(&file)),
    )?;

    let mut report = Report::default();
    let (mut jose, mut pyjwt) = (jose.lines(), pyjwt.lines());
    for line in lines.lines().skip(1) {
        let token = parse(line)?;
        let verdicts = [(JOSE, jose.next()), (PYJWT, pyjwt.next())];
        for (library, verdict) in verdicts {
            report.add(library, &token, &parse(verdict.ok_or_else(|| format!("{library} ended early"))?)?);
        }
        report.add(JSONWEBTOKEN, &token, &token["jsonwebtoken"]);
    }
    report.finish()
}

fn parse(line: &str) -> Outcome<Value> {
    serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))
}

/// The disagreements.
#[derive(Default)]
struct Report {
    accepted: u32,
    /// The numbers of tokens by the reason and the library.
    explained: BTreeMap<(&'static str, &'static str), u32>,
    unexplained: Vec<String>,
}

impl Report {
    /// Compares the framework's verdict about a token with that of a library.
    fn add(&mut self, library: &'static str, token: &Value, theirs: &Value) {
        let ours = &token["mcp"];
        let text = |verdict: &Value| verdict["refused"].as_str().unwrap_or_default().to_owned();
        let disagreement = match (ours["read"].as_array(), theirs["read"].as_array()) {
            (None, None) => return,
            (None, Some(_)) => {
                let reason = text(ours);
                if let Some(known) = STRICTER.iter().find(|known| known.explains(&reason, library)) {
                    *self.explained.entry((known.reason, library)).or_default() += 1;
                    return;
                }
                format!("{library} accepts a token that is refused because {reason}")
            }
            (Some(_), None) => {
                let labels = token["labels"].as_array();
                let has = |label| labels.is_some_and(|labels| labels.iter().any(|other| other == label));
                if let Some(known) = LAXER.iter().find(|known| has(known.label)) {
                    *self.explained.entry((known.label, library)).or_default() += 1;
                    return;
                }
                format!("{library} refuses a token that is accepted: {}", text(theirs))
            }
            (Some(read), Some(other)) => {
                self.accepted += 1;
                if read == other {
                    return;
                }
                format!("{library} reads {other:?} in a token, and the framework {read:?}")
            }
        };
        self.unexplained.push(format!("{disagreement}\n  {}\n  {}", token["labels"], token["token"]));
    }

    fn finish(self) -> Outcome<BTreeSet<(&'static str, &'static str)>> {
        println!("{} verdicts agree on acceptance and on what the token says", self.accepted);
        let mut last = "";
        for (disagreement, library, because) in explanations() {
            if disagreement != last {
                println!("{disagreement}\n    {because}");
                last = disagreement;
            }
            println!("{:>12} {library}", self.explained.get(&(disagreement, library)).copied().unwrap_or_default());
        }
        if self.unexplained.is_empty() {
            return Ok(self.explained.into_keys().collect());
        }
        let printed: Vec<_> = self.unexplained.iter().take(PRINTED).map(String::as_str).collect();
        Err(format!("{}\n{} disagreements without an explanation", printed.join("\n"), self.unexplained.len()))
    }
}

impl Stricter {
    fn explains(&self, reason: &str, library: &str) -> bool {
        let mut rest = Some(reason);
        for (position, piece) in self.reason.split('*').enumerate() {
            rest = rest.and_then(|rest| {
                let start = rest.find(piece).filter(|start| position > 0 || *start == 0)?;
                rest.get(start + piece.len()..)
            });
        }
        rest.is_some() && self.libraries.contains(&library)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_disagreement_is_explained_or_a_fault() {
        let refused = json!({"refused": "its `exp` has a wrong type: it is a text"});
        let forged = json!({"refused": "no key of its issuer confirms its signature"});
        let [alice, bob] = ["alice", "bob"].map(|sub| json!({"read": [sub]}));
        for (ours, theirs, faults) in [
            (&refused, &refused, 0),
            (&refused, &alice, 0),
            (&alice, &alice, 0),
            (&forged, &alice, 1),
            (&alice, &refused, 1),
            (&alice, &bob, 1),
        ] {
            let mut report = Report::default();
            report.add(PYJWT, &json!({"mcp": ours}), theirs);
            assert_eq!(report.unexplained.len(), faults, "{ours} {theirs}");
        }
        let mut report = Report::default();
        report.add(PYJWT, &json!({"labels": ["alg: \"Ed25519\""], "mcp": alice}), &refused);
        assert_eq!(report.unexplained.len(), 0, "the newer name");
        report.add(JOSE, &json!({"mcp": {"refused": "its `typ` is not `at+jwt`; a remark"}}), &alice);
        assert_eq!(report.unexplained.len(), 1, "jose checks the type");
    }
}
