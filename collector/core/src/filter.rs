//! The filter that every list understands, in the address of a page and on the command line.
//!
//! ```text
//! query = term { SP term }                    joined by "and"
//! term  = [ "-" ] ( field ":" value { "," value } | text | "(" query { " or " query } ")" )
//! value = word | '"' any '"' | ( ">=" | "<=" | ">" | "<" ) number-or-span | from ".." to | cidr | glob
//! sort  = "sort:" field [ "-asc" | "-desc" ]
//! ```
//!
//! A wrong term is kept and explained with the nearest word; the others apply. Matching is linear in the length of
//! what is looked at: globs are matched without backtracking over more than one star.

mod matching;
mod parse;

pub use matching::{compare, matches, term_matches};
pub use parse::parse;

use holter_terms::Nanos;
use std::net::IpAddr;

/// The longest query, bytes. What stands behind it is not read.
pub const QUERY_MAX: usize = 2_000;
/// The most terms, those in parentheses counted.
pub const TERMS_MAX: usize = 64;
/// How deep parentheses may stand in each other.
pub const DEPTH_MAX: usize = 4;

/// A word before the colon.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// Other spellings.
    pub also: &'static [&'static str],
    pub meaning: &'static str,
    pub kind: Kind,
    pub sortable: bool,
}

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Text,
    /// One of the words that the function gives.
    Word(fn() -> Vec<&'static str>),
    Address,
    Number,
    /// 0 to 100.
    Percent,
    /// A span back from now (`7d`: within; `>7d`: longer ago) or days (`2026-11-01..2026-11-08`).
    Time,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Word(_) => "word",
            Kind::Address => "address",
            Kind::Number => "number",
            Kind::Percent => "percent",
            Kind::Time => "time",
        }
    }
}

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub enum Val<'a> {
    Text(&'a str),
    Number(f64),
    Address(IpAddr),
    Time(Nanos),
}

/// Something that can be filtered.
pub trait Row {
    /// Every value of the field.
    fn each(&self, field: &str, out: &mut dyn FnMut(Val<'_>));
    /// Whether plain text, in lower case, stands in it.
    fn holds(&self, lower: &str) -> bool;
}

#[derive(Debug, Clone, Default)]
pub struct Query {
    pub terms: Vec<Term>,
    pub sort: Option<Sort>,
}

#[derive(Debug, Clone)]
pub struct Term {
    pub text: String,
    /// Byte offsets in the query.
    pub start: usize,
    pub end: usize,
    pub negated: bool,
    pub what: Result<Expr, Wrong>,
}

#[derive(Debug, Clone)]
pub enum Expr {
    /// In lower case.
    Text(String),
    Field {
        name: &'static str,
        tests: Vec<Test>,
    },
    Any(Vec<Query>),
    /// Says how to sort, and leaves every row.
    Sort,
}

#[derive(Debug, Clone)]
pub enum Test {
    /// In lower case; `*` and `?` stand for any text and any one letter.
    Glob(String),
    Network(IpAddr, u8),
    Number(Order, f64),
    Numbers(f64, f64),
    /// Not longer ago.
    Within(Nanos),
    /// Longer ago.
    Before(Nanos),
    Between(Nanos, Nanos),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

/// Why a term does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub why: String,
    pub nearest: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    pub field: &'static str,
    pub descending: bool,
}

/// The field that `word` names.
pub fn field<'a>(fields: &'a [Field], word: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.name == word || field.also.contains(&word))
}
