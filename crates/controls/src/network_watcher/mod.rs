// Written by `cargo xtask codegen` from the files beside it. Don't edit.

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[];
