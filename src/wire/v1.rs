//! The replies of `/v1`.

use bytes::{BufMut as _, Bytes, BytesMut};

use super::{put_display, put_string, put_time};
use crate::domain::{Period, SummaryItem, Transaction};

/// `{"id":1,"amount":100,"description":"Groceries","created_at":"…","updated_at":"…"}`
#[must_use]
pub fn resource(row: &Transaction) -> Bytes {
    let mut out = BytesMut::with_capacity(160 + row.description.len());
    put_resource(&mut out, row);
    out.freeze()
}

/// `{"items":[…],"next_cursor":"…"}`
#[must_use]
pub fn page(rows: &[Transaction], next_cursor: Option<&str>) -> Bytes {
    let mut out = BytesMut::with_capacity(64 + rows.len() * 192);
    out.put_slice(b"{\"items\":[");
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            out.put_u8(b',');
        }
        put_resource(&mut out, row);
    }
    out.put_slice(b"],\"next_cursor\":");
    match next_cursor {
        Some(cursor) => put_string(&mut out, cursor),
        None => out.put_slice(b"null"),
    }
    out.put_u8(b'}');
    out.freeze()
}

/// `{"by":"day","items":[{"period":"2026-11-24","count":3,"amount":112.57}]}`
#[must_use]
pub fn summary(by: Period, items: &[SummaryItem]) -> Bytes {
    let mut out = BytesMut::with_capacity(64 + items.len() * 64);
    out.put_slice(b"{\"by\":");
    put_string(&mut out, by.as_str());
    out.put_slice(b",\"items\":[");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.put_u8(b',');
        }
        out.put_slice(b"{\"period\":");
        match &item.period {
            Some(period) => put_string(&mut out, period),
            None => out.put_slice(b"null"),
        }
        out.put_slice(b",\"count\":");
        put_display(&mut out, item.count);
        out.put_slice(b",\"amount\":");
        put_display(&mut out, item.amount);
        out.put_u8(b'}');
    }
    out.put_slice(b"]}");
    out.freeze()
}

fn put_resource(out: &mut BytesMut, row: &Transaction) {
    out.put_slice(b"{\"id\":");
    put_display(out, row.id);
    out.put_slice(b",\"amount\":");
    put_display(out, row.amount);
    out.put_slice(b",\"description\":");
    put_string(out, &row.description);
    out.put_slice(b",\"created_at\":");
    put_time(out, row.created_at);
    out.put_slice(b",\"updated_at\":");
    put_time(out, row.updated_at);
    out.put_u8(b'}');
}
