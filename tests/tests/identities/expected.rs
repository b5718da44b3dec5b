//! What is true of the lab's machines: classes, roles and makers from `tests/lab/expected.toml`, stacks from the truth file.

use holter_tests::places::root;
use serde::Deserialize;
use serde_json::Value;
use std::net::IpAddr;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    host: Vec<Host>,
    router: Router,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) class: Option<String>,
    /// Too little is seen of it for a name.
    #[serde(default)]
    pub(crate) only_a_hint: bool,
    pub(crate) roles: Vec<String>,
    pub(crate) maker: Option<String>,
    pub(crate) family: Option<String>,
    pub(crate) model: Option<String>,
    /// The maker whose DICOM implementation it says it is.
    pub(crate) dicom_as: Option<String>,
    /// Programs of it beside its DICOM stack.
    #[serde(default)]
    pub(crate) toolkits: Vec<String>,
    /// What it says that it is, and is not.
    #[serde(default)]
    pub(crate) claims: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Router {
    class: String,
    roles: Vec<String>,
}

/// A machine with everything that is expected of it.
pub(crate) struct Machine {
    pub(crate) host: Host,
    pub(crate) mac: String,
    pub(crate) ip: Option<IpAddr>,
    /// A word of the operating system that its DHCP client gives away.
    pub(crate) dhcp: Option<&'static str>,
    /// Toolkits that its DICOM associations give away.
    pub(crate) dicom: Vec<&'static str>,
}

fn dhcp(addressing: &str) -> Option<&'static str> {
    match addressing {
        "static" => None,
        "dhcp:dhclient" => Some("ISC dhclient"),
        "dhcp:udhcpc" => Some("BusyBox udhcpc"),
        "dhcp:dhcpcd" => Some("dhcpcd"),
        other => panic!("no word for {other}"),
    }
}

/// Orthanc speaks with DCMTK.
fn dicom(implementation: &str) -> &'static str {
    match implementation.split(' ').next() {
        Some("dcmtk" | "Orthanc") => "DCMTK",
        Some("pynetdicom") => "pynetdicom",
        Some("dcmjs-dimse") => "dcmjs-dimse",
        _ => panic!("no word for {implementation}"),
    }
}

/// The machines of a truth file, by name; the router last, where it says of one.
pub(crate) fn machines(truth: &Value) -> Vec<Machine> {
    let path = root().join("tests/lab/expected.toml");
    let expected: Expected = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut out = Vec::new();
    for (name, told) in truth["hosts"].as_object().unwrap() {
        let host = expected.host.iter().find(|host| host.name == *name);
        let host = host.unwrap_or_else(|| panic!("tests/lab/expected.toml says nothing of {name}")).clone();
        let mut stacks: Vec<&str> =
            told["ae_titles"].as_array().unwrap().iter().map(|ae| dicom(ae["impl"].as_str().unwrap())).collect();
        stacks.sort_unstable();
        stacks.dedup();
        let mac = told["mac"].as_str().unwrap().to_owned();
        let ip = told["ip"].as_str().and_then(|ip| ip.parse().ok());
        out.push(Machine { host, mac, ip, dhcp: dhcp(told["addressing"].as_str().unwrap()), dicom: stacks });
    }
    if let Some(mac) = truth["network"]["router"]["clinical"].as_str() {
        let Router { class, roles } = expected.router;
        let host = Host {
            name: "router".to_owned(),
            class: Some(class),
            only_a_hint: false,
            roles,
            maker: None,
            family: None,
            model: None,
            dicom_as: None,
            toolkits: Vec::new(),
            claims: Vec::new(),
        };
        out.push(Machine { host, mac: mac.to_owned(), ip: None, dhcp: None, dicom: Vec::new() });
    }
    out
}
