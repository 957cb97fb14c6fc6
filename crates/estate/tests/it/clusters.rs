use palisade_estate::Estate;

use crate::{body, input};

const NAMESPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n";

fn cluster(name: &str) -> String {
    body(
        &format!("Microsoft.ContainerService/managedClusters/{name}"),
        "{}",
    )
}

fn homes(estate: &Estate) -> Vec<(String, usize)> {
    estate
        .clusters()
        .map(|cluster| (cluster.name().to_owned(), cluster.objects().count()))
        .collect()
}

fn estate(files: &[(&str, String)]) -> Estate {
    input(files, false).estate
}

#[test]
fn objects_belong_to_the_only_cluster() {
    let estate = estate(&[
        ("azure.json", cluster("c")),
        ("anywhere.yaml", NAMESPACE.to_owned()),
    ]);
    assert_eq!(homes(&estate), [("c".to_owned(), 1)]);
    assert!(
        estate
            .objects()
            .all(|object| object.cluster().managed().is_ok())
    );
}

#[test]
fn a_folder_or_a_file_names_the_cluster_of_its_objects() {
    let files = [
        "in/AKS-One/a.yaml",
        "in\\aks-two\\a.yaml",
        "in/aks-two.yaml",
        "aks-one.objects.json",
    ];
    let objects = files.map(|path| (path, NAMESPACE.to_owned()));
    let azure = (
        "azure.json",
        format!("[{}, {}]", cluster("aks-two"), cluster("aks-one")),
    );
    let estate = estate(&[&[azure][..], &objects].concat());
    assert_eq!(
        homes(&estate),
        [("aks-one".to_owned(), 2), ("aks-two".to_owned(), 2)]
    );
}

#[test]
fn objects_of_no_known_cluster_are_kept_together() {
    let azure = (
        "azure.json",
        format!("[{}, {}]", cluster("one"), cluster("two")),
    );
    let objects = [
        ("a.yaml", NAMESPACE.to_owned()),
        ("one-more/b.yaml", NAMESPACE.to_owned()),
    ];
    let estate = estate(&[&[azure][..], &objects].concat());
    let expected =
        [("one", 0), ("two", 0), ("manifests", 2)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(homes(&estate), expected);
    let unattached = estate.clusters().last().unwrap();
    assert!(unattached.id().is_none());
    assert!(unattached.managed().is_err());
}

#[test]
fn objects_alone_make_a_cluster() {
    let estate = estate(&[("a.yaml", NAMESPACE.to_owned())]);
    assert_eq!(homes(&estate), [("manifests".to_owned(), 1)]);
}

#[test]
fn an_estate_of_nothing_has_no_cluster() {
    assert_eq!(estate(&[]).clusters().len(), 0);
    assert_eq!(estate(&[]).resources().len(), 0);
}
