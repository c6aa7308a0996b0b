//! The processor time of tokens that are JWTs.
//!
//! It is measured and not counted, because valgrind knows neither SHA nor ADX instructions.
//!
//! A few microseconds drown in the noise of the machine. So both servers run at the same time and are called in short
//! turns, only figures of one turn are compared, and the median is one of ratios. All of it runs on one processor,
//! because waking a client on another, idle one takes a server up to 20 microseconds.

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

/// The number of rounds, each with new processes, because their place in memory matters, too.
const ROUNDS: usize = 6;
/// The number of turns in each round.
const TURNS: usize = 10;
/// The number of requests of a turn with a token that was seen before.
const REQUESTS: usize = 1000;
/// The number of requests of a turn with new tokens.
const NEW_TOKENS: usize = 200;
/// The variable `TOKENS`: one token that is repeated, and new ones.
const TOKENS: &str = "2001";
/// The variable `SIGNATURES`.
const SIGNATURES: &str = "500";
const MOST_FOR_SEEN: f64 = 1.1;
const MOST_FOR_NEW: f64 = 1.15;

/// The times of one turn, in microseconds.
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
    let (mut jwt, mut fixed) = (Candidate::connect(jwt)?, Candidate::connect(fixed)?);
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
struct Candidate {
    running: Running,
    client: Client,
}

impl Candidate {
    fn connect(running: Running) -> Outcome<Self> {
        Ok(Self { client: Client::connect(running.address)?, running })
    }

    /// Returns the processor time per request, in microseconds.
    fn per_request(&mut self, load: Load, tokens: &[String], times: usize) -> Outcome<f64> {
        let requests = load.requests(self.running.address, tokens)?;
        let before = self.nanoseconds()?;
        self.client.repeat(load, &requests, times)?;
        Ok((self.nanoseconds()? - before) / times as f64 / 1000.0)
    }

    /// Reads the processor time of the thread, which is up to date while it waits between requests.
    fn nanoseconds(&self) -> Outcome<f64> {
        let path = format!("/proc/{}/schedstat", self.running.pid());
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        text.split(' ').next().and_then(|time| time.parse().ok()).ok_or_else(|| format!("{path} has no time"))
    }
}

/// Measures the check of one signature, in microseconds, one after the other.
fn signature(workspace: &Workspace) -> Outcome<f64> {
    let mut program = Command::new(SIGNATURE.path(workspace));
    let said = output(program.env("SIGNATURES", SIGNATURES))?;
    said.trim().parse().map_err(|error| format!("{}: {error}", SIGNATURE.name()))
}

struct Ratio {
    median: f64,
    /// The limits of the middle half of the turns.
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
