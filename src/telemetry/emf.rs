//! Metrics of a Lambda function: nobody can scrape a sandbox, so that each invocation ends with lines in CloudWatch's
//! embedded metric format, under the same names as `/metrics`.
//!
//! `telemetry::init` installs the recorder for `Role::Lambda`; `Telemetry::flush`, called when an invocation ends,
//! prints what has moved since the last time: one line for each set of labels. The one dimension is `environment`,
//! because each further one multiplies the metrics that are paid for; labels are plain fields of the line, which Logs
//! Insights can ask for. The first line of a sandbox counts a cold start.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit,
};
use metrics_util::registry::{AtomicStorage, Registry};
use serde_json::{Map, Value, json};

use super::names;

const NAMESPACE: &str = "ExpenseBackend";
const DIMENSION: &str = "environment";
/// CloudWatch takes no more values of one metric from one line.
const MOST_VALUES: usize = 100;

/// What moved since the last lines. Clones share it.
#[derive(Clone)]
pub(super) struct Emf(Arc<Inner>);

struct Inner {
    registry: Registry<Key, AtomicStorage>,
    environment: &'static str,
    cold: AtomicBool,
    /// Gauges that the last lines showed above or below 0: their return to 0 is news.
    shown: Mutex<HashSet<Key>>,
}

/// Values by metric, of one set of labels.
type Line = BTreeMap<String, Vec<f64>>;

impl Emf {
    /// A recorder with nothing in it.
    pub(super) fn new(environment: &'static str) -> Self {
        Self(Arc::new(Inner {
            registry: Registry::atomic(),
            environment,
            cold: AtomicBool::new(true),
            shown: Mutex::default(),
        }))
    }

    /// The lines of what moved, each with its end; empty where nothing did.
    pub(super) fn lines(&self, now: SystemTime) -> String {
        let timestamp = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.moved()
            .iter()
            .flat_map(|(labels, line)| parts(line).map(move |part| (labels, part)))
            .map(|(labels, part)| format!("{}\n", self.document(timestamp, labels, &part)))
            .collect()
    }

    /// Takes what moved, by labels.
    fn moved(&self) -> BTreeMap<Vec<Label>, Line> {
        let mut lines: BTreeMap<Vec<Label>, Line> = BTreeMap::new();
        let mut add = |key: &Key, values: Vec<f64>| {
            lines
                .entry(key.labels().cloned().collect())
                .or_default()
                .insert(key.name().to_owned(), values);
        };
        if self.0.cold.swap(false, Ordering::Relaxed) {
            add(&Key::from_static_name(names::COLD_STARTS), vec![1.0]);
        }
        self.0.registry.visit_counters(|key, counter| {
            let count = counter.swap(0, Ordering::Relaxed);
            if count > 0 {
                add(key, vec![approximate(count)]);
            }
        });
        let mut shown = self.0.shown.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.registry.visit_gauges(|key, gauge| {
            let value = f64::from_bits(gauge.load(Ordering::Relaxed));
            // The program's version is no measure.
            if key.name() == names::BUILD_INFO {
                return;
            }
            let news = if value == 0.0 {
                shown.remove(key)
            } else {
                shown.insert(key.clone());
                true
            };
            if news {
                add(key, vec![value]);
            }
        });
        self.0.registry.visit_histograms(|key, histogram| {
            let mut values = Vec::new();
            histogram.clear_with(|samples| values.extend_from_slice(samples));
            if !values.is_empty() {
                add(key, values);
            }
        });
        lines
    }

    fn document(&self, timestamp: Duration, labels: &[Label], line: &Line) -> Value {
        let metrics: Vec<Value> = line
            .keys()
            .map(|name| json!({ "Name": name, "Unit": unit(name) }))
            .collect();
        let mut document = Map::new();
        document.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": u64::try_from(timestamp.as_millis()).unwrap_or(u64::MAX),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics,
                }],
            }),
        );
        document.insert(DIMENSION.to_owned(), self.0.environment.into());
        for label in labels {
            document.insert(label.key().to_owned(), label.value().into());
        }
        for (name, values) in line {
            let value = match values.as_slice() {
                [one] => json!(one),
                many => json!(many),
            };
            document.insert(name.clone(), value);
        }
        Value::Object(document)
    }
}

/// `line` in parts that CloudWatch takes.
fn parts(line: &Line) -> impl Iterator<Item = Line> {
    let longest = line.values().map(Vec::len).max().unwrap_or_default();
    (0..longest.div_ceil(MOST_VALUES)).map(move |part| {
        line.iter()
            .filter_map(|(name, values)| {
                let values = values.chunks(MOST_VALUES).nth(part)?;
                Some((name.clone(), values.to_vec()))
            })
            .collect()
    })
}

fn unit(name: &str) -> &'static str {
    if name.ends_with("_seconds") {
        "Seconds"
    } else if name == names::AMOUNT {
        "None"
    } else {
        "Count"
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact to 2^53 events within one invocation"
)]
fn approximate(count: u64) -> f64 {
    count as f64
}

impl Recorder for Emf {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let create = |counter: &Arc<_>| Counter::from_arc(Arc::clone(counter));
        self.0.registry.get_or_create_counter(key, create)
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let create = |gauge: &Arc<_>| Gauge::from_arc(Arc::clone(gauge));
        self.0.registry.get_or_create_gauge(key, create)
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let create = |histogram: &Arc<_>| Histogram::from_arc(Arc::clone(histogram));
        self.0.registry.get_or_create_histogram(key, create)
    }
}

#[cfg(test)]
mod tests {
    use metrics::{counter, gauge, histogram};

    use super::*;

    fn documents(emf: &Emf) -> Vec<Value> {
        let now = UNIX_EPOCH + Duration::from_millis(1_795_514_400_123);
        emf.lines(now)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// A function that was called before.
    fn warm() -> Emf {
        let emf = Emf::new("staging");
        assert_eq!(documents(&emf).len(), 1);
        emf
    }

    #[test]
    fn a_request_is_one_line_for_each_set_of_labels() {
        let emf = warm();
        metrics::with_local_recorder(&emf, || {
            counter!(names::HTTP_REQUESTS, "method" => "GET", "endpoint" => "/health", "status" => "200").increment(1);
            histogram!(names::HTTP_DURATION, "method" => "GET", "endpoint" => "/health")
                .record(0.25);
            counter!(names::CACHE_HITS).increment(2);
            gauge!(names::CACHE_OWED).set(3.0);
            gauge!(names::BUILD_INFO, "version" => "1").set(1.0);
        });
        let lines = documents(&emf);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert_eq!(
            lines[0],
            json!({
                "_aws": {
                    "Timestamp": 1_795_514_400_123_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "ExpenseBackend",
                        "Dimensions": [["environment"]],
                        "Metrics": [
                            { "Name": "cache_hits_total", "Unit": "Count" },
                            { "Name": "cache_invalidations_owed", "Unit": "Count" },
                        ],
                    }],
                },
                "environment": "staging", "cache_hits_total": 2.0, "cache_invalidations_owed": 3.0,
            })
        );
        let requests = lines
            .iter()
            .find(|line| line.get("status").is_some())
            .unwrap();
        assert_eq!(requests["http_requests_total"], 1.0);
        assert_eq!(
            (
                &requests["method"],
                &requests["endpoint"],
                &requests["status"]
            ),
            (&"GET".into(), &"/health".into(), &"200".into())
        );
        let times = lines
            .iter()
            .find(|line| line.get(names::HTTP_DURATION).is_some())
            .unwrap();
        assert_eq!(times[names::HTTP_DURATION], 0.25);
        assert_eq!(
            times["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"],
            "Seconds"
        );
        assert_eq!(
            times["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
            json!([["environment"]])
        );
    }

    #[test]
    fn only_what_moved_is_printed_and_a_gauge_says_when_it_is_0_again() {
        let emf = warm();
        metrics::with_local_recorder(&emf, || {
            counter!(names::CREATED).increment(1);
            gauge!(names::CACHE_OWED).set(1.0);
        });
        assert_eq!(documents(&emf)[0][names::CREATED], 1.0);
        let still = documents(&emf);
        assert_eq!(still[0][names::CACHE_OWED], 1.0);
        assert_eq!(still[0].get(names::CREATED), None);
        metrics::with_local_recorder(&emf, || gauge!(names::CACHE_OWED).set(0.0));
        assert_eq!(documents(&emf)[0][names::CACHE_OWED], 0.0);
        assert_eq!(emf.lines(SystemTime::now()), "");
    }

    #[test]
    fn a_cold_start_is_counted_once() {
        let emf = Emf::new("production");
        let first = documents(&emf);
        assert_eq!(first[0][names::COLD_STARTS], 1.0);
        assert!(documents(&emf).is_empty());
    }

    #[test]
    fn many_values_are_told_in_parts() {
        let emf = warm();
        metrics::with_local_recorder(&emf, || {
            let times = histogram!(names::DB_DURATION, "query" => "list");
            (0..250).for_each(|_| times.record(0.5));
        });
        let lines = documents(&emf);
        let sizes: Vec<usize> = lines
            .iter()
            .map(|line| line[names::DB_DURATION].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [100, 100, 50]);
        assert!(lines.iter().all(|line| line["query"] == "list"));
    }
}
