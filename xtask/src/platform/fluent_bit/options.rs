//! The options that a section may have: Fluent Bit refuses to start with others.

use anyhow::{Context as _, ensure};

use super::config::Section;

/// Of every section that names a plugin.
const COMMON: &[&str] = &["name", "alias", "match", "tag"];

/// Seen in the sources of fluent/fluent-bit at v5.1.1 (the chart's program): the options in use, by section and plugin.
const KNOWN: &[(&str, &str, &[&str])] = &[
    // src/flb_config.c
    (
        "SERVICE",
        "",
        &[
            "daemon",
            "flush",
            "grace",
            "log_level",
            "parsers_file",
            "http_server",
            "http_listen",
            "http_port",
            "health_check",
        ],
    ),
    // plugins/in_tail/tail.c, mem_buf_limit in src/flb_input.c
    (
        "INPUT",
        "tail",
        &[
            "path",
            "exclude_path",
            "multiline.parser",
            "db",
            "refresh_interval",
            "rotate_wait",
            "mem_buf_limit",
            "skip_long_lines",
        ],
    ),
    // plugins/filter_multiline/ml.c
    (
        "FILTER",
        "multiline",
        &[
            "multiline.key_content",
            "multiline.parser",
            "emitter_name",
            "emitter_mem_buf_limit",
        ],
    ),
    // plugins/filter_kubernetes/kubernetes.c
    (
        "FILTER",
        "kubernetes",
        &[
            "kube_tag_prefix",
            "merge_log",
            "keep_log",
            "k8s-logging.parser",
            "k8s-logging.exclude",
            "annotations",
            "buffer_size",
        ],
    ),
    // plugins/out_cloudwatch_logs/cloudwatch_logs.c, retry_limit in src/flb_output.c
    (
        "OUTPUT",
        "cloudwatch_logs",
        &[
            "region",
            "log_group_name",
            "log_stream_prefix",
            "auto_create_group",
            "retry_limit",
        ],
    ),
    // src/flb_parser.c
    (
        "MULTILINE_PARSER",
        "",
        &["type", "key_group", "flush_timeout", "rule"],
    ),
];

/// Fails for an option that its section does not have.
pub(super) fn known(section: &Section) -> anyhow::Result<()> {
    let name = section.get("name").unwrap_or_default();
    let (_, _, options) = KNOWN
        .iter()
        .find(|(kind, plugin, _)| *kind == section.kind && (plugin.is_empty() || *plugin == name))
        .with_context(|| {
            format!(
                "the options of [{}] {name:?} were never looked up",
                section.kind
            )
        })?;
    for (key, _) in &section.entries {
        ensure!(
            options.contains(&key.as_str()) || COMMON.contains(&key.as_str()),
            "[{}] {name}: {key} is no option that was looked up",
            section.kind
        );
    }
    Ok(())
}
