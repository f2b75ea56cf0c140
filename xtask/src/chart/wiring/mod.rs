//! Whether the objects of one release fit each other: what neither a schema nor a suite of one template sees.

mod objects;
mod pods;
mod ports;
mod references;
mod selectors;

use serde_json::Value;

use self::objects::Objects;
use crate::check::Check;

/// A rule over all objects of a release.
type Rule = fn(&Objects<'_>) -> anyhow::Result<()>;

const RULES: [(&str, Rule); 7] = [
    ("selectors", selectors::check),
    ("ports", ports::check),
    ("probes", pods::probes),
    ("pod security", pods::restricted),
    ("images", pods::images),
    ("references", references::check),
    ("labels", references::labels),
];

/// One check a rule.
pub(super) fn check(name: &str, manifests: &[Value]) -> Vec<Check> {
    let objects = Objects(manifests);
    RULES
        .iter()
        .map(|(rule, holds)| Check::of(format!("{name}: {rule}"), holds(&objects)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Objects, RULES};

    fn release() -> Vec<Value> {
        let labels = json!({
            "app.kubernetes.io/name": "x", "app.kubernetes.io/instance": "x", "app.kubernetes.io/component": "api",
            "app.kubernetes.io/version": "1", "app.kubernetes.io/part-of": "expense",
            "app.kubernetes.io/managed-by": "Helm", "release": "prometheus"
        });
        let meta = json!({"name": "x", "namespace": "n", "labels": labels});
        let selector = json!({"app.kubernetes.io/name": "x", "app.kubernetes.io/component": "api"});
        let probe = |path: &str| json!({"httpGet": {"path": path, "port": "http"}});
        let container = json!({
            "name": "x", "image": "r/x:1.0", "envFrom": [{"configMapRef": {"name": "x"}}],
            "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}],
            "startupProbe": probe("/livez"), "livenessProbe": probe("/livez"), "readinessProbe": probe("/readyz"),
            "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "1Mi"}},
            "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}
        });
        let pod = json!({
            "serviceAccountName": "x", "automountServiceAccountToken": false, "containers": [container],
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "topologySpreadConstraints": [{"topologyKey": "z", "labelSelector": {"matchLabels": selector}, "matchLabelKeys": ["pod-template-hash"]}]
        });
        vec![
            json!({"kind": "Deployment", "metadata": meta, "spec": {
                "selector": {"matchLabels": selector}, "template": {"metadata": {"labels": labels}, "spec": pod}}}),
            json!({"kind": "ServiceAccount", "metadata": meta}),
            json!({"kind": "ConfigMap", "metadata": meta, "data": {"PORT": "8080", "METRICS_PORT": "9090"}}),
            json!({"kind": "Service", "metadata": meta, "spec": {"selector": selector, "ports": [
                {"name": "http", "port": 80, "targetPort": "http"}, {"name": "metrics", "port": 9090, "targetPort": "metrics"}]}}),
            json!({"kind": "PodDisruptionBudget", "metadata": meta, "spec": {"selector": {"matchLabels": selector}}}),
            json!({"kind": "NetworkPolicy", "metadata": meta, "spec": {"podSelector": {"matchLabels": selector},
                "ingress": [{"ports": [{"port": "http"}]}]}}),
            json!({"kind": "ServiceMonitor", "metadata": meta, "spec": {
                "selector": {"matchLabels": selector}, "endpoints": [{"port": "metrics"}]}}),
            json!({"kind": "Ingress", "metadata": meta, "spec": {"rules": [{"http": {"paths": [
                {"backend": {"service": {"name": "x", "port": {"name": "http"}}}}]}}]}}),
        ]
    }

    fn red(release: &[Value]) -> Vec<&'static str> {
        let objects = Objects(release);
        RULES
            .iter()
            .filter(|(_, rule)| rule(&objects).is_err())
            .map(|(name, _)| *name)
            .collect()
    }

    /// The release with the value at a JSON pointer (its first part names the kind) replaced.
    fn with(pointer: &str, value: Value) -> Vec<Value> {
        let mut all = release();
        let (kind, rest) = pointer.split_once('/').unwrap();
        let object = all
            .iter_mut()
            .find(|object| object["kind"] == kind)
            .unwrap();
        *object.pointer_mut(&format!("/{rest}")).unwrap() = value;
        all
    }

    #[test]
    fn a_release_that_fits_passes() {
        assert_eq!(red(&release()), Vec::<&str>::new());
    }

    #[test]
    fn each_fault_turns_its_own_rule_red() {
        const CONTAINER: &str = "Deployment/spec/template/spec/containers/0";
        let none = json!({"app": "none"});
        let cases = [
            ("Service/spec/selector", none.clone(), "selectors"),
            (
                "PodDisruptionBudget/spec/selector/matchLabels",
                none.clone(),
                "selectors",
            ),
            (
                "NetworkPolicy/spec/podSelector/matchLabels",
                none.clone(),
                "selectors",
            ),
            (
                "ServiceMonitor/spec/selector/matchLabels",
                none.clone(),
                "selectors",
            ),
            ("Deployment/spec/selector/matchLabels", none, "selectors"),
            ("Service/spec/ports/0/targetPort", json!("web"), "ports"),
            ("ConfigMap/data/PORT", json!("8081"), "ports"),
            (
                "ServiceMonitor/spec/endpoints/0/port",
                json!("http"),
                "ports",
            ),
            (
                "Ingress/spec/rules/0/http/paths/0/backend/service/port/name",
                json!("metrics"),
                "ports",
            ),
            (
                "NetworkPolicy/spec/ingress/0/ports/0/port",
                json!("web"),
                "ports",
            ),
            (
                "Deployment/spec/template/spec/containers/0/livenessProbe/httpGet/path",
                json!("/readyz"),
                "probes",
            ),
            (
                "Deployment/spec/template/spec/containers/0/securityContext/capabilities/drop",
                json!([]),
                "pod security",
            ),
            (
                "Deployment/spec/template/spec/containers/0/image",
                json!("r/x:latest"),
                "images",
            ),
            (
                "Deployment/spec/template/spec/serviceAccountName",
                json!("y"),
                "references",
            ),
            (
                "Deployment/spec/template/spec/containers/0/envFrom/0/configMapRef/name",
                json!("y"),
                "references",
            ),
            ("ServiceMonitor/metadata/labels", json!({}), "labels"),
        ];
        for (pointer, value, rule) in cases {
            assert_eq!(red(&with(pointer, value)), [rule], "{pointer}");
        }
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            let gone = with(&format!("{CONTAINER}/{probe}"), Value::Null);
            assert_eq!(red(&gone), ["probes"], "{probe}");
        }
    }
}
