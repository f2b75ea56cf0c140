//! What a planned resource costs a month. A type that is neither priced here nor listed as free is an error.

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{
    super::plan::{Plan, Planned},
    money::{Quantity, Usd},
    prices::{Assumed, Prices},
};

/// One item of an estimate.
pub(super) struct Line {
    pub(super) item: String,
    pub(super) usd: Usd,
}

/// Everything that the plan shows.
pub(super) fn of_plan(plan: &Plan, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for resource in &plan.resources {
        let found = of_resource(resource, plan, prices)
            .with_context(|| format!("pricing {}", resource.address))?;
        lines.extend(found);
    }
    Ok(lines)
}

/// What no plan shows: traffic, requests, the load balancer that its controller makes.
pub(super) fn of_usage(assumed: &[Assumed], prices: &Prices) -> anyhow::Result<Vec<Line>> {
    assumed
        .iter()
        .map(|assumed| {
            let quantity =
                Quantity::parse(&assumed.quantity).with_context(|| assumed.item.clone())?;
            Ok(Line {
                item: assumed.item.clone(),
                usd: prices.of(&assumed.price)?.times(quantity),
            })
        })
        .collect()
}

fn of_resource(resource: &Planned, plan: &Plan, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    let values = &resource.values;
    let one = |item: &str, usd: Usd| {
        Ok(vec![Line {
            item: item.to_owned(),
            usd,
        }])
    };
    match resource.kind.as_str() {
        "aws_nat_gateway" => one("NAT gateways", prices.month("nat_gateway.hour")?),
        "aws_eip" => one("public IPv4 addresses", prices.month("public_ipv4.hour")?),
        "aws_vpc_endpoint" => endpoint(values, plan, prices),
        "aws_eks_cluster" => one("EKS control plane", prices.month("eks.cluster.hour")?),
        "aws_eks_node_group" => nodes(values, plan, prices),
        "aws_db_instance" => database(values, prices),
        "aws_db_instance_automated_backups_replication" => replicated_backups(plan, prices),
        "aws_elasticache_replication_group" => cache(values, prices),
        "aws_instance" => instance(values, prices),
        "aws_kms_key" => one("KMS keys", prices.of("kms.key")?),
        "aws_secretsmanager_secret" => one("secrets", prices.of("secretsmanager.secret")?),
        "aws_cloudformation_stack" => stack(values, prices),
        "aws_cloudwatch_metric_alarm" => {
            let metrics = count(&values["metric_query"]).saturating_sub(1).max(1);
            one(
                "alarms",
                prices
                    .of("cloudwatch.alarm_metric")?
                    .times(Quantity::whole(metrics)?),
            )
        }
        "aws_wafv2_web_acl" => {
            let rules = Quantity::whole(count(&values["rule"]))?;
            one(
                "web ACL",
                prices
                    .of("waf.web_acl")?
                    .plus(prices.of("waf.rule")?.times(rules)),
            )
        }
        "aws_route53_zone" => one("DNS zones", prices.of("route53.zone")?),
        "aws_route53_health_check" => one(
            "DNS health checks",
            prices.of("route53.https_health_check")?,
        ),
        kind if prices.is_free(kind) => Ok(Vec::new()),
        kind => bail!(
            "{kind} has no price: teach the estimate, or list it as free in terraform/cost/prices.json"
        ),
    }
}

fn endpoint(values: &Value, plan: &Plan, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    if values["vpc_endpoint_type"] != "Interface" {
        return Ok(Vec::new());
    }
    // The subnets are known only after an apply; how many zones there are is a variable.
    let zones = match plan
        .variable("interface_endpoint_zones")
        .and_then(Value::as_u64)
    {
        Some(zones) => zones,
        None => count(plan.variable("availability_zones").unwrap_or(&Value::Null)),
    };
    if zones == 0 {
        bail!(
            "neither interface_endpoint_zones nor availability_zones says in how many zones it stands"
        );
    }
    Ok(vec![Line {
        item: "interface endpoints".to_owned(),
        usd: prices
            .month("vpc_endpoint.hour")?
            .times(Quantity::whole(zones)?),
    }])
}

fn nodes(values: &Value, plan: &Plan, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    let desired = values["scaling_config"][0]["desired_size"]
        .as_u64()
        .context("desired_size is not planned")?;
    // The first type is the one that is wanted; the others stand in for it.
    let kind = values["instance_types"][0]
        .as_str()
        .context("instance_types is empty")?;
    let spot = values["capacity_type"] == "SPOT";
    let price = if spot {
        prices.month(&format!("ec2.{kind}.spot.hour"))?
    } else {
        prices.month(&format!("ec2.{kind}.hour"))?
    };
    let disk = plan
        .of_kind("aws_launch_template")
        .find_map(|template| {
            template.values["block_device_mappings"][0]["ebs"][0]["volume_size"].as_u64()
        })
        .or_else(|| values["disk_size"].as_u64())
        .context("the nodes' disk size is not planned")?;
    let disks = prices
        .of("ebs.gp3.gb")?
        .times(Quantity::whole(disk * desired)?);
    let kind_of = if spot { "spot" } else { "on demand" };
    Ok(vec![
        Line {
            item: format!("nodes ({kind_of})"),
            usd: price.times(Quantity::whole(desired)?),
        },
        Line {
            item: "nodes' disks".to_owned(),
            usd: disks,
        },
    ])
}

fn database(values: &Value, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    let class = values["instance_class"]
        .as_str()
        .context("instance_class is not planned")?;
    // A second zone doubles instance and storage.
    let copies = Quantity::whole(if values["multi_az"] == true { 2 } else { 1 })?;
    let storage = match values["allocated_storage"].as_u64() {
        Some(gb) => prices.of("rds.gp3.gb")?.times(copies.times(gb)?),
        // A replica takes its source's size.
        None => Usd::default(),
    };
    let mut lines = vec![
        Line {
            item: "database instances".to_owned(),
            usd: prices
                .month(&format!("rds.mysql.{class}.hour"))?
                .times(copies),
        },
        Line {
            item: "database storage".to_owned(),
            usd: storage,
        },
    ];
    if values["manage_master_user_password"] == true {
        lines.push(Line {
            item: "secrets".to_owned(),
            usd: prices.of("secretsmanager.secret")?,
        });
    }
    Ok(lines)
}

fn replicated_backups(plan: &Plan, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    let size: u64 = plan
        .of_kind("aws_db_instance")
        .filter_map(|database| database.values["allocated_storage"].as_u64())
        .max()
        .context("no database is planned")?;
    Ok(vec![Line {
        item: "database backups in a second region".to_owned(),
        usd: prices.of("rds.backup.gb")?.times(Quantity::whole(size)?),
    }])
}

fn cache(values: &Value, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    let kind = values["node_type"]
        .as_str()
        .context("node_type is not planned")?;
    let nodes = values["num_cache_clusters"]
        .as_u64()
        .context("num_cache_clusters is not planned")?;
    Ok(vec![Line {
        item: "cache nodes".to_owned(),
        usd: prices
            .month(&format!("elasticache.valkey.{kind}.hour"))?
            .times(Quantity::whole(nodes)?),
    }])
}

fn instance(values: &Value, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    let kind = values["instance_type"]
        .as_str()
        .context("instance_type is not planned")?;
    let disk = values["root_block_device"][0]["volume_size"]
        .as_u64()
        .unwrap_or(8);
    let usd = prices
        .month(&format!("ec2.{kind}.hour"))?
        .plus(prices.of("ebs.gp3.gb")?.times(Quantity::whole(disk)?));
    Ok(vec![Line {
        item: "bastion".to_owned(),
        usd,
    }])
}

/// A stack costs what it makes; its name says what that is, for its template is known only after an apply.
fn stack(values: &Value, prices: &Prices) -> anyhow::Result<Vec<Line>> {
    let name = values["name"]
        .as_str()
        .context("the stack's name is not planned")?;
    if name.ends_with("-secret") {
        return Ok(vec![Line {
            item: "secrets".to_owned(),
            usd: prices.of("secretsmanager.secret")?,
        }]);
    }
    if name.ends_with("-cache-user") {
        return Ok(Vec::new());
    }
    bail!("nobody knows what the stack {name} makes: teach the estimate")
}

fn count(value: &Value) -> u64 {
    value.as_array().map_or(0, |items| items.len() as u64)
}
