//! Traffic: protocols are apart, and what is printed.

use palisade_packet::{Header, IntervalSet, PortSet, Set, Traffic, Transport};

fn tcp(first: u16, last: u16) -> Traffic {
    Traffic::to_ports(Transport::Tcp, PortSet::range(first, last))
}

#[test]
fn the_protocols_together_are_everything() {
    let all = (0..=255)
        .map(Traffic::protocol)
        .fold(Traffic::empty(), |all, next| all.union(&next));
    assert_eq!(all, Traffic::full());
}

#[test]
fn a_number_names_the_part_of_its_protocol() {
    assert_eq!(
        Traffic::protocol(6),
        Traffic::to_ports(Transport::Tcp, PortSet::full())
    );
    assert_eq!(
        Traffic::protocol(1),
        Traffic::icmp(IntervalSet::full(), IntervalSet::full())
    );
    assert!(!Traffic::full().contains(&Header::Other(6)));
    assert!(Traffic::full().contains(&Header::Other(47)));
}

#[test]
fn a_header_is_a_set_of_one() {
    for header in [
        Header::Ports {
            transport: Transport::Sctp,
            source: 1,
            destination: 65535,
        },
        Header::Icmp { kind: 8, code: 0 },
        Header::Icmpv6 { kind: 128, code: 0 },
        Header::Other(50),
    ] {
        assert_eq!(Traffic::from(header).witness(), Some(header));
    }
}

#[test]
fn what_is_printed() {
    let dns = Traffic::to_ports(Transport::Udp, PortSet::one(53));
    let web = tcp(80, 80).union(&tcp(443, 443)).union(&tcp(8000, 8999));
    for (traffic, text) in [
        (Traffic::full(), "all traffic"),
        (Traffic::empty(), "nothing"),
        (web.union(&dns), "TCP 80, 443, 8000-8999; UDP 53"),
        (Traffic::all_ports(), "TCP; UDP; SCTP"),
        (
            Traffic::ports(Transport::Tcp, PortSet::one(99), PortSet::one(80)),
            "TCP 80 from 99",
        ),
        (
            Traffic::icmp(IntervalSet::one(8), IntervalSet::full()),
            "ICMP type 8",
        ),
        (Traffic::protocol(47), "protocol 47"),
        (
            Traffic::full().difference(&Traffic::all_ports()),
            "ICMP; ICMPv6; other protocols",
        ),
    ] {
        assert_eq!(traffic.to_string(), text);
    }
}
