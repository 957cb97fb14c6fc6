//! Packs Microsoft's downloads of service tags into the files that are built in.

use std::fs;
use std::path::Path;

use palisade_document::{Notation, Text, parse};
use palisade_reach::azure::service_tags::{Cloud, ServiceTags, pack};

/// Writes the built-in file of each download's cloud.
pub(crate) fn write(root: &Path, downloads: &[&str]) -> Result<String, String> {
    let mut written = String::new();
    for download in downloads {
        let failed = |error: std::io::Error| format!("{download}: {error}\n");
        let content = fs::read_to_string(download).map_err(failed)?;
        let (document, _) = parse(Text::new(*download, content), Notation::Json);
        let (tags, diagnostics) = ServiceTags::read(&document);
        if let Some(diagnostic) = diagnostics.first() {
            return Err(format!("{download}: {}\n", diagnostic.message));
        }
        let tags = tags.ok_or_else(|| format!("{download}: no service tags\n"))?;
        let name = match tags.cloud {
            Cloud::Public => "public.tags",
            Cloud::UsGovernment => "azure_government.tags",
            Cloud::China => "china.tags",
        };
        let target = root.join("crates/reach/src/azure/service_tags").join(name);
        let bytes = pack(&tags);
        fs::write(&target, &bytes).map_err(failed)?;
        let edition = tags.edition();
        written.push_str(&format!(
            "{}: {edition}, {} tags, {} bytes\n",
            target.display(),
            tags.names().len(),
            bytes.len()
        ));
    }
    Ok(written)
}
