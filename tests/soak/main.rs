//! Endurance. Of the vault's promises: writers are killed, folders are changed, and every answer is compared with what was
//! written. Of jobs: links and programs die while they run, and every log is compared with what was written.
//!
//! `soak vault SECONDS SEED`, or `soak vault KILLSxMUTATIONS SEED` for so many of each; `soak jobs SECONDS SEED`. Says what it
//! reached in JSON on its standard output; exit status 1 when one answer was wrong or, of jobs, when they were too few. The
//! same seed gives the same writes and the same changes; the moment of a kill is a matter of microseconds and does not come
//! again.

mod dice;
mod image;
mod jobs;
mod kills;
mod mutations;
mod opened;
mod report;
mod world;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use report::{Enough, Report, Watched, say};

/// Why something could not be done.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "usage: soak vault SECONDS|KILLSxMUTATIONS SEED\n       soak jobs SECONDS SEED";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["writer"] => block_on(kills::writer()).map(|()| true),
        ["vault", amount, seed] => vault(amount, seed),
        ["jobs", seconds, seed] => match (seconds.parse(), seed.parse()) {
            (Ok(seconds), Ok(seed)) => jobs::run(seconds, seed),
            _ => Err(USAGE.into()),
        },
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&error.to_string());
            ExitCode::from(2)
        }
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn vault(amount: &str, seed: &str) -> Result<bool, Fault> {
    let seed: u64 = seed.parse().map_err(|_| USAGE)?;
    let (kills, mutations) = match amount.split_once('x') {
        Some((kills, mutations)) => (Enough::Count(kills.parse()?), Enough::Count(mutations.parse()?)),
        None => {
            let end = Instant::now() + Duration::from_secs(amount.parse().map_err(|_| USAGE)?);
            (Enough::At(end), Enough::At(end))
        }
    };
    say(&format!("seed {seed}"));
    let report = Arc::new(Report::new(kills, mutations));
    let heard = Arc::clone(&report);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |about| {
        heard.panicked();
        usual(about);
    }));
    let (killing, changing) = (Watched::new(), Watched::new());
    let (left, failed) = (AtomicUsize::new(2), std::sync::Mutex::new(Vec::new()));
    let end = |done: Result<(), Fault>| {
        if let (Err(error), Ok(mut failed)) = (done, failed.lock()) {
            failed.push(error.to_string());
        }
        left.fetch_sub(1, Ordering::SeqCst);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| end(block_on(kills::run(seed, &report, &killing))));
        scope.spawn(|| end(block_on(mutations::run(seed, &report, &changing))));
        while left.load(Ordering::SeqCst) > 0 {
            if let Some(case) = [&killing, &changing].iter().find_map(|watched| watched.hangs()) {
                say(&format!("WRONG: it hangs: {case}"));
                // Whatever hangs cannot be waited for.
                std::process::exit(1);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    let data = report.data(seed);
    writeln!(std::io::stdout().lock(), "{data:#}")?;
    match failed.as_slice() {
        [] => Ok(data["wrong"] == 0),
        failed => Err(failed.join("; ").into()),
    }
}
