//! Whatever stands in `X-Forwarded-For`: no panic, and nothing that a client can write moves its address.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue};
use expense_backend::middleware::client_address::{Peer, client_address};
use proptest::prelude::*;

const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

fn headers(lines: &[Vec<u8>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
    }
    headers
}

/// Bytes that a header can hold, those of addresses and lists more often than others.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => proptest::sample::select(&b"0123456789abcdef.:,[]% \t\""[..]),
        1 => 0x20_u8..0x7f,
        1 => 0x80_u8..=0xff,
    ];
    prop::collection::vec(byte, 0..80)
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u8; 16]>().prop_map(IpAddr::from)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn what_a_client_writes_changes_nothing(
        forged in prop::collection::vec(line(), 0..4),
        real in address(),
        proxies in prop::collection::vec(address(), 0..3),
    ) {
        // The first trusted proxy appends the client's address, each further one that of the proxy before it.
        let appended = std::iter::once(real).chain(proxies.iter().copied());
        let honest: Vec<_> = appended.map(|address| address.to_string().into_bytes()).collect();
        let hops = honest.len();
        let alone = client_address(Peer::Tcp(PEER), &headers(&honest), hops);
        prop_assert_eq!(alone, real.to_canonical());
        let behind = [forged, honest].concat();
        prop_assert_eq!(client_address(Peer::Tcp(PEER), &headers(&behind), hops), alone);
        let one_line = behind.join(&b", "[..]);
        prop_assert_eq!(client_address(Peer::Tcp(PEER), &headers(&[one_line]), hops), alone);
    }

    #[test]
    fn any_bytes_give_an_address_and_without_hops_the_peer(
        lines in prop::collection::vec(line(), 0..5),
        hops in 0..20_usize,
    ) {
        let headers = headers(&lines);
        for peer in [Peer::Tcp(PEER), Peer::Gateway(PEER), Peer::LoadBalancer] {
            let _ = client_address(peer, &headers, hops);
        }
        prop_assert_eq!(client_address(Peer::Tcp(PEER), &headers, 0), PEER);
        prop_assert_eq!(client_address(Peer::Gateway(PEER), &headers, 0), PEER);
    }
}
