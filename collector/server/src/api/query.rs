use super::fault::Fault;
use serde::Deserialize;
use utoipa::IntoParams;

/// The most rows in one answer; a larger `limit` is cut to it.
pub(crate) const LIMIT_MAX: u32 = 500;

/// What a list gives without a `limit`.
pub(crate) const LIMIT_DEFAULT: u32 = 100;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// The filter: terms joined by spaces, each `field:value`, `field:a,b`, `field:>=70`, `address:10.20.0.0/24`, or
    /// plain text; `-` before a term negates it; `sort:field-desc` sorts. At most 2,000 bytes.
    #[param(max_length = 2000, example = "class:imaging -maker:velmora last:>7d")]
    pub(crate) q: Option<String>,
    /// Rows, 1 to 500; larger is cut to 500. By default 100.
    #[param(minimum = 1)]
    pub(crate) limit: Option<u32>,
    /// `next_cursor` of the answer before.
    #[param(max_length = 64)]
    pub(crate) cursor: Option<String>,
    /// `field-asc` or `field-desc`; the same as `sort:` in `q`, which wins.
    #[param(max_length = 64, example = "last_seen-desc")]
    pub(crate) sort: Option<String>,
    /// As it was at this time, RFC 3339.
    #[param(max_length = 40, example = "2026-11-17T02:47:00Z")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AtQuery {
    /// As it was at this time, RFC 3339.
    #[param(max_length = 40, example = "2026-11-17T02:47:00Z")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `csv`, `json`, `ocsf` (1.8.0, class 5001, one event a line) or `cyclonedx` (1.6).
    #[param(max_length = 16, example = "csv")]
    pub(crate) format: String,
    /// The filter of the list of devices.
    #[param(max_length = 2000, example = "class:imaging")]
    pub(crate) q: Option<String>,
    /// As it was at this time, RFC 3339.
    #[param(max_length = 40, example = "2026-11-17T02:47:00Z")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DiffQuery {
    /// The earlier time, RFC 3339.
    #[param(max_length = 40, example = "2026-11-16T00:00:00Z")]
    pub(crate) from: String,
    /// The later time; by default now.
    #[param(max_length = 40, example = "2026-11-17T00:00:00Z")]
    pub(crate) to: Option<String>,
    /// A device not seen for so long counts as away: 1 to 720 hours, by default 24.
    #[param(minimum = 1, maximum = 720)]
    pub(crate) within_hours: Option<u32>,
    /// Rows of each kind, 1 to 500; larger is cut to 500. By default 100.
    #[param(minimum = 1)]
    pub(crate) limit: Option<u32>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MapQuery {
    /// Only these devices and those that they talk with; the filter of the list of devices.
    #[param(max_length = 2000, example = "class:imaging")]
    pub(crate) q: Option<String>,
    /// `zone`, `network`, `class`, `role` or `device`. By default `network`.
    #[param(max_length = 16)]
    pub(crate) by: Option<String>,
}

/// A time in a query.
pub(crate) fn time(text: &str) -> Result<holter_terms::Nanos, Fault> {
    let time = text.parse::<jiff::Timestamp>().ok().and_then(|time| i64::try_from(time.as_nanosecond()).ok());
    time.ok_or(Fault::bad_request("A time cannot be read.", "Write it as RFC 3339, such as 2026-11-17T02:47:00Z."))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindingQuery {
    /// The filter, as for devices, with the fields of findings.
    #[param(max_length = 2000, example = "severity:high,critical -detection:dicom-find-sweep")]
    pub(crate) q: Option<String>,
    /// Only findings in this state.
    #[param(value_type = Option<super::types::FindingState>)]
    pub(crate) state: Option<super::types::FindingState>,
    /// Rows, 1 to 500; larger is cut to 500. By default 100.
    #[param(minimum = 1)]
    pub(crate) limit: Option<u32>,
    /// `next_cursor` of the answer before.
    #[param(max_length = 64)]
    pub(crate) cursor: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExposureQuery {
    /// The filter, as for devices, with the fields of exposures.
    #[param(max_length = 2000, example = "severity:critical exploited:yes class:therapy")]
    pub(crate) q: Option<String>,
    /// Only these states, with commas: `affected`, `likely`, `unknown`, `not-affected`.
    #[param(max_length = 64, example = "affected,likely")]
    pub(crate) state: Option<String>,
    /// Rows, 1 to 500; larger is cut to 500. By default 100.
    #[param(minimum = 1)]
    pub(crate) limit: Option<u32>,
    /// `next_cursor` of the answer before.
    #[param(max_length = 64)]
    pub(crate) cursor: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Rows, 1 to 500; larger is cut to 500. By default 100.
    #[param(minimum = 1)]
    pub(crate) limit: Option<u32>,
    /// `next_cursor` of the answer before.
    #[param(max_length = 64)]
    pub(crate) cursor: Option<String>,
}

/// How many rows to give.
pub(crate) fn limit(asked: Option<u32>) -> usize {
    asked.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX) as usize
}

/// Where a page begins, from a `next_cursor`.
pub(crate) fn offset(cursor: Option<&str>) -> Result<usize, Fault> {
    let wrong = Fault::bad_request("The cursor is not one of ours.", "Leave it out to begin at the first row.");
    match cursor {
        None => Ok(0),
        Some(text) if text.bytes().all(|digit| digit.is_ascii_digit()) => text.parse().map_err(|_| wrong),
        Some(_) => Err(wrong),
    }
}
