//! The keys of `palisade.toml`: what the schema and the reference are written from.

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// A list of controls.
    Controls,
    /// A severity.
    Severity,
    /// A severity or `never`.
    FailOn,
    /// A list of kinds of answers.
    Shown,
    /// `true` or `false`.
    Switch,
    /// A list of globs over paths.
    Globs,
    /// A list of tables that say what findings are about.
    Matchers,
    /// A text.
    Text,
    /// A day.
    Day,
    /// A list of packets in words.
    Packets,
    /// A table of its own.
    Table,
}

/// A key.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    /// What it means, in one sentence.
    pub(crate) meaning: &'static str,
    /// What holds when it isn't given; empty where nothing does.
    pub(crate) default: &'static str,
}

const fn key(
    name: &'static str,
    takes: Takes,
    default: &'static str,
    meaning: &'static str,
) -> Key {
    Key {
        name,
        takes,
        meaning,
        default,
    }
}

/// The names of some keys.
pub(crate) fn names(keys: &'static [Key]) -> impl Iterator<Item = &'static str> + Clone {
    keys.iter().map(|key| key.name)
}

/// The keys at the top.
pub(crate) static TOP: [Key; 12] = [
    key(
        "select",
        Takes::Controls,
        "[], which is all",
        "Asks only these controls. `--select` takes its place.",
    ),
    key(
        "ignore",
        Takes::Controls,
        "[]",
        "Leaves these controls out. `--ignore` adds to it.",
    ),
    key(
        "fail-on",
        Takes::FailOn,
        "\"low\"",
        "The exit code is 1 when there is a failure of at least this severity.",
    ),
    key(
        "show",
        Takes::Shown,
        "[\"fail\"]",
        "Which kinds of answers the terminal shows.",
    ),
    key(
        "strict",
        Takes::Switch,
        "false",
        "The exit code is 3 when an answer is unknown or a file couldn't be read.",
    ),
    key(
        "complete",
        Takes::Switch,
        "false",
        "The input is everything there is in its subscriptions and clusters, so that what isn't in it doesn't exist.",
    ),
    key(
        "honour-policy-exemptions",
        Takes::Switch,
        "false",
        "Exemptions of Azure Policy in the input waive the controls that ask what the exempted definition asks.",
    ),
    key(
        "paths",
        Takes::Table,
        "",
        "Which files are read from folders.",
    ),
    key(
        "resources",
        Takes::Table,
        "",
        "Which findings are reported, by what they are about. All of the input is read and judged.",
    ),
    key(
        "control",
        Takes::Table,
        "",
        "What holds for one control: `[control.FW001]`.",
    ),
    key(
        "waiver",
        Takes::Table,
        "",
        "Findings that are accepted, each as `[[waiver]]`.",
    ),
    key(
        "appliance",
        Takes::Table,
        "",
        "Firewalls and proxies of other makers that routes lead to, each as `[[appliance]]`.",
    ),
];

/// The keys of `[[appliance]]`.
pub(crate) static APPLIANCE: [Key; 5] = [
    key(
        "address",
        Takes::Text,
        "",
        "The private address that routes name. Required.",
    ),
    key("name", Takes::Text, "the address", "What it is called."),
    key(
        "kind",
        Takes::Text,
        "\"the appliance\"",
        "What it is, for people.",
    ),
    key(
        "allow",
        Takes::Packets,
        "[]",
        "What it lets through: `FROM -> TO TRAFFIC`, each side a prefix or `any`, the traffic as in `tcp/443`, or none for all. Everything else it drops.",
    ),
    key(
        "translates",
        Takes::Switch,
        "false",
        "Whether packets leave it with its own address as source.",
    ),
];

/// The keys of `[paths]`.
pub(crate) static PATHS: [Key; 2] = [
    key(
        "include",
        Takes::Globs,
        "[], which is all",
        "Only files whose path from the folder of `palisade.toml` fits one of these.",
    ),
    key(
        "exclude",
        Takes::Globs,
        "[]",
        "Not those whose path fits one of these.",
    ),
];

/// The keys of `[resources]`.
pub(crate) static RESOURCES: [Key; 2] = [
    key(
        "include",
        Takes::Matchers,
        "[], which is all",
        "Only findings about one of these.",
    ),
    key(
        "exclude",
        Takes::Matchers,
        "[]",
        "Not those about one of these.",
    ),
];

/// What says what a finding is about: the keys of an entry of `[resources]`, and of a waiver.
pub(crate) static MATCHER: [Key; 4] = [
    key(
        "id",
        Takes::Text,
        "",
        "A glob over the id of the resource (an ARM id) or object (`cluster/namespace/Kind/name`). A glob without `/` is over its last part, the name.",
    ),
    key(
        "tag",
        Takes::Text,
        "",
        "`name` or `name=value`: a tag of the resource or of the nearest one that it is a part of; of an object, a label. The value is a glob.",
    ),
    key(
        "namespace",
        Takes::Text,
        "",
        "A glob over the namespace of the object.",
    ),
    key(
        "cluster",
        Takes::Text,
        "",
        "A glob over the name or the id of the cluster. What several clusters share is meant only if all of them are.",
    ),
];

/// The keys that every `[control.CODE]` has beside its parameters.
pub(crate) static CONTROL: [Key; 1] = [key(
    "severity",
    Takes::Severity,
    "the control's",
    "The severity of all answers of the control, and its weight in the score.",
)];

/// The keys of `[[waiver]]` beside those that say what it is about.
pub(crate) static WAIVER: [Key; 4] = [
    key(
        "controls",
        Takes::Controls,
        "",
        "What is accepted. Required.",
    ),
    key(
        "reason",
        Takes::Text,
        "",
        "Why it is accepted. A waiver without a reason waives nothing, and is a finding.",
    ),
    key("owner", Takes::Text, "", "Who answers for it."),
    key(
        "expires",
        Takes::Day,
        "",
        "The last day it holds, as `YYYY-MM-DD`. After it the waiver waives nothing, and is a finding.",
    ),
];
