//! Writes the two files of a new control from a template, with the next free code.

use std::fs;
use std::path::Path;

use crate::{RECOMMENDATIONS, codegen};

const SOURCE: &str = r#"use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "CODE",
    name: "NAME",
    title: "what should be so, in one sentence without a final stop",
    recommendation: Recommendation::VARIANT,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("MODULE.md"),
    check,
};

fn check(_context: &Context<'_>, _findings: &mut Findings) {}
"#;

const PAGE: &str = "\
# CODE NAME

## What it checks

## Why it matters

## How to fix

## Exceptions

## References

## Tests

### Fails when …

```json cluster.json
{}
```

```findings
```

### Passes when …

### Is unknown when …
";

pub(crate) fn write(root: &Path, recommendation: &str, name: &str) -> Result<String, String> {
    let known = RECOMMENDATIONS
        .iter()
        .find(|(folder, _)| *folder == recommendation.replace('-', "_"));
    let Some(&(folder, prefix)) = known else {
        let folders: Vec<_> = RECOMMENDATIONS.iter().map(|(folder, _)| *folder).collect();
        return Err(format!(
            "no recommendation `{recommendation}`; there are {}\n",
            folders.join(", ")
        ));
    };
    let directory = root.join("crates/controls/src").join(folder);
    let module = name.replace('-', "_");
    let code = next_code(&directory, prefix);
    let fill = |template: &str| {
        template
            .replace("CODE", &code)
            .replace("NAME", name)
            .replace("VARIANT", &variant(folder))
            .replace("MODULE", &module)
    };
    for (ending, template) in [("rs", SOURCE), ("md", PAGE)] {
        let path = directory.join(format!("{module}.{ending}"));
        if path.exists() {
            return Err(format!("{} exists\n", path.display()));
        }
        fs::write(&path, fill(template))
            .map_err(|error| format!("{}: {error}\n", path.display()))?;
    }
    codegen::write(root)
}

fn variant(folder: &str) -> String {
    let words = folder
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

/// One more than the highest code in use.
fn next_code(directory: &Path, prefix: &str) -> String {
    let files = fs::read_dir(directory).into_iter().flatten().flatten();
    let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    let codes = texts.filter_map(|text| {
        let code = text.split("code: \"").nth(1)?.split('"').next()?;
        code.strip_prefix(prefix)?.parse::<u32>().ok()
    });
    format!("{prefix}{:03}", codes.max().unwrap_or(0) + 1)
}
