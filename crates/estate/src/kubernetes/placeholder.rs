//! Values that a tool has yet to fill in.

/// Whether a text is filled in by a tool that hasn't run yet, such as `${CIDR}`.
pub fn is_placeholder(text: &str) -> bool {
    ["${", "{{", "$(", "#{"]
        .iter()
        .any(|mark| text.contains(mark))
}
