//! Dates (Microsoft Learn, "Date functions for ARM templates", 2025).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use palisade_document::Derived;

use super::{Function, fault, integer_of, lenient, strict, string, text_of, textual};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    textual("dateTimeAdd", 2, 3, date_time_add),
    strict("dateTimeFromEpoch", 1, 1, date_time_from_epoch),
    strict("dateTimeToEpoch", 1, 1, date_time_to_epoch),
    lenient("utcNow", 0, 1, utc_now),
];

fn utc_now(evaluator: &Evaluator<'_>, context: Context<'_, '_>, _: &[Derived]) -> Outcome {
    Ok(string::at_deployment(evaluator, context, "utcNow"))
}

fn date_of(values: &[Derived]) -> Result<DateTime, Fault> {
    let text = text_of(values, 0)?.trim();
    let in_utc = |time: Timestamp| time.to_zoned(TimeZone::UTC).datetime();
    let moment = text.parse::<Timestamp>().ok().map(in_utc);
    let compact = || DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok();
    let spaced = || text.trim_end_matches('Z').parse::<DateTime>().ok();
    moment
        .or_else(compact)
        .or_else(spaced)
        .ok_or_else(|| Fault::new("argument 1 is no date such as 2026-01-31 12:00:00Z"))
}

fn date_time_add(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let date = date_of(values)?;
    let span: Span = text_of(values, 1)?
        .trim()
        .parse()
        .map_err(|_| Fault::new("argument 2 is no ISO 8601 duration such as P3D or -PT1H"))?;
    let Ok(sum) = date.checked_add(span) else {
        return fault("the date lies outside the calendar");
    };
    let style = match values.get(2) {
        Some(_) => text_of(values, 2)?,
        None => "u",
    };
    Ok(value::text(written(sum, style)))
}

fn date_time_from_epoch(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    match Timestamp::from_second(integer_of(values, 0)?) {
        Ok(time) => Ok(value::text(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())),
        Err(_) => fault("the date lies outside the calendar"),
    }
}

fn date_time_to_epoch(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    match date_of(values)?.to_zoned(TimeZone::UTC) {
        Ok(time) => Ok(value::integer(time.timestamp().as_second())),
        Err(_) => fault("the date lies outside the calendar"),
    }
}

/// .NET's standard and custom date formats, of which templates use the plain ones.
fn written(date: DateTime, style: &str) -> String {
    let standard = match style {
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        "d" => "MM/dd/yyyy",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        custom => custom,
    };
    let letters: Vec<char> = standard.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        let run = letters[at..].iter().take_while(|c| **c == letter).count();
        let number = match letter {
            'y' => i64::from(date.year()),
            'M' => i64::from(date.month()),
            'd' => i64::from(date.day()),
            'H' => i64::from(date.hour()),
            'h' => i64::from((date.hour() + 11) % 12 + 1),
            'm' => i64::from(date.minute()),
            's' => i64::from(date.second()),
            _ => {
                match letter {
                    'f' => out.push_str(&"0".repeat(run)),
                    'K' | 'z' => out.push('Z'),
                    '\'' | '\\' => {}
                    _ => out.extend(std::iter::repeat_n(letter, run)),
                }
                at += run;
                continue;
            }
        };
        let number = if letter == 'y' && run == 2 {
            number % 100
        } else {
            number
        };
        out.push_str(&format!("{number:0>run$}"));
        at += run;
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    #[test]
    fn dates_are_written_as_dotnet_does() {
        let noon = date(2026, 1, 31).at(12, 5, 9, 0);
        assert_eq!(super::written(noon, "u"), "2026-01-31 12:05:09Z");
        assert_eq!(super::written(noon, "yyyyMMddTHHmmssZ"), "20260131T120509Z");
        assert_eq!(super::written(noon, "d"), "01/31/2026");
    }
}
