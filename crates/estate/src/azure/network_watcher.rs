//! Network Watcher.

use crate::resource::view;
use crate::{Field, ResourceId};

view! {
    /// The watcher of a region.
    NetworkWatcher = "microsoft.network/networkwatchers"
}

view! {
    /// A flow log of a virtual network, subnet, interface or security group.
    FlowLog = "microsoft.network/networkwatchers/flowlogs"
}

view! {
    /// A packet capture.
    PacketCapture = "microsoft.network/networkwatchers/packetcaptures"
}

view! {
    /// A connection monitor.
    ConnectionMonitor = "microsoft.network/networkwatchers/connectionmonitors"
}

impl<'e> FlowLog<'e> {
    /// `targetResourceId`: what is logged.
    pub fn target(&self) -> Field<'e, ResourceId> {
        self.reference("targetResourceId")
    }

    /// `enabled`.
    pub fn is_enabled(&self) -> Field<'e, bool> {
        self.flag("enabled")
    }

    /// `retentionPolicy.days`; 0 keeps the logs for ever.
    pub fn retention_days(&self) -> Field<'e, i64> {
        self.number("retentionPolicy.days")
    }
}
