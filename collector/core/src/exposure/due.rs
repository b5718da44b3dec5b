//! By when an exposure must be dealt with, from a table that a site can edit.

use super::error::FileError;
use super::kev::Exploited;
use super::state::State;
use crate::DAY;
use holter_terms::{Nanos, Severity};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// The most rules of one table.
pub(crate) const RULES_MAX: usize = 100;
/// The most days of one rule.
pub(crate) const DAYS_MAX: i64 = 3650;

/// The table of due dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTable {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    name: String,
    severity: Option<Severity>,
    exploited: Option<bool>,
    life_supporting: Option<bool>,
    days: i64,
}

/// What the table asks of an exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    pub state: State,
    pub severity: Option<Severity>,
    pub exploited: Option<&'a Exploited>,
    pub life_supporting: bool,
    /// When the exposure was first known.
    pub since: Nanos,
}

/// A due date and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Due<'a> {
    pub at: Nanos,
    /// The rule of the table.
    pub rule: &'a str,
    /// The catalogue of known exploited vulnerabilities asks for it sooner than the rule.
    pub by_catalogue: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    name: String,
    severity: Option<Spanned<String>>,
    exploited: Option<bool>,
    life_supporting: Option<bool>,
    days: Spanned<i64>,
}

impl DueTable {
    pub fn built_in() -> Result<DueTable, FileError> {
        DueTable::read("due.toml", include_str!("data/due.toml"))
    }

    pub fn read(file: &str, text: &str) -> Result<DueTable, FileError> {
        let parsed: File = toml::from_str(text).map_err(|error| FileError::toml(file, text, &error))?;
        if parsed.rule.len() > RULES_MAX {
            return Err(FileError::whole(file, format!("more than {RULES_MAX} rules")));
        }
        let mut rules = Vec::new();
        for rule in parsed.rule {
            let severity = match &rule.severity {
                None => None,
                Some(word) => Some(Severity::parse(word.get_ref()).ok_or_else(|| {
                    FileError::at(file, text, word.span(), "severity is one of low, medium, high, critical")
                })?),
            };
            let days = *rule.days.get_ref();
            if !(0..=DAYS_MAX).contains(&days) {
                return Err(FileError::at(file, text, rule.days.span(), format!("days are 0 to {DAYS_MAX}")));
            }
            let FileRule { name, exploited, life_supporting, .. } = rule;
            rules.push(Rule { name, severity, exploited, life_supporting, days });
        }
        Ok(DueTable { rules })
    }

    /// None for what is not affected or not known to be, and where no rule holds.
    pub fn due(&self, asked: &Asked<'_>) -> Option<Due<'_>> {
        if !matches!(asked.state, State::Affected | State::Likely) {
            return None;
        }
        let holds = |rule: &&Rule| {
            rule.severity.is_none_or(|least| asked.severity.is_some_and(|severity| severity >= least))
                && rule.exploited.is_none_or(|wanted| wanted == asked.exploited.is_some())
                && rule.life_supporting.is_none_or(|wanted| wanted == asked.life_supporting)
        };
        let rule = self.rules.iter().find(holds)?;
        let at = asked.since.saturating_add(rule.days.saturating_mul(DAY));
        let catalogue = asked.exploited.and_then(|exploited| exploited.due).filter(|due| *due < at);
        Some(Due { at: catalogue.unwrap_or(at), rule: &rule.name, by_catalogue: catalogue.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exploited(due: Option<Nanos>) -> Exploited {
        Exploited {
            name: String::new(),
            vendor: String::new(),
            product: String::new(),
            added: None,
            due,
            action: String::new(),
            ransomware: false,
        }
    }

    #[test]
    fn the_first_rule_that_holds_counts() {
        let table = DueTable::built_in().unwrap();
        let mut asked = Asked {
            state: State::Affected,
            severity: Some(Severity::Critical),
            exploited: None,
            life_supporting: true,
            since: 0,
        };
        assert_eq!(table.due(&asked).unwrap().at, 14 * DAY);
        asked.life_supporting = false;
        assert_eq!(table.due(&asked).unwrap().rule, "critical");
        asked.severity = None;
        assert_eq!(table.due(&asked).unwrap().rule, "the rest");
        asked.state = State::Unknown;
        assert_eq!(table.due(&asked), None);
    }

    #[test]
    fn the_catalogues_date_counts_where_it_is_sooner() {
        let table = DueTable::built_in().unwrap();
        let due = |catalogue: Option<Nanos>| {
            let exploited = exploited(catalogue);
            let asked = Asked {
                state: State::Likely,
                severity: None,
                exploited: Some(&exploited),
                life_supporting: false,
                since: 100 * DAY,
            };
            let due = table.due(&asked).unwrap();
            (due.at, due.by_catalogue)
        };
        assert_eq!(due(Some(50 * DAY)), (50 * DAY, true));
        assert_eq!(due(Some(500 * DAY)), (114 * DAY, false));
        assert_eq!(due(None), (114 * DAY, false));
    }

    #[test]
    fn a_fault_of_the_table_has_line_and_column() {
        let error = DueTable::read("due.toml", "[[rule]]\nname = \"x\"\nseverity = \"dire\"\ndays = 1\n").unwrap_err();
        assert_eq!(error.to_string(), "due.toml:3:12: severity is one of low, medium, high, critical");
        let error = DueTable::read("due.toml", "[[rule]]\nname = \"x\"\ndays = -1\n").unwrap_err();
        assert_eq!((error.line, error.column), (3, 8));
        let many = "[[rule]]\nname = \"x\"\ndays = 1\n".repeat(RULES_MAX + 1);
        assert!(DueTable::read("due.toml", &many).unwrap_err().what.contains("more than"));
    }
}
