// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod control_plane_log_not_collected;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[&control_plane_log_not_collected::CONTROL];
