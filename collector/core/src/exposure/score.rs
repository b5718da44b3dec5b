//! CVSS scores as advisories give them, with their vectors checked.

use cvss::Cvss;
use holter_terms::Severity;
use serde::{Deserialize, Serialize};

/// A base score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Tenths, 0 to 100: 98 is a score of 9.8.
    pub tenths: u8,
    /// `2.0`, `3.0`, `3.1` or `4.0`, as the vector says.
    pub version: &'static str,
    pub vector: Option<String>,
    pub origin: Origin,
}

/// Where the number of a score comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The document and its vector agree.
    Both,
    /// Computed from the vector: the document gives no number, or another one.
    Vector,
    /// The document's number; its vector is absent or cannot be read.
    Number,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawScore {
    #[serde(rename = "vectorString")]
    vector: Option<String>,
    #[serde(rename = "baseScore")]
    base: Option<f64>,
    version: Option<String>,
}

/// The longest vector that is read; all metrics of CVSS 4.0 take some 200 bytes.
const VECTOR_MAX: usize = 512;

impl Score {
    /// None where neither a usable number nor a usable vector is given.
    pub(crate) fn read(raw: &RawScore) -> Option<Score> {
        let stated = raw.base.filter(|base| (0.0..=10.0).contains(base)).map(to_tenths);
        let vector = raw.vector.as_deref().filter(|text| text.len() <= VECTOR_MAX);
        let parsed = vector.and_then(|text| text.parse::<Cvss>().ok());
        let Some(parsed) = parsed else {
            let version = match raw.version.as_deref() {
                Some("2.0") => "2.0",
                Some("3.0") => "3.0",
                Some("4.0") => "4.0",
                _ => "3.1",
            };
            return stated.map(|tenths| Score { tenths, version, vector: None, origin: Origin::Number });
        };
        // Documents carry vectors with metrics of time and place now and then; their number is the base score.
        let (version, computed) = match &parsed {
            Cvss::CvssV20(vector) => ("2.0", vector.score().value()),
            Cvss::CvssV30(vector) => ("3.0", vector.base_score().value()),
            Cvss::CvssV31(vector) => ("3.1", vector.base_score().value()),
            other => ("4.0", other.score()),
        };
        let computed = to_tenths(computed);
        let origin = if stated == Some(computed) { Origin::Both } else { Origin::Vector };
        Some(Score { tenths: computed, version, vector: vector.map(str::to_owned), origin })
    }

    pub fn severity(&self) -> Severity {
        severity(self.tenths, self.version)
    }
}

/// The words of CVSS 3 and 4 for a score; version 2 knows nothing above high.
pub(crate) fn severity(tenths: u8, version: &str) -> Severity {
    match tenths {
        0 => Severity::Info,
        1..=39 => Severity::Low,
        40..=69 => Severity::Medium,
        90.. if version != "2.0" => Severity::Critical,
        _ => Severity::High,
    }
}

fn to_tenths(score: f64) -> u8 {
    // In 0.0..=10.0, so that the cast loses nothing but the sub-tenths that rounding took.
    (score * 10.0).round().clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vector: Option<&str>, base: Option<f64>) -> Option<Score> {
        Score::read(&RawScore { vector: vector.map(str::to_owned), base, version: None })
    }

    #[test]
    fn a_number_that_its_vector_does_not_give_is_computed_anew() {
        let vector = Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
        let score = read(vector, Some(9.8)).unwrap();
        assert_eq!((score.tenths, score.origin, score.version), (98, Origin::Both, "3.1"));
        let score = read(vector, Some(1.0)).unwrap();
        assert_eq!((score.tenths, score.origin), (98, Origin::Vector));
    }

    #[test]
    fn every_version_of_cvss_is_read() {
        let v2 = read(Some("AV:N/AC:L/Au:N/C:C/I:C/A:C"), Some(10.0)).unwrap();
        assert_eq!((v2.tenths, v2.version, v2.severity()), (100, "2.0", Severity::High));
        let v3 = read(Some("CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:C/C:L/I:H/A:H"), Some(8.9)).unwrap();
        assert_eq!((v3.tenths, v3.version, v3.origin), (89, "3.0", Origin::Both));
        let v4 = read(Some("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"), Some(9.3)).unwrap();
        assert_eq!((v4.tenths, v4.version, v4.severity()), (93, "4.0", Severity::Critical));
    }

    #[test]
    fn a_score_without_a_readable_vector_says_so_and_an_impossible_number_is_none() {
        assert_eq!(read(Some("CVSS:3.1/AV:X"), Some(5.0)).unwrap().origin, Origin::Number);
        assert_eq!(read(None, Some(5.0)).unwrap().origin, Origin::Number);
        assert_eq!(read(None, Some(11.0)), None);
        assert_eq!(read(None, Some(f64::NAN)), None);
        assert_eq!(read(Some("CVSS:9.9/AV:N"), None), None);
    }
}
