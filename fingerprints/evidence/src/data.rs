use crate::error::DataError;
use crate::files;
use crate::matcher::{Condition, Test};
use holter_phi::{Because, Label};
use holter_protocols::{EventSpec, FieldSpec, Kind};
use holter_terms::{Attribute, DeviceClass, Role};
use serde::Deserialize;
use std::ops::Range;
use std::sync::OnceLock;
use toml::Spanned;

/// Every fingerprint, ready to match.
#[derive(Debug)]
pub struct Fingerprints {
    pub families: Vec<Family>,
    /// Rules by the event that they look at, sorted by the address of its declaration.
    by_event: Vec<(&'static EventSpec, Vec<Rule>)>,
}

/// One data file.
#[derive(Debug)]
pub struct Family {
    /// The file's name without its ending.
    pub name: &'static str,
    pub title: String,
    pub examples: Vec<Example>,
}

/// A sample of traffic with what the fingerprints must say of it.
#[derive(Debug)]
pub struct Example {
    pub event: &'static EventSpec,
    pub to_server: bool,
    pub fields: Vec<(&'static FieldSpec, Sample)>,
    /// Attributes with the value that its rules must give, and those that must stay silent.
    pub expect: Vec<(Attribute, String)>,
    pub not: Vec<Attribute>,
    pub origin: String,
    /// Where it stands, for messages.
    pub file: String,
    pub line: usize,
}

/// A value of an example's field.
#[derive(Debug, Clone)]
pub enum Sample {
    Text(String),
    Number(u64),
    Flag(bool),
    Codes(Vec<u8>),
}

/// A rule: when its tests hold for an event, each word of `says` is evidence.
#[derive(Debug)]
pub struct Rule {
    /// `origin:signal/family.rule`, the name that travels.
    pub name: &'static str,
    pub about: Whom,
    pub(crate) to_server: Option<bool>,
    /// What an image says of its sender holds only if the sender speaks for itself: silent in sub-operations of a
    /// C-MOVE.
    pub(crate) own_images: bool,
    pub(crate) tests: Vec<Test>,
    pub says: Vec<Says>,
}

impl Rule {
    /// The file that it stands in.
    pub fn family(&self) -> &'static str {
        self.name.rsplit_once('/').and_then(|(_, rest)| rest.split_once('.')).map_or("", |(family, _)| family)
    }
}

/// Whom a rule speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// Who sent the bytes that the event was read from.
    Sender,
    /// Who they were meant for.
    Receiver,
    /// The machine whose link-layer address stands in the DHCP message.
    DhcpClient,
    /// The machine that an LLDP or CDP frame describes: its ports send from addresses of their own.
    Announcer,
}

/// One word of evidence.
#[derive(Debug, Clone, Copy)]
pub struct Says {
    pub attribute: Attribute,
    pub value: Said,
    pub weight: i8,
}

/// What a rule says.
#[derive(Debug, Clone, Copy)]
pub enum Said {
    /// A word of the data file.
    Word(Label),
    /// What this field holds. It belongs to equipment or to the protocol, never to the site.
    Field(&'static FieldSpec),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Spanned<String>,
    #[serde(default)]
    rule: Vec<FileRule>,
    #[serde(default)]
    example: Vec<FileExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    /// `origin:signal/family.rule`; see `holter_identity`.
    name: Spanned<String>,
    /// Where the fact comes from, for its readers.
    origin: Spanned<String>,
    event: Spanned<String>,
    #[serde(default = "sender")]
    about: Whom,
    /// `to-server` or `to-client`, where only one way counts.
    way: Option<Spanned<String>>,
    #[serde(default)]
    own_images: bool,
    #[serde(default)]
    when: Vec<Condition>,
    says: Vec<FileSays>,
}

const fn sender() -> Whom {
    Whom::Sender
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSays {
    attribute: Spanned<String>,
    value: Option<Spanned<String>>,
    /// In place of a word: the field whose text is the value.
    value_of: Option<Spanned<String>>,
    weight: Spanned<i8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileExample {
    event: Spanned<String>,
    way: Option<Spanned<String>>,
    fields: toml::map::Map<String, toml::Value>,
    #[serde(default)]
    expect: toml::map::Map<String, toml::Value>,
    #[serde(default)]
    not: Vec<String>,
    origin: Spanned<String>,
}

impl Fingerprints {
    /// The fingerprints that are compiled in.
    pub fn builtin() -> &'static Fingerprints {
        static BUILTIN: OnceLock<Fingerprints> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            // A test loads every file and demands that none is refused, so nothing is left out of a release.
            let mut all = Fingerprints { families: Vec::new(), by_event: Vec::new() };
            for &(name, text) in files::ALL {
                if let Err(error) = all.add(name, text) {
                    debug_assert!(false, "{error}");
                }
            }
            all
        })
    }

    /// No fingerprint at all.
    pub(crate) fn none() -> &'static Fingerprints {
        static NONE: OnceLock<Fingerprints> = OnceLock::new();
        NONE.get_or_init(Fingerprints::empty)
    }

    pub fn empty() -> Fingerprints {
        Fingerprints { families: Vec::new(), by_event: Vec::new() }
    }

    /// Reads one data file. `name` is the file's name without its ending.
    pub fn add(&mut self, name: &'static str, text: &'static str) -> Result<(), DataError> {
        self.add_from(&format!("fingerprints/data/{name}.toml"), name, text)
    }

    /// The same, of a file that lies in `place`.
    pub(crate) fn add_from(&mut self, place: &str, name: &'static str, text: &'static str) -> Result<(), DataError> {
        let at = |span: Range<usize>, what: String| DataError::at(place, text, span.start, what);
        let file: File =
            toml::from_str(text).map_err(|error| at(error.span().unwrap_or_default(), error.message().to_owned()))?;
        if file.title.get_ref().is_empty() {
            return Err(at(file.title.span(), "a title is wanted".to_owned()));
        }
        let mut rules = Vec::new();
        for rule in file.rule {
            rules.push(read_rule(name, rule, text, &at)?);
        }
        let mut examples = Vec::new();
        for example in file.example {
            examples.push(read_example(example, place, text, &at)?);
        }
        for (event, rule) in rules {
            match self.by_event.binary_search_by_key(&address(event), |(spec, _)| address(spec)) {
                Ok(at) => {
                    if let Some((_, rules)) = self.by_event.get_mut(at) {
                        rules.push(rule);
                    }
                }
                Err(at) => self.by_event.insert(at, (event, vec![rule])),
            }
        }
        self.families.push(Family { name, title: file.title.into_inner(), examples });
        Ok(())
    }

    /// The rules that look at an event.
    pub fn of(&self, event: &EventSpec) -> &[Rule] {
        let at = self.by_event.binary_search_by_key(&address(event), |(spec, _)| address(spec));
        at.ok().and_then(|at| self.by_event.get(at)).map_or(&[], |(_, rules)| rules)
    }

    /// The events that rules look at.
    pub fn events(&self) -> impl Iterator<Item = &'static EventSpec> {
        self.by_event.iter().map(|(spec, _)| *spec)
    }

    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.by_event.iter().flat_map(|(_, rules)| rules)
    }
}

/// Where an event is declared: what tells one declaration from another.
pub(crate) fn address(event: &EventSpec) -> usize {
    std::ptr::from_ref(event).addr()
}

type At<'a> = dyn Fn(Range<usize>, String) -> DataError + 'a;

fn read_rule(
    family: &str,
    rule: FileRule,
    text: &'static str,
    at: &At<'_>,
) -> Result<(&'static EventSpec, Rule), DataError> {
    let refuse = |span: Range<usize>, what: &str| Err(at(span, what.to_owned()));
    let event = event_named(&rule.event, at)?;
    let name = in_text(&rule.name, text, at)?;
    if let Err(what) = check_name(family, name) {
        return refuse(rule.name.span(), what);
    }
    if rule.origin.get_ref().is_empty() {
        return refuse(rule.origin.span(), "where does the fact come from?");
    }
    let to_server = read_way(rule.way.as_ref(), at)?;
    let mut tests = Vec::new();
    for test in rule.when {
        let span = test.field.span();
        let field = field_named(event, &test.field, at)?;
        tests.push(Test::new(field, test).map_err(|what| at(span, what.to_owned()))?);
    }
    let mut says = Vec::new();
    for word in rule.says {
        let Some(attribute) = Attribute::parse(word.attribute.get_ref()) else {
            return refuse(word.attribute.span(), "no such attribute");
        };
        if !(-100..=100).contains(word.weight.get_ref()) || *word.weight.get_ref() == 0 {
            return refuse(word.weight.span(), "a weight is a percentage other than 0");
        }
        let value = match (&word.value, &word.value_of) {
            (Some(value), None) => {
                check_word(attribute, value, at)?;
                Said::Word(Label::word(in_text(value, text, at)?))
            }
            (None, Some(name)) => {
                let field = field_named(event, name, at)?;
                if !matches!(field.because, Some(Because::Equipment | Because::Vocabulary)) {
                    return refuse(name.span(), "only a field of equipment or of the protocol can be a value");
                }
                Said::Field(field)
            }
            _ => return refuse(word.attribute.span(), "either value or value_of"),
        };
        says.push(Says { attribute, value, weight: word.weight.into_inner() });
    }
    let own_images = rule.own_images;
    Ok((event, Rule { name, about: rule.about, to_server, own_images, tests, says }))
}

fn check_word(attribute: Attribute, value: &Spanned<String>, at: &At<'_>) -> Result<(), DataError> {
    let text = value.get_ref();
    let fits = match attribute {
        Attribute::Role => Role::parse(text).is_some(),
        Attribute::Class => DeviceClass::parse(text).is_some(),
        Attribute::Hostname | Attribute::AeTitle | Attribute::Application | Attribute::Serial | Attribute::Address => {
            false
        }
        _ => !text.is_empty() && text.len() <= holter_phi::LABEL_BYTES && text.is_ascii(),
    };
    if fits { Ok(()) } else { Err(at(value.span(), format!("not a word for {attribute}"))) }
}

fn read_way(way: Option<&Spanned<String>>, at: &At<'_>) -> Result<Option<bool>, DataError> {
    match way.map(|way| (way, way.get_ref().as_str())) {
        None => Ok(None),
        Some((_, "to-server")) => Ok(Some(true)),
        Some((_, "to-client")) => Ok(Some(false)),
        Some((way, _)) => Err(at(way.span(), "a way is to-server or to-client".to_owned())),
    }
}

fn read_example(example: FileExample, file: &str, text: &str, at: &At<'_>) -> Result<Example, DataError> {
    let event = event_named(&example.event, at)?;
    let span = || example.event.span();
    let mut fields = Vec::new();
    for (name, value) in &example.fields {
        let Some(field) = event.fields.iter().find(|field| field.name == name) else {
            return Err(at(span(), format!("{} has no field {name}", event.name)));
        };
        let sample = match value {
            toml::Value::String(text) => Sample::Text(text.clone()),
            toml::Value::Integer(n) => Sample::Number(u64::try_from(*n).unwrap_or_default()),
            toml::Value::Boolean(flag) => Sample::Flag(*flag),
            toml::Value::Array(codes) => {
                Sample::Codes(codes.iter().filter_map(|code| u8::try_from(code.as_integer()?).ok()).collect())
            }
            _ => return Err(at(span(), format!("{name}: text, a number, a flag or a list of codes"))),
        };
        if crate::example::value(field, &sample).is_none() {
            return Err(at(span(), format!("{name}: this is no value of its kind, {}", field.kind.as_str())));
        }
        fields.push((*field, sample));
    }
    let attribute =
        |name: &str| Attribute::parse(name).ok_or_else(|| at(span(), format!("{name} is not an attribute")));
    let mut expect = Vec::new();
    for (name, value) in &example.expect {
        let value = value.as_str().ok_or_else(|| at(span(), format!("{name}: a word is wanted")))?;
        expect.push((attribute(name)?, value.to_owned()));
    }
    let not = example.not.iter().map(|name| attribute(name)).collect::<Result<_, _>>()?;
    if example.origin.get_ref().is_empty() {
        return Err(at(example.origin.span(), "where does the example come from?".to_owned()));
    }
    let to_server = read_way(example.way.as_ref(), at)?.unwrap_or(true);
    let line = DataError::at(file, text, span().start, "").line;
    Ok(Example {
        event,
        to_server,
        fields,
        expect,
        not,
        file: file.to_owned(),
        line,
        origin: example.origin.into_inner(),
    })
}

fn event_named(name: &Spanned<String>, at: &At<'_>) -> Result<&'static EventSpec, DataError> {
    holter_protocols::ALL
        .iter()
        .flat_map(|protocol| protocol.events())
        .copied()
        .chain(crate::shape::EVENTS)
        .find(|event| event.name == name.get_ref())
        .ok_or_else(|| at(name.span(), format!("no decoder reports {}", name.get_ref())))
}

fn field_named(
    event: &'static EventSpec,
    name: &Spanned<String>,
    at: &At<'_>,
) -> Result<&'static FieldSpec, DataError> {
    match event.fields.iter().find(|field| field.name == name.get_ref()) {
        Some(field) if field.kind == Kind::Phi => {
            Err(at(name.span(), format!("{} is about a patient: no rule may look at it", name.get_ref())))
        }
        Some(field) => Ok(field),
        None => Err(at(name.span(), format!("{} has no field {}", event.name, name.get_ref()))),
    }
}

/// The word where it stands in the compiled-in file: a label is made of words that are part of the program.
fn in_text(word: &Spanned<String>, text: &'static str, at: &At<'_>) -> Result<&'static str, DataError> {
    let quoted = text.get(word.span()).unwrap_or_default();
    let bare = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    if bare == word.get_ref() {
        Ok(bare)
    } else {
        Err(at(word.span(), "a word is written in one pair of double quotes, without escapes".to_owned()))
    }
}

fn check_name(family: &str, name: &str) -> Result<(), &'static str> {
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let (origin, rest) = name.split_once(':').ok_or("a rule is named origin:signal/family.rule")?;
    let (signal, rest) = rest.split_once('/').ok_or("a rule is named origin:signal/family.rule")?;
    let (file, rule) = rest.split_once('.').ok_or("a rule is named origin:signal/family.rule")?;
    if !["published", "measured", "standard"].contains(&origin) {
        return Err("the origin is one of published, measured, standard");
    }
    if file != family {
        return Err("a rule carries the name of its file");
    }
    if !plain(signal) || !plain(rule) {
        return Err("lower case letters, digits and hyphens are wanted");
    }
    if name.len() > holter_phi::LABEL_BYTES {
        return Err("the name of the rule is longer than a label");
    }
    Ok(())
}
