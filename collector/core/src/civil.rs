//! Dates as filters write them, without a calendar library: the proleptic Gregorian calendar in UTC.

use crate::DAY;
use holter_terms::Nanos;

/// The first nanosecond of `YYYY-MM-DD`, UTC.
pub fn date(text: &str) -> Option<Nanos> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    if !(1970..=2200).contains(&year) || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    // Counting years from March puts the leap day last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    days.checked_mul(DAY)
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// `90s`, `30m`, `24h`, `7d`, `2w` as nanoseconds.
pub fn span(text: &str) -> Option<Nanos> {
    let unit = text.chars().last()?;
    let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    if count < 0 { None } else { count.checked_mul(seconds)?.checked_mul(crate::SECOND) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_as_the_calendar_does() {
        assert_eq!(date("1970-01-01"), Some(0));
        assert_eq!(date("2000-03-01"), Some(11_017 * DAY));
        assert_eq!(date("2026-11-17"), Some(20_774 * DAY));
        for wrong in ["2026-02-29", "2026-13-01", "26-1-1", "x", "2026-11-17-1", "9999-01-01"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_span_too_long_to_count_is_refused() {
        assert_eq!(span("7d"), Some(7 * DAY));
        for wrong in ["", "d", "-1d", "99999999999w", "1y", "é"] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }
}
