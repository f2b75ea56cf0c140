//! Takes this run's rows away again, and no others, also from a service that lies.

use std::{collections::BTreeSet, thread, time::Duration};

use super::{client::Client, fault::Fault, report::Outcome};

/// A failure may be a passing one, such as a replica that is being replaced.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// Removes the rows of those ids, and any that a write recorded whose reply was lost: they are found by their text.
pub(super) fn remove(client: &Client, known: &[u64]) -> Outcome {
    let mut attempt = 1;
    loop {
        match attempted(client, known) {
            Err(_) if attempt < ATTEMPTS => thread::sleep(PAUSE),
            Err(mut fault) => {
                let marker = client.marker();
                fault.wanted = format!(
                    "no row left with {marker} in its description: {}",
                    fault.wanted
                );
                return Err(fault);
            }
            done => return done,
        }
        attempt += 1;
    }
}

fn attempted(client: &Client, known: &[u64]) -> Outcome {
    // Where the search is broken, what is known is removed all the same.
    let found = marked(client);
    let mut ids: BTreeSet<u64> = known.iter().copied().collect();
    ids.extend(found.iter().flatten());
    let mut removed = 0_u32;
    let mut first_fault = None;
    for id in ids {
        match remove_one(client, id) {
            Ok(was_there) => removed += u32::from(was_there),
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    if let Some(fault) = first_fault {
        return Err(fault);
    }
    found?;
    let left = marked(client)?;
    if !left.is_empty() {
        return Err(Fault {
            asked: search(client),
            wanted: "no item".to_owned(),
            came: format!("the rows {left:?}"),
        });
    }
    Ok(format!("{removed} removed now, none left"))
}

/// Removes a row if it is one of this run: an id may come from a reply that was wrong.
fn remove_one(client: &Client, id: u64) -> Result<bool, Fault> {
    let path = format!("/v1/transactions/{id}");
    let reply = client.get(&path)?;
    if reply.status == 404 {
        return Ok(false);
    }
    let reply = reply.status(200)?;
    let body = reply.json()?;
    let description = body["description"].as_str().unwrap_or_default();
    if !description.starts_with(client.marker()) {
        return Ok(false);
    }
    let reply = client.delete(&path)?;
    if reply.status == 404 {
        return Ok(false);
    }
    reply.status(204)?;
    Ok(true)
}

/// The ids of this run's rows.
fn marked(client: &Client) -> Result<Vec<u64>, Fault> {
    let reply = client.get(&search(client))?.status(200)?;
    let body = reply.json()?;
    let Some(items) = body["items"].as_array() else {
        return Err(reply.fault("a list items", "none"));
    };
    let own = items.iter().filter(|item| {
        let description = item["description"].as_str().unwrap_or_default();
        description.starts_with(client.marker())
    });
    Ok(own.filter_map(|item| item["id"].as_u64()).collect())
}

fn search(client: &Client) -> String {
    format!("/v1/transactions?limit=250&q={}", client.marker())
}
