//! `palisade reach` beyond the cluster, as a user sees it.

use crate::palisade;

fn flow(arguments: &[&str]) -> String {
    let run = palisade(&[&["reach"], arguments].concat());
    assert_eq!(run.code(), 0, "{}", run.stderr());
    run.stdout()
}

#[test]
fn packets_are_led_through_azures_network() {
    insta::assert_snapshot!(
        "way_by_nat_gateway",
        flow(&[
            "carriers/label-printer",
            "203.0.113.9",
            "examples/weak",
            "--port",
            "443"
        ])
    );
    insta::assert_snapshot!(
        "way_to_firewall",
        flow(&[
            "kube-system/coredns",
            "203.0.113.9",
            "examples/hardened",
            "--port",
            "443"
        ])
    );
}

#[test]
fn a_server_is_asked_about_by_its_name() {
    insta::assert_snapshot!(
        "way_to_name",
        flow(&[
            "kube-system/coredns",
            "mcr.microsoft.com:443",
            "examples/hardened",
            "--resolve",
            "mcr.microsoft.com=203.0.113.9",
        ])
    );
    let run = palisade(&[
        "reach",
        "carriers/label-printer",
        "a.example",
        "examples/weak",
        "--resolve",
        "a",
    ]);
    assert_eq!(run.code(), 2);
}

#[test]
fn pods_cross_from_node_to_node() {
    insta::assert_snapshot!(
        "way_across",
        flow(&[
            "checkout/order-api",
            "inventory/stock-api",
            "examples/hardened",
            "--port",
            "8080"
        ])
    );
}

#[test]
fn the_verdict_on_the_way_in_is_of_policies_and_azure_together() {
    let storefront = flow(&["203.0.113.9", "ingress/traefik", "examples/weak"]);
    insta::assert_snapshot!("way_in_internal", storefront);
    let public = flow(&[
        "203.0.113.9",
        "ingress/ingress-nginx-controller",
        "examples/weak",
        "--port",
        "443",
    ]);
    insta::assert_snapshot!("way_in_public", public);
    let gateway = flow(&[
        "203.0.113.9",
        "ingress/shop-istio",
        "examples/hardened",
        "--port",
        "443",
    ]);
    insta::assert_snapshot!("way_in_by_gateway", gateway);
}

#[test]
fn the_api_server_is_reached_by_each_of_its_ways() {
    for (name, from, estate) in [
        ("api_server_from_internet", "internet", "examples/hardened"),
        (
            "api_server_from_pod",
            "carriers/label-printer",
            "examples/weak",
        ),
    ] {
        insta::assert_snapshot!(name, flow(&[from, "apiserver", estate]));
    }
}

#[test]
fn what_is_no_list_of_service_tags_is_refused() {
    let run = palisade(&[
        "reach",
        "carriers/label-printer",
        "203.0.113.9",
        "examples/weak",
        "--service-tags",
        "examples/weak/palisade-snapshot.json",
    ]);
    assert_eq!(run.code(), 2, "{}", run.stderr());
    assert!(
        run.stderr().contains("not a list of service tags"),
        "{}",
        run.stderr()
    );
}
