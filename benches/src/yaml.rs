//! Writes JSON values as YAML in the block style that people write manifests in.

use serde_json::Value;

/// One document of a YAML stream.
pub(crate) fn document(value: &Value) -> String {
    let mut text = String::from("---\n");
    block(value, 0, &mut text);
    text
}

/// A value on lines of its own.
fn block(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                text.push_str(&format!("{:indent$}{}:", "", scalar(key)));
                after_key(value, indent, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                let start = text.len();
                block(item, indent + 2, text);
                // The first line of the item takes the dash in place of its indentation.
                text.replace_range(start..start + indent + 2, &format!("{:indent$}- ", ""));
            }
        }
        other => text.push_str(&format!("{:indent$}{}\n", "", inline(other))),
    }
}

fn after_key(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            text.push('\n');
            block(value, indent + 2, text);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            block(value, indent, text);
        }
        Value::String(lines) if lines.ends_with('\n') => {
            text.push_str(" |\n");
            for line in lines.lines() {
                text.push_str(&format!("{:1$}{line}\n", "", indent + 2));
            }
        }
        other => text.push_str(&format!(" {}\n", inline(other))),
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(content) => scalar(content),
        other => other.to_string(),
    }
}

/// A string without quotes where it can only be read as that string.
fn scalar(content: &str) -> String {
    let is_plain = content.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && content
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !matches!(
            content,
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_plain {
        content.to_owned()
    } else {
        Value::from(content).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_lists_and_texts_keep_their_shape() {
        let value = json!({
            "args": ["--port", "8080"],
            "data": { "a.conf": "one\n  two\n" },
            "empty": {},
            "list": [{ "name": "x", "ports": [{ "port": 1 }] }],
            "on": "true",
        });
        let expected = "---\nargs:\n- \"--port\"\n- \"8080\"\ndata:\n  a.conf: |\n    one\n      two\n\
                        empty: {}\nlist:\n- name: x\n  ports:\n  - port: 1\n\"on\": \"true\"\n";
        assert_eq!(document(&value), expected);
    }
}
