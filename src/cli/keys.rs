//! `expense-backend keys new`: makes an API key. Touches no file and no network.

use std::io::{self, Write};

use clap::{Args, Subcommand};

use crate::auth::{
    Scope,
    api_keys::{NewKey, is_name},
};

/// `keys`
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an API key: prints the key, which is shown only this once, and below it its entry for API_KEYS
    New(NewArgs),
}

/// `keys new`
#[derive(Debug, Args)]
struct NewArgs {
    /// Who will use the key: 1 to 64 characters, seen in audit lines
    #[arg(long, default_value = "default", value_parser = parse_name)]
    name: String,
    /// What the key may do (may be repeated, or separated by commas): transactions:read, transactions:write,
    /// transactions:admin
    #[arg(
        long = "scope",
        visible_alias = "scopes",
        value_delimiter = ',',
        default_value = "transactions:read",
        value_parser = parse_scope
    )]
    scopes: Vec<Scope>,
}

/// Runs the command. Two lines go to `out`, the key and the JSON array for `API_KEYS`; words for people to `notes`.
pub fn run(args: &KeysArgs, out: &mut dyn Write, notes: &mut dyn Write) -> io::Result<()> {
    let Action::New(NewArgs { name, scopes }) = &args.action;
    let mut scopes = scopes.clone();
    scopes.sort_by_key(|scope| scope.as_str());
    scopes.dedup();
    let key = NewKey::generate()?;
    writeln!(
        notes,
        "The first line is the key for {name}: give it to its user, it is shown only now and kept nowhere.\n\
         The second is for API_KEYS or its secret: with other keys, put its object beside theirs."
    )?;
    writeln!(out, "{}", key.expose())?;
    writeln!(out, "{}", key.list(name, &scopes))?;
    out.flush()
}

fn parse_name(text: &str) -> Result<String, &'static str> {
    if is_name(text) {
        Ok(text.to_owned())
    } else {
        Err("a name has 1 to 64 characters, none of them a control character")
    }
}

fn parse_scope(text: &str) -> Result<Scope, &'static str> {
    Scope::parse(text)
        .ok_or("a scope is transactions:read, transactions:write or transactions:admin")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::auth::api_keys::ApiKeys;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        keys: KeysArgs,
    }

    fn printed(arguments: &[&str]) -> Result<String, clap::Error> {
        let program = Program::try_parse_from([&["keys"], arguments].concat())?;
        let mut out = Vec::new();
        run(&program.keys, &mut out, &mut io::sink()).unwrap();
        Ok(String::from_utf8(out).unwrap())
    }

    fn caller(output: &str) -> crate::auth::Caller {
        let (key, list) = output.trim_end().split_once('\n').unwrap();
        ApiKeys::parse(list).unwrap().find(key.as_bytes()).unwrap()
    }

    #[test]
    fn the_printed_key_opens_what_the_printed_entry_says() {
        let output = printed(&[
            "new",
            "--name",
            "team",
            "--scope",
            "transactions:write",
            "--scope",
            "transactions:read",
        ]);
        let caller = caller(&output.unwrap());
        assert_eq!(caller.name(), "team");
        assert_eq!(caller.scopes, [Scope::Read, Scope::Write]);
    }

    #[test]
    fn a_key_without_wishes_may_read() {
        assert_eq!(caller(&printed(&["new"]).unwrap()).scopes, [Scope::Read]);
        let output = printed(&["new", "--scopes", "transactions:read,transactions:admin"]);
        assert_eq!(caller(&output.unwrap()).scopes, [Scope::Admin, Scope::Read]);
    }

    #[test]
    fn a_word_at_fault_is_repeated() {
        for (arguments, word) in [
            (["new", "--scope", "read"], "'read'"),
            (["new", "--scopes", "transactions:read,all"], "'all'"),
            (["new", "--name", ""], "--name"),
        ] {
            let error = printed(&arguments).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
