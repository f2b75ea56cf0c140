//! Between the client and the pod: scheme, hops, region, subnets.

use std::net::Ipv4Addr;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    faults::Faults,
    layers::{self, Layers},
    texts::Texts,
};

const VPC: &str = "terraform/modules/vpc/main.tf";

pub(super) fn check(texts: &Texts) -> anyhow::Result<usize> {
    let mut faults = Faults::default();
    for at in Layers::all(texts)? {
        let file = layers::values_file(at.environment);
        let scheme = layers::text(&at.values, "/ingress/scheme")?;
        faults.equal(
            &format!("{file}: ingress.scheme"),
            scheme,
            "Terraform's alb_scheme",
            at.terraform_text("alb_scheme")?,
        );
        let region = layers::text(&at.values, "/aws/region")?;
        faults.equal(
            &format!("{file}: aws.region"),
            region,
            &layers::tfvars_file(at.environment),
            at.terraform_text("aws_region")?,
        );
        // One place for the load balancer, one more for CloudFront before it.
        let hops = if at.terraform("enable_cloudfront")? == true {
            2
        } else {
            1
        };
        faults.equal(
            &format!("{file}: TRUSTED_PROXY_HOPS"),
            at.variable("TRUSTED_PROXY_HOPS")?,
            "what stands in front by Terraform",
            hops,
        );
        let outputs = format!("terraform/environments/{}/outputs.tf", at.environment);
        let said = texts.after(&outputs, "trusted_proxy_hops         = ")?;
        faults.equal(&outputs, said, "the rule here", "local.cloudfront ? 2 : 1");
        subnets(texts, &at, &mut faults)?;
    }
    faults.finish()
}

/// The chart's NetworkPolicy admits the load balancer's subnets and leads to the databases', and to nothing outside the VPC.
fn subnets(texts: &Texts, at: &Layers<'_>, faults: &mut Faults) -> anyhow::Result<()> {
    let vpc = Range::parse(&at.terraform_text("vpc_cidr")?)?;
    let zones = at
        .terraform("availability_zones")?
        .as_array()
        .map_or(0, Vec::len);
    for (resource, pointer) in [
        (
            "resource \"aws_subnet\" \"public\" {",
            "/networkPolicy/loadBalancerCidrs",
        ),
        (
            "resource \"aws_subnet\" \"database\" {",
            "/networkPolicy/dataCidrs",
        ),
    ] {
        let file = layers::values_file(at.environment);
        let listed = ranges(&at.values, pointer)?;
        faults.holds(listed.iter().all(|range| vpc.holds(*range)), || {
            format!(
                "{file}: {pointer} is wider than the VPC of {}",
                layers::tfvars_file(at.environment)
            )
        });
        for subnet in made(texts, resource, vpc, zones)? {
            faults.holds(listed.iter().any(|range| range.holds(subnet)), || {
                format!(
                    "{file}: {pointer} leaves out the subnet {} that {VPC} makes",
                    subnet.text()
                )
            });
        }
    }
    Ok(())
}

fn ranges(values: &Value, pointer: &str) -> anyhow::Result<Vec<Range>> {
    let list = values
        .pointer(pointer)
        .and_then(Value::as_array)
        .with_context(|| format!("{pointer} is no list"))?;
    list.iter()
        .map(|item| Range::parse(item.as_str().unwrap_or_default()))
        .collect()
}

/// `cidrsubnet(var.vpc_cidr, BITS, FIRST + each.value)`, one a zone.
fn made(texts: &Texts, resource: &str, vpc: Range, zones: usize) -> anyhow::Result<Vec<Range>> {
    let text = texts.text(VPC)?;
    let (_, block) = text
        .split_once(resource)
        .with_context(|| format!("{VPC} has no {resource}"))?;
    let (_, call) = block
        .split_once("cidrsubnet(var.vpc_cidr, ")
        .with_context(|| format!("{VPC}: {resource} computes no range"))?;
    let (bits, rest) = call.split_once(", ").context("cidrsubnet without bits")?;
    let (first, _) = rest
        .split_once(" + each.value)")
        .context("cidrsubnet without a first number")?;
    let (bits, first): (u32, u32) = (bits.parse()?, first.parse()?);
    let count = u32::try_from(zones)?;
    Ok((0..count)
        .map(|zone| vpc.part(bits, first + zone))
        .collect())
}

/// A range of addresses.
#[derive(Clone, Copy)]
struct Range {
    first: u32,
    prefix: u32,
}

impl Range {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (address, prefix) = text
            .split_once('/')
            .with_context(|| format!("{text:?} is no range of addresses"))?;
        let first = u32::from(
            address
                .parse::<Ipv4Addr>()
                .with_context(|| text.to_owned())?,
        );
        let prefix = prefix.parse()?;
        ensure!(prefix <= 32, "{text:?} is no range of addresses");
        Ok(Self { first, prefix })
    }

    fn part(self, bits: u32, number: u32) -> Self {
        let prefix = self.prefix + bits;
        Self {
            first: self.first + (number << (32 - prefix)),
            prefix,
        }
    }

    fn holds(self, other: Self) -> bool {
        let mask = u32::MAX.checked_shl(32 - self.prefix).unwrap_or(0);
        other.prefix >= self.prefix && other.first & mask == self.first & mask
    }

    fn text(self) -> String {
        format!("{}/{}", Ipv4Addr::from(self.first), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn parts_and_holds_are_terraforms() {
        let vpc = Range::parse("10.2.0.0/16").unwrap();
        assert_eq!(vpc.part(8, 65).text(), "10.2.65.0/24");
        let listed = Range::parse("10.2.64.0/20").unwrap();
        assert!(
            listed.holds(vpc.part(8, 79)) && !listed.holds(vpc.part(8, 80)) && !listed.holds(vpc)
        );
        assert!(Range::parse("0.0.0.0/0").unwrap().holds(vpc));
        assert!(Range::parse("10.2.0.0").is_err() && Range::parse("10.2.0.0/33").is_err());
    }
}
