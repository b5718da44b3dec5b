use super::{Expr, Order, Query, Row, Term, Test, Val};
use holter_terms::Nanos;
use std::cmp::Ordering;
use std::net::IpAddr;

/// Whether a row is left by every term that is right.
pub fn matches(query: &Query, row: &dyn Row, now: Nanos) -> bool {
    query.terms.iter().all(|term| term_matches(term, row, now))
}

/// Whether a row is left by this term alone. A wrong term leaves every row.
pub fn term_matches(term: &Term, row: &dyn Row, now: Nanos) -> bool {
    let found = match &term.what {
        Err(_) | Ok(Expr::Sort) => return true,
        Ok(Expr::Text(text)) => row.holds(text),
        Ok(Expr::Any(any)) => any.iter().any(|query| matches(query, row, now)),
        Ok(Expr::Field { name, tests }) => {
            let mut found = false;
            row.each(name, &mut |value| {
                found = found || tests.iter().any(|test| holds(test, value, now));
            });
            found
        }
    };
    found != term.negated
}

fn holds(test: &Test, value: Val<'_>, now: Nanos) -> bool {
    match (test, value) {
        (Test::Glob(glob), Val::Text(text)) => globbed(glob, &text.to_lowercase()),
        (Test::Glob(glob), Val::Address(ip)) => globbed(glob, &ip.to_string()),
        (Test::Network(network, bits), Val::Address(ip)) => inside(ip, *network, *bits),
        (Test::Number(order, number), Val::Number(value)) => match order {
            Order::Less => value < *number,
            Order::LessOrEqual => value <= *number,
            Order::Equal => value == *number,
            Order::GreaterOrEqual => value >= *number,
            Order::Greater => value > *number,
        },
        (Test::Numbers(from, to), Val::Number(value)) => (*from..=*to).contains(&value),
        (Test::Within(span), Val::Time(at)) => at >= now.saturating_sub(*span),
        (Test::Before(span), Val::Time(at)) => at < now.saturating_sub(*span),
        (Test::Between(from, to), Val::Time(at)) => (*from..*to).contains(&at),
        _ => false,
    }
}

fn inside(ip: IpAddr, network: IpAddr, bits: u8) -> bool {
    let bits = u32::from(bits);
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            let shift = 32u32.saturating_sub(bits);
            ip.to_bits().checked_shr(shift).unwrap_or(0) == network.to_bits().checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            let shift = 128u32.saturating_sub(bits);
            ip.to_bits().checked_shr(shift).unwrap_or(0) == network.to_bits().checked_shr(shift).unwrap_or(0)
        }
        _ => false,
    }
}

/// `*` for any text, `?` for any letter. Only the last star is ever gone back to, so the work is at most the product of
/// both lengths, and both are short.
fn globbed(glob: &str, text: &str) -> bool {
    if !glob.contains(['*', '?']) {
        return glob == text;
    }
    let (glob, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), text.chars().collect());
    let (mut g, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[t] => {
                g += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                g = at + 1;
                t = from + 1;
            }
        }
    }
    glob[g..].iter().all(|letter| *letter == '*')
}

/// Orders two rows by the first value of a field; a row without one comes last.
pub fn compare(field: &str, a: &dyn Row, b: &dyn Row) -> Ordering {
    #[derive(PartialEq, PartialOrd)]
    enum Key {
        Number(f64),
        Text(String),
        Address(IpAddr),
        Time(Nanos),
    }
    let first = |row: &dyn Row| {
        let mut key = None;
        row.each(field, &mut |value| {
            if key.is_none() {
                key = Some(match value {
                    Val::Text(text) => Key::Text(text.to_lowercase()),
                    Val::Number(number) => Key::Number(number),
                    Val::Address(ip) => Key::Address(ip),
                    Val::Time(at) => Key::Time(at),
                });
            }
        });
        key
    };
    match (first(a), first(b)) {
        (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
