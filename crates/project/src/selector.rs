//! Names of controls: codes, names, the start of codes, recommendations and severities.

use palisade_controls::{Control, Settings, Severity};

use crate::checks;

/// Which controls a text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector {
    /// One, by its code or name.
    Control(&'static str),
    /// Those whose code starts so: at least the letters of a recommendation.
    Prefix(&'static str, usize),
    /// Those of a recommendation, by its number.
    Recommendation(u8),
    /// Those of a severity, as the project rates them.
    Severity(Severity),
}

/// The controls of the baseline, the lints and the checks of the project's own waivers.
pub fn every_control() -> impl Iterator<Item = &'static Control> + Clone {
    palisade_controls::every().chain(checks())
}

impl Selector {
    /// Reads a code, a name, the start of codes, the number of a recommendation or a severity, in
    /// any letter case. An unknown text gives what may have been meant.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_called = |name: &str| name.eq_ignore_ascii_case(text);
        if let Some(control) =
            every_control().find(|control| is_called(control.code) || is_called(control.name))
        {
            return Ok(Self::Control(control.code));
        }
        if let Some(severity) = severity(text) {
            return Ok(Self::Severity(severity));
        }
        let number = text.parse().ok().filter(|number| (1..=9).contains(number));
        if let Some(number) = number {
            return Ok(Self::Recommendation(number));
        }
        let starts = every_control().find(|control| {
            let start = control.code.get(..text.len());
            text.len() >= control.recommendation.prefix().len() && start.is_some_and(is_called)
        });
        match starts {
            Some(control) => Ok(Self::Prefix(control.code, text.len())),
            None => Err(suggestion(text)),
        }
    }

    /// Whether this stands for a control.
    pub fn selects(self, control: &Control, settings: &Settings) -> bool {
        match self {
            Self::Control(code) => control.code == code,
            Self::Prefix(code, length) => {
                control.code.get(..length).is_some()
                    && control.code.get(..length) == code.get(..length)
            }
            Self::Recommendation(number) => control.recommendation.number() == number,
            Self::Severity(severity) => settings.severity(control) == severity,
        }
    }
}

/// The severity of a word.
pub(crate) fn severity(text: &str) -> Option<Severity> {
    Severity::ALL
        .into_iter()
        .find(|severity| severity.as_str().eq_ignore_ascii_case(text))
}

fn suggestion(text: &str) -> String {
    let wanted = text.to_ascii_lowercase();
    let holding = every_control().find(|control| {
        wanted.len() > 3 && (control.name.contains(&wanted) || wanted.contains(control.name))
    });
    let nearest = || {
        let names = every_control().flat_map(|control| {
            let code = control.code.to_ascii_lowercase();
            [(control, code), (control, control.name.to_owned())]
        });
        let near = names
            .map(|(control, name)| (strsim::damerau_levenshtein(&name, &wanted), control))
            .min_by_key(|(distance, control)| (*distance, control.code));
        near.filter(|(distance, _)| *distance <= text.len() / 3 + 1)
            .map(|(_, control)| control)
    };
    match holding.or_else(nearest) {
        Some(control) => format!("did you mean {} ({})?", control.code, control.name),
        None => "`palisade controls` lists them".to_owned(),
    }
}

/// The controls of the baseline that `select` and `ignore` leave, and the checks of the project's
/// own waivers unless `ignore` names them: they are about what is asked, whatever that is.
pub fn choose(
    select: &[Selector],
    ignore: &[Selector],
    settings: &Settings,
) -> (Vec<&'static Control>, Vec<&'static Control>) {
    choose_of(palisade_controls::all(), select, ignore, settings)
}

/// The same of the lints of network policies.
pub fn choose_lints(
    select: &[Selector],
    ignore: &[Selector],
    settings: &Settings,
) -> (Vec<&'static Control>, Vec<&'static Control>) {
    choose_of(palisade_controls::lints(), select, ignore, settings)
}

/// The same of the lints of Azure Policy's definitions, and of the controls that are about how
/// exemptions and assignments are written.
pub fn choose_definition_lints(
    select: &[Selector],
    ignore: &[Selector],
    settings: &Settings,
) -> (Vec<&'static Control>, Vec<&'static Control>) {
    choose_of(
        palisade_controls::definition_lints().chain(palisade_controls::policy_upkeep()),
        select,
        ignore,
        settings,
    )
}

fn choose_of(
    controls: impl Iterator<Item = &'static Control>,
    select: &[Selector],
    ignore: &[Selector],
    settings: &Settings,
) -> (Vec<&'static Control>, Vec<&'static Control>) {
    let is_in = |control: &Control, selectors: &[Selector]| {
        selectors
            .iter()
            .any(|selector| selector.selects(control, settings))
    };
    let asked = controls
        .filter(|control| (select.is_empty() || is_in(control, select)) && !is_in(control, ignore));
    let checked = checks().filter(|check| !is_in(check, ignore));
    (asked.collect(), checked.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        let selector = Selector::parse(text).unwrap();
        every_control()
            .filter(|control| selector.selects(control, &Settings::NONE))
            .map(|control| control.code)
            .collect()
    }

    #[test]
    fn controls_have_many_names() {
        assert_eq!(codes("fw001"), ["FW001"]);
        assert_eq!(codes("Outbound-Type-Bypasses-Firewall"), ["FW001"]);
        assert_eq!(codes("1"), codes("FW"));
        assert!(
            codes("NP00").len() == 9 && codes("NP00").iter().all(|code| code.starts_with("NP00"))
        );
        assert!(codes("critical").contains(&"FW007"));
        assert_eq!(codes("PJ001"), ["PJ001"]);
    }

    #[test]
    fn unknown_names_get_a_suggestion() {
        for (text, hint) in [
            ("FW0001", "did you mean FW001"),
            ("outbound-type", "did you mean FW001"),
            ("outbond-type-bypasses-firewal", "did you mean FW001"),
            ("W", "`palisade controls` lists them"),
            ("0", "`palisade controls` lists them"),
            ("", "`palisade controls` lists them"),
            ("zzzzzzzz", "`palisade controls` lists them"),
            ("ß", "`palisade controls` lists them"),
        ] {
            let answer = Selector::parse(text).unwrap_err();
            assert!(answer.contains(hint), "{text}: {answer}");
        }
    }
}
