//! What nodes are made of.

use crate::resource::view;

view! {
    /// A scale set, such as an agent pool's.
    VirtualMachineScaleSet = "microsoft.compute/virtualmachinescalesets"
}
