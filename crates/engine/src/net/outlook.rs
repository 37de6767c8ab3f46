//! Which way leads out of this computer: the local addresses that the system would use. If they change, the computer has moved
//! to another network, and open connections are worthless.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses that nobody has (RFC 5737, RFC 3849): they are reached, if at all, by the way that leads everywhere.
const FAR_4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);
const FAR_6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), 9);

/// The local ends of the ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outlook {
    /// With the older kind of address.
    pub v4: Option<IpAddr>,
    /// With the newer kind of address.
    pub v6: Option<IpAddr>,
}

impl Outlook {
    /// How it is now. Asks the system for its routes; nothing is sent.
    #[must_use]
    pub fn now() -> Self {
        Self { v4: local_v4(), v6: local_v6() }
    }

    /// Another look, at the newer kind only now and then while there is a way out with the older: a computer that moves gets another
    /// address of either kind, and each look takes five calls to the system.
    #[must_use]
    pub fn again(self, looks: u32) -> Self {
        const NOW_AND_THEN: u32 = 4;
        let v4 = local_v4();
        let v6 = if v4.is_none() || v4 != self.v4 || looks.is_multiple_of(NOW_AND_THEN) {
            local_v6()
        } else {
            self.v6
        };
        Self { v4, v6 }
    }

    /// Whether another look tells of a way out that was not there before. A way that was lost gives nothing to try.
    #[must_use]
    pub fn opens(self, later: Self) -> bool {
        let is_new = |before: Option<IpAddr>, after: Option<IpAddr>| after.is_some() && before != after;
        is_new(self.v4, later.v4) || is_new(self.v6, later.v6)
    }
}

fn local_v4() -> Option<IpAddr> {
    local(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0), FAR_4)
}

fn local_v6() -> Option<IpAddr> {
    local(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0), FAR_6)
}

/// Connecting a datagram socket only chooses a route.
fn local(any: SocketAddr, far: SocketAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(far).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_address_is_news_and_a_lost_one_gives_nothing_to_try() {
        let ip = |last| Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)));
        let none = Outlook::default();
        let home = Outlook { v4: ip(1), v6: None };
        let office = Outlook { v4: ip(2), v6: None };
        assert!(none.opens(home) && home.opens(office));
        assert!(!home.opens(home) && !home.opens(none));
    }

    #[test]
    fn two_looks_in_a_row_are_the_same() {
        let now = Outlook::now();
        assert_eq!(Outlook::now(), now);
        assert_eq!([0, 1].map(|looks| now.again(looks)), [now, now]);
    }

    #[test]
    fn what_was_never_looked_at_is_found_with_the_next_look() {
        assert_eq!(Outlook::default().again(0), Outlook::now());
    }
}
