//! Where a request comes from, as far as it can be known.
//!
//! The entrance puts a [`Peer`] into the request's extensions; the router calls
//! `client_address(peer, request.headers(), http.trusted_proxy_hops)` once, for the log and for the rate limit, whose
//! key for an address is [`limit_key`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Who handed the request to us. Each entrance puts one into the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// The other end of the TCP connection.
    Tcp(IpAddr),
    /// A gateway event's `sourceIp`, which the gateway also appended to `X-Forwarded-For`.
    Gateway(IpAddr),
    /// An event of a load balancer, which appended the peer to `X-Forwarded-For` and says nothing else.
    LoadBalancer,
}

/// The client's address: `hops` places left of the peer in `X-Forwarded-For` and the peer; the left-most entry where
/// there are too few.
///
/// Whatever a client writes into the header stands left of what the trusted proxies append, so it is never reached as
/// long as `hops` says the truth. An entry that is no address keeps its place; where it would be the answer, the
/// nearest address to its right is, which a proxy nearer to us wrote.
#[must_use]
pub fn client_address(peer: Peer, headers: &HeaderMap, hops: usize) -> IpAddr {
    let mut entries = from_the_right(headers).peekable();
    let mut address = match peer {
        Peer::Tcp(address) => address.to_canonical(),
        Peer::Gateway(address) => {
            let address = address.to_canonical();
            // The gateway appended the same address: it is one place, not two.
            entries.next_if(|entry| parse(entry) == Some(address));
            address
        }
        // Without any entry there is nothing to be known.
        Peer::LoadBalancer => entries
            .next()
            .and_then(parse)
            .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
    };
    for entry in entries.take(hops) {
        if let Some(parsed) = parse(entry) {
            address = parsed;
        }
    }
    address
}

/// The address that a rate limit counts: an IPv6 client owns at least a /64 and would else have 2^64 lives.
#[must_use]
pub fn limit_key(address: IpAddr) -> IpAddr {
    const NETWORK: u128 = !0 << 64;
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The entries of all `X-Forwarded-For` lines, right to left. Empty ones are no entries (RFC 9110, 5.6.1).
fn from_the_right(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .rev()
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|entry| !entry.is_empty())
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn parse(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let address: IpAddr = if let Some(bracketed) = text.strip_prefix('[') {
        let (inside, port) = bracketed.split_once(']')?;
        if !is_port_suffix(port) {
            return None;
        }
        IpAddr::V6(inside.parse().ok()?)
    } else if let Some((host, _)) = text.split_once(':').filter(|(host, port)| {
        host.contains('.') && is_port_suffix(&text[host.len()..]) && !port.is_empty()
    }) {
        IpAddr::V4(host.parse().ok()?)
    } else {
        text.parse().ok()?
    };
    Some(address.to_canonical())
}

/// Nothing, or `:` and a port.
fn is_port_suffix(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(peer: Peer, lines: &[&str], hops: usize) -> IpAddr {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                "x-forwarded-for",
                HeaderValue::from_bytes(line.as_bytes()).unwrap(),
            );
        }
        client_address(peer, &headers, hops)
    }

    fn tcp(lines: &[&str], hops: usize) -> IpAddr {
        client(Peer::Tcp(ip("10.0.0.9")), lines, hops)
    }

    #[test]
    fn without_trusted_proxies_the_header_is_not_believed() {
        assert_eq!(tcp(&[], 0), ip("10.0.0.9"));
        assert_eq!(tcp(&["203.0.113.7"], 0), ip("10.0.0.9"));
    }

    #[test]
    fn each_hop_is_one_place_to_the_left() {
        let lines = ["198.51.100.1, 203.0.113.7, 192.0.2.5"];
        assert_eq!(tcp(&lines, 1), ip("192.0.2.5"));
        assert_eq!(tcp(&lines, 2), ip("203.0.113.7"));
        assert_eq!(tcp(&lines, 3), ip("198.51.100.1"));
    }

    #[test]
    fn a_forged_entry_stands_left_of_what_the_proxy_appends() {
        for forged in [
            "1.1.1.1",
            "1.1.1.1, 2.2.2.2",
            "10.0.0.9",
            "",
            ",,",
            "unknown",
            "127.0.0.1",
        ] {
            let line = format!("{forged}, 203.0.113.7");
            assert_eq!(tcp(&[&line], 1), ip("203.0.113.7"), "{forged:?}");
            assert_eq!(
                tcp(&[forged, "203.0.113.7"], 1),
                ip("203.0.113.7"),
                "{forged:?}"
            );
        }
    }

    #[test]
    fn too_few_entries_give_the_left_most() {
        assert_eq!(tcp(&[], 2), ip("10.0.0.9"));
        assert_eq!(tcp(&["203.0.113.7"], 2), ip("203.0.113.7"));
        assert_eq!(
            tcp(&["203.0.113.7, 192.0.2.5"], usize::MAX),
            ip("203.0.113.7")
        );
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = ["198.51.100.1", "203.0.113.7,192.0.2.5"];
        assert_eq!(tcp(&lines, 1), ip("192.0.2.5"));
        assert_eq!(tcp(&lines, 2), ip("203.0.113.7"));
        assert_eq!(tcp(&lines, 3), ip("198.51.100.1"));
    }

    #[test]
    fn every_way_to_write_an_address_is_read() {
        for (entry, address) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
            ("  203.0.113.7\t", "203.0.113.7"),
        ] {
            assert_eq!(tcp(&[entry], 1), ip(address), "{entry:?}");
        }
        let mapped = Peer::Tcp(ip("::ffff:203.0.113.7"));
        assert_eq!(client(mapped, &[], 0), ip("203.0.113.7"));
    }

    #[test]
    fn garbage_keeps_its_place_and_is_never_the_answer() {
        for garbage in [
            "unknown",
            "_x",
            "1.2.3",
            "1.2.3.4:",
            "1.2.3.4:x",
            "1.2.3.4:70000",
            "1.2.3.4:+1",
            "[::1",
            "[::1]x",
            "[1.2.3.4]",
            "1.2.3.4 5.6.7.8",
            "::1%eth0",
            "é",
            "999.1.1.1",
        ] {
            assert_eq!(tcp(&[garbage], 1), ip("10.0.0.9"), "{garbage:?}");
            let line = format!("203.0.113.7, {garbage}");
            assert_eq!(tcp(&[&line], 2), ip("203.0.113.7"), "{garbage:?}");
        }
    }

    #[test]
    fn what_the_gateway_appended_counts_once() {
        let gateway = Peer::Gateway(ip("192.0.2.5"));
        assert_eq!(
            client(gateway, &["203.0.113.7, 192.0.2.5"], 0),
            ip("192.0.2.5")
        );
        assert_eq!(
            client(gateway, &["203.0.113.7, 192.0.2.5"], 1),
            ip("203.0.113.7")
        );
        assert_eq!(
            client(gateway, &["192.0.2.5, 192.0.2.5"], 1),
            ip("192.0.2.5")
        );
        assert_eq!(
            client(gateway, &["1.1.1.1, 203.0.113.7, 192.0.2.5"], 1),
            ip("203.0.113.7")
        );
        assert_eq!(client(gateway, &[], 1), ip("192.0.2.5"));
    }

    #[test]
    fn a_load_balancer_event_has_its_peer_in_the_header() {
        assert_eq!(
            client(Peer::LoadBalancer, &["203.0.113.7, 192.0.2.5"], 0),
            ip("192.0.2.5")
        );
        assert_eq!(
            client(Peer::LoadBalancer, &["203.0.113.7, 192.0.2.5"], 1),
            ip("203.0.113.7")
        );
        assert_eq!(
            client(Peer::LoadBalancer, &["203.0.113.7"], 1),
            ip("203.0.113.7")
        );
        assert_eq!(client(Peer::LoadBalancer, &[], 0), ip("0.0.0.0"));
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        assert_eq!(limit_key(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
        assert_eq!(
            limit_key(ip("2001:db8:1:2::")),
            limit_key(ip("2001:db8:1:2:ffff::"))
        );
        assert_ne!(
            limit_key(ip("2001:db8:1:2::")),
            limit_key(ip("2001:db8:1:3::"))
        );
        assert_eq!(limit_key(ip("203.0.113.7")), ip("203.0.113.7"));
        assert_eq!(limit_key(ip("::ffff:203.0.113.7")), ip("203.0.113.7"));
    }
}
