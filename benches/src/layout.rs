//! How an estate lies on the disk: the shapes that exports really have.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};

use crate::azure::{Hub, PER_HUB, PER_SPOKE, Spoke};
use crate::kubernetes;
use crate::random::Random;

/// How large an estate is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Bodies of Azure resources. Subnets, rules and routes inside a body don't count.
    pub resources: usize,
    /// Kubernetes objects, spread over the clusters.
    pub objects: usize,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// Managed clusters.
    pub clusters: usize,
}

/// How many spokes share a hub.
const SPOKES_PER_HUB: usize = 24;

/// Writes an estate into a folder, one file after another, so that little of it is in memory.
pub fn generate(folder: &Path, size: Size, seed: u64) -> io::Result<Written> {
    let random = &mut Random::new(seed);
    let mut folder = Folder {
        root: folder.to_owned(),
        written: Written::default(),
    };
    let hubs = size
        .resources
        .div_ceil(SPOKES_PER_HUB * PER_SPOKE + PER_HUB);
    let hubs: Vec<_> = (0..hubs).map(|number| Hub::new(number, random)).collect();
    let in_spokes = size.resources.saturating_sub(hubs.len() * PER_HUB);
    let spokes: Vec<_> = (0..in_spokes.div_ceil(PER_SPOKE))
        .map(|number| {
            Spoke::new(
                number,
                &hubs[number / SPOKES_PER_HUB % hubs.len()].place,
                random,
            )
        })
        .collect();
    folder.written.clusters = spokes.len();
    let mut left = size.resources;
    for (number, (hub, spokes)) in hubs.iter().zip(spokes.chunks(SPOKES_PER_HUB)).enumerate() {
        left = folder.azure(
            &format!("hub-{number:02}"),
            hub.resources(spokes, random),
            left,
            random,
        )?;
    }
    for (number, spoke) in spokes.iter().enumerate() {
        left = folder.azure(
            &format!("spoke-{number:04}"),
            spoke.resources(random),
            left,
            random,
        )?;
        let objects =
            size.objects * (number + 1) / spokes.len() - size.objects * number / spokes.len();
        folder.cluster(number, &spoke.cluster_name(), objects, random)?;
    }
    Ok(folder.written)
}

struct Folder {
    root: PathBuf,
    written: Written,
}

impl Folder {
    /// Writes groups of bodies up to `left` of them and says how many are left after that.
    fn azure(
        &mut self,
        name: &str,
        groups: Vec<(&str, Vec<Value>)>,
        mut left: usize,
        random: &mut Random,
    ) -> io::Result<usize> {
        for (group, mut bodies) in groups {
            bodies.truncate(left);
            left -= bodies.len();
            let count = bodies.len();
            match random.between(0, 4) {
                // One file a resource, as the portal and `az resource show` give them.
                0 => {
                    for (number, body) in bodies.iter().enumerate() {
                        self.json(&format!("azure/{name}/{group}/{number:02}.json"), body, b"  ")?;
                    }
                }
                1 => self.json(&format!("azure/{name}/{group}.json"), &json!({ "value": bodies }), b"  ")?,
                2 => self.json(&format!("azure/{name}/{group}.json"), &json!({ "count": count, "data": bodies, "skip_token": null, "total_records": count }), b"  ")?,
                _ => self.json(&format!("azure/{name}/{group}.json"), &json!(bodies), b"    ")?,
            }
        }
        Ok(left)
    }

    /// Every other cluster is a dump of what runs in it; the others are manifests.
    fn cluster(
        &mut self,
        number: usize,
        name: &str,
        objects: usize,
        random: &mut Random,
    ) -> io::Result<()> {
        if number.is_multiple_of(2) {
            let items = kubernetes::running(objects, random);
            let list = json!({ "apiVersion": "v1", "items": items, "kind": "List", "metadata": { "resourceVersion": "" } });
            return self.json(&format!("clusters/{name}/objects.json"), &list, b"    ");
        }
        for (path, text) in kubernetes::manifests(objects, random) {
            self.file(&format!("clusters/{name}/{path}"), |file| {
                file.write_all(text.as_bytes())
            })?;
        }
        Ok(())
    }

    fn json(&mut self, path: &str, value: &Value, indent: &[u8]) -> io::Result<()> {
        self.file(path, |file| {
            let mut writer =
                Serializer::with_formatter(&mut *file, PrettyFormatter::with_indent(indent));
            serde::Serialize::serialize(value, &mut writer)?;
            file.write_all(b"\n")
        })
    }

    fn file(
        &mut self,
        path: &str,
        write: impl FnOnce(&mut BufWriter<fs::File>) -> io::Result<()>,
    ) -> io::Result<()> {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
        let mut file = BufWriter::new(fs::File::create(&path)?);
        write(&mut file)?;
        let file = file.into_inner()?;
        self.written.files += 1;
        self.written.bytes += file.metadata()?.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_estate() {
        let size = Size {
            resources: 150,
            objects: 300,
        };
        let of = |seed| {
            let folder = tempfile::tempdir().unwrap();
            let written = generate(folder.path(), size, seed).unwrap();
            let network = folder.path().join("clusters");
            let mut names: Vec<_> = fs::read_dir(network)
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            names.sort();
            (written, names)
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1).0.bytes, of(2).0.bytes);
    }
}
