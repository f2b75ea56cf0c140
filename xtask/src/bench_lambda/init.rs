//! Init: the function against a bare one, in turn, so that both meet the same noise.

use std::time::Duration;

use super::{Programs, function::Function};

/// As in production, but for secrets: reading one is a round trip to another service.
const PRODUCTION: &[(&str, &str)] = &[
    ("ENVIRONMENT", "production"),
    ("LAMBDA_KIND", "api"),
    ("DB_HOST", "127.0.0.1"),
    ("DB_USER", "bench"),
    ("DB_PWD", "bench"),
    ("REDIS_HOST", "127.0.0.1"),
    ("CACHE_MODE", "on"),
    ("AUTH_MODE", "none"),
    ("TRUSTED_PROXY_HOPS", "1"),
];
/// Not counted: the first starts read the programs from disk.
const WARM_UPS: u64 = 2;

/// What one program took in every round, sorted.
#[derive(Default)]
struct Times {
    init: Vec<Duration>,
    busy: Vec<Duration>,
}

/// Starts both programs `rounds` times and prints what they took.
pub(super) fn measure(programs: &Programs, rounds: u64) -> anyhow::Result<()> {
    let (mut own, mut bare) = (Times::default(), Times::default());
    for round in 0..WARM_UPS + rounds {
        for (times, program, variables) in [
            (&mut own, &programs.function, PRODUCTION),
            (&mut bare, &programs.bare, &[]),
        ] {
            let function = Function::start(program, variables)?;
            if round >= WARM_UPS {
                times.init.push(function.init);
                times.busy.push(function.busy);
            }
        }
    }
    println!("\ninit in ms, {rounds} rounds    least  median     p90   on a processor (median)");
    print("the function", &mut own);
    print("a bare one", &mut bare);
    println!(
        "ratio of the medians {:.2}, of the least {:.2}, of the times on a processor {:.2}",
        ratio(at(&own.init, 50), at(&bare.init, 50)),
        ratio(at(&own.init, 0), at(&bare.init, 0)),
        ratio(at(&own.busy, 50), at(&bare.busy, 50)),
    );
    Ok(())
}

fn print(name: &str, times: &mut Times) {
    times.init.sort();
    times.busy.sort();
    let [least, median, p90] = [0, 50, 90].map(|percent| millis(at(&times.init, percent)));
    let busy = millis(at(&times.busy, 50));
    println!("{name:<24}{least:>9.2}{median:>8.2}{p90:>8.2}{busy:>9.2}");
}

/// The value below which `percent` of the sorted times lie.
fn at(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get(last * percent / 100)
        .copied()
        .unwrap_or_default()
}

#[expect(clippy::float_arithmetic, reason = "a figure to look at")]
fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[expect(clippy::float_arithmetic, reason = "a figure to look at")]
fn ratio(own: Duration, bare: Duration) -> f64 {
    own.as_secs_f64() / bare.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends_are_found() {
        let times: Vec<_> = (1..=11).map(Duration::from_millis).collect();
        assert_eq!(
            [0, 50, 90].map(|percent| at(&times, percent).as_millis()),
            [1, 6, 10]
        );
        assert_eq!(at(&[], 50), Duration::ZERO);
    }
}
