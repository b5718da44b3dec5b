//! The user information of an association by dicom-ul: every item that it knows, and three that it only carries.

use crate::compare::Conversation;
use crate::dicom_rs::SYNTAXES;
use crate::draw::Draw;
use dicom_ul::pdu::{RequestorRoles, UserIdentity, UserIdentityType, UserVariableItem};
use serde_json::json;

/// Those of PS3.7 D.3.3 that dicom-ul carries without knowing them.
const ASYNC_WINDOW: u8 = 0x53;
const COMMON_EXTENDED: u8 = 0x57;
const IDENTITY_ANSWER: u8 = 0x59;

/// The items of one side, and what is told of them.
pub(crate) struct User {
    pub(crate) items: Vec<UserVariableItem>,
    pub(crate) max: Option<u32>,
    pub(crate) uid: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) identity: Option<(u8, bool)>,
    pub(crate) window: Option<(u16, u16)>,
    roles: Vec<(String, RequestorRoles)>,
    extended: usize,
    common: usize,
    accepted: bool,
}

impl User {
    pub(crate) fn new(draw: &mut Draw, answer: bool) -> User {
        let kinds = [
            UserIdentityType::Username,
            UserIdentityType::UsernamePassword,
            UserIdentityType::KerberosServiceTicket,
            UserIdentityType::SamlAssertion,
            UserIdentityType::Jwt,
        ];
        let mut user = User {
            items: Vec::new(),
            max: draw.chance(90).then(|| draw.u32()),
            uid: draw.chance(90).then(|| draw.uid()),
            version: draw.maybe(|draw| draw.text(1, 16)),
            identity: if answer { None } else { draw.maybe(|draw| (draw.within(1, 5) as u8, draw.chance(50))) },
            window: draw.maybe(|draw| (draw.u16(), draw.u16())),
            roles: draw
                .some(&SYNTAXES[..4])
                .into_iter()
                .map(|class| (class.to_owned(), RequestorRoles { scu: draw.chance(50), scp: draw.chance(50) }))
                .collect(),
            extended: draw.below(3),
            common: draw.below(2),
            accepted: answer && draw.chance(30),
        };
        let items = &mut user.items;
        items.extend(user.max.map(UserVariableItem::MaxLength));
        items.extend(user.uid.clone().map(UserVariableItem::ImplementationClassUID));
        items.extend(user.window.map(|(invoked, performed)| {
            UserVariableItem::Unknown(ASYNC_WINDOW, [invoked.to_be_bytes(), performed.to_be_bytes()].concat())
        }));
        items.extend(
            user.roles.iter().map(|(class, roles)| UserVariableItem::ScuScpRoleSelectionSubItem(class.clone(), *roles)),
        );
        items.extend(user.version.clone().map(UserVariableItem::ImplementationVersionName));
        items.extend((0..user.extended).map(|_| {
            UserVariableItem::SopClassExtendedNegotiationSubItem(draw.pick(SYNTAXES).to_owned(), draw.bytes(1, 6))
        }));
        items.extend((0..user.common).map(|_| UserVariableItem::Unknown(COMMON_EXTENDED, draw.bytes(6, 30))));
        items.extend(user.identity.map(|(kind, wanted)| {
            let kind = kinds[usize::from(kind) - 1].clone();
            UserVariableItem::UserIdentityItem(UserIdentity::new(wanted, kind, draw.bytes(1, 20), draw.bytes(0, 20)))
        }));
        if user.accepted {
            items.push(UserVariableItem::Unknown(IDENTITY_ANSWER, vec![0, 0]));
        }
        user
    }

    pub(crate) fn told(&self, talk: &mut Conversation, answer: bool, called: &str, calling: &str, version: u16) {
        talk.tell(
            "dicom.negotiation",
            json!({
                "dicom.negotiation.answer": answer, "dicom.negotiation.version": version,
                "dicom.negotiation.called_ae": called, "dicom.negotiation.calling_ae": calling,
                "dicom.negotiation.async_invoked": self.window.map(|window| window.0),
                "dicom.negotiation.async_performed": self.window.map(|window| window.1),
                "dicom.negotiation.roles": self.roles.len(), "dicom.negotiation.extended": self.extended,
                "dicom.negotiation.common_extended": self.common,
                "dicom.negotiation.identity_response": self.identity.map(|(_, wanted)| wanted),
                "dicom.negotiation.identity_accepted": self.accepted,
            }),
        );
        for (class, roles) in &self.roles {
            talk.tell(
                "dicom.role",
                json!({
                    "dicom.role.answer": answer, "dicom.role.sop_class": class, "dicom.role.scu": roles.scu,
                    "dicom.role.scp": roles.scp,
                }),
            );
        }
    }
}
