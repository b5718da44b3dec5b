//! What each detector raises, and what it does not.

use holter_detectors::{Config, Detectors, Fact, FactValue, Party, Raised, Scene};
use holter_phi::{Because, Names, Phi, Plain, TallyKey};
use holter_protocols::event::{Code, Count, Size, Transaction};
use holter_protocols::{Event, Way, dicom, hl7};
use holter_terms::{DeviceClass, DeviceKey, Mac, Nanos, Protocol, Role, Severity, Visibility, Zone};

const SECOND: Nanos = 1_000_000_000;
const STUDY_ROOT_FIND: &[u8] = b"1.2.840.10008.5.1.4.1.2.2.1";
const WORKLIST: &[u8] = b"1.2.840.10008.5.1.4.31";

fn party(n: u8, zone: Zone, known_before: bool) -> Party {
    Party {
        key: DeviceKey::Mac(Mac([0, 0, 0, 0, 0, n])),
        ip: Some([10, 20, 0, n].into()),
        zone,
        class: DeviceClass::Unknown,
        confidence: 0,
        role: Role::None,
        first_seen: 0,
        known_before,
    }
}

fn known(n: u8) -> Party {
    party(n, Zone::Clinical, true)
}

fn newcomer(n: u8) -> Party {
    party(n, Zone::Clinical, false)
}

const PACS: u8 = 10;
const WS: u8 = 30;
const CT: u8 = 21;
const ROGUE: u8 = 66;

/// Detectors with what they raised.
struct Lab {
    detectors: Detectors,
    at: Nanos,
    learning: bool,
    conversation: u64,
    raised: Vec<Raised>,
}

impl Lab {
    fn new() -> Self {
        let config = Config { names: Names::shown(), people: TallyKey::new([3; 16]), seed: [5; 16] };
        Lab { detectors: Detectors::new(config), at: SECOND, learning: true, conversation: 0, raised: Vec::new() }
    }

    /// A lab that has learned a usual day: the workstation reads from the archive, the CT stores.
    fn learned() -> Self {
        let mut lab = Lab::new();
        lab.query(known(WS), known(PACS), "WS01", 40, 1);
        lab.move_to(known(WS), known(PACS), "WS01", "WS01", Some(1));
        lab.associate(known(PACS), known(WS), "MAINPACS", "WS01", None);
        lab.associate(known(CT), known(PACS), "CT01", "MAINPACS", None);
        lab.worklist(known(CT));
        assert_eq!(lab.raised, []);
        lab.learning = false;
        lab
    }

    fn say(&mut self, client: Party, server: Party, way: Way, protocol: Protocol, event: &dyn Event) {
        let scene = Scene {
            conversation: self.conversation,
            way,
            client,
            server,
            protocol,
            visibility: Visibility::Clear,
            learning: self.learning,
            partly_blind: false,
        };
        self.at += SECOND / 100;
        let raised = &mut self.raised;
        self.detectors.event(self.at, &scene, event, &mut |finding| raised.push(finding));
    }

    fn dicom(&mut self, client: Party, server: Party, way: Way, event: &dyn Event) {
        self.say(client, server, way, Protocol::Dicom, event);
    }

    /// An association, accepted or rejected for a reason of the service user.
    fn associate(&mut self, client: Party, server: Party, calling: &str, called: &str, rejected: Option<u64>) {
        self.conversation += 1;
        let site = |name: &str| format!("{name:<16}");
        let (calling, called) = (site(calling), site(called));
        let request = dicom::AssociateRq {
            called_ae: Plain::new(called.as_bytes(), Because::Site),
            calling_ae: Plain::new(calling.as_bytes(), Because::Site),
            application_context: None,
            max_pdu: Some(Size(16384)),
            implementation_uid: None,
            implementation_version: None,
            contexts: Count(1),
            user_identity: None,
            async_invoked: None,
            async_performed: None,
        };
        self.dicom(client, server, Way::ToServer, &request);
        match rejected {
            Some(reason) => self.dicom(
                client,
                server,
                Way::ToClient,
                &dicom::AssociateRj { result: Code(1), source: Code(1), reason: Code(reason) },
            ),
            None => self.dicom(
                client,
                server,
                Way::ToClient,
                &dicom::AssociateAc {
                    max_pdu: None,
                    implementation_uid: None,
                    implementation_version: None,
                    accepted: Count(1),
                    refused: Count(0),
                },
            ),
        }
    }

    fn command(&mut self, client: Party, server: Party, way: Way, change: impl Fn(&mut dicom::Command<'static>)) {
        let mut command = dicom::Command {
            command: Code(0),
            context: Code(1),
            message_id: Some(Transaction(1)),
            responds_to: None,
            sop_class: None,
            status: None,
            move_destination: None,
            move_originator: None,
            remaining: None,
            completed: None,
            failed: None,
            has_data: false,
        };
        change(&mut command);
        self.dicom(client, server, way, &command);
    }

    fn find(&mut self, client: Party, server: Party, model: &'static [u8], bytes: u64, matches: usize) {
        let model = Some(Plain::new(model, Because::Vocabulary));
        self.command(client, server, Way::ToServer, |command| {
            command.command = Code(0x0020);
            command.sop_class = model;
        });
        let end = dicom::DataEnd { command: Some(Code(0x0020)), size: Size(bytes), fragments: Count(1) };
        self.dicom(client, server, Way::ToServer, &end);
        for status in std::iter::repeat_n(0xff00, matches).chain([0]) {
            self.command(client, server, Way::ToClient, |command| {
                command.command = Code(0x8020);
                command.status = Some(Code(status));
            });
        }
    }

    fn query(&mut self, client: Party, server: Party, calling: &str, bytes: u64, matches: usize) {
        self.associate(client, server, calling, "MAINPACS", None);
        self.find(client, server, STUDY_ROOT_FIND, bytes, matches);
    }

    fn worklist(&mut self, client: Party) {
        self.associate(client, known(11), "CT01", "RISMWL", None);
        self.find(client, known(11), WORKLIST, 20, 50);
    }

    /// `completed` sub-operations, or `None` for a destination that the archive does not know.
    fn move_to(
        &mut self,
        client: Party,
        server: Party,
        calling: &str,
        destination: &'static str,
        completed: Option<u64>,
    ) {
        self.associate(client, server, calling, "MAINPACS", None);
        self.command(client, server, Way::ToServer, |command| {
            command.command = Code(0x0021);
            command.move_destination = Some(Plain::new(destination.as_bytes(), Because::Site));
        });
        self.command(client, server, Way::ToClient, |command| {
            command.command = Code(0x8021);
            command.status = Some(Code(if completed.is_some() { 0 } else { 0xa801 }));
            command.completed = completed.map(Count);
        });
    }

    fn hl7(&mut self, client: Party, server: Party, way: Way, ack: bool, bytes: u64, patient: &'static str) {
        let word = |text: &'static str| Some(Plain::new(text.as_bytes(), Because::Vocabulary));
        let patients = [Phi::new(patient.as_bytes())];
        let message = hl7::Message {
            code: word(if ack { "ACK" } else { "ADT" }),
            trigger: word("A01"),
            structure: None,
            version: None,
            charset: None,
            sending_application: Some(Plain::new(b"HIS", Because::Site)),
            sending_facility: None,
            receiving_application: None,
            receiving_facility: None,
            profile: None,
            software_vendor: None,
            software_version: None,
            software_product: None,
            equipment: &[],
            ack: word("AA").filter(|_| ack),
            answers: None,
            repeated: false,
            patient: if ack { &[] } else { &patients },
            segments: Count(4),
            size: Size(bytes),
            whole: true,
        };
        self.say(client, server, way, Protocol::Hl7, &message);
    }

    fn tick(&mut self) {
        let raised = &mut self.raised;
        self.detectors.tick(self.at, &mut |finding| raised.push(finding));
    }

    /// The last report of each finding of a detection.
    fn findings(&self, detection: &str) -> Vec<&Raised> {
        let mut last: Vec<&Raised> = Vec::new();
        for raised in self.raised.iter().filter(|raised| raised.detection == detection) {
            last.retain(|other| other.id != raised.id);
            last.push(raised);
        }
        last
    }
}

fn fact(raised: &Raised, name: &str) -> Option<FactValue> {
    raised.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value)
}

fn text(raised: &Raised, name: &str) -> String {
    match fact(raised, name) {
        Some(FactValue::Text(label)) => label.as_str().to_owned(),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_stranger_under_a_borrowed_name_who_asks_for_everybody_is_a_grave_finding() {
    let mut lab = Lab::learned();
    lab.query(newcomer(ROGUE), known(PACS), "WS01", 40, 4);
    lab.tick();
    let findings = lab.findings("dicom-find-sweep");
    assert_eq!(findings.len(), 1);
    let finding = findings[0];
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.subject, newcomer(ROGUE).machine());
    assert_eq!(fact(finding, "answers"), Some(FactValue::Number(4)));
    assert_eq!((text(finding, "ae_title"), text(finding, "ae_owner")), ("WS01".to_owned(), "10.20.0.30".to_owned()));
}

#[test]
fn a_reader_and_a_worklist_are_no_sweep() {
    let mut lab = Lab::learned();
    for _ in 0..50 {
        lab.query(known(WS), known(PACS), "WS01", 40, 10);
        lab.worklist(known(CT));
    }
    lab.tick();
    assert_eq!(lab.raised, []);
}

#[test]
fn a_known_device_that_begins_to_ask_is_given_ten_queries() {
    let mut lab = Lab::learned();
    for _ in 0..9 {
        lab.query(known(CT), known(PACS), "CT01", 40, 1);
    }
    lab.tick();
    assert_eq!(lab.raised, []);
    lab.query(known(CT), known(PACS), "CT01", 40, 1);
    assert_eq!(lab.findings("dicom-find-sweep")[0].severity, Severity::Medium);
}

#[test]
fn queries_hours_apart_do_not_add_up_to_a_sweep() {
    let mut lab = Lab::learned();
    for _ in 0..30 {
        lab.query(known(CT), known(PACS), "CT01", 40, 1);
        lab.at += 3600 * SECOND;
        lab.tick();
    }
    assert_eq!(lab.findings("dicom-find-sweep"), [] as [&Raised; 0]);
}

#[test]
fn a_narrow_query_of_a_newcomer_is_no_sweep() {
    let mut lab = Lab::learned();
    lab.query(newcomer(ROGUE), known(PACS), "NEW", 260, 1);
    lab.tick();
    assert_eq!(lab.findings("dicom-find-sweep"), [] as [&Raised; 0]);
}

#[test]
fn a_finding_that_goes_on_keeps_its_id_and_grows() {
    let mut lab = Lab::learned();
    for _ in 0..30 {
        lab.query(newcomer(ROGUE), known(PACS), "WS01", 40, 4);
        lab.at += 30 * SECOND;
    }
    lab.tick();
    let reports = lab.raised.iter().filter(|raised| raised.detection == "dicom-find-sweep").count();
    assert!((2..=20).contains(&reports), "{reports} reports of 30 queries in 15 minutes");
    let findings = lab.findings("dicom-find-sweep");
    assert_eq!(findings.len(), 1);
    assert_eq!(fact(findings[0], "queries"), Some(FactValue::Number(30)));
    let again = |lab: &mut Lab| {
        lab.at += 86_400 * SECOND;
        lab.tick();
        lab.query(newcomer(ROGUE), known(PACS), "WS01", 40, 4);
        lab.findings("dicom-find-sweep").len()
    };
    assert_eq!(again(&mut lab), 2, "another day, another finding");
}

#[test]
fn the_id_does_not_depend_on_the_seed() {
    let id = |seed| {
        let mut lab = Lab::learned();
        lab.detectors =
            Detectors::new(Config { names: Names::shown(), people: TallyKey::new([3; 16]), seed: [seed; 16] });
        lab.move_to(newcomer(ROGUE), known(PACS), "WS01", "LOOT", None);
        lab.findings("dicom-move-unknown-destination")[0].id
    };
    assert_eq!(id(1), id(2));
}

#[test]
fn a_move_to_a_destination_nobody_knows_is_found_and_graver_once_images_went() {
    let mut lab = Lab::learned();
    lab.move_to(newcomer(ROGUE), known(PACS), "WS01", "LOOT", None);
    let refused = lab.findings("dicom-move-unknown-destination")[0].clone();
    assert_eq!(refused.severity, Severity::Medium);
    assert_eq!(text(&refused, "destination"), "LOOT");
    lab.tick();
    assert_eq!(fact(lab.findings("dicom-move-unknown-destination")[0], "refused"), Some(FactValue::Number(1)));

    lab.move_to(newcomer(ROGUE), known(PACS), "WS01", "LOOT", Some(12));
    let findings = lab.findings("dicom-move-unknown-destination");
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].severity, findings[0].id), (Severity::High, refused.id));
    assert_eq!(fact(findings[0], "completed"), Some(FactValue::Number(12)));
}

#[test]
fn a_move_to_a_known_station_or_a_former_destination_is_usual() {
    let mut lab = Lab::new();
    lab.move_to(known(WS), known(PACS), "WS01", "REMOTE_ARCHIVE", Some(3));
    lab.associate(known(PACS), known(31), "MAINPACS", "WS02", None);
    lab.learning = false;
    lab.move_to(known(WS), known(PACS), "WS01", "REMOTE_ARCHIVE", Some(3));
    lab.move_to(known(WS), known(PACS), "WS01", "WS02", Some(3));
    lab.tick();
    assert_eq!(lab.raised, []);
}

#[test]
fn a_newcomer_cannot_make_a_title_known_by_using_it() {
    let mut lab = Lab::learned();
    lab.associate(newcomer(ROGUE), known(PACS), "LOOT", "MAINPACS", None);
    lab.associate(known(PACS), newcomer(ROGUE), "MAINPACS", "LOOT", None);
    lab.move_to(newcomer(ROGUE), known(PACS), "LOOT", "LOOT", Some(1));
    assert_eq!(lab.findings("dicom-move-unknown-destination").len(), 1);
}

#[test]
fn a_borrowed_title_stays_with_its_owner() {
    let mut lab = Lab::learned();
    for _ in 0..3 {
        lab.query(known(CT), known(PACS), "WS01", 40, 1);
    }
    assert_eq!(text(lab.findings("dicom-find-sweep")[0], "ae_owner"), "10.20.0.30");
}

#[test]
fn a_borrowed_name_is_found_in_dicom_and_in_hl7() {
    let mut lab = Lab::new();
    lab.associate(known(WS), known(PACS), "WS01", "MAINPACS", None);
    lab.hl7(known(13), known(12), Way::ToServer, false, 400, "A");
    lab.learning = false;
    lab.associate(newcomer(ROGUE), known(PACS), "WS01", "MAINPACS", None);
    lab.associate(newcomer(ROGUE), known(PACS), "WS01", "MAINPACS", None);
    lab.hl7(known(31), known(12), Way::ToServer, false, 400, "A");
    lab.tick();
    let findings = lab.findings("clinical-name-borrowed");
    assert_eq!(findings.iter().map(|raised| raised.severity).collect::<Vec<_>>(), [Severity::Medium, Severity::High]);
    assert_eq!((text(findings[0], "kind"), text(findings[0], "name")), ("HL7 application".into(), "HIS".into()));
    assert_eq!(
        (text(findings[1], "owner"), fact(findings[1], "uses")),
        ("10.20.0.30".into(), Some(FactValue::Number(2)))
    );
}

#[test]
fn a_name_that_several_used_while_holter_learned_is_nobodys() {
    let mut lab = Lab::new();
    for device in [WS, CT] {
        lab.associate(known(device), known(PACS), "STORESCU", "MAINPACS", None);
    }
    lab.learning = false;
    lab.associate(known(99), known(PACS), "STORESCU", "MAINPACS", None);
    lab.tick();
    assert_eq!(lab.findings("clinical-name-borrowed"), [] as [&Raised; 0]);
}

#[test]
fn a_rejected_association_borrows_nothing() {
    let mut lab = Lab::learned();
    lab.associate(newcomer(ROGUE), known(PACS), "WS01", "WRONG", Some(7));
    assert_eq!(lab.findings("clinical-name-borrowed"), [] as [&Raised; 0]);
}

#[test]
fn guessing_titles_is_found_at_four_and_is_graver_after_a_hit() {
    let mut lab = Lab::learned();
    for title in ["PACS", "ORTHANC", "ANY-SCP"] {
        lab.associate(newcomer(ROGUE), known(PACS), "FINDSCU", title, Some(7));
    }
    assert_eq!(lab.findings("dicom-ae-guessing"), [] as [&Raised; 0]);
    lab.associate(newcomer(ROGUE), known(PACS), "FINDSCU", "DCM4CHEE", Some(7));
    assert_eq!(lab.findings("dicom-ae-guessing")[0].severity, Severity::Medium);
    lab.associate(newcomer(ROGUE), known(PACS), "WS01", "MAINPACS", None);
    let findings = lab.findings("dicom-ae-guessing");
    assert_eq!((findings.len(), findings[0].severity), (1, Severity::High));
    assert_eq!(fact(findings[0], "titles"), Some(FactValue::Number(4)));
}

#[test]
fn one_wrong_title_again_and_again_is_a_mistake_and_no_guess() {
    let mut lab = Lab::learned();
    for _ in 0..40 {
        lab.associate(known(CT), known(PACS), "CT01", "OLDPACS", Some(7));
        // Rejected for another reason: congestion, no title.
        lab.associate(known(CT), known(PACS), "CT01", "MAINPACS", Some(1));
    }
    lab.tick();
    assert_eq!(lab.raised, []);
}

#[test]
fn clear_text_is_found_only_where_it_crosses_the_border_of_the_clinical_zone() {
    let mut lab = Lab::learned();
    lab.hl7(known(13), known(12), Way::ToServer, false, 400, "A");
    let office = party(7, Zone::Corporate, true);
    lab.hl7(office, party(8, Zone::Corporate, true), Way::ToServer, false, 400, "A");
    assert_eq!(lab.findings("clear-text-leaves-clinical-zone"), [] as [&Raised; 0]);

    for patient in ["A", "B", "B"] {
        lab.hl7(known(13), office, Way::ToServer, false, 400, patient);
    }
    lab.hl7(known(13), office, Way::ToClient, true, 90, "");
    lab.tick();
    let findings = lab.findings("clear-text-leaves-clinical-zone");
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].severity, Severity::High);
    assert_eq!(findings[0].subject, known(13).machine());
    assert_eq!(fact(findings[0], "messages"), Some(FactValue::Number(3)), "an acknowledgement is none");
    assert_eq!(fact(findings[0], "sent"), Some(FactValue::Bytes(1200)));
    assert_eq!(fact(findings[0], "received"), Some(FactValue::Bytes(0)));
    assert_eq!(text(findings[0], "few_people"), "fewer than 10");
}

#[test]
fn people_are_counted_once_and_a_network_of_no_zone_is_less_grave() {
    let mut lab = Lab::learned();
    let elsewhere = party(9, Zone::Unknown, true);
    let patients: Vec<&'static str> = (0..40)
        .map(|n| {
            [
                "P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "Q0", "Q1", "Q2", "Q3", "Q4", "Q5", "Q6",
                "Q7", "Q8", "Q9",
            ][n % 20]
        })
        .collect();
    for patient in patients {
        lab.hl7(elsewhere, known(12), Way::ToServer, false, 100, patient);
    }
    lab.tick();
    let findings = lab.findings("clear-text-leaves-clinical-zone");
    assert_eq!(findings[0].severity, Severity::Medium);
    assert_eq!(fact(findings[0], "people"), Some(FactValue::Number(20)));
    assert_eq!(fact(findings[0], "received"), Some(FactValue::Bytes(4000)));
}

#[test]
fn an_echo_across_the_border_holds_no_patient() {
    let mut lab = Lab::learned();
    let office = party(7, Zone::Corporate, true);
    lab.associate(office, known(PACS), "ECHO", "MAINPACS", None);
    lab.command(office, known(PACS), Way::ToServer, |command| command.command = Code(0x0030));
    lab.tick();
    assert_eq!(lab.findings("clear-text-leaves-clinical-zone"), [] as [&Raised; 0]);
}

#[test]
fn a_newcomer_that_speaks_hl7_is_found_once_and_whom_it_speaks_to_is_not() {
    let mut lab = Lab::new();
    lab.hl7(known(13), known(12), Way::ToServer, false, 400, "A");
    lab.hl7(known(13), known(12), Way::ToClient, true, 90, "");
    lab.learning = false;
    for _ in 0..3 {
        lab.hl7(newcomer(ROGUE), known(12), Way::ToServer, false, 400, "A");
        lab.hl7(newcomer(ROGUE), known(12), Way::ToClient, true, 90, "");
        lab.hl7(known(13), known(12), Way::ToServer, false, 400, "A");
    }
    lab.tick();
    let findings = lab.findings("new-clinical-speaker");
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].severity, findings[0].subject), (Severity::High, newcomer(ROGUE).machine()));
    assert_eq!(findings[0].peer, Some(known(12).machine()));
    assert_eq!((text(findings[0], "protocol"), text(findings[0], "name")), ("HL7".to_owned(), "HIS".to_owned()));
    assert_eq!(fact(findings[0], "messages"), Some(FactValue::Number(3)));
}

#[test]
fn a_known_device_that_begins_another_protocol_is_less_grave() {
    let mut lab = Lab::learned();
    lab.hl7(known(CT), known(12), Way::ToServer, false, 400, "A");
    assert_eq!(lab.findings("new-clinical-speaker")[0].severity, Severity::Medium);
}

#[test]
fn a_device_that_is_held_by_another_key_later_is_no_newcomer() {
    let by_address = |n: u8| Party { key: DeviceKey::Ip([10, 20, 0, n].into()), ..newcomer(n) };
    for (before, after) in [(known(WS), by_address(WS)), (by_address(WS), newcomer(WS))] {
        let mut lab = Lab::new();
        lab.query(before, known(PACS), "WS01", 40, 1);
        lab.hl7(before, known(12), Way::ToServer, false, 400, "A");
        lab.learning = false;
        lab.query(after, known(PACS), "WS01", 40, 10);
        lab.hl7(after, known(12), Way::ToServer, false, 400, "A");
        lab.tick();
        assert_eq!(lab.raised, []);
    }
}

#[test]
fn who_takes_the_address_of_another_is_still_a_newcomer() {
    let mut lab = Lab::learned();
    let thief = Party { ip: known(WS).ip, ..newcomer(ROGUE) };
    lab.query(thief, known(PACS), "WS01", 40, 10);
    let found: Vec<_> = lab.raised.iter().map(|raised| raised.detection).collect();
    for detection in ["new-clinical-speaker", "clinical-name-borrowed", "dicom-find-sweep"] {
        assert!(found.contains(&detection), "{detection}: {found:?}");
    }
}

#[test]
fn nothing_that_is_learned_raises() {
    let mut lab = Lab::new();
    lab.query(newcomer(ROGUE), known(PACS), "WS01", 40, 400);
    lab.move_to(newcomer(ROGUE), known(PACS), "WS01", "LOOT", None);
    lab.hl7(newcomer(ROGUE), known(12), Way::ToServer, false, 400, "A");
    lab.tick();
    assert_eq!(lab.raised, []);
}

#[test]
fn names_are_hashed_where_the_site_wants_it() {
    let mut lab = Lab::learned();
    lab.detectors =
        Detectors::new(Config { names: Names::hashed([9; 32]), people: TallyKey::new([3; 16]), seed: [5; 16] });
    lab.move_to(newcomer(ROGUE), known(PACS), "WS01", "LOOT", None);
    let all = format!("{:?}", lab.raised);
    assert!(!all.contains("LOOT") && !all.contains("WS01"), "{all}");
    assert!(text(lab.findings("dicom-move-unknown-destination")[0], "destination").starts_with('#'));
}

#[test]
fn every_fact_is_declared_in_the_catalogue_and_every_needed_one_is_there() {
    let mut lab = Lab::learned();
    lab.query(newcomer(ROGUE), known(PACS), "WS01", 40, 4);
    lab.move_to(newcomer(ROGUE), known(PACS), "WS01", "LOOT", Some(2));
    for title in ["A", "B", "C", "D"] {
        lab.associate(newcomer(ROGUE), known(PACS), "FINDSCU", title, Some(7));
    }
    lab.hl7(known(13), party(7, Zone::Corporate, true), Way::ToServer, false, 400, "A");
    lab.tick();
    let mut seen = std::collections::BTreeSet::new();
    for raised in &lab.raised {
        let detection = holter_catalogue::get(raised.detection).unwrap();
        seen.insert(raised.detection);
        for Fact { name, value } in &raised.facts {
            use holter_catalogue::FactKind;
            let kind = match value {
                FactValue::Number(_) => FactKind::Number,
                FactValue::Text(_) => FactKind::Text,
                FactValue::Address(_) => FactKind::Address,
                FactValue::Seconds(_) => FactKind::Seconds,
                FactValue::Bytes(_) => FactKind::Bytes,
            };
            assert_eq!(detection.fact(name).map(|spec| spec.kind), Some(kind), "{}: {name}", raised.detection);
        }
        for spec in detection.facts.iter().filter(|spec| !spec.optional) {
            assert!(fact(raised, &spec.name).is_some(), "{}: {} is missing", raised.detection, spec.name);
        }
    }
    let all: std::collections::BTreeSet<_> = holter_catalogue::all().iter().map(|detection| detection.id).collect();
    assert_eq!(seen, all, "every detection of the catalogue has a detector");
}

#[test]
fn a_flood_of_newcomers_stays_in_bounds_and_is_counted() {
    let mut lab = Lab::learned();
    for n in 0..9_000u32 {
        let [_, a, b, c] = n.to_be_bytes();
        let mut flooder = newcomer(ROGUE);
        flooder.key = DeviceKey::Mac(Mac([2, 0, 1, a, b, c]));
        lab.query(flooder, known(PACS), "WS01", 40, 1);
        lab.hl7(flooder, party(7, Zone::Corporate, true), Way::ToServer, false, 4, "A");
    }
    let refused: std::collections::BTreeMap<_, _> = lab.detectors.refused().into_iter().collect();
    for table in ["detect.associations", "detect.sweep", "detect.zones", "detect.speakers", "detect.borrowed"] {
        assert!(refused[table] > 0, "{table}: {refused:?}");
    }
    let before = lab.raised.len();
    lab.query(newcomer(ROGUE), known(PACS), "WS01", 40, 1);
    let after: Vec<_> = lab.raised[before..].iter().map(|raised| raised.detection).collect();
    assert!(after.contains(&"dicom-find-sweep"), "a flood hides nothing that comes after it: {after:?}");
    lab.raised.clear();
    lab.tick();
    assert!(lab.raised.len() <= 6 * 1024, "{}", lab.raised.len());
}
