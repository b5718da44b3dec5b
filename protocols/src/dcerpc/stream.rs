//! The fragments of a connection.

use super::codec::{self, Header, Read, Uuid};
use super::{INTERFACES_MAX, Pdu};
use crate::event::{Code, Size, Transaction};
use crate::frames::{self, After, Frames};
use crate::ntlmssp::Ntlm;
use crate::{Malformed, Sink, Verdict, Way};
use holter_phi::{Because, Plain};

/// Contexts of a connection whose interface is remembered.
pub const CONTEXTS_MAX: usize = 16;
/// So much is read of a fragment that negotiates.
pub const FRAGMENT_MAX: usize = 8 * 1024;
/// So much is read of a request or a response.
pub const HEAD_MAX: usize = 28;

#[derive(Default)]
pub(super) struct Fragments {
    contexts: [Option<(u16, Uuid)>; CONTEXTS_MAX],
    next: usize,
}

impl Fragments {
    fn learn(&mut self, context: u16, interface: Uuid) {
        let known = self.contexts.iter_mut().find(|slot| matches!(slot, Some((id, _)) if *id == context));
        if let Some(slot) = known {
            *slot = Some((context, interface));
        } else if let Some(slot) = self.contexts.get_mut(self.next) {
            *slot = Some((context, interface));
            self.next = self.next.saturating_add(1) % CONTEXTS_MAX;
        }
    }

    fn interface(&self, context: u16) -> Option<&Uuid> {
        self.contexts.iter().flatten().find(|(id, _)| *id == context).map(|(_, interface)| interface)
    }
}

impl Frames for Fragments {
    const CUT: &'static str = "dcerpc.cut";
    const FRAME: &'static str = "dcerpc.header";

    fn begins(_way: Way, bytes: &[u8]) -> Verdict {
        codec::looks(bytes)
    }

    fn size(&self, _way: Way, bytes: &[u8]) -> frames::Size {
        match codec::looks(bytes) {
            Verdict::Yes => match Header::read(bytes) {
                Ok(header) => frames::Size::Is(u64::from(header.length)),
                Err(_) => frames::Size::Broken,
            },
            Verdict::Unsure => frames::Size::Needs(codec::HEADER),
            _ => frames::Size::Broken,
        }
    }

    fn wanted(&self, _way: Way, bytes: &[u8]) -> usize {
        match Header::read(bytes) {
            Ok(header) if header.negotiates() => FRAGMENT_MAX,
            _ => HEAD_MAX,
        }
    }

    fn message(&mut self, _way: Way, bytes: &[u8], size: u64, sink: &mut dyn Sink) -> Result<After, Malformed> {
        let header = Header::read(bytes)?;
        let mut read = Read::default();
        let result = codec::body(&header, bytes, &mut read, sink);
        let offered = read.offered.get(..read.used).unwrap_or_default();
        for &(context, interface, _) in offered {
            self.learn(context, interface);
        }
        let mut interfaces = [Plain::new(b"", Because::Vocabulary); INTERFACES_MAX];
        let mut texts = [[0; codec::UUID_TEXT]; INTERFACES_MAX];
        let mut versions = [Code(0); INTERFACES_MAX];
        for ((text, version), &(_, interface, number)) in texts.iter_mut().zip(&mut versions).zip(offered) {
            *text = interface.text();
            *version = Code(u64::from(number));
        }
        for (plain, text) in interfaces.iter_mut().zip(&texts) {
            *plain = Plain::new(text, Because::Vocabulary);
        }
        let called = match header.kind {
            codec::REQUEST => read.context.and_then(|context| self.interface(context)).map(Uuid::text),
            _ => None,
        };
        let ntlm = read.ntlm.as_ref();
        sink.event(&Pdu {
            kind: Code(u64::from(header.kind)),
            transaction: Transaction(u64::from(header.call)),
            first: header.flags & 1 != 0,
            last: header.flags & 2 != 0,
            size: Size(size),
            interfaces: interfaces.get(..read.used).unwrap_or_default(),
            versions: versions.get(..read.used).unwrap_or_default(),
            results: read.results.get(..read.answered).unwrap_or_default(),
            context: read.context.map(|context| Code(u64::from(context))),
            opnum: read.opnum.map(|opnum| Code(u64::from(opnum))),
            called: called.as_ref().map(|text| Plain::new(text, Because::Vocabulary)),
            status: read.status.map(|status| Code(u64::from(status))),
            security: read.security.map(|(kind, _)| Code(u64::from(kind))),
            level: read.security.map(|(_, level)| Code(u64::from(level))),
            ntlm: ntlm.map(Ntlm::kind),
            ntlm_host: ntlm.and_then(Ntlm::host),
            ntlm_domain: ntlm.and_then(Ntlm::domain),
            ntlm_user: ntlm.and_then(Ntlm::user),
            ntlm_version: ntlm.and_then(Ntlm::version),
        });
        if bytes.len() as u64 == size {
            result?;
        }
        Ok(After::Next)
    }
}
