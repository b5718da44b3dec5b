//! Numbers between dots, the core of most schemes.

use super::{Number, Order};
use std::cmp::Ordering;

pub(super) fn number(text: &str) -> Option<Number> {
    let plain = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| Some(Number { value: text.parse().ok()?, digits: u8::try_from(text.len()).ok()? }))?
}

/// `1.2.3`, and `1.2.x` with true.
pub(super) fn numbers(text: &str) -> Option<(Vec<Number>, bool)> {
    let mut all = Vec::new();
    let mut wild = false;
    for part in text.split('.') {
        if matches!(part, "X" | "*" | "XX") && !all.is_empty() {
            wild = true;
        } else if wild {
            return None;
        } else {
            all.push(number(part)?);
        }
    }
    Some((all, wild))
}

/// 4.01 and 4.4 are ordered as numbers and as decimals alike; 2.003 and 2.1 are not, and stay undecided.
fn one(a: Number, b: Number) -> Option<Ordering> {
    let plain = a.value.cmp(&b.value);
    let padded = |n: Number| n.digits > 1 && n.value < 10_u64.saturating_pow(u32::from(n.digits).saturating_sub(1));
    if a.digits == b.digits || !(padded(a) || padded(b)) {
        return Some(plain);
    }
    let digits = u32::from(a.digits.max(b.digits));
    let scaled = |n: Number| {
        u128::from(n.value).saturating_mul(10_u128.saturating_pow(digits.saturating_sub(u32::from(n.digits))))
    };
    let decimal = scaled(a).cmp(&scaled(b));
    (plain == decimal || plain == Ordering::Equal).then_some(plain)
}

/// Missing numbers are 0, but a version that says more or less than the bound and agrees so far is neither.
pub(super) fn order(version: &[Number], bound: &[Number], wild: bool) -> Option<Order> {
    for (a, b) in version.iter().zip(bound) {
        match one(*a, *b)? {
            Ordering::Equal => {}
            other => return Some(other.into()),
        }
    }
    let rest = |of: &[Number], from: usize| of.iter().skip(from).any(|number| number.value != 0);
    Some(if version.len() < bound.len() && (wild || rest(bound, version.len())) {
        Order::Shortens
    } else if wild {
        Order::Equal
    } else if rest(version, bound.len()) {
        Order::Extends
    } else {
        Order::Equal
    })
}
