//! What a packet carries: its protocol, and ports or message type.

use std::fmt;

use crate::sum::part_by_part;
use crate::{IntervalSet, Product, Set};

/// Port numbers.
pub type PortSet = IntervalSet<u16>;
/// Pairs of source port and destination port.
pub type PortPairs = Product<PortSet, PortSet>;
/// Pairs of ICMP type and code.
pub type Messages = Product<IntervalSet<u8>, IntervalSet<u8>>;

/// A protocol with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Protocol 6.
    Tcp,
    /// Protocol 17.
    Udp,
    /// Protocol 132.
    Sctp,
}

impl Transport {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// Its name: `TCP`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }

    /// The protocol of a name in capital letters, as Kubernetes writes it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|transport| transport.as_str() == name)
    }
}

/// The numbers of the protocols that have a part of their own (IANA protocol numbers).
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;
const SCTP: u8 = 132;

/// What one packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Header {
    /// A segment or datagram.
    Ports {
        /// Its protocol.
        transport: Transport,
        /// The source port.
        source: u16,
        /// The destination port.
        destination: u16,
    },
    /// An ICMP message.
    Icmp {
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
    },
    /// An ICMPv6 message.
    Icmpv6 {
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
    },
    /// A packet of another protocol, by number.
    Other(u8),
}

/// What packets may carry: a part for each protocol that has more to tell than its number, and
/// the numbers of all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traffic {
    tcp: PortPairs,
    udp: PortPairs,
    sctp: PortPairs,
    icmp: Messages,
    icmpv6: Messages,
    /// Never holds the number of a protocol that has a part of its own.
    other: IntervalSet<u8>,
}

impl Traffic {
    /// A protocol to some destination ports, from any source port.
    pub fn to_ports(transport: Transport, destinations: PortSet) -> Self {
        Self::ports(transport, PortSet::full(), destinations)
    }

    /// A protocol from some ports to some ports.
    pub fn ports(transport: Transport, sources: PortSet, destinations: PortSet) -> Self {
        let mut traffic = Self::empty();
        *traffic.part_mut(transport) = Product::of(sources, destinations);
        traffic
    }

    /// ICMP messages of some types and codes.
    pub fn icmp(kinds: IntervalSet<u8>, codes: IntervalSet<u8>) -> Self {
        Self {
            icmp: Product::of(kinds, codes),
            ..Self::empty()
        }
    }

    /// ICMPv6 messages of some types and codes.
    pub fn icmpv6(kinds: IntervalSet<u8>, codes: IntervalSet<u8>) -> Self {
        Self {
            icmpv6: Product::of(kinds, codes),
            ..Self::empty()
        }
    }

    /// All of a protocol, by its number.
    pub fn protocol(number: u8) -> Self {
        let mut traffic = Self::empty();
        match number {
            TCP => traffic.tcp = Set::full(),
            UDP => traffic.udp = Set::full(),
            SCTP => traffic.sctp = Set::full(),
            ICMP => traffic.icmp = Set::full(),
            ICMPV6 => traffic.icmpv6 = Set::full(),
            other => traffic.other = IntervalSet::one(other),
        }
        traffic
    }

    /// All of TCP, UDP and SCTP.
    pub fn all_ports() -> Self {
        Self {
            tcp: Set::full(),
            udp: Set::full(),
            sctp: Set::full(),
            ..Self::empty()
        }
    }

    /// The ports of a protocol.
    pub fn of(&self, transport: Transport) -> &PortPairs {
        match transport {
            Transport::Tcp => &self.tcp,
            Transport::Udp => &self.udp,
            Transport::Sctp => &self.sctp,
        }
    }

    /// The types and codes of ICMP.
    pub fn icmp_messages(&self) -> &Messages {
        &self.icmp
    }

    /// The types and codes of ICMPv6.
    pub fn icmpv6_messages(&self) -> &Messages {
        &self.icmpv6
    }

    /// The numbers of the protocols that have neither ports nor messages here.
    pub fn other_protocols(&self) -> &IntervalSet<u8> {
        &self.other
    }

    /// The destination ports of a protocol, from whatever source port.
    pub fn destination_ports(&self, transport: Transport) -> PortSet {
        self.of(transport).rights()
    }

    fn part_mut(&mut self, transport: Transport) -> &mut PortPairs {
        match transport {
            Transport::Tcp => &mut self.tcp,
            Transport::Udp => &mut self.udp,
            Transport::Sctp => &mut self.sctp,
        }
    }
}

impl From<Header> for Traffic {
    fn from(header: Header) -> Self {
        match header {
            Header::Ports {
                transport,
                source,
                destination,
            } => Self::ports(transport, PortSet::one(source), PortSet::one(destination)),
            Header::Icmp { kind, code } => {
                Self::icmp(IntervalSet::one(kind), IntervalSet::one(code))
            }
            Header::Icmpv6 { kind, code } => {
                Self::icmpv6(IntervalSet::one(kind), IntervalSet::one(code))
            }
            Header::Other(number) => Self::protocol(number),
        }
    }
}

impl Set for Traffic {
    type Member = Header;

    part_by_part!(tcp, udp, sctp, icmp, icmpv6, other);

    fn full() -> Self {
        let known = [ICMP, TCP, UDP, ICMPV6, SCTP].map(|number| (number, number));
        let known: IntervalSet<u8> = known.into_iter().collect();
        Self {
            tcp: Set::full(),
            udp: Set::full(),
            sctp: Set::full(),
            icmp: Set::full(),
            icmpv6: Set::full(),
            other: known.complement(),
        }
    }

    /// A header of [`Header::Other`] whose protocol has a part of its own is in no set.
    fn contains(&self, member: &Header) -> bool {
        match *member {
            Header::Ports {
                transport,
                source,
                destination,
            } => self.of(transport).contains(&(source, destination)),
            Header::Icmp { kind, code } => self.icmp.contains(&(kind, code)),
            Header::Icmpv6 { kind, code } => self.icmpv6.contains(&(kind, code)),
            Header::Other(number) => self.other.contains(&number),
        }
    }

    fn witness(&self) -> Option<Header> {
        let ports = Transport::ALL.into_iter().find_map(|transport| {
            let (source, destination) = self.of(transport).witness()?;
            Some(Header::Ports {
                transport,
                source,
                destination,
            })
        });
        let icmp = || {
            let (kind, code) = self.icmp.witness()?;
            Some(Header::Icmp { kind, code })
        };
        let icmpv6 = || {
            let (kind, code) = self.icmpv6.witness()?;
            Some(Header::Icmpv6 { kind, code })
        };
        let other = || self.other.witness().map(Header::Other);
        ports.or_else(icmp).or_else(icmpv6).or_else(other)
    }
}

impl fmt::Display for Traffic {
    /// `TCP 80, 443; UDP 53; ICMP`. Source ports are shown where they matter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_full() {
            return f.write_str("all traffic");
        }
        if self.is_empty() {
            return f.write_str("nothing");
        }
        let mut parts = Vec::new();
        for transport in Transport::ALL {
            for (sources, destinations) in self.of(transport).parts() {
                let from = match sources.is_full() {
                    true => String::new(),
                    false => format!(" from {}", Numbers(sources)),
                };
                let to = match destinations.is_full() {
                    true => String::new(),
                    false => format!(" {}", Numbers(destinations)),
                };
                parts.push(format!("{}{to}{from}", transport.as_str()));
            }
        }
        for (name, messages) in [("ICMP", &self.icmp), ("ICMPv6", &self.icmpv6)] {
            for (kinds, codes) in messages.parts() {
                let of_type = match kinds.is_full() {
                    true => String::new(),
                    false => format!(" type {}", Numbers(kinds)),
                };
                let of_code = match codes.is_full() {
                    true => String::new(),
                    false => format!(" code {}", Numbers(codes)),
                };
                parts.push(format!("{name}{of_type}{of_code}"));
            }
        }
        if self.other == Self::full().other {
            parts.push("other protocols".to_owned());
        } else if !self.other.is_empty() {
            parts.push(format!("protocol {}", Numbers(&self.other)));
        }
        f.write_str(&parts.join("; "))
    }
}

/// Prints `80, 443, 8000-8999`.
struct Numbers<'s, T>(&'s IntervalSet<T>);

impl<T: crate::Bounded + fmt::Display> fmt::Display for Numbers<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (first, last) in self.0.intervals() {
            match first == last {
                true => write!(f, "{separator}{first}")?,
                false => write!(f, "{separator}{first}-{last}")?,
            }
            separator = ", ";
        }
        Ok(())
    }
}
