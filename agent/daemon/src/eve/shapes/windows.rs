//! SMB, DCE/RPC and Kerberos: one record for a request and its response.

use super::{ALONE, Joins, Shape, Stands, flag, number, word};
use crate::eve::value::{self, As};
use crate::eve::words::windows as words;
use As::{Same, Within, Word};
use holter_protocols::{Event, FieldSpec, Way, dcerpc, smb};

/// The status of an interim response: the real one follows (MS-SMB2 3.3.4.2).
const PENDING: u64 = 0x0103;
/// Kind of the NTLMSSP message that says who asks (MS-NLMP 2.2.1.3).
const AUTHENTICATE: u64 = 3;

fn authenticates(event: &dyn Event) -> bool {
    number(event, &smb::session::ntlm) == Some(AUTHENTICATE)
}

fn is_answer(event: &dyn Event) -> bool {
    flag(event, &smb::message::response)
}

fn said(
    event: &dyn Event,
    field: &'static FieldSpec,
    when: bool,
    names: &holter_phi::Names,
    line: &mut crate::json::Json,
) -> bool {
    let Some(value) = event.first(field).filter(|_| when) else { return false };
    value::write(line, Same, value, names);
    true
}

/// The first types of messages that a client sends; the others answer (C706 12.6.4).
fn calls(kind: Option<u64>) -> bool {
    matches!(kind, Some(0 | 11 | 14 | 16))
}

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        event: "smb.message",
        kind: "smb",
        joins: |event, _| match (number(event, &smb::message::transaction), is_answer(event)) {
            (Some(id), false) => Joins::Begins(Some(id)),
            (Some(id), true) => Joins::Numbered(id),
            (None, _) => Joins::Alone,
        },
        done: |event, _, _| is_answer(event) && number(event, &smb::message::status) != Some(PENDING),
        fields: &[("smb.command", "", Same), ("smb.response", "answered", Same), ("smb.status", "", Same)],
        made: &[
            ("command", |event, _, _, line| {
                let command = number(event, &smb::message::command);
                let one = number(event, &smb::message::version) == Some(1);
                let known = command.and_then(if one { words::smb1_command } else { words::smb2_command });
                match (known, command) {
                    (None, Some(code)) => {
                        line.string(code);
                        true
                    }
                    (known, _) => word(line, known),
                }
            }),
            ("status", |event, _, _, line| {
                let status = number(event, &smb::message::status).filter(|_| is_answer(event));
                word(line, status.and_then(words::nt_status))
            }),
            ("status_code", |event, _, _, line| {
                let status = number(event, &smb::message::status).filter(|_| is_answer(event));
                status.map(|status| line.string(format_args!("0x{status:x}"))).is_some()
            }),
        ],
        ..ALONE
    },
    Shape {
        event: "smb.negotiate",
        kind: "smb",
        joins: |_, _| Joins::Last,
        fields: &[("smb.offered", "client_dialects", Same)],
        ..ALONE
    },
    Shape {
        event: "smb.session",
        kind: "smb",
        joins: |_, _| Joins::Last,
        fields: &[("smb.native_os", "", Same), ("smb.lan_manager", "", Same)],
        // In a challenge they are the server's own.
        made: &[
            ("ntlmssp.domain", |event, _, names, line| {
                said(event, &smb::session::domain, authenticates(event), names, line)
            }),
            ("ntlmssp.user", |event, _, names, line| {
                said(event, &smb::session::user, authenticates(event), names, line)
            }),
            ("ntlmssp.host", |event, _, names, line| {
                said(event, &smb::session::host, authenticates(event), names, line)
            }),
            ("ntlmssp.version", |event, _, names, line| {
                said(event, &smb::session::ntlm_version, authenticates(event), names, line)
            }),
            ("request.native_os", |event, way, names, line| {
                said(event, &smb::session::native_os, way == Way::ToServer, names, line)
            }),
            ("request.native_lm", |event, way, names, line| {
                said(event, &smb::session::lan_manager, way == Way::ToServer, names, line)
            }),
            ("response.native_os", |event, way, names, line| {
                said(event, &smb::session::native_os, way == Way::ToClient, names, line)
            }),
            ("response.native_lm", |event, way, names, line| {
                said(event, &smb::session::lan_manager, way == Way::ToClient, names, line)
            }),
        ],
        ..ALONE
    },
    Shape {
        event: "smb.tree",
        kind: "smb",
        joins: |_, _| Joins::Last,
        fields: &[("smb.share_type", "share_type", Word(words::share_type))],
        ..ALONE
    },
    Shape {
        event: "smb.pipe",
        kind: "smb",
        joins: |_, _| Joins::Last,
        stands: |_, _| Stands::Under("dcerpc"),
        fields: &[
            ("smb.pipe.type", "", Same),
            ("smb.pipe.interface", "interfaces", Within("uuid")),
            ("smb.pipe.context", "context", Same),
            ("smb.pipe.opnum", "opnum", Same),
        ],
        made: &[
            ("dcerpc.request", |event, _, _, line| {
                let kind = number(event, &smb::pipe::kind).filter(|&kind| calls(Some(kind)));
                word(line, kind.and_then(words::rpc_packet))
            }),
            ("dcerpc.response", |event, _, _, line| {
                let kind = number(event, &smb::pipe::kind).filter(|&kind| !calls(Some(kind)));
                word(line, kind.and_then(words::rpc_packet))
            }),
        ],
        ..ALONE
    },
    // The session below it, which EVE does not know.
    Shape { event: "smb.netbios", kind: "netbios", ..ALONE },
    Shape {
        event: "dcerpc.pdu",
        kind: "dcerpc",
        joins: |event, _| {
            let (kind, id) = (number(event, &dcerpc::pdu::kind), number(event, &dcerpc::pdu::transaction));
            match (calls(kind), id) {
                (true, Some(id)) if flag(event, &dcerpc::pdu::first) => Joins::Begins(Some(id)),
                (_, Some(id)) => Joins::Numbered(id),
                (_, None) => Joins::Alone,
            }
        },
        // The third leg of an authentication is not answered.
        done: |event, _, _| {
            let kind = number(event, &dcerpc::pdu::kind);
            kind == Some(16) || !calls(kind) && flag(event, &dcerpc::pdu::last)
        },
        fields: &[
            ("dcerpc.type", "", Same),
            ("dcerpc.transaction", "call_id", Same),
            ("dcerpc.interface", "interfaces", Within("uuid")),
            ("dcerpc.interface_version", "interface_versions", Same),
            ("dcerpc.opnum", "req.opnum", Same),
        ],
        made: &[
            ("request", |event, _, _, line| {
                let kind = number(event, &dcerpc::pdu::kind).filter(|&kind| calls(Some(kind)));
                word(line, kind.and_then(words::rpc_packet))
            }),
            ("response", |event, _, _, line| {
                let kind = number(event, &dcerpc::pdu::kind).filter(|&kind| !calls(Some(kind)));
                word(line, kind.and_then(words::rpc_packet))
            }),
        ],
        ..ALONE
    },
    Shape {
        event: "kerberos.message",
        kind: "krb5",
        fields: &[
            ("kerberos.type", "msg_type", Word(words::krb5_message)),
            ("kerberos.reply_etype", "encryption", Word(words::krb5_encryption)),
            ("kerberos.ticket_etype", "ticket_encryption", Word(words::krb5_encryption)),
            ("kerberos.error", "error_code", Same),
        ],
        ..ALONE
    },
];
