//! `palisade.toml`.

use std::net::IpAddr;
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ipnet::IpNet;
use palisade_controls::{
    Control, ControlSettings, Domain, Parameter, Place, Setting, Settings, Severity,
    SuppressionKind,
};
use palisade_document::{Diagnostic, Text};
use palisade_packet::{PacketSet, Set};
use palisade_reach::azure::{Appliance, parse_packets};
use toml::de::DeTable;

use crate::keys::{self, names};
use crate::matcher::Pattern;
use crate::reader::{Key, Reader, Value, span};
use crate::selector::severity;
use crate::waiver::Accepted;
use crate::{Matcher, Selector, Target, Waiver, every_control};

/// The kinds of answers that can be shown.
pub const SHOWN: [&str; 6] = ["fail", "unknown", "pass", "not-applicable", "waived", "all"];

/// The severity from which failures count; nothing if none do.
pub type FailOn = Option<Severity>;

/// What a `palisade.toml` says. The default says nothing.
#[derive(Debug, Default)]
pub struct Configuration {
    /// Asks only these controls; all if empty.
    pub select: Vec<Selector>,
    /// Leaves these controls out.
    pub ignore: Vec<Selector>,
    /// From which severity failures count, if anything is said.
    pub fail_on: Option<FailOn>,
    /// Which kinds of answers are shown, as words of [`SHOWN`].
    pub show: Option<Vec<&'static str>>,
    /// Whether unknown answers count.
    pub strict: Option<bool>,
    /// Whether the input is everything there is.
    pub complete: Option<bool>,
    /// Whether exemptions of Azure Policy waive findings.
    pub honour_policy_exemptions: bool,
    /// Which files are read from folders.
    pub paths: PathFilter,
    /// Reports only findings about one of these; all if empty.
    pub include: Vec<Matcher>,
    /// Leaves findings about these out.
    pub exclude: Vec<Matcher>,
    /// What is said about controls.
    pub settings: Settings,
    /// What is accepted.
    pub waivers: Vec<Waiver>,
    /// Appliances of other makers that routes lead to.
    pub appliances: Vec<Appliance>,
}

/// Which files are read from folders, by their path from the folder of `palisade.toml`.
#[derive(Clone, Debug, Default)]
pub struct PathFilter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl PathFilter {
    /// Whether every file is read.
    pub fn is_empty(&self) -> bool {
        self.include.is_none() && self.exclude.is_empty()
    }

    /// Whether a file is read.
    pub fn admits(&self, path: &str) -> bool {
        let path = path.replace('\\', "/");
        self.include.as_ref().is_none_or(|set| set.is_match(&path)) && !self.exclude.is_match(&path)
    }
}

impl Configuration {
    /// Reads the text of a `palisade.toml`, with what is wrong with it. What is wrong isn't in the
    /// configuration; a caller should go on only if nothing is.
    pub fn read(text: Text) -> (Self, Vec<Diagnostic>) {
        let text = Arc::new(text);
        let mut reader = Reader::new(&text);
        let mut configuration = Self::default();
        for (key, value) in &reader.parse() {
            configuration.top(key, value, &text, &mut reader);
        }
        let mut diagnostics = reader.diagnostics;
        diagnostics.sort_by_key(|diagnostic| diagnostic.position);
        (configuration, diagnostics)
    }

    fn top<'t>(
        &mut self,
        key: &Key<'t>,
        value: &Value<'t>,
        text: &Arc<Text>,
        reader: &mut Reader<'t>,
    ) {
        match key.get_ref().as_ref() {
            "select" => self.select = selectors(value, reader),
            "ignore" => self.ignore = selectors(value, reader),
            "fail-on" => self.fail_on = fail_on(value, reader),
            "show" => {
                let words = reader.texts(value).into_iter();
                let known = words.filter_map(|(word, at)| reader.one_of(word, at, &SHOWN));
                self.show = Some(known.collect());
            }
            "strict" => self.strict = reader.switch(value),
            "complete" => self.complete = reader.switch(value),
            "honour-policy-exemptions" => {
                self.honour_policy_exemptions = reader.switch(value).unwrap_or_default();
            }
            "paths" => self.paths = paths(value, reader),
            "resources" => self.resources(value, reader),
            "control" => {
                for (code, value) in reader.table(value).into_iter().flatten() {
                    control(code, value, &mut self.settings, reader);
                }
            }
            "waiver" => {
                for value in reader.items(value, "`[[waiver]]`") {
                    self.waivers.extend(waiver(value, text, reader));
                }
            }
            "appliance" => {
                for value in reader.items(value, "`[[appliance]]`") {
                    self.appliances.extend(appliance(value, text, reader));
                }
            }
            _ => reader.unknown_key(key, names(&keys::TOP)),
        }
    }

    fn resources<'t>(&mut self, value: &Value<'t>, reader: &mut Reader<'t>) {
        for (key, value) in reader.table(value).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "include" => self.include = matchers(value, reader),
                "exclude" => self.exclude = matchers(value, reader),
                _ => reader.unknown_key(key, names(&keys::RESOURCES)),
            }
        }
    }
}

/// An appliance, unless it has no address.
fn appliance<'t>(
    value: &Value<'t>,
    text: &Arc<Text>,
    reader: &mut Reader<'t>,
) -> Option<Appliance> {
    let (mut address, mut name, mut kind) = (None, None, "the appliance".to_owned());
    let (mut allows, mut translates) = (PacketSet::empty(), false);
    let mut is_placed = false;
    for (key, value) in reader.table(value)? {
        match key.get_ref().as_ref() {
            "address" => {
                is_placed = true;
                let written = reader.text(value).unwrap_or_default();
                match written.parse::<IpAddr>() {
                    Ok(read) => address = Some(read),
                    Err(_) => reader.error(value.span(), format!("`{written}` is no address")),
                }
            }
            "name" => name = reader.text(value).map(str::to_owned),
            "kind" => kind = reader.text(value).unwrap_or_default().to_owned(),
            "allow" => {
                for (written, at) in reader.texts(value) {
                    match parse_packets(written) {
                        Ok(packets) => allows = allows.union(&packets),
                        Err(refused) => reader.error(at, refused),
                    }
                }
            }
            "translates" => translates = reader.switch(value).unwrap_or_default(),
            _ => reader.unknown_key(key, names(&keys::APPLIANCE)),
        }
    }
    let Some(address) = address else {
        if !is_placed {
            reader.error(value.span(), "the appliance has no address");
            reader.help("give the private address that routes name");
        }
        return None;
    };
    let line = text.position(value.span().start).line;
    Some(Appliance {
        name: name.unwrap_or_else(|| address.to_string()),
        kind,
        address,
        allows,
        translates,
        place: format!("{}:{line}", text.path()),
    })
}

fn selectors<'t>(value: &Value<'t>, reader: &mut Reader<'t>) -> Vec<Selector> {
    named_selectors(value, reader)
        .into_iter()
        .map(|(_, selector)| selector)
        .collect()
}

fn named_selectors<'t>(value: &Value<'t>, reader: &mut Reader<'t>) -> Vec<(String, Selector)> {
    let mut found = Vec::new();
    for (text, at) in reader.texts(value) {
        match Selector::parse(text) {
            Ok(selector) => found.push((text.to_owned(), selector)),
            Err(hint) => {
                reader.error(at, format!("no control is called `{text}`"));
                reader.help(hint);
            }
        }
    }
    found
}

fn fail_on<'t>(value: &Value<'t>, reader: &mut Reader<'t>) -> Option<FailOn> {
    let word = reader.word(
        value,
        &["critical", "high", "medium", "low", "info", "never"],
    )?;
    Some(severity(word))
}

fn paths<'t>(value: &Value<'t>, reader: &mut Reader<'t>) -> PathFilter {
    let mut filter = PathFilter::default();
    for (key, value) in reader.table(value).into_iter().flatten() {
        match key.get_ref().as_ref() {
            "include" => filter.include = globs(value, reader).filter(|set| !set.is_empty()),
            "exclude" => filter.exclude = globs(value, reader).unwrap_or_default(),
            _ => reader.unknown_key(key, names(&keys::PATHS)),
        }
    }
    filter
}

fn globs<'t>(value: &Value<'t>, reader: &mut Reader<'t>) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for (text, at) in reader.texts(value) {
        match GlobBuilder::new(text).literal_separator(true).build() {
            Ok(glob) => {
                set.add(glob);
            }
            Err(error) => reader.error(at, format!("not a glob: {}", error.kind())),
        }
    }
    set.build().ok()
}

fn matchers<'t>(value: &Value<'t>, reader: &mut Reader<'t>) -> Vec<Matcher> {
    let mut found = Vec::new();
    for item in reader.items(value, "a list of tables") {
        let mut matcher = Matcher::default();
        for (key, value) in reader.table(item).into_iter().flatten() {
            if !part(key, value, &mut matcher, reader) {
                reader.unknown_key(key, names(&keys::MATCHER));
            }
        }
        if item.get_ref().as_table().is_some_and(DeTable::is_empty) {
            reader.error(item.span(), "the entry says nothing");
            reader.help("give an id, tag, namespace or cluster");
        }
        found.push(matcher);
    }
    found
}

/// Reads a key of a matcher, if it is one.
fn part<'t>(
    key: &Key<'t>,
    value: &Value<'t>,
    matcher: &mut Matcher,
    reader: &mut Reader<'t>,
) -> bool {
    match key.get_ref().as_ref() {
        "id" => matcher.id = pattern(value, reader),
        "namespace" => matcher.namespace = pattern(value, reader),
        "cluster" => matcher.cluster = pattern(value, reader),
        "tag" => {
            let text = reader.text(value).unwrap_or_default();
            let (name, wanted) = match text.split_once('=') {
                Some((name, wanted)) => (name, Some(wanted)),
                None => (text, None),
            };
            let wanted = wanted.and_then(|wanted| glob(wanted, value, reader));
            matcher.tag = Some((name.to_owned(), wanted));
        }
        _ => return false,
    }
    true
}

fn pattern<'t>(value: &Value<'t>, reader: &mut Reader<'t>) -> Option<Pattern> {
    let text = reader.text(value)?;
    glob(text, value, reader)
}

fn glob(text: &str, value: &Value<'_>, reader: &mut Reader<'_>) -> Option<Pattern> {
    match Pattern::parse(text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            reader.error(value.span(), format!("not a glob: {error}"));
            None
        }
    }
}

fn control<'t>(
    code: &Key<'t>,
    value: &Value<'t>,
    settings: &mut Settings,
    reader: &mut Reader<'t>,
) {
    let name = code.get_ref();
    let is_called = |control: &&'static Control| {
        control.code.eq_ignore_ascii_case(name) || control.name.eq_ignore_ascii_case(name)
    };
    let Some(control) = every_control().find(is_called) else {
        reader.error(code.span(), format!("no control is called `{name}`"));
        reader.help(match Selector::parse(name) {
            Ok(_) => "a table is about one control, by its code or name".to_owned(),
            Err(hint) => hint,
        });
        return;
    };
    let Some(table) = reader.table(value) else {
        return;
    };
    let own = settings.controls.entry(control.code).or_default();
    for (key, value) in table {
        control_key(control, key, value, own, reader);
    }
}

fn control_key<'t>(
    control: &'static Control,
    key: &Key<'t>,
    value: &Value<'t>,
    own: &mut ControlSettings,
    reader: &mut Reader<'t>,
) {
    let name = key.get_ref().as_ref();
    if name == "severity" {
        let words = Severity::ALL.map(Severity::as_str);
        own.severity = reader.word(value, &words).and_then(severity);
        return;
    }
    let mut parameters = control.parameters.iter();
    match parameters.find(|parameter| parameter.name == name) {
        Some(parameter) => {
            if let Some(setting) = setting(parameter, value, reader) {
                own.values.insert(parameter.name, setting);
            }
        }
        None => {
            let parameters = control.parameters.iter().map(|parameter| parameter.name);
            reader.unknown_key(key, names(&keys::CONTROL).chain(parameters));
        }
    }
}

fn setting<'t>(
    parameter: &Parameter,
    value: &Value<'t>,
    reader: &mut Reader<'t>,
) -> Option<Setting> {
    match parameter.domain {
        Domain::Number { least, most, .. } => {
            let number = reader.number(value)?;
            if !(least..=most).contains(&number) {
                reader.error(
                    value.span(),
                    format!("{number} isn't from {least} to {most}"),
                );
                return None;
            }
            Some(Setting::Number(number))
        }
        Domain::Choice { choices, .. } => {
            let word = reader.word(value, choices)?;
            Some(Setting::Choice(word.to_owned()))
        }
        Domain::Ports { .. } => {
            let mut ports = Vec::new();
            for item in reader.items(value, "a list of ports") {
                let number = reader.number(item)?;
                match u16::try_from(number) {
                    Ok(port) if port > 0 => ports.push(port),
                    _ => reader.error(item.span(), format!("{number} isn't from 1 to 65535")),
                }
            }
            Some(Setting::Ports(ports))
        }
        Domain::AddressRanges { .. } => {
            let mut ranges = Vec::new();
            for (text, at) in reader.texts(value) {
                match text.parse::<IpNet>() {
                    Ok(range) => ranges.push(range.trunc()),
                    Err(_) => {
                        reader.error(at, format!("`{text}` is no range in CIDR notation"));
                        reader.help("write 203.0.113.0/24 or 2001:db8::/32");
                    }
                }
            }
            Some(Setting::AddressRanges(ranges))
        }
        Domain::Names { .. } => {
            let names = reader.texts(value).into_iter();
            Some(Setting::Names(
                names.map(|(name, _)| name.to_owned()).collect(),
            ))
        }
    }
}

/// Reads a waiver. One that isn't well formed is left out, with errors.
fn waiver<'t>(value: &Value<'t>, text: &Arc<Text>, reader: &mut Reader<'t>) -> Option<Waiver> {
    let table: &DeTable<'_> = reader.table(value)?;
    let before = reader.diagnostics.len();
    let (mut matcher, mut selectors) = (Matcher::default(), None);
    let mut accepted = Accepted::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "controls" => selectors = Some(named_selectors(value, reader)),
            "reason" => {
                let reason = reader.text(value).unwrap_or_default().trim();
                accepted.reason = reason.to_owned();
            }
            "owner" => accepted.owner = reader.text(value).map(str::to_owned),
            "expires" => accepted.expires = reader.day(value),
            _ if part(key, value, &mut matcher, reader) => {}
            _ => reader.unknown_key(key, names(&keys::WAIVER).chain(names(&keys::MATCHER))),
        }
    }
    if selectors.as_ref().is_none_or(Vec::is_empty) && reader.diagnostics.len() == before {
        reader.error(value.span(), "the waiver names no controls");
        reader.help("give them as controls = [\"FW001\"]");
    } else if matcher.is_empty() && reader.diagnostics.len() == before {
        reader.error(value.span(), "the waiver doesn't say what it is about");
        reader.help(
            "give an id, tag, namespace or cluster; `ignore` leaves a control out altogether",
        );
    }
    (reader.diagnostics.len() == before).then(|| Waiver {
        kind: SuppressionKind::Configuration,
        selectors: selectors.unwrap_or_default(),
        about: matcher.to_string(),
        target: Target::Matching(Box::new(matcher)),
        accepted,
        place: Place::File(Arc::clone(text), span(&value.span())),
    })
}
