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
