//! Which questions are about what. A question of 2013 has a number that says nothing, so its words must agree.

use super::{Answer, Answered, Edition, Worksheet};

/// The sections of HN 1-2019.
pub(super) const SECTIONS: [&str; 24] = [
    "DOC", "MPII", "ALOF", "AUDT", "AUTH", "CSUP", "DIDT", "DTBK", "EMRG", "IGAU", "MLDP", "NAUT", "CONN", "PAUT",
    "PLOK", "RDMP", "SBOM", "SAHD", "SGUD", "STCF", "TXCF", "TXIG", "RMOT", "OTHR",
];

/// What of a model's security is drawn from a worksheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    OperatingSystem,
    OwnerPatches,
    RemotePatches,
    ThirdPartyPatches,
    AntiMalware,
    Whitelisting,
    RemoteService,
    EncryptedAtRest,
    EncryptedInTransit,
    Tls,
    Wireless,
    PortList,
    UnusedPortsClosed,
    NodeAuthentication,
    Internet,
    Sbom,
}

/// A question: its edition and id, and words of which one must stand in its text.
type Question = (Edition, &'static str, &'static [&'static str]);

/// Topic, name in documents, and the questions that are about it.
pub const TOPICS: [(Topic, &str, &[Question]); 16] = {
    use Edition::{Hn2013, Hn2019};
    [
        (
            Topic::OperatingSystem,
            "operating-system",
            &[(Hn2019, "CSUP-2", &["operating system"]), (Hn2013, "14-1", &["operating system"])],
        ),
        (
            Topic::OwnerPatches,
            "owner-may-install-patches",
            &[(Hn2019, "CSUP-2.1", &["patches"]), (Hn2013, "5-1", &["patches"])],
        ),
        (
            Topic::RemotePatches,
            "patches-install-remotely",
            &[(Hn2019, "CSUP-2.3", &["remote"]), (Hn2013, "5-1.1", &["remote"])],
        ),
        (Topic::ThirdPartyPatches, "third-party-patches-without-approval", &[(Hn2019, "CSUP-2.4", &["third-party"])]),
        (
            Topic::AntiMalware,
            "anti-malware-supported",
            &[(Hn2019, "MLDP-2", &["anti-malware"]), (Hn2013, "10-1", &["anti-malware"])],
        ),
        (Topic::Whitelisting, "application-whitelisting", &[(Hn2019, "MLDP-4", &["whitelist"])]),
        (
            Topic::RemoteService,
            "remote-service",
            &[(Hn2019, "RMOT-1", &["remote service"]), (Hn2013, "20-1", &["remote"])],
        ),
        (
            Topic::EncryptedAtRest,
            "encrypts-at-rest",
            &[(Hn2019, "STCF-1", &["at rest"]), (Hn2013, "17-1", &["at rest"])],
        ),
        (
            Topic::EncryptedInTransit,
            "encrypts-in-transit",
            &[(Hn2019, "TXCF-2", &["encrypted"]), (Hn2013, "18-2", &["encrypted"])],
        ),
        (Topic::Tls, "supports-tls", &[(Hn2019, "CONN-7", &["transport layer security", "tls"])]),
        (Topic::Wireless, "wireless", &[(Hn2019, "CONN-1.1", &["wireless"])]),
        (Topic::PortList, "ports-and-protocols-listed", &[(Hn2019, "CONN-2", &["ports"])]),
        (
            Topic::UnusedPortsClosed,
            "unused-ports-closed",
            &[(Hn2019, "SAHD-8", &["ports"]), (Hn2013, "15-7", &["ports"]), (Hn2013, "15-8", &["ports"])],
        ),
        (
            Topic::NodeAuthentication,
            "authenticates-nodes",
            &[(Hn2019, "NAUT-1", &["node authentication"]), (Hn2013, "11-1", &["node authentication"])],
        ),
        (Topic::Internet, "needs-internet", &[(Hn2019, "CONN-6", &["internet"])]),
        (Topic::Sbom, "sbom-available", &[(Hn2019, "SBOM-1", &["sbom"])]),
    ]
};

/// One thing that a maker says of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub topic: Topic,
    pub name: &'static str,
    /// `yes`, `no`, `n/a`, or what stands there instead.
    pub value: String,
    pub note: Option<String>,
    /// The id of the question.
    pub question: String,
    pub place: String,
}

/// What a worksheet says of the topics, by topic.
pub fn facts(worksheet: &Worksheet) -> Vec<Fact> {
    let mut out = Vec::new();
    for (topic, name, questions) in &TOPICS {
        for (edition, id, words) in *questions {
            if Some(*edition) != worksheet.edition {
                continue;
            }
            let Some(answered) = worksheet.answers.get(*id).filter(|answered| speaks_of(answered, words)) else {
                continue;
            };
            let (value, note) = match (&answered.answer, &answered.note) {
                (Answer::SeeNote, Some(note)) => (note.clone(), None),
                (answer, note) => (answer.as_str().to_owned(), note.clone()),
            };
            out.push(Fact {
                topic: *topic,
                name,
                value,
                note,
                question: (*id).to_owned(),
                place: answered.place.clone(),
            });
        }
    }
    out
}

fn speaks_of(answered: &Answered, words: &[&str]) -> bool {
    let question = answered.question.to_lowercase();
    words.iter().any(|word| question.contains(word))
}
