//! A writer of JSON into a buffer that is used again and again: one event a line, no allocation once it has grown.

use jiff::Timestamp;
use std::fmt::{self, Display, Write as _};

/// JSON that grows in a buffer. The caller keeps objects and arrays balanced; commas are put where they belong.
#[derive(Default)]
pub(crate) struct Json {
    text: String,
}

impl Json {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Makes room for a value that stands alone, and says where it will begin.
    pub(crate) fn apart(&mut self) -> usize {
        self.text.push(':');
        self.text.len()
    }

    /// What was written from one place to another.
    pub(crate) fn part(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// A value, or members, that were written elsewhere.
    pub(crate) fn raw(&mut self, written: &str) {
        self.comma();
        self.text.push_str(written);
    }

    pub(crate) fn open(&mut self, bracket: char) {
        self.comma();
        self.text.push(bracket);
    }

    pub(crate) fn close(&mut self, bracket: char) {
        self.text.push(bracket);
    }

    /// The name of the member whose value comes next.
    pub(crate) fn key(&mut self, name: impl Display) {
        self.comma();
        self.quoted(format_args!("{name}"));
        self.text.push(':');
    }

    pub(crate) fn string(&mut self, value: impl Display) {
        self.comma();
        self.quoted(format_args!("{value}"));
    }

    pub(crate) fn number(&mut self, value: u64) {
        self.comma();
        // A String takes everything.
        let _ = write!(self.text, "{value}");
    }

    pub(crate) fn signed(&mut self, value: i64) {
        self.comma();
        let _ = write!(self.text, "{value}");
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.comma();
        self.text.push_str(if value { "true" } else { "false" });
    }

    pub(crate) fn null(&mut self) {
        self.comma();
        self.text.push_str("null");
    }

    /// RFC 3339 in UTC with nine digits of fraction.
    pub(crate) fn time(&mut self, at: i64) {
        self.comma();
        self.quoted(format_args!("{}", Time(at)));
    }

    /// Seconds since the epoch as a date and a time in UTC, without a zone; the number where no calendar has it.
    pub(crate) fn date(&mut self, seconds: u64) {
        let nanos = i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000_000_000));
        match nanos {
            Some(nanos) => {
                let text = Time(nanos).to_string();
                self.string(text.get(..19).unwrap_or_default());
            }
            None => self.number(seconds),
        }
    }

    fn comma(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }

    fn quoted(&mut self, value: fmt::Arguments<'_>) {
        self.text.push('"');
        let _ = Escaping(&mut self.text).write_fmt(value);
        self.text.push('"');
    }
}

struct Escaping<'a>(&'a mut String);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            match char {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                char if u32::from(char) < 0x20 => write!(self.0, "\\u{:04x}", u32::from(char))?,
                char => self.0.push(char),
            }
        }
        Ok(())
    }
}

/// Nanoseconds since the epoch as RFC 3339 in UTC with nine digits of fraction.
pub(crate) struct Time(pub(crate) i64);

impl Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, fraction) = (self.0.div_euclid(1_000_000_000), self.0.rem_euclid(1_000_000_000));
        let Ok(at) = Timestamp::from_second(seconds) else { return Err(fmt::Error) };
        let at = jiff::tz::Offset::UTC.to_datetime(at);
        let (date, time) = (at.date(), at.time());
        let (year, month, day) = (date.year(), date.month(), date.day());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:09}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json_and_reads_back() {
        let mut json = Json::default();
        json.open('{');
        json.key("odd\"\\\n");
        json.string("é\u{1}");
        json.key("list");
        json.open('[');
        json.number(u64::MAX);
        json.bool(true);
        json.null();
        json.open('{');
        json.close('}');
        json.close(']');
        json.key("time");
        json.time(-1);
        json.close('}');
        let read: serde_json::Value = serde_json::from_str(json.as_str()).expect("JSON");
        assert_eq!(
            read,
            serde_json::json!({"odd\"\\\n": "é\u{1}", "list": [u64::MAX, true, null, {}], "time": "1969-12-31T23:59:59.999999999Z"})
        );
    }

    #[test]
    fn times_at_the_ends_of_what_a_stamp_holds_are_written() {
        assert_eq!(Time(i64::MAX).to_string(), "2262-04-11T23:47:16.854775807Z");
        assert_eq!(Time(i64::MIN).to_string(), "1677-09-21T00:12:43.145224192Z");
    }
}
