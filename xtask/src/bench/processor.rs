//! What tokens that are JWTs cost, in processor time. valgrind knows neither SHA nor ADX instructions, so that counts of
//! what cryptography costs are far from what it takes.
//!
//! What takes a few microseconds more drowns in what the rest of the machine does. So both servers run at the same time
//! and are asked in short turns, what is compared is of one turn, and the median is one of ratios. And all of it is on one
//! processor: to wake a client on another one that is idle takes a server up to 20 microseconds, now and then.

use std::fmt;
use std::fs;
use std::process::Command;
use std::thread;

use super::client::Client;
use super::finding::{Finding, median};
use super::load::Load;
use super::servers::{JWT, SIGNATURE, Server, Threads, logged_tokens};
use crate::server::Server as Running;
use crate::workspace::{Outcome, Workspace, output};

/// With new processes, because where one lies in memory is luck as well.
const ROUNDS: usize = 6;
/// In each round.
const TURNS: usize = 10;
/// How many requests with a token that was seen before are enough for a turn.
const REQUESTS: usize = 1000;
/// How many new tokens are.
const NEW_TOKENS: usize = 200;
/// The variable `TOKENS`: one that is seen before, and new ones.
const TOKENS: &str = "2001";
/// The variable `SIGNATURES`.
const SIGNATURES: &str = "500";
const MOST_FOR_SEEN: f64 = 1.1;
const MOST_FOR_NEW: f64 = 1.15;

/// What one took, in microseconds.
struct Turn {
    fixed: f64,
    seen: f64,
    new: f64,
    signature: f64,
}

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    // In a thread of its own, which what it starts takes its processor from.
    let pinned = || stay_on_one_processor().and_then(|()| measure_here(workspace));
    thread::scope(|scope| scope.spawn(pinned).join()).map_err(|_| "measuring processor time panicked")?
}

fn stay_on_one_processor() -> Outcome {
    let path = "/proc/thread-self/status";
    let status = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let field = |name| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let thread = field("Pid:").ok_or("a thread has no number")?;
    let allowed = field("Cpus_allowed_list:").and_then(|list| list.split(['-', ',']).next());
    let processor = allowed.ok_or("a thread has no processor")?;
    output(Command::new("taskset").args(["--cpu-list", "--pid", processor, thread])).map(drop)
}

fn measure_here(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let mut turns = Vec::new();
    for _ in 0..ROUNDS {
        turns.extend(round(workspace)?);
    }
    let all = |of: fn(&Turn) -> f64| turns.iter().map(of).collect::<Vec<_>>();
    let seen = Ratio::of(all(|turn| turn.seen / turn.fixed));
    let new = Ratio::of(all(|turn| (turn.new - turn.fixed) / turn.signature));
    let microseconds = |of| format!("{:.1} µs", median(all(of)));
    Ok(vec![
        Finding {
            what: "JWT, token seen before: processor time".to_owned(),
            goal: format!("≤ {MOST_FOR_SEEN} × a fixed token of its length ({})", microseconds(|turn| turn.fixed)),
            measured: format!("{} ({seen})", microseconds(|turn| turn.seen)),
            by_hand: String::new(),
            peer: String::new(),
            met: Some(seen.median <= MOST_FOR_SEEN),
            reason: None,
        },
        Finding {
            what: "JWT, new token: processor time beyond that of a fixed token of its length".to_owned(),
            goal: format!("≤ {MOST_FOR_NEW} × the check of a signature"),
            measured: format!("{} ({new})", microseconds(|turn| turn.new - turn.fixed)),
            by_hand: microseconds(|turn| turn.signature),
            peer: String::new(),
            met: Some(new.median <= MOST_FOR_NEW),
            reason: Some(
                "What an `AccessToken` holds is allocated, and the claims are parsed: about 3 µs each when last looked at.",
            ),
        },
    ])
}

fn round(workspace: &Workspace) -> Outcome<Vec<Turn>> {
    // Read before the next server has the log.
    let start =
        |server: Server| -> Outcome<_> { Ok((server.start(workspace, Threads::One)?, logged_tokens(workspace)?)) };
    let (jwt, tokens) = start(JWT.with("TOKENS", TOKENS))?;
    let (seen, new) = tokens.split_first().ok_or("the server logged no token")?;
    // As long as those, in the same program: what it takes to receive a token is no part of verifying it.
    let (fixed, fixed_token) = start(JWT.with("FIXED", "1"))?;
    let (mut jwt, mut fixed) = (Measured::connect(jwt)?, Measured::connect(fixed)?);
    // Warm up.
    fixed.per_request(Load::SeenToken, &fixed_token, REQUESTS)?;
    jwt.per_request(Load::SeenToken, std::slice::from_ref(seen), REQUESTS)?;
    let turn = |new: &[String]| {
        Ok(Turn {
            fixed: fixed.per_request(Load::SeenToken, &fixed_token, REQUESTS)?,
            seen: jwt.per_request(Load::SeenToken, std::slice::from_ref(seen), REQUESTS)?,
            new: jwt.per_request(Load::FreshTokens, new, new.len())?,
            signature: signature(workspace)?,
        })
    };
    new.chunks(NEW_TOKENS).take(TURNS).map(turn).collect()
}

/// A server with one thread.
struct Measured {
    running: Running,
    client: Client,
}

impl Measured {
    fn connect(running: Running) -> Outcome<Self> {
        Ok(Self { client: Client::connect(running.address)?, running })
    }

    /// In microseconds.
    fn per_request(&mut self, load: Load, tokens: &[String], times: usize) -> Outcome<f64> {
        let requests = load.requests(self.running.address, tokens)?;
        let before = self.nanoseconds()?;
        self.client.repeat(load, &requests, times)?;
        Ok((self.nanoseconds()? - before) / times as f64 / 1000.0)
    }

    /// Brought up to date when the thread waits, as it does between requests.
    fn nanoseconds(&self) -> Outcome<f64> {
        let path = format!("/proc/{}/schedstat", self.running.pid());
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        text.split(' ').next().and_then(|time| time.parse().ok()).ok_or_else(|| format!("{path} has no time"))
    }
}

/// In microseconds. One after the other, which is what costs the least.
fn signature(workspace: &Workspace) -> Outcome<f64> {
    let mut program = Command::new(SIGNATURE.path(workspace));
    let said = output(program.env("SIGNATURES", SIGNATURES))?;
    said.trim().parse().map_err(|error| format!("{}: {error}", SIGNATURE.name()))
}

struct Ratio {
    median: f64,
    /// The middle half of the turns is between these.
    quartiles: [f64; 2],
}

impl Ratio {
    fn of(mut ratios: Vec<f64>) -> Self {
        ratios.sort_by(f64::total_cmp);
        let at = |quarter: usize| ratios.get(ratios.len() * quarter / 4).copied().unwrap_or(f64::NAN);
        Self { quartiles: [at(1), at(3)], median: median(ratios) }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high] = self.quartiles;
        write!(f, "{:.2} ×, half of the turns {low:.2} to {high:.2}", self.median)
    }
}
