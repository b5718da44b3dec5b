use crate::Evidence;
use crate::judge::percent;
use holter_terms::{Attribute, DeviceClass, Role};

/// The class that a role speaks for, and how much of the confidence in the role carries over, in percent.
///
/// A reader of images may be a workstation or a modality that looks up earlier studies; a sender of observations may
/// be a monitor, an analyser or a gateway: those carry little.
pub const fn class_of_role(role: Role) -> Option<(DeviceClass, u8)> {
    match role {
        // A router does it, and so does a computer with virtual machines or a telephone.
        Role::None | Role::AddressTranslator => None,
        Role::ImageArchive | Role::WorklistServer => Some((DeviceClass::ClinicalIt, 90)),
        Role::ImageSource => Some((DeviceClass::Imaging, 80)),
        Role::ImageReader => Some((DeviceClass::Workstation, 85)),
        Role::Hl7Receiver | Role::Hl7Sender => Some((DeviceClass::ClinicalIt, 90)),
        Role::Hl7Observer => Some((DeviceClass::Monitoring, 60)),
        Role::DhcpServer | Role::DnsServer | Role::Router | Role::Switch | Role::AccessPoint => {
            Some((DeviceClass::Network, 90))
        }
        // A domain controller tells the time too.
        Role::TimeServer => Some((DeviceClass::Network, 40)),
        Role::DirectoryServer | Role::MailServer | Role::MessageBroker => Some((DeviceClass::Server, 70)),
        // A modality shares a folder, a workstation too.
        Role::FileServer => Some((DeviceClass::Server, 30)),
        Role::Printer | Role::Phone | Role::Camera => Some((DeviceClass::Office, 85)),
        Role::BuildingController => Some((DeviceClass::Building, 85)),
        Role::PlantController => Some((DeviceClass::Building, 60)),
        Role::Analyser => Some((DeviceClass::Laboratory, 85)),
        Role::AnalyserHost => Some((DeviceClass::ClinicalIt, 80)),
        // A pump and a ventilator are providers too.
        Role::VitalsSource => Some((DeviceClass::Monitoring, 50)),
    }
}

/// A modality that a device produces speaks for imaging as far as it is credible.
const CLASS_OF_MODALITY: u8 = 70;

/// What one verdict on a role or a modality says of the class.
pub(crate) fn class_evidence<'a>(
    attribute: Attribute,
    value: &str,
    confidence: u8,
    source: &Evidence<'_>,
) -> Option<Evidence<'a>> {
    let (class, share, rule) = match attribute {
        Attribute::Role => {
            let role = Role::parse(value)?;
            let (class, share) = class_of_role(role)?;
            (class, share, rule_of_role(role))
        }
        Attribute::Modality => (DeviceClass::Imaging, CLASS_OF_MODALITY, "derived:modality/produces-images"),
        _ => return None,
    };
    let weight = i8::try_from(percent(u32::from(confidence) * u32::from(share), 100)).unwrap_or(i8::MAX);
    Some(Evidence {
        attribute: Attribute::Class,
        value: class.as_str(),
        rule,
        weight,
        count: source.count,
        first: source.first,
        last: source.last,
    })
}

/// Each role is a signal of its own: a host that answers names and one that gives out addresses are two observations.
const fn rule_of_role(role: Role) -> &'static str {
    match role {
        Role::None => "derived:role/none",
        Role::ImageArchive => "derived:role-image-archive/class",
        Role::ImageSource => "derived:role-image-source/class",
        Role::WorklistServer => "derived:role-worklist-server/class",
        Role::ImageReader => "derived:role-image-reader/class",
        Role::Hl7Receiver => "derived:role-hl7-receiver/class",
        Role::Hl7Sender => "derived:role-hl7-sender/class",
        Role::Hl7Observer => "derived:role-hl7-observer/class",
        Role::DhcpServer => "derived:role-dhcp-server/class",
        Role::DnsServer => "derived:role-dns-server/class",
        Role::Router => "derived:role-router/class",
        Role::Switch => "derived:role-switch/class",
        Role::AccessPoint => "derived:role-access-point/class",
        Role::TimeServer => "derived:role-time-server/class",
        Role::DirectoryServer => "derived:role-directory-server/class",
        Role::FileServer => "derived:role-file-server/class",
        Role::MailServer => "derived:role-mail-server/class",
        Role::Printer => "derived:role-printer/class",
        Role::Phone => "derived:role-phone/class",
        Role::Camera => "derived:role-camera/class",
        Role::BuildingController => "derived:role-building-controller/class",
        Role::PlantController => "derived:role-plant-controller/class",
        Role::Analyser => "derived:role-analyser/class",
        Role::AnalyserHost => "derived:role-analyser-host/class",
        Role::VitalsSource => "derived:role-vitals-source/class",
        Role::MessageBroker => "derived:role-message-broker/class",
        Role::AddressTranslator => "derived:role-address-translator/class",
    }
}
