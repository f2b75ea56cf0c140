//! The resources of a plan, flat.

use std::collections::BTreeMap;

use serde_json::Value;

/// A planned resource.
pub(super) struct Planned {
    /// `module.rds[0].aws_db_instance.this`.
    pub(super) address: String,
    /// `aws_db_instance`.
    pub(super) kind: String,
    /// Its arguments; what is known only after an apply is missing.
    pub(super) values: Value,
}

/// A whole plan.
pub(super) struct Plan {
    pub(super) resources: Vec<Planned>,
    /// Root variables as they were planned with.
    variables: BTreeMap<String, Value>,
}

impl Plan {
    /// Reads what `terraform show -json` prints of a plan.
    pub(super) fn read(plan: &Value) -> Self {
        let mut resources = Vec::new();
        collect(&plan["planned_values"]["root_module"], &mut resources);
        let variables = plan["variables"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, variable)| (name.clone(), variable["value"].clone()))
            .collect();
        Self {
            resources,
            variables,
        }
    }

    pub(super) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Planned> {
        self.resources
            .iter()
            .filter(move |resource| resource.kind == kind)
    }

    /// How many resources of each type it makes.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for resource in &self.resources {
            *counts.entry(resource.kind.clone()).or_insert(0) += 1;
        }
        counts
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }
}

fn collect(module: &Value, into: &mut Vec<Planned>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        if resource["mode"] == "managed" {
            into.push(Planned {
                address: text(&resource["address"]),
                kind: text(&resource["type"]),
                values: resource["values"].clone(),
            });
        }
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        collect(child, into);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
