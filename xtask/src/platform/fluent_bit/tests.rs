//! Each property is broken once in the text that is installed, and must be found.

use super::{super::facts, *};

/// Replaces `find` in a part of the configuration; the check must then say `wanted`.
fn refused(part: &str, find: &str, replace: &str, wanted: &str) {
    let facts = facts::example("staging").unwrap();
    let mut config = of(&facts).unwrap();
    let text = config[part].as_str().unwrap();
    assert!(text.contains(find), "{part} does not hold {find:?}");
    config[part] = Value::String(text.replacen(find, replace, 1));
    let error = format!("{:#}", check(&facts, &config).unwrap_err());
    assert!(error.contains(wanted), "{find:?} -> {replace:?}: {error}");
}

#[test]
fn the_configuration_of_every_environment_is_good() {
    for environment in facts::ENVIRONMENTS {
        let facts = facts::example(environment).unwrap();
        check(&facts, &of(&facts).unwrap()).unwrap();
    }
}

#[test]
fn parsers_that_join_too_little_or_too_much_are_found() {
    // Indented lines stay alone.
    refused("customParsers", r"/^\s+\S/", r"/^\t+\S/", "as one record");
    // Text begins nothing.
    refused("customParsers", r"/^[^\s{]/", r"/^\{/", "as one record");
    // Everything continues.
    refused("customParsers", r"/^\s+\S/", r"/^/", "as one record");
    // A bad expression.
    refused("customParsers", r"/^\s+\S/", r"/^(\s+\S/", "refused");
    // The streams are mixed: the rest of a line of the other stream ends the text.
    refused(
        "customParsers",
        "key_group       stream\n",
        "",
        "as one record",
    );
    refused("filters", "indented", "undented", "no multiline parser");
    // Containerd does not write Docker's format.
    refused(
        "inputs",
        "multiline.parser    cri",
        "multiline.parser    docker",
        "not cri",
    );
}

#[test]
fn ways_that_end_nowhere_are_found() {
    refused(
        "outputs",
        "Match               platform.*",
        "Match               kube.*",
        "no input says",
    );
    refused(
        "outputs",
        "Match               platform.*",
        "Match               application.*",
        "goes to 2 outputs",
    );
    refused(
        "filters",
        "application.var.log",
        "kube.var.log",
        "kube_tag_prefix",
    );
    refused(
        "filters",
        "Name                    multiline",
        "Name                    kubernetes",
        "kubernetes",
    );
    refused("inputs", "platform.db", "application.db", "share a DB");
}

#[test]
fn groups_of_its_own_and_other_numbers_are_found() {
    refused(
        "outputs",
        "auto_create_group   Off",
        "auto_create_group   On",
        "auto_create_group",
    );
    refused(
        "outputs",
        "/expense/staging/application",
        "/aws/eks/expense-cluster",
        "log_group_name",
    );
    refused("outputs", "staging-", "prod-", "log_stream_prefix");
    refused(
        "service",
        "Flush           5",
        "Flush           1",
        "flush is 1",
    );
    refused(
        "inputs",
        "Mem_Buf_Limit       5MB",
        "Mem_Buf_Limit       50MB",
        "mem_buf_limit",
    );
    refused(
        "inputs",
        "Skip_Long_Lines     On",
        "Skip_Long_Lines     Off",
        "skip_long_lines",
    );
    refused(
        "filters",
        "Keep_Log                Off",
        "Keep_Log                On",
        "keep_log",
    );
}

#[test]
fn options_that_do_not_exist_are_found() {
    refused(
        "inputs",
        "Refresh_Interval",
        "Refresh_Intervall",
        "refresh_intervall",
    );
    refused(
        "outputs",
        "auto_create_group   Off",
        "auto_create_groups  Off",
        "auto_create_groups",
    );
    refused(
        "outputs",
        "cloudwatch_logs",
        "cloudwatch",
        "never looked up",
    );
}
