//! Names of settings, variables and files that hold secrets. Names are compared as letters and
//! digits only, in lower case: `client-key-data` and `clientKeyData` are the same.

/// Names that are secret as a whole.
const SECRET_NAMES: [&str; 23] = [
    "secret",
    "secrets",
    "token",
    "tokens",
    "kubeconfig",
    "kubeconfigs",
    "pwd",
    "sas",
    "securevalue",
    "secretvalue",
    "clientkeydata",
    "pfxblob",
    "pfxdata",
    "customdata",
    "userdata",
    "protectedsettings",
    "encodedcertificate",
    "dockerconfigjson",
    "commandtoexecute",
    "registrationinfotoken",
    "publishingcredentials",
    "connectionstrings",
    "accountkeys",
];

/// How the names of secrets end, in the singular, by their last letter: few names share it with one
/// of them, and the names of all settings of an estate are asked for.
const SECRET_ENDINGS: [(u8, &[&str]); 9] = [
    (b'd', &["password", "passwd"]),
    (b'e', &["passphrase", "sharedaccesssignature"]),
    (b'g', &["connectionstring"]),
    (b'i', &["sasuri"]),
    (b'l', &["sasurl"]),
    (
        b'n',
        &[
            "sastoken",
            "accesstoken",
            "refreshtoken",
            "idtoken",
            "authtoken",
            "bearertoken",
            "sessiontoken",
            "apitoken",
        ],
    ),
    (
        b't',
        &[
            "clientsecret",
            "appsecret",
            "apisecret",
            "sharedsecret",
            "principalsecret",
            "webhooksecret",
        ],
    ),
    (b'w', &["passwordraw"]),
    (
        b'y',
        &[
            "passwordorkey",
            "appkey",
            "apikey",
            "accesskey",
            "secretkey",
            "accountkey",
            "storagekey",
            "sharedkey",
            "sharedaccesskey",
            "primarykey",
            "secondarykey",
            "masterkey",
            "authkey",
            "authorizationkey",
            "workspacekey",
            "functionkey",
            "validationkey",
            "instrumentationkey",
            "signingkey",
            "privatekey",
            "sshprivatekey",
            "saskey",
        ],
    ),
];

/// Parts of the name of an environment variable or configuration key that holds a secret.
const SECRET_HINTS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "accountkey",
    "privatekey",
    "connectionstring",
    "credential",
];

/// Members that name a secret kept elsewhere or describe it.
const REFERENCES: [&str; 20] = [
    "secretname",
    "secretref",
    "secretkeyref",
    "configmapkeyref",
    "valuefrom",
    "keyvault",
    "keyvaultid",
    "keyvaulturl",
    "keyvaultsecretid",
    "keyvaultproperties",
    "keyvaultreferenceidentity",
    "sourcevault",
    "secretidentifier",
    "secreturi",
    "keyname",
    "permissions",
    "thumbprint",
    "type",
    "description",
    "expiry",
];

/// The members of an object that is nothing but a reference to a Kubernetes object or a key of
/// one.
const OBJECT_REFERENCE: [&str; 12] = [
    "name",
    "namespace",
    "kind",
    "group",
    "apiversion",
    "key",
    "optional",
    "secretname",
    "items",
    "defaultmode",
    "sectionname",
    "csi",
];

/// The longest name that is looked at; no secret's name is longer.
const LONGEST: usize = 80;

/// Calls `judge` with a name as letters and digits in lower case.
fn plain<T: Default>(name: &str, judge: impl FnOnce(&str) -> T) -> T {
    let mut letters = [0; LONGEST];
    let mut length = 0;
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(place) = letters.get_mut(length) else {
            return T::default();
        };
        *place = byte.to_ascii_lowercase();
        length += 1;
    }
    std::str::from_utf8(&letters[..length]).map_or_else(|_| T::default(), judge)
}

/// Whether a setting of this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    plain(name, |name| {
        // No ending is a plural, so that the singular alone decides.
        let singular = name.strip_suffix('s').unwrap_or(name);
        let last = singular.as_bytes().last();
        let mut alike = SECRET_ENDINGS.iter();
        let endings = alike.find(|(letter, _)| Some(letter) == last);
        SECRET_NAMES.contains(&name)
            || endings
                .is_some_and(|(_, endings)| endings.iter().any(|ending| singular.ends_with(ending)))
    })
}

/// Whether the name of a variable or a configuration key speaks of a secret.
pub(super) fn hints_at_secret(name: &str) -> bool {
    plain(name, |name| {
        SECRET_HINTS.iter().any(|hint| name.contains(hint))
    })
}

/// Whether what is assigned to a name in a script or a configuration file is a secret.
pub(super) fn is_assigned_secret(name: &str) -> bool {
    plain(name, |name| {
        is_secret(name) || SECRET_HINTS.iter().any(|hint| name.ends_with(hint))
    })
}

/// Whether a member of this name beside a secret only says where it is kept or what it is.
pub(super) fn is_reference(name: &str) -> bool {
    plain(name, |name| REFERENCES.contains(&name))
}

/// Whether an object of which this is a member may be a reference to a Kubernetes object.
pub(super) fn is_part_of_reference(name: &str) -> bool {
    plain(name, |name| OBJECT_REFERENCE.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_stand_with_their_last_letter() {
        for (letter, endings) in SECRET_ENDINGS {
            for ending in endings {
                assert_eq!(ending.as_bytes().last(), Some(&letter), "{ending}");
            }
        }
    }

    #[test]
    fn letter_case_and_dashes_do_not_matter() {
        for name in [
            "adminPassword",
            "ADMIN_PASSWORD",
            "client-key-data",
            "ClientSecret",
            "apiKeys",
            "Token",
        ] {
            assert!(is_secret(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_speak_of_secrets_are_none() {
        for name in [
            "secretName",
            "tokenStore",
            "SecretScanner",
            "keyVaultId",
            "sshPublicKeys",
            "publicKeys",
            "imagePullSecrets",
            "allowSharedKeyAccess",
            "passwordFile",
            "key",
            "tokenEndpoint",
            "subscriptionKeyParameterNames",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
