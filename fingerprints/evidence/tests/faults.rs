//! A data file with a fault is refused, and the refusal says where the fault stands.

use holter_evidence::Fingerprints;

const GOOD: &str = r#"title = "A family"

[[rule]]
name = "published:dicom-association/family.uid"
origin = "a document"
event = "dicom.associate_rq"
when = [{ field = "dicom.implementation_uid", starts_with = "1.2." }]
says = [{ attribute = "maker", value = "Somebody", weight = 50 }]

[[example]]
event = "dicom.associate_rq"
fields = { "dicom.implementation_uid" = "1.2.3" }
expect = { maker = "Somebody" }
origin = "a document"
"#;

/// What is said of a faulty file.
fn refused(text: &'static str) -> String {
    Fingerprints::empty().add("family", text).unwrap_err().to_string()
}

#[test]
fn the_good_file_is_taken() {
    let mut all = Fingerprints::empty();
    all.add("family", GOOD).unwrap();
    assert_eq!(all.rules().count(), 1);
}

#[test]
fn an_unknown_event_or_field_is_refused_with_its_line() {
    assert_eq!(
        refused(concat!(
            "title = \"t\"\n\n[[rule]]\nname = \"published:x/family.y\"\norigin = \"o\"\nevent = ",
            "\"dicom.associate\"",
            "\nwhen = []\nsays = []\n"
        )),
        "fingerprints/data/family.toml:6:9: no decoder reports dicom.associate"
    );
    assert_eq!(
        refused(concat!(
            "title = \"t\"\n\n[[rule]]\nname = \"published:x/family.y\"\norigin = \"o\"\nevent = \"dicom.associate_rq\"\n",
            "when = [\n    { field = \"dicom.modality\" },\n]",
            "\nsays = []\n"
        )),
        "fingerprints/data/family.toml:8:15: dicom.associate_rq has no field dicom.modality"
    );
}

#[test]
fn a_rule_may_not_look_at_a_patient_nor_quote_the_site() {
    assert_eq!(
        refused(concat!(
            "title = \"t\"\n[[rule]]\nname = \"published:x/family.y\"\norigin = \"o\"\nevent = \"hl7.message\"\n",
            "when = [{ field = \"hl7.patient\" }]",
            "\nsays = []\n"
        )),
        "fingerprints/data/family.toml:6:19: hl7.patient is about a patient: no rule may look at it"
    );
    assert_eq!(
        refused(concat!(
            "title = \"t\"\n[[rule]]\nname = \"published:x/family.y\"\norigin = \"o\"\nevent = \"dhcp.message\"\n",
            "says = [{ attribute = \"os\", value_of = \"dhcp.vendor_class\", weight = 9 }]",
            "\n"
        )),
        "fingerprints/data/family.toml:6:40: only a field of equipment or of the protocol can be a value"
    );
}

#[test]
fn a_test_that_does_not_fit_its_field_is_refused() {
    assert_eq!(
        refused(concat!(
            "title = \"t\"\n[[rule]]\nname = \"published:x/family.y\"\norigin = \"o\"\nevent = \"dhcp.message\"\n",
            "when = [{ field = \"dhcp.parameters\", is = \"1,3\" }]",
            "\nsays = []\n"
        )),
        "fingerprints/data/family.toml:6:19: this test does not fit the kind of the field"
    );
}

#[test]
fn a_word_that_is_none_and_a_name_of_another_file_are_refused() {
    assert_eq!(
        refused(concat!(
            "title = \"t\"\n[[rule]]\nname = \"published:x/family.y\"\norigin = \"o\"\nevent = \"dhcp.message\"\n",
            "says = [{ attribute = \"class\", value = \"robot\", weight = 9 }]",
            "\n"
        )),
        "fingerprints/data/family.toml:6:40: not a word for class"
    );
    assert_eq!(
        refused(concat!(
            "title = \"t\"\n[[rule]]\nname = ",
            "\"published:x/other.y\"",
            "\norigin = \"o\"\nevent = \"dhcp.message\"\nsays = []\n"
        )),
        "fingerprints/data/family.toml:3:8: a rule carries the name of its file"
    );
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_its_line() {
    let error = refused(concat!("title = \"t\"\n", "[[rule]\n", ""));
    assert!(error.starts_with("fingerprints/data/family.toml:2:"), "{error}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the words of this file, no bytes of a packet")]
fn a_test_that_a_field_cannot_pass_is_refused() {
    let faulty = |event: &str, test: &str| {
        let text = format!(
            "title = \"t\"\n[[rule]]\nname = \"published:x/family.y\"\norigin = \"o\"\nevent = \"{event}\"\nwhen = [{test}]\n\
             says = [{{ attribute = \"os\", value = \"x\", weight = 1 }}]\n"
        );
        Fingerprints::empty().add("family", text.leak()).map_err(|error| error.what)
    };
    let fits = [
        ("dns.message", r#"{ field = "dns.name", domain = "example.test" }"#),
        ("arp.message", r#"{ field = "arp.sender_mac", prefix = "0009fb" }"#),
        ("lldp.message", r#"{ field = "lldp.capabilities", bits = 4 }"#),
        ("dns.message", r#"{ field = "dns.name", is = "a", not = true }"#),
    ];
    for (event, test) in fits {
        assert_eq!(faulty(event, test), Ok(()), "{test}");
    }
    for (event, test) in [
        ("dns.message", r#"{ field = "dns.rcode", domain = "example.test" }"#),
        ("dns.message", r#"{ field = "dns.name", prefix = "0009fb" }"#),
        ("dns.message", r#"{ field = "dns.name", bits = 4 }"#),
        ("dns.message", r#"{ field = "dns.name", not = true }"#),
    ] {
        assert!(faulty(event, test).is_err(), "{test}");
    }
}
