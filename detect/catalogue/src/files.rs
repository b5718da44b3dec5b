macro_rules! files {
    ($($id:literal),+ $(,)?) => {
        pub(crate) const ALL: &[(&str, &str)] =
            &[$(($id, include_str!(concat!("../../findings/", $id, ".toml")))),+];
    };
}

files! {
    "clear-text-leaves-clinical-zone",
    "clinical-name-borrowed",
    "dicom-ae-guessing",
    "dicom-find-sweep",
    "dicom-move-unknown-destination",
    "new-clinical-speaker",
}
