macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// Every data file: its name without the ending, and its text.
        pub(crate) const ALL: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../data/", $name, ".toml")))),+];
    };
}

files! {
    "agfa-broker",
    "agfa-nx",
    "canon-imaging",
    "dhcp-stacks",
    "fujifilm-imaging",
    "ge-healthcare",
    "ge-ultrasound",
    "image-makers",
    "laboratory",
    "link-neighbours",
    "mdns-services",
    "mindray-monitor",
    "orthanc-archive",
    "philips-epiq",
    "philips-intellivue",
    "philips-mr",
    "plant-identities",
    "roles",
    "samsung-medison",
    "service-roles",
    "siemens-ct",
    "siemens-fluoroscopy",
    "siemens-mr",
    "snmp-makers",
    "snmp-systems",
    "sonosite-ultrasound",
    "ssh-banners",
    "text-banners",
    "toolkit-dcm4che",
    "toolkit-dcmjs-dimse",
    "toolkit-dcmtk",
    "toolkit-fo-dicom",
    "toolkit-pynetdicom",
    "toolkits",
    "upnp-devices",
    "varian-radiotherapy",
    "web-clients",
    "web-servers",
    "windows-versions",
    "ws-discovery",
    "zeiss-perimeter",
}
