//! `cargo xtask notify`: says in Slack how a deployment ended, and marks it in Grafana.

use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::{program, words::Grammar};

const GRAMMAR: Grammar = Grammar {
    options: &["environment", "target", "commit", "outcome", "run"],
    flags: &[],
    usage: "\
cargo xtask notify --environment ENV --target TARGET --commit SHA --outcome OUTCOME --run URL

OUTCOME is success, failure or cancelled. Where to comes from the environment, never from a word:
  SLACK_WEBHOOK_URL             a message with the outcome
  GRAFANA_URL, GRAFANA_TOKEN    an annotation with the tags deployment, ENV and OUTCOME
What is not set is left out, and said. A notice that cannot be delivered fails the command.",
};

/// What is told.
struct Notice<'a> {
    environment: &'a str,
    target: &'a str,
    commit: &'a str,
    outcome: &'a str,
    run: &'a str,
}

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = GRAMMAR.read(words)? else {
        return Ok(());
    };
    let notice = Notice {
        environment: words.required("environment")?,
        target: words.required("target")?,
        commit: words.required("commit")?,
        outcome: words.required("outcome")?,
        run: words.required("run")?,
    };
    if !matches!(notice.outcome, "success" | "failure" | "cancelled") {
        bail!(
            "--outcome {:?}: write success, failure or cancelled",
            notice.outcome
        );
    }
    let slack = told("Slack", slack(&notice));
    let grafana = told("Grafana", grafana(&notice));
    // Both are tried before either fails.
    slack.and(grafana)
}

fn slack(notice: &Notice<'_>) -> anyhow::Result<bool> {
    let Some(address) = variable("SLACK_WEBHOOK_URL") else {
        return Ok(false);
    };
    post(&address, None, &message(notice)).map(|()| true)
}

fn grafana(notice: &Notice<'_>) -> anyhow::Result<bool> {
    let (address, token) = match (variable("GRAFANA_URL"), variable("GRAFANA_TOKEN")) {
        (Some(address), Some(token)) => (address, token),
        (None, None) => return Ok(false),
        _ => bail!("GRAFANA_URL and GRAFANA_TOKEN go together: one of them is not set"),
    };
    let address = format!("{}/api/annotations", address.trim_end_matches('/'));
    post(&address, Some(&token), &annotation(notice)).map(|()| true)
}

fn told(place: &str, outcome: anyhow::Result<bool>) -> anyhow::Result<()> {
    match outcome {
        Ok(true) => println!("{place}: told"),
        Ok(false) => println!("{place}: left out, its address is not set"),
        Err(error) => return Err(error.context(format!("{place} was not told"))),
    }
    Ok(())
}

fn message(notice: &Notice<'_>) -> Value {
    let sign = match notice.outcome {
        "success" => ":white_check_mark:",
        "failure" => ":x:",
        _ => ":heavy_minus_sign:",
    };
    json!({"text": format!(
        "{sign} expense-backend `{}` to {} ({}): *{}* <{}|run>",
        escaped(short(notice.commit)),
        escaped(notice.environment),
        escaped(notice.target),
        notice.outcome,
        escaped(notice.run),
    )})
}

fn annotation(notice: &Notice<'_>) -> Value {
    json!({
        "tags": ["deployment", notice.environment, notice.outcome],
        "text": format!("{} to {} ({}): {}", short(notice.commit), notice.environment, notice.target, notice.outcome),
    })
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// The three characters with a meaning in Slack's text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Address and token go to curl by its standard input: a list of processes shows neither.
fn post(address: &str, token: Option<&str>, body: &Value) -> anyhow::Result<()> {
    let mut config = format!(
        "url = {}\nheader = \"Content-Type: application/json\"\ndata = {}\n",
        quoted(address)?,
        quoted(&body.to_string())?
    );
    if let Some(token) = token {
        config.push_str(&format!(
            "header = {}\n",
            quoted(&format!("Authorization: Bearer {token}"))?
        ));
    }
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--show-error",
        "--fail",
        "--output",
        "/dev/null",
    ])
    .args(["--max-time", "20", "--retry", "3", "--retry-connrefused"])
    .args(["--proto", "=https,http", "--config", "-"]);
    program::told(&mut curl, &config)
        .map(drop)
        .context("the request was refused or not delivered")
}

fn quoted(text: &str) -> anyhow::Result<String> {
    if text.contains(['\n', '\r', '\0']) {
        bail!("an address, token or text has more than one line");
    }
    Ok(format!(
        "\"{}\"",
        text.replace('\\', "\\\\").replace('"', "\\\"")
    ))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use super::*;

    const NOTICE: Notice<'_> = Notice {
        environment: "prod",
        target: "eks",
        commit: "0123456789abcdef0123456789abcdef01234567",
        outcome: "failure",
        run: "https://github.com/o/r/actions/runs/1?a=<b>&c",
    };

    /// One request's head and body, answered with `status`.
    fn heard(status: &str, send: impl FnOnce(&str) -> anyhow::Result<()>) -> (String, bool) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let reply = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut buffer = [0; 4096];
            while !heard.ends_with(b"}") {
                let count = stream.read(&mut buffer).unwrap();
                heard.extend_from_slice(&buffer[..count]);
            }
            stream.write_all(reply.as_bytes()).unwrap();
            String::from_utf8(heard).unwrap()
        });
        let sent = send(&address).is_ok();
        (server.join().unwrap(), sent)
    }

    #[test]
    fn token_and_text_arrive_whole() {
        let (heard, sent) = heard("200 OK", |address| {
            post(address, Some("glsa_\"x\\y"), &annotation(&NOTICE))
        });
        assert!(sent);
        assert!(
            heard.contains("Authorization: Bearer glsa_\"x\\y\r\n"),
            "{heard}"
        );
        let body: Value = serde_json::from_str(heard.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!(body, annotation(&NOTICE));
    }

    #[test]
    fn a_refusal_is_an_error() {
        let (_, sent) = heard("403 Forbidden", |address| {
            post(address, None, &message(&NOTICE))
        });
        assert!(!sent);
    }

    #[test]
    fn slack_gets_no_markup_of_others() {
        let text = message(&NOTICE)["text"].to_string();
        assert!(text.contains("&lt;b&gt;&amp;c|run"), "{text}");
        assert!(text.contains("`0123456789ab`"), "{text}");
    }
}
