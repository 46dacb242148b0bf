//! Addresses that others give us to write to lead outside: never to a machine of this house, which
//! trusts what comes from near (CWE-918).

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Finds the addresses of a name that are of the public Internet, and no others. It is asked where
/// the connection is made, so that a name cannot change what it means in between.
pub struct Dehors;

impl Resolve for Dehors {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| est_dehors(address.ip())).collect();
            match public.is_empty() {
                true => Err(Box::<dyn Error + Send + Sync>::from("no address of the public Internet")),
                false => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// Whether an address is one of the public Internet (IANA, special-purpose address registries).
fn est_dehors(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => est_dehors_v4(address),
        IpAddr::V6(address) => est_dehors_v6(address),
    }
}

fn est_dehors_v4(address: Ipv4Addr) -> bool {
    let near = match address.octets() {
        [0 | 10 | 127 | 240..=255, ..] => true,
        [100, second, ..] => (64..128).contains(&second),
        [169, 254, ..] | [192, 168, ..] | [192, 0, 0 | 2, _] | [198, 18 | 19, ..] => true,
        [172, second, ..] => (16..32).contains(&second),
        [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => address.is_multicast(),
    };
    !near
}

/// Only 2000::/3 is given out; what leads to IPv4 by another way is left out of it.
fn est_dehors_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return est_dehors_v4(mapped);
    }
    match address.segments() {
        [0x2001, second, ..] => second >= 0x0200 && second != 0x0db8,
        [0x2002, ..] => false,
        [0x3fff, second, ..] => second >= 0x1000,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_near_us_is_written_to() {
        for near in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!est_dehors(near.parse().unwrap()), "{near}");
        }
        for far in
            ["8.8.8.8", "100.128.0.1", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450::1"]
        {
            assert!(est_dehors(far.parse().unwrap()), "{far}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_here_leads_nowhere() {
        let name: Name = "localhost".parse().unwrap();
        assert!(Dehors.resolve(name).await.is_err());
    }
}
