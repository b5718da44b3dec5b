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
    "mindray-monitor",
    "orthanc-archive",
    "philips-epiq",
    "philips-intellivue",
    "philips-mr",
    "roles",
    "samsung-medison",
    "siemens-ct",
    "siemens-fluoroscopy",
    "siemens-mr",
    "sonosite-ultrasound",
    "toolkit-dcm4che",
    "toolkit-dcmjs-dimse",
    "toolkit-dcmtk",
    "toolkit-fo-dicom",
    "toolkit-pynetdicom",
    "toolkits",
    "varian-radiotherapy",
    "zeiss-perimeter",
}
