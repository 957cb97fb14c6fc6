//! What a project says about the controls: their severity, and the values of their parameters.

use std::collections::BTreeMap;
use std::fmt;

use ipnet::IpNet;

use crate::{Control, Domain, Parameter, Severity, Weaker};

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Of [`Domain::Number`].
    Number(i64),
    /// Of [`Domain::Choice`].
    Choice(String),
    /// Of [`Domain::Ports`].
    Ports(Vec<u16>),
    /// Of [`Domain::AddressRanges`].
    AddressRanges(Vec<IpNet>),
    /// Of [`Domain::Names`].
    Names(Vec<String>),
}

/// What is said about one control.
#[derive(Clone, Debug, Default)]
pub struct ControlSettings {
    /// The severity of all its answers.
    pub severity: Option<Severity>,
    /// Values by the names of parameters.
    pub values: BTreeMap<&'static str, Setting>,
}

/// What is said about the controls, by their codes. Nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// By the controls' codes.
    pub controls: BTreeMap<&'static str, ControlSettings>,
}

/// A parameter that a project has set to something else than its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedParameter {
    /// The parameter.
    pub parameter: &'static Parameter,
    /// Its value.
    pub value: Setting,
    /// Whether more passes than by default.
    pub is_weaker: bool,
}

impl Settings {
    /// Nothing said.
    pub const NONE: Self = Self {
        controls: BTreeMap::new(),
    };

    /// How bad a failure of a control is in this project.
    pub fn severity(&self, control: &Control) -> Severity {
        let own = self.controls.get(control.code);
        own.and_then(|own| own.severity).unwrap_or(control.severity)
    }

    /// The parameters of a control that have another value than by default.
    pub fn changed(&self, control: &Control) -> Vec<ChangedParameter> {
        let Some(own) = self.controls.get(control.code) else {
            return Vec::new();
        };
        let changed = control.parameters.iter().filter_map(|parameter| {
            let value = own.values.get(parameter.name)?;
            let default = parameter.default();
            (*value != default).then(|| ChangedParameter {
                parameter,
                value: value.clone(),
                is_weaker: parameter.is_weaker(value, &default),
            })
        });
        changed.collect()
    }
}

impl Parameter {
    /// The value when nothing is said.
    pub fn default(&self) -> Setting {
        match self.domain {
            Domain::Number { default, .. } => Setting::Number(default),
            Domain::Choice { default, .. } => Setting::Choice(default.to_owned()),
            Domain::Ports { default } => Setting::Ports(default.to_vec()),
            Domain::AddressRanges { default } => {
                let ranges = default.iter().filter_map(|text| text.parse().ok());
                Setting::AddressRanges(ranges.collect())
            }
            Domain::Names { default } => {
                Setting::Names(default.iter().map(|&name| name.to_owned()).collect())
            }
        }
    }

    fn is_weaker(&self, value: &Setting, default: &Setting) -> bool {
        let (less, more) = match self.weaker {
            Weaker::Less => (value, default),
            Weaker::More => (default, value),
        };
        match (less, more) {
            (Setting::Number(less), Setting::Number(more)) => less < more,
            (Setting::Choice(less), Setting::Choice(more)) => self.place(less) < self.place(more),
            (Setting::Ports(less), Setting::Ports(more)) => {
                more.iter().any(|port| !less.contains(port))
            }
            (Setting::AddressRanges(less), Setting::AddressRanges(more)) => more
                .iter()
                .any(|range| !less.iter().any(|wider| wider.contains(range))),
            (Setting::Names(less), Setting::Names(more)) => {
                more.iter().any(|name| !less.contains(name))
            }
            _ => false,
        }
    }

    fn place(&self, word: &str) -> Option<usize> {
        match self.domain {
            Domain::Choice { choices, .. } => choices.iter().position(|choice| *choice == word),
            _ => None,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<T: ToString>(items: &[T]) -> String {
            let items: Vec<_> = items.iter().map(T::to_string).collect();
            if items.is_empty() {
                "none".to_owned()
            } else {
                items.join(", ")
            }
        }
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Choice(word) => f.write_str(word),
            Self::Ports(ports) => f.write_str(&list(ports)),
            Self::AddressRanges(ranges) => f.write_str(&list(ranges)),
            Self::Names(names) => f.write_str(&list(names)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weaker(domain: Domain, weaker: Weaker, value: Setting) -> bool {
        let parameter = Parameter {
            name: "x",
            meaning: "",
            domain,
            weaker,
        };
        parameter.is_weaker(&value, &parameter.default())
    }

    #[test]
    fn a_value_that_lets_more_pass_is_weaker() {
        let days = Domain::Number {
            default: 90,
            least: 1,
            most: 365,
        };
        assert!(weaker(days, Weaker::Less, Setting::Number(30)));
        assert!(!weaker(days, Weaker::Less, Setting::Number(180)));
        let choice = Domain::Choice {
            default: "1.2",
            choices: &["1.0", "1.2", "1.3"],
        };
        assert!(weaker(choice, Weaker::Less, Setting::Choice("1.0".into())));
        assert!(!weaker(choice, Weaker::Less, Setting::Choice("1.3".into())));
        let ports = Domain::Ports { default: &[22, 80] };
        assert!(weaker(ports, Weaker::Less, Setting::Ports(vec![22])));
        assert!(!weaker(
            ports,
            Weaker::Less,
            Setting::Ports(vec![22, 80, 5])
        ));
        assert!(weaker(ports, Weaker::More, Setting::Ports(vec![22, 80, 5])));
        let ranges = Domain::AddressRanges {
            default: &["10.0.0.0/8"],
        };
        let within = Setting::AddressRanges(vec!["10.1.0.0/16".parse().unwrap()]);
        assert!(!weaker(ranges, Weaker::More, within));
    }
}
