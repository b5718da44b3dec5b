//! Named conversions that bring a value of either side to the form in which they are compared.

use crate::ours::Said;
use holter_terms::Mac;
use std::net::IpAddr;

/// Our value as text; codes are one value each.
pub(crate) fn said(said: &Said, steps: &[&str]) -> Vec<String> {
    let text = match said {
        Said::Bytes(bytes) if steps.contains(&"hex") => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Said::Bytes(bytes) => printable(bytes),
        Said::Number(number) => number.to_string(),
        Said::Flag(flag) => u8::from(*flag).to_string(),
        Said::Address(address) => address.to_string(),
        Said::Mac(mac) => mac.clone(),
        Said::Codes(codes) => return codes.iter().map(u8::to_string).collect(),
        Said::Present => "present".to_owned(),
    };
    vec![text]
}

/// As the oracle prints text: UTF-8, with control characters escaped.
fn printable(bytes: &[u8]) -> String {
    let mut text = String::new();
    for character in String::from_utf8_lossy(bytes).chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\u{b}' => text.push_str("\\v"),
            '\u{c}' => text.push_str("\\f"),
            other => text.push(other),
        }
    }
    text
}

/// One step; `None` where the value says nothing after it.
pub(crate) fn step(name: &str, value: &str) -> Option<String> {
    let (name, argument) = name.split_once(' ').unwrap_or((name, ""));
    Some(match name {
        // Decimal, hexadecimal or a truth.
        "number" => number(value).map_or_else(|| value.to_owned(), |number| number.to_string()),
        // Only the bits of a mask.
        "mask" => {
            let mask = number(argument).unwrap_or_else(|| panic!("mask {argument}"));
            number(value).map_or_else(|| value.to_owned(), |number| (number & mask).to_string())
        }
        "shift" => {
            let by = argument.parse::<u32>().unwrap();
            number(value).map_or_else(|| value.to_owned(), |number| (number >> by).to_string())
        }
        "hex" => value.replace([':', ' '], "").to_lowercase(),
        // A number of little-endian bytes, in their order.
        "little" => {
            let bytes: Vec<&str> = (0..value.len() / 2).rev().filter_map(|at| value.get(at * 2..at * 2 + 2)).collect();
            format!("0x{}", bytes.concat())
        }
        "lower" => value.to_lowercase(),
        "upper" => value.to_uppercase(),
        "trim" => value.trim_matches(['\0', ' ']).to_owned(),
        // A domain name: no final dot, no case, the root is empty.
        "name" => match value {
            "<Root>" => String::new(),
            name => name.trim_end_matches('.').to_lowercase(),
        },
        // Of `Words (1.2.3)`, the number.
        "uid" => match value.rsplit_once('(') {
            Some((_, uid)) => uid.trim_end_matches(')').to_owned(),
            None => value.to_owned(),
        },
        "address" => value.parse::<IpAddr>().map_or_else(|_| value.to_owned(), |address| address.to_string()),
        "mac" => Mac::parse(value).map_or_else(|| value.to_owned(), |mac| mac.to_string()),
        "whole" => value.split('.').next().unwrap_or(value).to_owned(),
        "ipv4" if !value.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4()) => return None,
        "ipv6" if !value.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6()) => return None,
        "ipv4" | "ipv6" => value.to_owned(),
        "present" => "present".to_owned(),
        // The oracle has one value per line.
        "lines" => value.replace("\\r", "").replace("\\n", "|"),
        // The parts of a name, which the oracle has one by one.
        "path" => value.replace('|', "/"),
        "skip" => value.chars().skip(argument.parse().unwrap()).collect(),
        "without" => value.strip_suffix(argument).unwrap_or(value).to_owned(),
        // Of a name of DNS-SD (RFC 6763 4.1.2, 7.1), the pair of labels behind the instance and the subtype.
        "service" => {
            let labels: Vec<&str> = value.split('.').collect();
            let last = labels.iter().rposition(|label| label.starts_with('_'));
            let from = last.map_or(0, |last| {
                last.saturating_sub(usize::from(labels[..last].iter().any(|label| label.starts_with('_'))))
            });
            labels[from..].join(".")
        }
        "within" => {
            let (least, most) = argument.split_once(' ').unwrap();
            let inside = number(value)? >= number(least)? && number(value)? <= number(most)?;
            return inside.then(|| value.to_owned());
        }
        "letters" => {
            let (least, most) = argument.split_once(' ').unwrap();
            let count = number(&value.chars().count().to_string());
            return (number(least) <= count && count <= number(most)).then(|| value.to_owned());
        }
        // Of a line `Name: value`, the value of this name.
        "header" => {
            let (name, value) = value.split_once(':')?;
            let value = value.trim_end_matches("\\n").trim_end_matches("\\r").trim();
            return name.eq_ignore_ascii_case(argument).then(|| value.to_owned());
        }
        "below" if number(value).is_none_or(|number| number >= argument.parse().unwrap()) => return None,
        "below" => value.to_owned(),
        "before" => value.split(separator(argument)).next().unwrap_or(value).to_owned(),
        "after" => value.split_once(separator(argument)).map_or(value, |(_, rest)| rest).to_owned(),
        "unless" if value == argument => return None,
        "unless" => value.to_owned(),
        "only" if value != argument => return None,
        "only" => value.to_owned(),
        "longest" => {
            let most = argument.parse::<usize>().unwrap();
            value.chars().take(most).collect()
        }
        other => panic!("no conversion is called {other}"),
    })
}

fn separator(argument: &str) -> &str {
    match argument {
        "space" => " ",
        other => other,
    }
}

fn number(value: &str) -> Option<u64> {
    match value {
        "True" | "true" => Some(1),
        "False" | "false" => Some(0),
        _ => match value.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            // A negative one as the two's complement that was sent.
            None if value.starts_with('-') => value.parse().ok().map(i64::cast_unsigned),
            None => value.parse().ok(),
        },
    }
}
