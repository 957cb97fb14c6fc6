//! Storage accounts, as far as logs are kept in them.

use crate::Field;
use crate::resource::view;

view! {
    /// A storage account.
    StorageAccount = "microsoft.storage/storageaccounts"
}

impl<'e> StorageAccount<'e> {
    /// `allowBlobPublicAccess`: whether containers may be open to anybody.
    pub fn allows_public_blobs(&self) -> Field<'e, bool> {
        self.flag("allowBlobPublicAccess")
    }

    /// `publicNetworkAccess`: `Enabled`, `Disabled` or `SecuredByPerimeter`.
    pub fn public_network_access(&self) -> Field<'e, &'e str> {
        self.text("publicNetworkAccess")
    }

    /// `networkAcls.defaultAction`: `Allow` or `Deny` for networks that no rule names.
    pub fn default_action(&self) -> Field<'e, &'e str> {
        self.text("networkAcls.defaultAction")
    }
}
