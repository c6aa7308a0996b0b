//! The other end of the connection of a request.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::Extensions;

/// The bits of an IPv6 address that identify a network, which is what one client has.
const NETWORK_BITS: u32 = 64;

/// Returns the other end of the connection, where an axum app was told.
#[cfg(feature = "axum")]
pub(in crate::transport::http) fn connected_peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<axum::extract::ConnectInfo<SocketAddr>>().map(|axum::extract::ConnectInfo(peer)| *peer)
}

/// Returns `None`, because there is no axum app.
#[cfg(not(feature = "axum"))]
pub(in crate::transport::http) fn connected_peer(_: &Extensions) -> Option<SocketAddr> {
    None
}

/// Returns the address of the peer's network: an IPv4 address, or the first half of an IPv6 address.
pub(in crate::transport::http) fn network(peer: SocketAddr) -> IpAddr {
    match peer.ip().to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> NETWORK_BITS << NETWORK_BITS).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_one_address_of_ipv4_and_many_of_ipv6() {
        for (peer, expected) in [
            ("192.0.2.7:1", "192.0.2.7"),
            ("[::ffff:192.0.2.7]:1", "192.0.2.7"),
            ("[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2::"),
            ("[2001:db8:1:3:3:4:5:6]:1", "2001:db8:1:3::"),
        ] {
            assert_eq!(network(peer.parse().expect("an address")).to_string(), expected);
        }
    }
}
