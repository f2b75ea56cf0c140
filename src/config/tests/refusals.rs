//! What is refused, and how it is said.

use super::*;

/// Entrance and variables, and which of them are at fault (`-`: none).
const CASES: &str = "
server HOST=localhost                                             -> HOST
server PORT=65536                                                 -> PORT
server PORT=9000 METRICS_PORT=9000                                -> METRICS_PORT
server METRICS_PORT=8080                                          -> METRICS_PORT
server PORT=0 METRICS_PORT=0                                      -> -
lambda +mysql METRICS_PORT=8080                                   -> -
lambda +mysql METRICS_PORT=x                                      -> -
server ENVIRONMENT=prod                                           -> ENVIRONMENT
server LOG_LEVEL=loud                                             -> LOG_LEVEL
server LOG_LEVEL=DEBUG,sqlx=warn                                  -> -
server LOG_FORMAT=xml                                             -> LOG_FORMAT
server DB_HOST=db                                                 -> DB_PWD DB_USER
server DB_HOST=db DB_USER=app                                     -> DB_PWD
server DB_HOST=db DB_SECRET_ID=s                                  -> -
server DB_SECRET_ID=s                                             -> -
server DB_HOST=db DB_MIGRATION_SECRET_ID=s                        -> DB_PWD DB_USER
job    DB_HOST=db DB_MIGRATION_SECRET_ID=s                        -> -
job    DB_MIGRATION_SECRET_ID=s                                   -> -
job    DB_HOST=db                                                 -> DB_PWD DB_USER
server +mysql DB_HOST=db:3306                                     -> DB_HOST
server +mysql DB_HOST=::1                                         -> -
server +mysql DB_HOST=mysql://db                                  -> DB_HOST
server +mysql DB_PORT=0                                           -> DB_PORT
server +mysql DB_DATABASE=a`b                                     -> DB_DATABASE
server +mysql DB_TLS=on                                           -> DB_TLS
server DB_TLS=on                                                  -> DB_TLS
server DB_POOL_MIN=9 DB_POOL_MAX=8                                -> DB_POOL_MIN
server DB_POOL_MAX=0                                              -> DB_POOL_MAX
server DB_POOL_MAX=1                                              -> -
server MIGRATE_ON_START=yes                                       -> MIGRATE_ON_START
lambda +mysql MIGRATE_ON_START=true                               -> MIGRATE_ON_START
lambda SQLITE_PATH=/tmp/x                                         -> DB_HOST
lambda LAMBDA_KIND=admin DB_ADMIN_SECRET_ID=s                     -> -
lambda LAMBDA_KIND=api DB_ADMIN_SECRET_ID=s                       -> DB_HOST
lambda +mysql LAMBDA_KIND=http                                    -> LAMBDA_KIND
server REDIS_HOST=r REDIS_TLS=maybe                               -> REDIS_TLS
server REDIS_HOST=r REDIS_USERNAME=u                              -> REDIS_USERNAME
server REDIS_HOST=r REDIS_USERNAME=u REDIS_SECRET_ID=s            -> -
server CACHE_TTL=0                                                -> CACHE_TTL
server CACHE_TTL=86401                                            -> CACHE_TTL
server RATE_LIMIT_REQUESTS=-1                                     -> RATE_LIMIT_REQUESTS
server RATE_LIMIT_WINDOW_SECS=0                                   -> RATE_LIMIT_WINDOW_SECS
server TRUSTED_PROXY_HOPS=17                                      -> TRUSTED_PROXY_HOPS
server AUTH_MODE=basic                                            -> AUTH_MODE
server AUTH_MODE=api-key                                          -> API_KEYS
server AUTH_MODE=api-key API_KEYS=[]                              -> API_KEYS
server AUTH_MODE=api-key API_KEYS_SECRET_ID=s                     -> -
server AUTH_MODE=jwt                                              -> JWT_AUDIENCE JWT_ISSUER JWT_JWKS
server AUTH_MODE=jwt JWT_AUDIENCE=a JWT_ISSUER=i JWT_JWKS=/k.json -> -
server JWT_JWKS=http://issuer/keys                                -> JWT_JWKS
server CORS_ALLOWED_ORIGINS=https://a.example.com,http://b:81     -> -
server CORS_ALLOWED_ORIGINS=capacitor://localhost                 -> -
server CORS_ALLOWED_ORIGINS=https://a.example.com/                -> CORS_ALLOWED_ORIGINS
server CORS_ALLOWED_ORIGINS=https://A.example.com                 -> CORS_ALLOWED_ORIGINS
server CORS_ALLOWED_ORIGINS=https://a.example.com:443             -> CORS_ALLOWED_ORIGINS
server CORS_ALLOWED_ORIGINS=*,https://a.example.com               -> CORS_ALLOWED_ORIGINS
server CORS_ALLOWED_ORIGINS=https://a.example.com,                -> CORS_ALLOWED_ORIGINS
server CORS_ALLOWED_ORIGINS=null                                  -> CORS_ALLOWED_ORIGINS
server AMOUNT_SIGN=negative                                       -> AMOUNT_SIGN
server ALLOW_DELETE_ALL=1                                         -> ALLOW_DELETE_ALL
server UI=true                                                    -> UI
server BODY_LIMIT_BYTES=0                                         -> BODY_LIMIT_BYTES
server REQUEST_TIMEOUT_MS=0                                       -> REQUEST_TIMEOUT_MS
server KEEP_ALIVE_SECS=3601                                       -> KEEP_ALIVE_SECS
server MAX_CONNECTIONS=0                                          -> MAX_CONNECTIONS
server MAX_IN_FLIGHT=0                                            -> MAX_IN_FLIGHT
server STARTUP_TIMEOUT_SECS=99999999999999999999                  -> STARTUP_TIMEOUT_SECS
server STARTUP_TIMEOUT_SECS=0                                     -> -
server DRAIN_TIMEOUT_SECS=5 SHUTDOWN_NOTICE_MS=5000               -> SHUTDOWN_NOTICE_MS
server DRAIN_TIMEOUT_SECS=5 SHUTDOWN_NOTICE_MS=4999               -> -
server DRAIN_TIMEOUT_SECS=1                                       -> -
server SECRET_REFRESH_SECS=0                                      -> SECRET_REFRESH_SECS
server OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318                 -> OTEL_EXPORTER_OTLP_ENDPOINT
server OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318          -> -
server ENVIRONMENT=production                                     -> AUTH_MODE SQLITE_PATH TRUSTED_PROXY_HOPS
server ENVIRONMENT=production AUTH_MODE=x SQLITE_PATH=x           -> AUTH_MODE TRUSTED_PROXY_HOPS
server +production                                                -> SQLITE_PATH
server +production SQLITE_PATH=/data/x.db                         -> -
server +production +mysql                                         -> CACHE_MODE
server +production +mysql CACHE_MODE=on                           -> -
server +production +mysql CACHE_MODE=off                          -> -
server +production +mysql REDIS_SECRET_ID=s                       -> -
server +production +mysql REDIS_HOST=r REDIS_TLS=false            -> -
server +production +mysql REDIS_HOST=r DB_TLS=disabled            -> -
lambda +production +mysql                                         -> -
";

#[test]
fn faults_by_variable() {
    for case in CASES.trim().lines() {
        let (entrance, rest) = case.split_once(' ').unwrap();
        let (text, expected) = rest.split_once("-> ").unwrap();
        let entrance = match entrance {
            "server" => Entrance::Server,
            "job" => Entrance::Job,
            "lambda" => Entrance::Lambda,
            other => panic!("{other}"),
        };
        let found: Vec<_> = match read(entrance, text) {
            Ok(_) => vec!["-".to_owned()],
            Err(faults) => faults
                .iter()
                .map(|fault| fault.variable().to_owned())
                .collect(),
        };
        assert_eq!(found.join(" "), expected, "{case}");
    }
}

#[test]
fn every_fault_comes_at_once_with_its_value_and_what_is_allowed() {
    let faults = faults("PORT=80x CACHE_MODE=maybe DB_HOST=db DB_PWD=hunter2");
    for part in [
        "3 faults",
        "\n  PORT is \"80x\": allowed are whole numbers from 0 to 65535",
        "\n  CACHE_MODE is \"maybe\": allowed are on, off",
        "\n  DB_USER is not set",
    ] {
        assert!(faults.contains(part), "{faults}");
    }
    assert!(!faults.contains("hunter2"));
}

#[test]
fn secrets_show_in_no_debug_and_no_fault() {
    let hash = "0".repeat(64);
    let config = good(&format!(
        "+mysql REDIS_HOST=r REDIS_AUTH_TOKEN=hunter2 AUTH_MODE=api-key \
         API_KEYS=[{{\"name\":\"a\",\"sha256\":\"{hash}\",\"scopes\":[\"transactions:read\"]}}]"
    ));
    let text = format!("{config:?}");
    assert!(!text.contains("hunter2") && !text.contains(&hash), "{text}");
    for case in [
        "DB_HOST=mysql://app:hunter2@db",
        "REDIS_HOST=rediss://:hunter2@cache",
        "JWT_JWKS=https://a:hunter2@issuer",
        "OTEL_EXPORTER_OTLP_ENDPOINT=https://a:hunter2@collector",
        "DB_SECRET_ID={\"password\":\"hunter2\"}",
        "API_KEYS=hunter2",
    ] {
        let (name, _) = case.split_once('=').unwrap();
        let faults = faults(case);
        assert!(
            faults.contains(name) && !faults.contains("hunter2"),
            "{faults}"
        );
    }
}

#[test]
fn a_base_path_is_plain_and_hides_no_route() {
    let path = |value: &str| read(Entrance::Server, &format!("API_BASE_PATH={value}")).is_ok();
    for taken in "/api /expense/v1 /transactions /v2 /health/x /a.b_c~d-e".split(' ') {
        assert!(path(taken), "{taken}");
    }
    let refused = "api / /api/ //api /a//b /a/../b /. /{id} /a%20b /a?b /health /v1 /v1/transactions \
        /v1/transactions/7 /v1/summary /transaction /transaction/7 /docs /metrics /openapi.json /livez /readyz";
    for refused in refused.split_whitespace() {
        assert!(!path(refused), "{refused}");
    }
    assert!(!path(&format!("/{}", "x".repeat(128))));
    assert!(faults("API_BASE_PATH=/v1").contains("\"/v1\""));
}
