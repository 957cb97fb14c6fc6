//! Network Watcher.

use crate::resource::view;
use crate::{Estate, Field, Resource, ResourceId, Settings, Unknown, View};

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

/// What lists the flow logs and connection monitors that concern a resource: the watcher of its
/// region, of which a subscription has one. Where the input names none it is the subscription.
pub fn network_watcher_scope(resource: &Resource<'_>) -> ResourceId {
    let own = resource.id();
    let Some(subscription) = own.subscription_scope() else {
        return own.clone();
    };
    let region = resource.location();
    let watcher = region.and_then(|region| watcher_of(resource.estate(), &subscription, &region));
    watcher.unwrap_or(subscription)
}

/// The watcher of a region of a subscription, by itself or by something below it that stands in
/// the region.
fn watcher_of(estate: &Estate, subscription: &ResourceId, region: &str) -> Option<ResourceId> {
    fn first<'e, V: View<'e>>(
        estate: &'e Estate,
        subscription: &ResourceId,
        region: &str,
    ) -> Option<&'e ResourceId> {
        let mut alike = estate.within::<V>(subscription);
        let near = alike.find(|one| one.location().as_deref() == Some(region))?;
        Some(near.id())
    }
    let part = || {
        first::<FlowLog<'_>>(estate, subscription, region)
            .or_else(|| first::<ConnectionMonitor<'_>>(estate, subscription, region))
            .or_else(|| first::<PacketCapture<'_>>(estate, subscription, region))
    };
    let watcher = first::<NetworkWatcher<'_>>(estate, subscription, region).cloned();
    watcher.or_else(|| part()?.parent())
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

    /// `retentionPolicy.enabled`: whether records are deleted after the days of
    /// [`Self::retention_days`].
    pub fn is_retention_enabled(&self) -> Field<'e, bool> {
        self.flag("retentionPolicy.enabled")
    }

    /// `format.version`: the version of the records of a log on a security group.
    pub fn format_version(&self) -> Field<'e, i64> {
        self.number("format.version")
    }

    /// What keeps flows out of the log: `enabledFilteringCriteria`, else `recordTypes`.
    pub fn filter(&self) -> Field<'e, &'e str> {
        match self.text("enabledFilteringCriteria") {
            Field::Absent(_) => self.text("recordTypes"),
            criteria => criteria,
        }
    }

    /// Whether traffic analytics reads the log.
    pub fn has_traffic_analytics(&self) -> Field<'e, bool> {
        self.flag("flowAnalyticsConfiguration.networkWatcherFlowAnalyticsConfiguration.enabled")
    }

    /// `retentionPolicy.days`; 0 keeps the logs for ever.
    pub fn retention_days(&self) -> Field<'e, i64> {
        self.number("retentionPolicy.days")
    }
}

impl<'e> NetworkWatcher<'e> {
    /// `provisioningState`: `Succeeded`, `Updating`, `Deleting` or `Failed`.
    pub fn provisioning_state(&self) -> Field<'e, &'e str> {
        self.text("provisioningState")
    }
}

impl<'e> ConnectionMonitor<'e> {
    /// The ends between which the monitor probes: the endpoints of the test groups that aren't
    /// disabled, or the source and destination of the first version. Each has a `resourceId` or
    /// an `address`.
    pub fn probed_endpoints(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        let mut names = Vec::new();
        for group in self.elements("testGroups")? {
            if group.flag("disable").present() != Some(true) {
                names.extend(group.texts("sources")?);
                names.extend(group.texts("destinations")?);
            }
        }
        let mut probed = self.elements("endpoints")?;
        probed.retain(|endpoint| {
            let mut names = names.iter();
            names.any(|(name, _)| endpoint.is_named(name))
        });
        for path in ["source", "destination"] {
            probed.extend(self.property(path).map(Settings::of).present());
        }
        Ok(probed)
    }
}
