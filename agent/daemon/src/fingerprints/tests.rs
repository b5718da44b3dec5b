use super::*;
use minisign::KeyPair;
use std::io::Cursor;

fn data(name: &str) -> String {
    format!(
        "title = \"Ward {name}\"\n[[rule]]\nname = \"measured:http-server/{name}.one\"\norigin = \"seen here\"\n\
         event = \"http.response\"\nwhen = [{{ field = \"http.server\", is = \"{name}-box\" }}]\n\
         says = [{{ attribute = \"family\", value = \"{name}\", weight = 80 }}]\n\n[[example]]\nevent = \"http.response\"\n\
         way = \"to-client\"\nfields = {{ \"http.server\" = \"{name}-box\" }}\nexpect = {{ family = \"{name}\" }}\norigin = \"here\"\n"
    )
}

struct Desk {
    folder: tempfile::TempDir,
    pair: KeyPair,
}

impl Desk {
    fn new() -> Self {
        Desk { folder: tempfile::tempdir().unwrap(), pair: KeyPair::generate_unencrypted_keypair().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A folder of data files, packed; signed as minisign does it.
    fn packed(&self, names: &[&str]) -> PathBuf {
        let source = self.path("source");
        fs::create_dir_all(&source).unwrap();
        names.iter().for_each(|name| fs::write(source.join(format!("{name}.toml")), data(name)).unwrap());
        let output = self.path("bundle.json");
        pack(&PackFingerprints { folder: source, output: output.clone() }).unwrap();
        self.sign(&output);
        output
    }

    fn sign(&self, path: &Path) {
        let signed = Cursor::new(fs::read(path).unwrap());
        let signature = minisign::sign(None, &self.pair.sk, signed, None, None).unwrap();
        fs::write(signature_of(path), signature.into_string()).unwrap();
    }

    fn key(&self) -> String {
        self.pair.pk.to_base64()
    }

    fn sources(&self, bundle: Option<PathBuf>, folder: Option<PathBuf>) -> Sources {
        Sources { key: bundle.as_ref().map(|_| self.key()), bundle, folder }
    }
}

fn built_in() -> usize {
    Fingerprints::builtin().families.len()
}

#[test]
fn what_was_packed_and_signed_is_taken() {
    let desk = Desk::new();
    let bundle = desk.packed(&["ward-a", "ward-b"]);
    verify(&VerifyFingerprints { bundle: bundle.clone(), key: desk.key() }).unwrap();
    let loaded = desk.sources(Some(bundle), None).load();
    assert_eq!((loaded.taken.as_slice(), loaded.refused), (["ward-a", "ward-b"].as_slice(), 0));
    assert_eq!(loaded.fingerprints.families.len(), built_in() + 2);
}

#[test]
fn a_bundle_that_was_changed_or_signed_by_another_or_not_at_all_is_refused_and_the_built_in_set_stays() {
    let desk = Desk::new();
    let bundle = desk.packed(&["ward-a"]);
    let refused = |sources: Sources| {
        let loaded = sources.load();
        assert_eq!((loaded.taken.len(), loaded.refused, loaded.fingerprints.families.len()), (0, 1, built_in()));
    };
    let other = Sources { key: Some(Desk::new().key()), ..desk.sources(Some(bundle.clone()), None) };
    refused(other);
    refused(Sources { key: Some("RWQnothing".to_owned()), ..desk.sources(Some(bundle.clone()), None) });

    let text = fs::read_to_string(&bundle).unwrap();
    fs::write(&bundle, text.replace("weight = 80", "weight = 81")).unwrap();
    refused(desk.sources(Some(bundle.clone()), None));
    fs::write(&bundle, &text).unwrap();
    assert_eq!(desk.sources(Some(bundle.clone()), None).load().refused, 0);

    fs::remove_file(signature_of(&bundle)).unwrap();
    refused(desk.sources(Some(bundle), None));
}

#[test]
fn a_signed_file_that_is_no_bundle_is_refused() {
    let desk = Desk::new();
    let path = desk.path("bundle.json");
    for text in
        ["", "[]", "{\"format\": \"holter-fingerprints\", \"version\": 2, \"files\": {}}", "{\"format\": \"x\"}"]
    {
        fs::write(&path, text).unwrap();
        desk.sign(&path);
        assert_eq!(desk.sources(Some(path.clone()), None).load().refused, 1, "{text}");
    }
    fs::write(&path, " ".repeat(BUNDLE_MAX + 1)).unwrap();
    desk.sign(&path);
    assert!(bundle(&path, &desk.key()).is_err_and(|error| error.to_string().contains("more than")));
}

#[test]
fn a_sites_folder_is_taken_file_by_file() {
    let desk = Desk::new();
    let site = desk.path("site");
    fs::create_dir_all(&site).unwrap();
    fs::write(site.join("ward-c.toml"), data("ward-c")).unwrap();
    fs::write(site.join("ward-d.toml"), data("ward-d").replace("weight", "wait")).unwrap();
    fs::write(site.join("README.md"), "not a data file").unwrap();
    let loaded = desk.sources(Some(desk.packed(&["ward-a"])), Some(site.clone())).load();
    assert_eq!((loaded.taken.as_slice(), loaded.refused), (["ward-a", "ward-c"].as_slice(), 1));
    let checked = check(&CheckFingerprints { paths: vec![site.clone()], bundle: false });
    assert!(matches!(checked, Err(Failure::Refused(_))), "{checked:?}");
    assert!(check(&CheckFingerprints { paths: vec![site.join("ward-c.toml")], bundle: false }).is_ok());
    assert_eq!(desk.sources(None, Some(desk.path("nowhere"))).load().refused, 1);
}

#[test]
fn a_rule_without_an_example_is_not_packed() {
    let desk = Desk::new();
    let text = data("ward-a");
    let bare = text.split("\n[[example]]").next().unwrap();
    fs::create_dir_all(desk.path("source")).unwrap();
    fs::write(desk.path("source/ward-a.toml"), bare).unwrap();
    let done = pack(&PackFingerprints { folder: desk.path("source"), output: desk.path("bundle.json") });
    assert!(matches!(done, Err(Failure::Refused(_))) && !desk.path("bundle.json").exists());
}
