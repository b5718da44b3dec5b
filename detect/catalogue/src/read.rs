use crate::{CatalogueError, Detection, Example, FactKind, FactSpec, Graver, Technique, Template};
use holter_terms::Severity;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Spanned<String>,
    severity: Spanned<String>,
    graver: Option<FileGraver>,
    attack: Vec<FileTechnique>,
    happened: Spanned<String>,
    unusual: Spanned<String>,
    check: Vec<Spanned<String>>,
    against: Vec<Spanned<String>>,
    fact: Vec<FileFact>,
    example: Vec<FileExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGraver {
    severity: Spanned<String>,
    when: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTechnique {
    id: Spanned<String>,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileFact {
    name: String,
    kind: FactKind,
    what: String,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileExample {
    facts: BTreeMap<String, toml::Value>,
    title: String,
    happened: String,
}

/// The machines, which every finding has beside its facts.
const PARTIES: [&str; 2] = ["subject", "peer"];

/// Reads one file of the catalogue. `id` is its name without the ending.
pub fn read(id: &'static str, text: &str) -> Result<Detection, CatalogueError> {
    let place = format!("detect/findings/{id}.toml");
    let at = |span: Range<usize>, what: String| CatalogueError::at(&place, text, span.start, what);
    let file: File =
        toml::from_str(text).map_err(|error| at(error.span().unwrap_or_default(), error.message().to_owned()))?;

    let severity = |word: &Spanned<String>| {
        Severity::parse(word.get_ref()).ok_or_else(|| at(word.span(), "no such severity".to_owned()))
    };
    let facts: Vec<FactSpec> = file
        .fact
        .into_iter()
        .map(|fact| FactSpec { name: fact.name, kind: fact.kind, what: fact.what, optional: fact.optional })
        .collect();
    let template = |source: &Spanned<String>| {
        let template = Template::parse(source.get_ref()).map_err(|what| at(source.span(), what))?;
        for (name, may_lack) in template.names() {
            let known = facts.iter().find(|fact| fact.name == name);
            if known.is_none() && !PARTIES.contains(&name) {
                return Err(at(source.span(), format!("{{{name}}} is no fact of this detection")));
            }
            if !may_lack && (name == "peer" || known.is_some_and(|fact| fact.optional)) {
                return Err(at(source.span(), format!("{{{name}}} may be absent: it belongs into []")));
            }
        }
        Ok(template)
    };
    let templates = |sources: &[Spanned<String>]| sources.iter().map(template).collect::<Result<Vec<_>, _>>();

    let mut techniques = Vec::new();
    for technique in file.attack {
        let id = technique.id.get_ref();
        let digits = id.trim_start_matches('T').replace('.', "");
        if !id.starts_with('T') || digits.len() < 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(at(technique.id.span(), "an ATT&CK id looks like T1213 or T1048.003".to_owned()));
        }
        techniques.push(Technique { id: technique.id.into_inner(), name: technique.name });
    }
    Ok(Detection {
        id,
        title: template(&file.title)?,
        severity: severity(&file.severity)?,
        graver: match file.graver {
            Some(graver) => Some(Graver { severity: severity(&graver.severity)?, when: graver.when }),
            None => None,
        },
        techniques,
        happened: template(&file.happened)?,
        unusual: template(&file.unusual)?,
        check: templates(&file.check)?,
        against: templates(&file.against)?,
        facts,
        examples: file
            .example
            .into_iter()
            .map(|example| Example {
                facts: example
                    .facts
                    .into_iter()
                    .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
                    .collect(),
                title: example.title,
                happened: example.happened,
            })
            .collect(),
    })
}
