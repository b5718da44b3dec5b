macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// Every data file: its name without the ending, and its text.
        pub(crate) const ALL: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../data/", $name, ".toml")))),+];
    };
}

files! {
    "roles",
}
