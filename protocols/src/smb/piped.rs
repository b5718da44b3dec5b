//! DCE/RPC where data of a file would stand: it is taken for that only if its header holds in every part.

use super::Pipe;
use crate::dcerpc::codec::{self, Header, Read};
use crate::dcerpc::{HEAD_MAX, INTERFACES_MAX};
use crate::event::Code;
use crate::{Sink, Verdict};
use holter_phi::{Because, Plain};

/// Reports a fragment, if one begins here. `size` is the whole data, of which `data` may be a part.
pub(super) fn report(data: &[u8], size: usize, sink: &mut dyn Sink) {
    if codec::looks(data) != Verdict::Yes {
        return;
    }
    let Ok(header) = Header::read(data) else { return };
    let length = usize::from(header.length);
    if length > size || data.len() < length.min(HEAD_MAX) {
        return;
    }
    let mut read = Read::default();
    // A fragment that breaks, or whose end is not here, says what stands before.
    let _ = codec::body(&header, data.get(..length).unwrap_or(data), &mut read, &mut Nobody);
    let texts = read.offered.map(|(_, interface, _)| interface.text());
    let mut interfaces = [Plain::new(b"", Because::Vocabulary); INTERFACES_MAX];
    for (plain, text) in interfaces.iter_mut().zip(&texts) {
        *plain = Plain::new(text, Because::Vocabulary);
    }
    sink.event(&Pipe {
        kind: Code(u64::from(header.kind)),
        interfaces: interfaces.get(..read.used).unwrap_or_default(),
        context: read.context.map(|context| Code(u64::from(context))),
        opnum: read.opnum.map(|opnum| Code(u64::from(opnum))),
    });
}

/// Hears nothing: what is odd in a fragment is no affair of SMB's.
struct Nobody;

impl Sink for Nobody {
    fn event(&mut self, _event: &dyn crate::Event) {}

    fn weird(&mut self, _field: &'static str) {}
}
