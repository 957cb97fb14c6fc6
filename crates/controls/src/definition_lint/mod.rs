// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod alias_unknown;
mod condition_constant;
mod definition_unreadable;
mod deprecated_definition_used;
mod effect_fixed;
mod effect_unfit;
mod excluded_scope_outside;
mod function_unknown;
mod list_condition_pitfall;
mod mode_unfit;
mod parameter_default_refused;
mod parameter_undeclared;
mod parameter_unused;
mod policy_argument_wrong;
mod policy_reference_dangling;
mod remark;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &definition_unreadable::CONTROL,
    &alias_unknown::CONTROL,
    &function_unknown::CONTROL,
    &effect_unfit::CONTROL,
    &parameter_undeclared::CONTROL,
    &parameter_unused::CONTROL,
    &parameter_default_refused::CONTROL,
    &effect_fixed::CONTROL,
    &mode_unfit::CONTROL,
    &list_condition_pitfall::CONTROL,
    &condition_constant::CONTROL,
    &policy_reference_dangling::CONTROL,
    &policy_argument_wrong::CONTROL,
    &excluded_scope_outside::CONTROL,
    &deprecated_definition_used::CONTROL,
];
