//! Names of hosts in texts.

use std::net::IpAddr;

/// A host that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostName {
    /// In small letters.
    pub(super) name: String,
    /// The port after it, or that of the scheme before it.
    pub(super) port: Option<u16>,
    /// Whether a scheme stands before it.
    pub(super) has_scheme: bool,
    /// Whether it is all there is, or an item of a list with commas.
    pub(super) is_alone: bool,
}

impl HostName {
    /// The address, if the host is named by one.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.name.parse().ok()
    }
}

/// The hosts of a text: after a scheme, before a port, with `.svc` in the name, or alone.
pub(super) fn host_names(text: &str) -> Vec<HostName> {
    let is_end = |c: char| c.is_whitespace() || c.is_control() || "'\"`,;=()[]{}<>|".contains(c);
    let alone: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_list = alone
        .iter()
        .all(|item| !item.is_empty() && !item.contains(is_end));
    let words = text.split(is_end).filter(|word| !word.is_empty());
    words.filter_map(|word| host_name(word, is_list)).collect()
}

fn host_name(word: &str, is_item: bool) -> Option<HostName> {
    let (scheme, rest) = match word.find("://") {
        Some(place) => {
            let before = &word[..place];
            let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
            let scheme = before.rsplit(|c| !is_of_scheme(c)).next();
            (scheme, &word[place + 3..])
        }
        None => (None, word.strip_prefix("tcp:").unwrap_or(word)),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (name, port) = match host.split_once(':') {
        Some((name, port)) => (
            name,
            Some(port.parse::<u16>().ok().filter(|port| *port > 0)?),
        ),
        None => (host, None),
    };
    let name = name.trim_matches('.').to_ascii_lowercase();
    let is_host = name.split('.').all(is_part_of_host);
    let is_alone = is_item && scheme.is_none() && authority.len() == rest.len();
    let is_plain = scheme.is_some() || port.is_some() || is_alone || name.contains(".svc");
    (is_host && is_plain).then(|| HostName {
        port: port.or_else(|| default_port(scheme?)),
        name,
        has_scheme: scheme.is_some(),
        is_alone,
    })
}

fn is_part_of_host(part: &str) -> bool {
    let is_allowed = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    !part.is_empty() && part.len() <= 63 && part.bytes().all(is_allowed)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let hosts = host_names(text).into_iter().map(|host| {
            let port = host.port.map_or(String::new(), |port| format!(":{port}"));
            format!("{}{port}", host.name)
        });
        hosts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn hosts_have_a_scheme_a_port_or_the_text_for_themselves() {
        assert_eq!(shown("http://api.shop.svc:8080/v1"), "api.shop.svc:8080");
        assert_eq!(shown("https://api/v1?next=http://web"), "api:443 web:80");
        assert_eq!(shown("redis"), "redis");
        assert_eq!(
            shown("kafka-0:9092, kafka-1:9092"),
            "kafka-0:9092 kafka-1:9092"
        );
        assert_eq!(shown("postgres://app:secret@db:5432/shop"), "db:5432");
        assert_eq!(shown("mongodb://a:27017,b:27017/shop"), "a:27017 b:27017");
        assert_eq!(shown("jdbc:postgresql://db/shop"), "db");
        assert_eq!(shown("--upstream=api:8080 --verbose"), "api:8080");
        assert_eq!(shown("proxy_pass http://web:3000;"), "web:3000");
        assert_eq!(
            shown("server: api.shop.svc.cluster.local"),
            "api.shop.svc.cluster.local"
        );
    }

    #[test]
    fn other_words_are_no_hosts() {
        for text in [
            "",
            "start the web server",
            "/etc/web",
            "redis:alpine",
            "a:99999",
            "é://ü:1",
        ] {
            assert_eq!(shown(text), "", "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC*") {
            for host in host_names(&text) {
                proptest::prop_assert!(host.name.split('.').all(is_part_of_host));
            }
        }
    }
}
