use super::{DEPTH_MAX, Expr, Field, Kind, Order, QUERY_MAX, Query, Sort, TERMS_MAX, Term, Test, Wrong, field};
use crate::DAY;
use crate::civil;
use std::net::IpAddr;

/// Reads a query. It never fails: what cannot be understood is a term with its reason.
pub fn parse(text: &str, fields: &'static [Field]) -> Query {
    let mut cut = text.len().min(QUERY_MAX);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut left = TERMS_MAX;
    read(&text[..cut], 0, fields, 0, &mut left)
}

fn read(text: &str, base: usize, fields: &'static [Field], depth: usize, left: &mut usize) -> Query {
    let mut query = Query::default();
    for (start, end) in words(text) {
        let Some(rest) = left.checked_sub(1) else { break };
        *left = rest;
        let whole = &text[start..end];
        let (negated, body) = match whole.strip_prefix('-') {
            Some(body) if !body.is_empty() => (true, body),
            _ => (false, whole),
        };
        let what = expression(body, base + start + usize::from(negated), fields, depth, left, &mut query.sort);
        query.terms.push(Term { text: whole.to_owned(), start: base + start, end: base + end, negated, what });
    }
    query
}

/// Where terms begin and end: at spaces outside of quotes and parentheses.
fn words(text: &str) -> Vec<(usize, usize)> {
    let (mut out, mut start, mut quoted, mut depth) = (Vec::new(), None, false, 0usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if letter.is_whitespace() && !quoted && depth == 0 {
            if let Some(start) = start.take() {
                out.push((start, at));
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(start) = start {
        out.push((start, text.len()));
    }
    out
}

fn wrong<T>(why: impl Into<String>, nearest: Option<String>) -> Result<T, Wrong> {
    Err(Wrong { why: why.into(), nearest })
}

fn expression(
    body: &str,
    base: usize,
    fields: &'static [Field],
    depth: usize,
    left: &mut usize,
    sort: &mut Option<Sort>,
) -> Result<Expr, Wrong> {
    if let Some(inner) = body.strip_prefix('(') {
        let Some(inner) = inner.strip_suffix(')') else { return wrong("the parenthesis is not closed", None) };
        if depth >= DEPTH_MAX {
            return wrong("parentheses stand too deep in each other", None);
        }
        let mut any = Vec::new();
        for (at, part) in alternatives(inner) {
            any.push(read(part, base + 1 + at, fields, depth + 1, left));
        }
        let faulty = any.iter().flat_map(|query| &query.terms).find_map(|term| term.what.as_ref().err());
        return match faulty {
            Some(fault) => Err(fault.clone()),
            None => Ok(Expr::Any(any)),
        };
    }
    if body.starts_with('"') {
        return Ok(Expr::Text(unquote(body).to_lowercase()));
    }
    let Some((name, values)) = body.split_once(':') else { return Ok(Expr::Text(body.to_lowercase())) };
    let lower = name.to_lowercase();
    if lower == "sort" {
        *sort = Some(sorting(values, fields)?);
        return Ok(Expr::Sort);
    }
    let Some(field) = field(fields, &lower) else {
        // A MAC or IPv6 address has colons and is meant as text.
        if body.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'*' | b'.')) {
            return Ok(Expr::Text(body.to_lowercase()));
        }
        let near = nearest(&lower, fields.iter().flat_map(|f| std::iter::once(f.name).chain(f.also.iter().copied())));
        return wrong(format!("{name}: no such field."), near.map(|near| format!("{near}:{values}")));
    };
    let mut tests = Vec::new();
    for value in commas(values) {
        let value = unquote(value);
        if value.is_empty() {
            return wrong(format!("{}: a value is missing.", field.name), None);
        }
        tests.push(test(field, &value)?);
    }
    Ok(Expr::Field { name: field.name, tests })
}

/// Splits at ` or ` outside of quotes and parentheses.
fn alternatives(text: &str) -> Vec<(usize, &str)> {
    let (mut out, mut from) = (Vec::new(), 0);
    for (start, end) in words(text) {
        if text[start..end].eq_ignore_ascii_case("or") {
            out.push((from, &text[from..start]));
            from = end;
        }
    }
    out.push((from, &text[from..]));
    out
}

fn commas(text: &str) -> Vec<&str> {
    let (mut out, mut from, mut quoted) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                out.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[from..]);
    out
}

fn unquote(text: &str) -> String {
    text.replace('"', "")
}

fn sorting(text: &str, fields: &'static [Field]) -> Result<Sort, Wrong> {
    let (name, descending) = match (text.strip_suffix("-desc"), text.strip_suffix("-asc")) {
        (Some(name), _) => (name, true),
        (_, Some(name)) => (name, false),
        _ => (text, false),
    };
    match field(fields, &name.to_lowercase()).filter(|field| field.sortable) {
        Some(field) => Ok(Sort { field: field.name, descending }),
        None => {
            let near = nearest(&name.to_lowercase(), fields.iter().filter(|field| field.sortable).map(|f| f.name));
            wrong(format!("{name}: cannot be sorted by."), near.map(|near| format!("sort:{near}")))
        }
    }
}

fn order(value: &str) -> (Option<Order>, &str) {
    for (sign, order) in [
        (">=", Order::GreaterOrEqual),
        ("<=", Order::LessOrEqual),
        (">", Order::Greater),
        ("<", Order::Less),
        ("=", Order::Equal),
    ] {
        if let Some(rest) = value.strip_prefix(sign) {
            return (Some(order), rest);
        }
    }
    (None, value)
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn test(field: &Field, value: &str) -> Result<Test, Wrong> {
    match field.kind {
        Kind::Text => Ok(Test::Glob(value.to_lowercase())),
        Kind::Word(words) => {
            let lower = value.to_lowercase();
            let words = words();
            if lower.contains(['*', '?']) || words.contains(&lower.as_str()) {
                return Ok(Test::Glob(lower));
            }
            let near = nearest(&lower, words.iter().copied()).map(|near| format!("{}:{near}", field.name));
            wrong(format!("{value}: {} has no such word.", field.name), near)
        }
        Kind::Address => {
            if let Some((address, bits)) = value.split_once('/') {
                let network = address.parse::<IpAddr>().ok().zip(bits.parse::<u8>().ok());
                return match network {
                    Some((ip, bits)) if bits <= if ip.is_ipv4() { 32 } else { 128 } => Ok(Test::Network(ip, bits)),
                    _ => wrong(format!("{value}: no such network. Write it as 10.20.0.0/24."), None),
                };
            }
            Ok(Test::Glob(value.to_lowercase()))
        }
        Kind::Number | Kind::Percent => {
            if let Some((from, to)) = value.split_once("..") {
                return match (number(from), number(to)) {
                    (Some(from), Some(to)) if from <= to => Ok(Test::Numbers(from, to)),
                    _ => wrong(format!("{value}: a range of numbers is written as 10..20."), None),
                };
            }
            let (order, rest) = order(value);
            match number(rest.trim_end_matches('%')) {
                Some(number) => Ok(Test::Number(order.unwrap_or(Order::Equal), number)),
                None => wrong(format!("{value}: {} takes a number, such as >=70.", field.name), None),
            }
        }
        Kind::Time => {
            if let Some((from, to)) = value.split_once("..") {
                return match (civil::date(from), civil::date(to)) {
                    (Some(from), Some(to)) if from <= to => Ok(Test::Between(from, to.saturating_add(DAY))),
                    _ => wrong(format!("{value}: days are written as 2026-11-01..2026-11-08."), None),
                };
            }
            if let Some(day) = civil::date(value) {
                return Ok(Test::Between(day, day.saturating_add(DAY)));
            }
            let (order, rest) = order(value);
            match (civil::span(rest), order) {
                (Some(span), Some(Order::Greater | Order::GreaterOrEqual)) => Ok(Test::Before(span)),
                (Some(span), _) => Ok(Test::Within(span)),
                _ => wrong(format!("{value}: {} takes a span such as 7d, or days.", field.name), None),
            }
        }
    }
}

/// The word that is fewest typing errors away, if it is near at all.
fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<String> {
    let word: Vec<char> = word.chars().take(64).collect();
    let tail = word.iter().rposition(|letter| *letter == '.').map(|dot| word[dot + 1..].iter().collect::<String>());
    words
        .map(|known| match &tail {
            Some(tail) if tail.as_str() == known => (0, known),
            _ => (distance(&word, known), known),
        })
        .filter(|(distance, known)| *distance <= (known.len() / 2).max(2))
        .min()
        .map(|(_, known)| known.to_owned())
}

fn distance(word: &[char], known: &str) -> usize {
    let known: Vec<char> = known.chars().collect();
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for (i, a) in word.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in known.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[known.len()]
}
