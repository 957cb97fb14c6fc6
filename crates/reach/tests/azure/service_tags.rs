//! The built-in service tags, and a download.

use std::net::IpAddr;

use palisade_document::{Document, Notation, Text, parse};
use palisade_packet::{AddressSet, Set};
use palisade_reach::azure::ServiceTags;
use palisade_reach::azure::service_tags::Cloud;

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn document(path: &str, content: &str) -> Document {
    parse(Text::new(path, content), Notation::Json).0
}

#[test]
fn names_are_found_in_any_letter_case_and_by_region() {
    let tags = ServiceTags::built_in(Cloud::Public);
    let all = tags.addresses("storage").unwrap();
    let region = tags.addresses("Storage.WestUS").unwrap();
    assert_eq!(tags.addresses("STORAGE.westus"), Some(region.clone()));
    assert!(!region.is_empty() && region.is_subset(&all) && region != all);
    assert_eq!(tags.addresses("Storage.Atlantis"), None);
    assert_eq!(tags.addresses("VirtualNetwork"), None);
}

#[test]
fn every_cloud_has_its_own_tags_and_day() {
    for (cloud, edition) in [
        (Cloud::Public, "Public of 2025-10-28"),
        (Cloud::UsGovernment, "AzureGovernment of 2026-07-20"),
        (Cloud::China, "China of 2026-07-20"),
    ] {
        let tags = ServiceTags::built_in(cloud);
        assert_eq!(tags.edition(), edition);
        assert!(tags.names().len() > 290);
        assert!(tags.addresses("AzureCloud").is_some());
    }
    assert_eq!(Cloud::of_region("usgovvirginia"), Cloud::UsGovernment);
    assert_eq!(Cloud::of_region("chinanorth3"), Cloud::China);
    assert_eq!(Cloud::of_region("westeurope"), Cloud::Public);
}

#[test]
fn the_whole_of_a_service_takes_in_its_regions() {
    let tags = ServiceTags::built_in(Cloud::UsGovernment);
    let all = tags.addresses("AzureCloud").unwrap();
    let regions: Vec<_> = tags
        .names()
        .filter(|name| name.starts_with("AzureCloud."))
        .collect();
    assert!(regions.len() > 3);
    for region in regions {
        assert!(tags.addresses(region).unwrap().is_subset(&all), "{region}");
    }
}

#[test]
fn a_download_is_read_with_a_diagnostic_for_what_is_no_prefix() {
    let content = r#"{"changeNumber": 7, "cloud": "Public", "values": [
        {"name": "Storage", "properties": {"addressPrefixes": ["20.60.0.0/16", "20.60.0.0/99", "2603::/32"]}},
        {"name": "Nothing", "properties": {"addressPrefixes": []}}]}"#;
    let (tags, diagnostics) =
        ServiceTags::read(&document("down/ServiceTags_Public_20261116.json", content));
    let tags = tags.unwrap();
    assert_eq!(tags.edition(), "Public of 2026-11-16");
    let storage = tags.addresses("storage").unwrap();
    assert!(storage.contains(&address("20.60.4.4")) && storage.contains(&address("2603::1")));
    assert_eq!(tags.addresses("Nothing"), Some(AddressSet::empty()));
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(
        diagnostics[0].message,
        "`20.60.0.0/99` is not an address prefix"
    );
    assert_eq!(diagnostics[0].position.unwrap().line, 2);
}

#[test]
fn what_is_no_download_is_refused() {
    for content in ["{}", "[]", "null", r#"{"cloud": "Mars", "values": []}"#] {
        let (tags, diagnostics) = ServiceTags::read(&document("x.json", content));
        assert!(tags.is_none(), "{content}");
        assert_eq!(diagnostics.len(), 1);
    }
}
