//! Messages in NetBIOS datagrams (RFC 1002 4.4): hosts that announce themselves in a mail slot (MS-MAIL, MS-BRWS).

use super::stream::{Conversation, NAME, named, unfold};
use super::{Datagram, setup::Text, v1};
use crate::event::Code;
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use std::net::{IpAddr, Ipv4Addr};

/// Of the header, up to its names.
const HEAD: usize = 14;
/// Datagrams to one name, to a group and to all.
const UNIQUE: u8 = 0x10;
const BROADCAST: u8 = 0x12;
/// Flags: this is the first fragment, and more follow.
const FIRST: u8 = 2;

/// Mail slots that the standards name; another might say anything.
const SLOTS: &[&[u8]] = &[
    b"\\MAILSLOT\\BROWSE",
    b"\\MAILSLOT\\LANMAN",
    b"\\MAILSLOT\\NET\\NETLOGON",
    b"\\MAILSLOT\\NET\\NTLOGON",
    b"\\MAILSLOT\\NET\\GETDC",
];

/// Announcements of a host, of a domain and of the browser of a segment (MS-BRWS 2.2.1, 2.2.6, 2.2.10).
const HOST: u8 = 1;
/// A vote on who shall be that browser (MS-BRWS 2.2.3).
const ELECTION: u8 = 8;
const DOMAIN: u8 = 12;
const MASTER: u8 = 15;

/// Where the name of a slot begins in a transaction with three words of setup (MS-MAIL 2.2.1).
const SLOT: usize = v1::HEADER + 1 + 2 * 17 + 2;

fn head(bytes: &[u8]) -> Option<(u8, u8)> {
    let &[kind, flags, ..] = bytes.first_chunk::<HEAD>()?;
    let names = bytes.get(HEAD..)?;
    let fits = (UNIQUE..=BROADCAST).contains(&kind) && named(names) && named(names.get(NAME..)?);
    (fits && names.len() > 2 * NAME).then_some((kind, flags))
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let message = bytes.get(HEAD + 2 * NAME..).unwrap_or_default();
    let fits = head(bytes).is_some_and(|(_, flags)| flags & FIRST == 0 || message.starts_with(b"\xffSMB"));
    if fits { Verdict::Yes } else { Verdict::No }
}

/// What an announcement says of the system of a host; its comment is free text, and passed.
#[derive(Default)]
struct Announced {
    command: Option<Code>,
    name: Option<Text>,
    version: Option<[Code; 2]>,
    roles: Option<Code>,
}

impl Announced {
    fn read(data: &[u8]) -> Result<Announced, Malformed> {
        const FIELD: &str = "smb.announcement";
        let mut reader = Reader::new(data);
        let mut said = Announced::default();
        let command = reader.u8(FIELD)?;
        said.command = Some(Code(u64::from(command)));
        let named = |name: &[u8]| {
            let mut text = Text::new();
            text.push(name.split(|byte| *byte == 0).next().unwrap_or_default());
            Some(text)
        };
        if command == ELECTION {
            reader.take(13, FIELD)?;
            said.name = named(reader.rest());
        }
        if matches!(command, HOST | DOMAIN | MASTER) {
            reader.take(5, FIELD)?;
            said.name = named(&reader.array::<16>(FIELD)?);
            let [major, minor] = reader.array(FIELD)?;
            said.version = Some([Code(u64::from(major)), Code(u64::from(minor))]);
            said.roles = Some(Code(u64::from(u32::from_le_bytes(reader.array(FIELD)?))));
        }
        Ok(said)
    }
}

pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let broken = Malformed { field: "smb.datagram", at: 0 };
    let (kind, flags) = head(bytes).ok_or(broken)?;
    let &[_, _, _, _, a, b, c, d, ..] = bytes.first_chunk::<HEAD>().ok_or(broken)?;
    let base = HEAD + 2 * NAME;
    let (mut source, mut destination) = (Text::new(), Text::new());
    unfold(bytes.get(HEAD..HEAD + NAME).unwrap_or_default(), &mut source);
    unfold(bytes.get(HEAD + NAME..base).unwrap_or_default(), &mut destination);
    let message = bytes.get(base..).filter(|_| flags & FIRST != 0);
    let slot = message.and_then(|message| {
        let text = message.get(SLOT..)?;
        SLOTS.iter().find(|slot| text.strip_prefix(**slot).is_some_and(|rest| rest.first() == Some(&0)))
    });
    let data = message.and_then(v1::transaction);
    let (announced, result) = match data.filter(|_| slot.is_some_and(|slot| slot.ends_with(b"BROWSE"))) {
        Some(data) => match Announced::read(data) {
            Ok(announced) => (announced, Ok(())),
            Err(malformed) => (Announced::default(), Err(malformed)),
        },
        None => (Announced::default(), Ok(())),
    };
    let site = |text| Plain::new(text, Because::Site);
    sink.event(&Datagram {
        kind: Code(u64::from(kind)),
        address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        source: source.some().map(site),
        destination: destination.some().map(site),
        slot: slot.map(|slot| Plain::new(slot, Because::Vocabulary)),
        announcement: announced.command,
        host: announced.name.as_ref().and_then(Text::some).map(site),
        major: announced.version.map(|[major, _]| major),
        minor: announced.version.map(|[_, minor]| minor),
        roles: announced.roles,
    });
    let told = match message {
        Some(message) => v1::message(&mut Conversation::default(), message, message.len(), sink),
        None => Ok(()),
    };
    let moved =
        |malformed: Malformed| Malformed { at: malformed.at.saturating_add(base).min(bytes.len()), ..malformed };
    told.map_err(moved).and(result.map_err(moved))
}
