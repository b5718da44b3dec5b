//! Every scheme has its order, and what it leaves undecided.

use super::{Order, Range, Scheme, Version, order};

fn read(text: &str) -> Version {
    Version::read(text).unwrap_or_else(|| panic!("{text} is read"))
}

fn compare(a: &str, b: &str) -> Option<Order> {
    order(&read(a), &read(b))
}

/// Each of a list is less than the next, and all are of one scheme.
fn ascending(scheme: Scheme, list: &[&str]) {
    for pair in list.windows(2) {
        assert_eq!(read(pair[0]).scheme, scheme, "{}", pair[0]);
        assert_eq!(read(pair[1]).scheme, scheme, "{}", pair[1]);
        assert_eq!(compare(pair[0], pair[1]), Some(Order::Less), "{pair:?}");
        assert_eq!(compare(pair[1], pair[0]), Some(Order::Greater), "{pair:?}");
        assert_eq!(compare(pair[0], pair[0]), Some(Order::Equal), "{pair:?}");
    }
}

fn contains(range: &str, version: &str) -> Option<bool> {
    Range::read(range).0.contains(&read(version))
}

#[test]
fn numbers_are_ordered_as_numbers() {
    ascending(Scheme::Numeric, &["1.9", "1.10", "v2.0", "Version 3.06.1803", "R8.0.3", "4107600010.23"]);
    assert_eq!(compare("2.4", "2.4.0"), Some(Order::Equal));
}

#[test]
fn numbers_that_may_be_decimals_are_ordered_only_where_both_readings_agree() {
    assert_eq!(compare("4.01", "4.34"), Some(Order::Less));
    assert_eq!(compare("4.01", "4.4"), Some(Order::Less));
    assert_eq!(compare("2.003", "2.1"), None, "3 is more than 1, and .003 is less than .1");
}

#[test]
fn a_version_that_says_more_or_less_than_the_bound_is_neither() {
    assert_eq!(compare("9.33.1", "9.33"), Some(Order::Extends));
    assert_eq!(compare("9", "9.33"), Some(Order::Shortens));
    assert_eq!(contains("<= 9.33", "9.33.1"), None);
    assert_eq!(contains("< 9.33", "9.33.1"), Some(false));
    assert_eq!(contains(">= 9.33", "9.33.1"), Some(true));
    assert_eq!(contains("< 9.33", "9"), None);
    assert_eq!(contains("9.33", "9.33.1"), None);
    assert_eq!(contains("9.33", "9.34"), Some(false));
}

#[test]
fn a_letter_behind_the_numbers_comes_after_them() {
    ascending(Scheme::NumericLetter, &["2.4A", "2.6A", "2.6B", "5.89.05b"]);
    assert_eq!(contains("<= 2.6A", "2.5"), Some(true));
    assert_eq!(contains("<= 2.6A", "2.7"), Some(false));
    assert_eq!(contains("<= 2.6A", "2.6"), None, "whether 2.6 is before 2.6A nobody says");
}

#[test]
fn builds_are_ordered_behind_the_numbers_and_within_their_line() {
    ascending(Scheme::Build, &["1.3.0 Build 14", "1.3.1 Build 13", "2023.3_Build_9342", "2023.3_Build_9343"]);
    ascending(Scheme::Build, &["5.17.1-754993421", "5.17.1-754993422"]);
    assert_eq!(compare("1.1.3 MR Build 11", "1.1.3 Build 10"), None);
    assert_eq!(compare("1.3.1", "1.3.1 Build 13"), Some(Order::Shortens));
    assert_eq!(compare("1.3.2", "1.3.1 Build 13"), Some(Order::Greater));
}

#[test]
fn no_service_pack_is_pack_zero() {
    ascending(Scheme::ServicePack, &["1.8.4 Service Pack 01", "4.20 SR1", "11.0 SP2", "11.0 SP10"]);
    assert_eq!(compare("11.0", "11.0 SP2"), Some(Order::Less));
    assert_eq!(contains("< 1.8.4 Service Pack 01", "1.8.4"), Some(true));
}

#[test]
fn levels_are_ordered_behind_the_release() {
    ascending(Scheme::Level, &["R4.0L3", "R4.1L1", "R4.1L2"]);
    assert_eq!(contains("<= R4.1L1", "R4.0"), Some(true));
    assert_eq!(contains("<= R4.1L1", "R4.1"), None);
}

#[test]
fn revisions_are_ordered_by_letter_and_a_letter_alone_is_all_of_it() {
    ascending(Scheme::Revision, &["A.03.09", "B.02", "B.06.18", "C.00.04", "G.01.78"]);
    assert_eq!(contains("<= N", "N.01.78"), Some(true));
    assert_eq!(contains("<= N", "M.9"), Some(true));
    assert_eq!(contains("<= N", "P.1"), Some(false));
    assert_eq!(contains("Rev B-M", "C.1"), Some(true));
    assert_eq!(contains("Rev B-M", "N.0"), Some(false));
}

#[test]
fn syngo_versions_compare_within_their_letters_and_digits() {
    ascending(Scheme::Syngo, &["VB15A", "VB17A", "VB17B"]);
    assert_eq!(compare("VB17A", "VA47A"), None, "another line");
    assert_eq!(compare("VS4", "VS30"), None, "4 or 40, nobody says");
    assert_eq!(contains("<= VM5.0", "VM5.0"), Some(true));
}

#[test]
fn numbers_behind_letters_compare_within_the_letters() {
    ascending(Scheme::Prefixed, &["BT02", "BT06", "BT10"]);
    assert_eq!(compare("L81", "U61"), None);
    assert_eq!(contains("<= U61 | <= L81", "L80"), Some(true));
    assert_eq!(contains("<= U61 | <= L81", "L82"), None, "U61 does not compare with it");
}

#[test]
fn part_numbers_compare_within_their_beginning() {
    ascending(Scheme::PartNumber, &["012U000040", "012U000061"]);
    assert_eq!(compare("028U000061", "012U000061"), None);
    assert_eq!(contains(">= 20D29 | <= 20D32 | >= 22D24 | <= v22D28", "20D30"), Some(true));
    assert_eq!(contains(">= 20D29 | <= v20D32", "20D33"), Some(false));
}

#[test]
fn days_are_ordered_and_one_that_may_be_two_is_none() {
    ascending(Scheme::Date, &["november 29 2017", "april 1, 2018", "8/30/2024"]);
    assert_eq!(compare("1 May 2018", "May 2018"), Some(Order::Extends));
    assert_eq!(contains("< May 2018", "april 30, 2018"), Some(true));
    assert!(Version::read("8/3/2024").is_none());
    assert!(Version::read("august 28").is_none());
}

#[test]
fn years_with_a_number_are_ordered() {
    ascending(Scheme::YearNumber, &["2018-1", "2018-2", "2021-1"]);
    assert_eq!(contains(">= 2018-1 | <= 2021-1", "2019-2"), Some(true));
}

#[test]
fn editions_are_ordered_by_their_ordinal() {
    ascending(Scheme::Edition, &["1st Edition", "2nd Edition", "3rd Edition", "10th edition"]);
}

#[test]
fn semver_is_ordered_with_its_pre_releases() {
    let in_range = |text: &str, version: &str| Range::read(text).0.contains(&super::scheme::semver(version).unwrap());
    assert_eq!(in_range("vers:semver/>=1.0.0|<2.0.0", "2.0.0-rc.1"), Some(true));
    assert_eq!(in_range("vers:semver/>=1.0.0|<2.0.0", "2.0.0"), Some(false));
    assert_eq!(contains("vers:semver/>=1.0.0|<2.0.0", "1.5.0"), Some(true));
    assert_eq!(contains("vers:semver/>=1.0.0|<2.0.0", "1.5"), None, "not a version of that scheme");
    assert_eq!(contains("vers:npm/1.2.3", "1.2.3"), Some(true));
}

#[test]
fn other_versions_are_equal_or_undecided() {
    for text in ["6.3V1L10", "3.0 D15", "1.4.2.0-9d9eff4", "F.0.G.0", "LPI 3.5.12.P30"] {
        assert_eq!(read(text).scheme, Scheme::Other, "{text}");
        assert_eq!(compare(text, text), Some(Order::Equal));
        assert_eq!(compare(text, "9.9V9L99"), None);
        assert_eq!(compare("1.2", text), None);
    }
}

#[test]
fn schemes_do_not_compare_with_each_other() {
    let one_of_each = ["1.2", "B.02", "VB17A", "BT06", "012U000040", "2018-1", "2nd Edition", "6.3V1L10", "May 2018"];
    for a in one_of_each {
        for b in one_of_each.into_iter().filter(|b| *b != a) {
            assert_eq!(compare(a, b), None, "{a} {b}");
        }
    }
}

#[test]
fn wildcards_are_all_that_begin_so() {
    assert_eq!(contains("2.X", "2.99.1"), Some(true));
    assert_eq!(contains("2.X", "3.0"), Some(false));
    assert_eq!(contains("<= 12.2.x.x", "12.2.8.410"), Some(true));
    assert_eq!(contains("< 3.x", "3.1"), Some(false));
    assert_eq!(contains("< 3.x", "2.9"), Some(true));
    assert_eq!(contains("14.1.x", "14"), None);
}

#[test]
fn ranges_are_read_in_words_as_in_signs() {
    for text in
        ["<= 2.3.6", "2.3.6 and  below", "2.3.6 and prior", "Version 2.3.6 or earlier", "up to 2.3.6", "<=2.3.6"]
    {
        assert_eq!(contains(text, "2.3.6"), Some(true), "{text}");
        assert_eq!(contains(text, "2.3.7"), Some(false), "{text}");
    }
    for text in ["< 8.2.2", "prior to 8.2.2", "vers:generic/<8.2.2", "before version 8.2.2"] {
        assert_eq!(contains(text, "8.2.1"), Some(true), "{text}");
        assert_eq!(contains(text, "8.2.2"), Some(false), "{text}");
    }
    for text in [">= 1.3.4 | < 1.5.3", ">=1.3.4<1.5.3", "vers:generic/>=1.3.4|<1.5.3"] {
        assert_eq!(contains(text, "1.4"), Some(true), "{text}");
        assert_eq!(contains(text, "1.5.3"), Some(false), "{text}");
        assert_eq!(contains(text, "1.3.3"), Some(false), "{text}");
    }
    assert_eq!(contains("2.0 and later", "2.1"), Some(true));
    assert_eq!(contains("1.1 | 1.2 | 1.4", "1.3"), Some(false));
    assert_eq!(contains("(Release 1.3.2 1.4.0)", "1.4.0"), Some(true));
    for text in ["*", "vers:all/*", "All versions", "vers:generic/*"] {
        assert_eq!(Range::read(text).0, Range::All, "{text}");
    }
}

#[test]
fn a_bare_number_in_place_of_a_version_rules_nothing_out() {
    assert_eq!(contains("3120", "2.86"), None, "it is as often the number of a model");
    assert_eq!(contains("3120", "3120"), Some(true));
    assert_eq!(contains("2490C", "4.1"), None);
}

#[test]
fn what_stands_behind_a_version_is_a_condition() {
    let (range, condition) = Range::read("<= 1.54 (integrated into another box)");
    assert_eq!(condition.as_deref(), Some("(integrated into another box)"));
    assert_eq!(range.contains(&read("1.53")), Some(true));
    assert!(Range::read("* running on an old system").1.is_some());
    assert_eq!(Range::read("<= 2.01 (end-of-life Nov 2017)").1, None, "a remark");
}

#[test]
fn prose_is_free_text() {
    for text in [
        "",
        "distributed < april 1, 2018",
        "< august 28",
        "A10 < A11",
        "053L000091 (global) / 054U000091 (U.S.)",
        "882300 Zeta 16 Slice",
        "version",
        "vers:deb/<1.2",
        "vers:generic/!=1|<3",
        "<= ",
        "| |",
        "<<<<",
    ] {
        assert_eq!(Range::read(text).0, Range::FreeText, "{text}");
    }
}

#[test]
fn a_range_without_end_is_refused_as_free_text() {
    let long = vec!["1.1"; super::range::INTERVALS_MAX + 1].join("|");
    assert_eq!(Range::read(&long).0, Range::FreeText);
    let shorter = vec!["1.1"; super::range::INTERVALS_MAX].join("|");
    assert_ne!(Range::read(&shorter).0, Range::FreeText);
    assert!(Version::read(&"1.".repeat(40)).is_none());
}
