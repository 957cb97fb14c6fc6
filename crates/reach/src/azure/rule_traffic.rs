//! The protocol and ports of a rule.

use palisade_estate::{Field, Unknown};
use palisade_packet::{PortSet, Set, Traffic, Transport};

use super::Bounds;

const ICMP: u8 = 1;
const ESP: u8 = 50;
const AH: u8 = 51;
const ICMPV6: u8 = 58;

/// What a rule with a protocol and ports matches. Ports mean nothing to a protocol without any;
/// whether a rule of all protocols that names ports matches these isn't documented.
pub(super) fn traffic(
    protocol: Field<'_, &str>,
    sources: &Bounds<PortSet>,
    destinations: &Bounds<PortSet>,
) -> Bounds<Traffic> {
    let of_ports = |transports| of_ports(sources, destinations, transports);
    let protocol = match protocol {
        Field::Present(protocol, _) => protocol.to_ascii_lowercase(),
        Field::Absent(_) => {
            let cause = Unknown::because("the rule names no protocol", "correct the rule");
            return Bounds::unknown(cause);
        }
        Field::Unknown(unknown) => return Bounds::unknown(unknown),
    };
    match protocol.as_str() {
        "tcp" => of_ports(&[Transport::Tcp]),
        "udp" => of_ports(&[Transport::Udp]),
        "icmp" => Bounds::between(
            Traffic::protocol(ICMP),
            Traffic::protocol(ICMP).union(&Traffic::protocol(ICMPV6)),
            vec![Unknown::because(
                "whether `Icmp` takes in ICMPv6 isn't documented",
                "ask with IP flow verify of Network Watcher",
            )],
        ),
        "esp" => Bounds::exactly(Traffic::protocol(ESP)),
        "ah" => Bounds::exactly(Traffic::protocol(AH)),
        "*" | "all" | "any" => of_all(of_ports(&[Transport::Tcp, Transport::Udp])),
        other => Bounds::unknown(Unknown::because(
            format!("`{other}` is no protocol of a rule"),
            "correct the rule",
        )),
    }
}

fn of_all(with_ports: Bounds<Traffic>) -> Bounds<Traffic> {
    let transports = Traffic::protocol(6).union(&Traffic::protocol(17));
    if with_ports.least == transports {
        return Bounds::exactly(Traffic::full());
    }
    let others = Traffic::full().difference(&transports);
    let cause = Unknown::because(
        "whether a rule of all protocols with ports matches packets without ports isn't documented",
        "ask with IP flow verify of Network Watcher, or name the protocol in the rule",
    );
    with_ports.union(&Bounds::between(Traffic::empty(), others, vec![cause]))
}

fn of_ports(
    sources: &Bounds<PortSet>,
    destinations: &Bounds<PortSet>,
    transports: &[Transport],
) -> Bounds<Traffic> {
    let pairs = sources.product(destinations);
    let traffic = |sources: &PortSet, destinations: &PortSet| {
        let one = |&transport| Traffic::ports(transport, sources.clone(), destinations.clone());
        let parts = transports.iter().map(one);
        parts.fold(Traffic::empty(), |all, one| all.union(&one))
    };
    Bounds::between(
        traffic(&sources.least, &destinations.least),
        traffic(&sources.most, &destinations.most),
        pairs.causes,
    )
}
