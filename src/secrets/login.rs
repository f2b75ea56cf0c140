//! Logins as secrets hold them: what RDS manages (`username`, `password`) and whole ones.

use serde::Deserialize;
use serde_json::Value;

use super::{Login, Secret, SecretError};

/// Which members a login must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A user and a password: databases.
    UserAndPassword,
    /// A password; Redis knows logins without a user.
    Password,
}

/// The members that are read; others are passed over.
#[derive(Deserialize)]
struct Written {
    username: Option<Value>,
    password: Option<Value>,
    host: Option<Value>,
    port: Option<Value>,
    dbname: Option<Value>,
}

impl Login {
    /// Reads the JSON of a secret. The error names the member at fault, never a value.
    pub fn parse(id: &str, text: &Secret, needs: Needs) -> Result<Self, SecretError> {
        let fault = |problem: &str| SecretError {
            id: id.to_owned(),
            problem: problem.to_owned(),
        };
        let written: Written = serde_json::from_str(text.expose())
            .map_err(|_| fault("is not a JSON object with the members of a login"))?;
        let member = |name: &str, value: Option<Value>| match value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(fault(&format!("its member {name} is not text"))),
        };
        let login = Self {
            username: member("username", written.username)?,
            password: member("password", written.password)?.map(Secret::new),
            host: member("host", written.host)?,
            port: port(written.port)
                .map_err(|()| fault("its member port is not a number from 1 to 65535"))?,
            database: member("dbname", written.dbname)?,
        };
        if login.password.is_none() {
            return Err(fault("lacks its member password"));
        }
        if needs == Needs::UserAndPassword && login.username.is_none() {
            return Err(fault("lacks its member username"));
        }
        Ok(login)
    }
}

/// RDS writes a number, people write text.
fn port(value: Option<Value>) -> Result<Option<u16>, ()> {
    let port = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number
            .as_u64()
            .and_then(|number| u16::try_from(number).ok()),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    port.filter(|port| *port > 0).map(Some).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, needs: Needs) -> Result<Login, String> {
        Login::parse("s", &Secret::new(text.to_owned()), needs).map_err(|error| error.problem)
    }

    #[test]
    fn managed_and_whole_secrets_are_read() {
        let managed = parse(r#"{"username":"u","password":"p"}"#, Needs::UserAndPassword).unwrap();
        assert_eq!(
            (managed.username.as_deref(), managed.host),
            (Some("u"), None)
        );
        let whole = r#"{"engine":"mysql","username":"u","password":"p","host":"h","port":3307,"dbname":"d","x":[1]}"#;
        let whole = parse(whole, Needs::UserAndPassword).unwrap();
        assert_eq!(
            (whole.host.as_deref(), whole.port, whole.database.as_deref()),
            (Some("h"), Some(3307), Some("d"))
        );
        let text = parse(r#"{"password":"p","port":"6380"}"#, Needs::Password).unwrap();
        assert_eq!((text.username, text.port), (None, Some(6380)));
    }

    #[test]
    fn faults_name_the_member_and_never_a_value() {
        for (text, part) in [
            ("hunter2", "JSON object"),
            ("[]", "JSON object"),
            (r#"{"username":"u"}"#, "password"),
            (r#"{"password":"hunter2"}"#, "username"),
            (r#"{"username":7,"password":"hunter2"}"#, "username"),
            (r#"{"username":"u","password":["hunter2"]}"#, "password"),
            (
                r#"{"username":"u","password":"hunter2","port":"hunter2"}"#,
                "port",
            ),
            (
                r#"{"username":"u","password":"hunter2","port":65536}"#,
                "port",
            ),
        ] {
            let problem = parse(text, Needs::UserAndPassword).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }
}
