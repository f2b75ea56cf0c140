//! The dated price table and the assumed usage.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, bail};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    super::roots,
    money::{Quantity, Usd},
};

/// `terraform/cost/prices.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    #[serde(rename = "about")]
    _about: String,
    pub(super) dated: String,
    pub(super) region: String,
    pub(super) hours_per_month: u64,
    prices: BTreeMap<String, Price>,
    /// Types that cost nothing by themselves.
    free: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    usd: String,
    source: String,
}

/// `terraform/cost/usage.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Usage {
    #[serde(rename = "about")]
    _about: String,
    /// By environment, then by `common`, `lambda`, `eks`.
    pub(super) environments: BTreeMap<String, BTreeMap<String, Vec<Assumed>>>,
    /// Monthly band of the first design text, USD, by environment.
    pub(super) bands: BTreeMap<String, Band>,
    /// What one choice more costs.
    pub(super) choices: Vec<Assumed>,
}

/// A quantity of something that no plan shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assumed {
    pub(super) item: String,
    pub(super) price: String,
    pub(super) quantity: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Band {
    pub(super) from: String,
    pub(super) to: String,
}

impl Prices {
    pub(super) fn load() -> anyhow::Result<Self> {
        let prices: Self = load("cost/prices.json")?;
        for (name, price) in &prices.prices {
            Usd::parse(&price.usd).with_context(|| format!("price {name}"))?;
            if price.source.trim().is_empty() {
                bail!("price {name} has no source: name it, or write \"unchecked\"");
            }
        }
        Ok(prices)
    }

    pub(super) fn of(&self, name: &str) -> anyhow::Result<Usd> {
        let price = self
            .prices
            .get(name)
            .with_context(|| format!("terraform/cost/prices.json has no price {name}"))?;
        Usd::parse(&price.usd)
    }

    /// The price of a whole month of something that is billed by the hour.
    pub(super) fn month(&self, name: &str) -> anyhow::Result<Usd> {
        Ok(self.of(name)?.times(Quantity::whole(self.hours_per_month)?))
    }

    pub(super) fn is_free(&self, kind: &str) -> bool {
        self.free.iter().any(|free| free == kind)
    }

    /// How many prices there are, and how many of them nobody has checked.
    pub(super) fn unchecked(&self) -> (usize, usize) {
        let unchecked = self
            .prices
            .values()
            .filter(|price| price.source.starts_with("unchecked"));
        (self.prices.len(), unchecked.count())
    }
}

impl Usage {
    pub(super) fn load() -> anyhow::Result<Self> {
        load("cost/usage.json")
    }
}

fn load<T: DeserializeOwned>(file: &str) -> anyhow::Result<T> {
    let path = roots::terraform().join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}
