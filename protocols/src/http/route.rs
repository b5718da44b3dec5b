//! The target of a request: what of it may be shown.
//!
//! A path that names patient data is cut behind the word that says so. What it goes on with is counted, never read.
//! Words are recognised through percent-encoding, since a server would recognise them too.

use super::tables;
use memchr::memchr;

#[derive(Clone, Copy, Default)]
pub(super) struct Target<'a> {
    pub(super) path: &'a [u8],
    pub(super) rest: Option<&'a [u8]>,
    pub(super) query: bool,
    pub(super) route: Option<&'static str>,
    pub(super) operation: Option<&'static str>,
    /// Of a target in absolute form.
    pub(super) authority: Option<&'a [u8]>,
}

/// Words that vendors' own interfaces put before an id of a patient, a study or a stay.
const CLINICAL: &[&str] = &[
    "patient",
    "patients",
    "person",
    "persons",
    "study",
    "series",
    "instances",
    "exam",
    "exams",
    "encounter",
    "encounters",
    "visit",
    "visits",
    "admission",
    "admissions",
    "accession",
    "accessions",
    "order",
    "orders",
    "report",
    "reports",
    "mrn",
    "observation",
    "observations",
    "result",
    "results",
    "case",
    "cases",
];

/// Reads the target of a request with this method and media type.
pub(super) fn target<'a>(method: &[u8], target: &'a [u8], media: Option<&[u8]>) -> Target<'a> {
    if method == b"CONNECT" && !target.starts_with(b"/") {
        return Target { path: target, authority: Some(target), ..Target::default() };
    }
    let (authority, local) = absolute(target);
    let end = local.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(local.len());
    let path = local.get(..end).unwrap_or_default();
    let asked = local.get(end..).unwrap_or_default();
    let mut read = clinical(method, path, asked, media);
    read.path = without_parameters(read.path);
    Target { query: asked.first() == Some(&b'?'), authority, ..read }
}

/// Takes scheme and authority off a target in absolute form, and user and password off the authority.
fn absolute(target: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let scheme = [&b"http://"[..], b"https://"]
        .into_iter()
        .find(|scheme| target.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)));
    let Some(rest) = scheme.and_then(|scheme| target.get(scheme.len()..)) else { return (None, target) };
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let (authority, local) = rest.split_at_checked(end).unwrap_or((rest, b""));
    (Some(without_user(authority)), local)
}

/// The host and port of an authority.
pub(super) fn without_user(authority: &[u8]) -> &[u8] {
    match memchr::memrchr(b'@', authority) {
        Some(at) => authority.get(at.saturating_add(1)..).unwrap_or_default(),
        None => authority,
    }
}

/// A path up to its first parameter: `;jsessionid=` and its like are keys to a session.
fn without_parameters(path: &[u8]) -> &[u8] {
    let keyed = |at: &usize| {
        let rest = path.get(*at..).unwrap_or_default();
        let end = memchr(b'/', rest).unwrap_or(rest.len());
        rest.get(..end).is_some_and(|segment| segment.contains(&b'='))
    };
    match memchr(b';', path).filter(keyed) {
        Some(at) => path.get(..at).unwrap_or_default(),
        None => path,
    }
}

/// The segments of a path, each with the place behind it.
fn segments(path: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut at = 0usize;
    path.split(|byte| *byte == b'/').map(move |segment| {
        let end = at.saturating_add(segment.len());
        at = end.saturating_add(1);
        (segment, end)
    })
}

/// Decodes percent-encoding into a buffer; what is longer than any word is none.
fn plain<'b>(segment: &[u8], buffer: &'b mut [u8; 48]) -> &'b [u8] {
    let mut rest = segment;
    let mut length = 0usize;
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = match (first, after) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (*first, after.get(..).unwrap_or_default()),
            },
            // The parameters of a segment are no part of its name.
            (b';', _) => break,
            _ => (*first, after),
        };
        let Some(slot) = buffer.get_mut(length) else { return b"" };
        *slot = byte;
        length = length.saturating_add(1);
        rest = after;
    }
    buffer.get(..length).unwrap_or_default()
}

pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn clinical<'a>(method: &[u8], path: &'a [u8], asked: &[u8], media: Option<&[u8]>) -> Target<'a> {
    let fhir_body = media.is_some_and(|media| {
        media.eq_ignore_ascii_case(b"application/fhir+json") || media.eq_ignore_ascii_case(b"application/fhir+xml")
    });
    let mut fhir_base = false;
    let mut buffer = [0; 48];
    let mut whole = Target { path, ..Target::default() };
    for (segment, end) in segments(path) {
        let word = plain(segment, &mut buffer);
        let cut = |route, operation| Target {
            path: path.get(..end).unwrap_or_default(),
            rest: path.get(end..).filter(|rest| rest.iter().any(|byte| *byte != b'/')),
            route,
            operation,
            ..Target::default()
        };
        let behind = path.get(end..).unwrap_or_default();
        if let Some(route) = tables::resource(word) {
            let (export, operation) = fhir(method, behind);
            return cut(Some(if export { "fhir/$export" } else { route }), Some(operation));
        }
        if let Some(route) = dicomweb(word, behind) {
            return cut(Some(route), dicomweb_operation(method, word, behind, asked));
        }
        if tables::word(CLINICAL, word).is_some() {
            return cut(None, None);
        }
        match word {
            b"$export" => return cut(Some("fhir/$export"), Some("export")),
            b"metadata" if fhir_base || fhir_body => return cut(Some("fhir/metadata"), Some("capabilities")),
            b"smart-configuration" => return cut(Some("fhir/smart-configuration"), Some("capabilities")),
            _ => fhir_base |= word.eq_ignore_ascii_case(b"fhir"),
        }
        if fhir_base && matches!(word, [b'$', ..] | b"_history" | b"_search") {
            let operation = match word {
                b"_history" => "history",
                b"_search" => "search",
                _ => "operation",
            };
            return cut(Some("fhir"), Some(operation));
        }
    }
    if fhir_body {
        whole.route = Some("fhir");
        whole.operation = (method == b"POST").then_some("transaction");
    }
    whole
}

/// What is done to a FHIR resource type, and whether it is a bulk export (HL7 FHIR R5 3.2.0).
fn fhir(method: &[u8], behind: &[u8]) -> (bool, &'static str) {
    let mut id = false;
    let mut buffer = [0; 48];
    for (segment, _) in segments(behind).filter(|(segment, _)| !segment.is_empty()) {
        match plain(segment, &mut buffer) {
            b"$export" => return (true, "export"),
            [b'$', ..] => return (false, "operation"),
            b"_history" => return (false, if method == b"GET" && is_version(behind) { "read" } else { "history" }),
            b"_search" => return (false, "search"),
            // The data of a compartment: Patient/1/Observation, Patient/1/*.
            b"*" => return (false, "search"),
            word if id && tables::resource(word).is_some() => return (false, "search"),
            _ => id = true,
        }
    }
    let operation = match (method, id) {
        (b"GET" | b"HEAD", true) => "read",
        (b"GET" | b"HEAD", false) => "search",
        (b"POST", _) => "create",
        (b"PUT", _) => "update",
        (b"PATCH", _) => "patch",
        (b"DELETE", _) => "delete",
        _ => "other",
    };
    (false, operation)
}

/// One version of a resource is asked for: `_history` is not the last word.
fn is_version(behind: &[u8]) -> bool {
    let mut words = behind.split(|byte| *byte == b'/').filter(|word| !word.is_empty());
    words.any(|word| word == b"_history") && words.next().is_some()
}

/// The collection of DICOMweb that a path leads into (DICOM PS3.18 8.2 and 10).
fn dicomweb(word: &[u8], behind: &[u8]) -> Option<&'static str> {
    let has = |name: &[u8]| behind.split(|byte| *byte == b'/').any(|word| word == name);
    match word {
        b"studies" => Some(match (has(b"series"), has(b"instances")) {
            _ if has(b"frames") => "dicomweb/studies/series/instances/frames",
            (true, true) => "dicomweb/studies/series/instances",
            (true, false) => "dicomweb/studies/series",
            (false, true) => "dicomweb/studies/instances",
            (false, false) => "dicomweb/studies",
        }),
        b"workitems" => Some("dicomweb/workitems"),
        b"wado" => Some("wado-uri"),
        _ => None,
    }
}

/// Search, retrieve or store (QIDO, WADO, STOW): a collection is searched, what is in it is retrieved.
fn dicomweb_operation(method: &[u8], word: &[u8], behind: &[u8], asked: &[u8]) -> Option<&'static str> {
    let last = behind.rsplit(|byte| *byte == b'/').find(|word| !word.is_empty());
    let collection = last.is_none_or(|word| matches!(word, b"series" | b"instances" | b"studies"));
    match method {
        b"GET" | b"HEAD" if word == b"wado" => (!asked.is_empty()).then_some("retrieve"),
        b"GET" | b"HEAD" => Some(if collection { "search" } else { "retrieve" }),
        b"POST" => Some("store"),
        b"PUT" => Some("update"),
        b"DELETE" => Some("delete"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(method: &str, path: &'static str) -> (&'static str, Option<&'static str>, Option<&'static str>) {
        let read = target(method.as_bytes(), path.as_bytes(), None);
        (std::str::from_utf8(read.path).unwrap(), read.route, read.operation)
    }

    #[test]
    fn fhir_interactions_are_told_by_method_and_form() {
        let patient = Some("fhir/Patient");
        for (method, path, operation) in [
            ("GET", "/fhir/Patient/77", "read"),
            ("GET", "/fhir/Patient/77/_history/2", "read"),
            ("GET", "/fhir/Patient/77/_history", "history"),
            ("GET", "/fhir/Patient?name=x", "search"),
            ("POST", "/fhir/Patient/_search", "search"),
            ("GET", "/fhir/Patient/77/Observation?code=x", "search"),
            ("GET", "/fhir/Patient/77/$everything", "operation"),
            ("POST", "/fhir/Patient", "create"),
            ("PUT", "/fhir/Patient/77", "update"),
            ("PATCH", "/fhir/Patient/77", "patch"),
            ("DELETE", "/fhir/Patient/77", "delete"),
        ] {
            assert_eq!(shown(method, path), ("/fhir/Patient", patient, Some(operation)), "{method} {path}");
        }
        let export = (Some("fhir/$export"), Some("export"));
        for (path, kept) in [
            ("/fhir/$export", "/fhir/$export"),
            ("/r4/Group/9/$export", "/r4/Group"),
            ("/r4/Patient/$export?x", "/r4/Patient"),
        ] {
            assert_eq!(shown("GET", path), (kept, export.0, export.1));
        }
        assert_eq!(shown("GET", "/fhir/metadata"), ("/fhir/metadata", Some("fhir/metadata"), Some("capabilities")));
        assert_eq!(shown("GET", "/metadata"), ("/metadata", None, None));
    }

    #[test]
    fn dicomweb_collections_are_told_from_what_is_in_them() {
        for (method, path, route, operation) in [
            ("GET", "/dw/studies?PatientName=x", "dicomweb/studies", "search"),
            ("GET", "/dw/studies/1.2.3", "dicomweb/studies", "retrieve"),
            ("GET", "/dw/studies/1.2.3/series", "dicomweb/studies/series", "search"),
            ("GET", "/dw/studies/1.2.3/series/4/instances/5", "dicomweb/studies/series/instances", "retrieve"),
            ("POST", "/dw/studies", "dicomweb/studies", "store"),
        ] {
            assert_eq!(shown(method, path), ("/dw/studies", Some(route), Some(operation)), "{method} {path}");
        }
        assert_eq!(shown("GET", "/wado?requestType=WADO"), ("/wado", Some("wado-uri"), Some("retrieve")));
    }

    #[test]
    fn encodings_sessions_and_users_hide_nothing_and_show_nothing() {
        assert_eq!(shown("GET", "/api/p%61tients/77"), ("/api/p%61tients", None, None));
        assert_eq!(shown("GET", "/a;jsessionid=77/b"), ("/a", None, None));
        assert_eq!(shown("GET", "/a;b/c"), ("/a;b/c", None, None));
        let read = target(b"GET", b"http://jane:secret@pacs:8042/x?y", None);
        assert_eq!((read.path, read.authority, read.query), (&b"/x"[..], Some(&b"pacs:8042"[..]), true));
        assert_eq!(target(b"CONNECT", b"a:443", None).path, b"a:443");
        assert_eq!(target(b"GET", b"/fhir/Patient/", None).rest, None);
    }
}
