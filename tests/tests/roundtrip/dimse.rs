//! Command sets and data sets by dicom-object: every message of PS3.7, and what a modality says of itself.

use crate::draw::Draw;
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_encoding::encode::EncoderFor;
use dicom_encoding::encode::explicit_be::ExplicitVRBigEndianEncoder;
use dicom_encoding::encode::explicit_le::ExplicitVRLittleEndianEncoder;
use dicom_encoding::encode::implicit_le::ImplicitVRLittleEndianEncoder;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use serde_json::{Value, json};

pub(crate) const IMPLICIT: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub(crate) const BIG: &str = "1.2.840.10008.1.2.2";

/// Command field, and the elements that it may have beside those that all have (PS3.7 9.3, 10.3).
pub(crate) const COMMANDS: &[(u16, &[u16])] = &[
    (0x0001, &[0x0002, 0x0700, 0x1000, 0x1030, 0x1031]),
    (0x8001, &[0x0002, 0x0900, 0x1000]),
    (0x0010, &[0x0002, 0x0700]),
    (0x8010, &[0x0002, 0x0900, 0x1020, 0x1021, 0x1022, 0x1023]),
    (0x0020, &[0x0002, 0x0700]),
    (0x8020, &[0x0002, 0x0900]),
    (0x0021, &[0x0002, 0x0600, 0x0700]),
    (0x8021, &[0x0002, 0x0900, 0x1020, 0x1021, 0x1022, 0x1023]),
    (0x0030, &[0x0002]),
    (0x8030, &[0x0002, 0x0900]),
    (0x0100, &[0x0002, 0x1000, 0x1002]),
    (0x8100, &[0x0002, 0x0900, 0x1000, 0x1002]),
    (0x0110, &[0x0003, 0x1001, 0x1005]),
    (0x8110, &[0x0002, 0x0900, 0x0901, 0x1000]),
    (0x0120, &[0x0003, 0x1001]),
    (0x8120, &[0x0002, 0x0900, 0x0901, 0x0902, 0x0903, 0x1000]),
    (0x0130, &[0x0003, 0x1001, 0x1008]),
    (0x8130, &[0x0002, 0x0900, 0x0902, 0x0903, 0x1000, 0x1008]),
    (0x0140, &[0x0002, 0x1000]),
    (0x8140, &[0x0002, 0x0900, 0x0901, 0x1000]),
    (0x0150, &[0x0003, 0x1001]),
    (0x8150, &[0x0002, 0x0900, 0x0902, 0x0903, 0x1000]),
    (0x0fff, &[]),
];

fn element(tag: Tag, vr: VR, value: impl Into<PrimitiveValue>) -> InMemElement {
    DataElement::new(tag, vr, value.into())
}

/// The bytes of a command set, and what is told of it: the command, and the operation where there is one.
pub(crate) fn command(draw: &mut Draw, code: u16, may: &[u16], sop_class: &str, data: bool) -> (Vec<u8>, Value, Value) {
    let answer = code & 0x8000 != 0 || code == 0x0fff;
    let number = draw.u16();
    let mut said = json!({
        "dicom.command": code, "dicom.message_id": (!answer).then_some(number),
        "dicom.responds_to": answer.then_some(number), "dicom.sop_class": null, "dicom.status": null,
        "dicom.move_destination": null, "dicom.move_originator": null, "dicom.remaining": null,
        "dicom.completed": null, "dicom.failed": null, "dicom.has_data": data,
    });
    let mut more = json!({
        "dicom.operation.command": code, "dicom.priority": null, "dicom.event_type": null, "dicom.action_type": null,
        "dicom.warnings": null, "dicom.error_id": null, "dicom.offending": null, "dicom.attributes": null,
    });
    let mut all = vec![
        element(Tag(0, 0x0100), VR::US, code),
        element(Tag(0, if answer { 0x0120 } else { 0x0110 }), VR::US, number),
        element(Tag(0, 0x0800), VR::US, if data { draw.pick(&[0u16, 1, 0x0102]) } else { 0x0101 }),
    ];
    let mut operates = false;
    for &which in may {
        let required = matches!(which, 0x0002 | 0x0003 | 0x0600 | 0x0900);
        if !required && draw.chance(40) {
            continue;
        }
        let tag = Tag(0, which);
        let (command, operation) = match which {
            0x0900 => ("dicom.status", ""),
            0x1020 => ("dicom.remaining", ""),
            0x1021 => ("dicom.completed", ""),
            0x1022 => ("dicom.failed", ""),
            0x0700 => ("", "dicom.priority"),
            0x0903 => ("", "dicom.error_id"),
            0x1002 => ("", "dicom.event_type"),
            0x1008 => ("", "dicom.action_type"),
            0x1023 => ("", "dicom.warnings"),
            _ => ("", ""),
        };
        all.push(match which {
            0x0002 | 0x0003 => {
                said["dicom.sop_class"] = json!(sop_class);
                element(tag, VR::UI, sop_class)
            }
            0x0600 | 0x1030 => {
                let title = draw.text(1, 16);
                said[if which == 0x0600 { "dicom.move_destination" } else { "dicom.move_originator" }] = json!(title);
                element(tag, VR::AE, title)
            }
            0x0901 | 0x1005 => {
                let tags = draw.list(1, 6, |draw| Tag(draw.u16(), draw.u16()));
                more[if which == 0x0901 { "dicom.offending" } else { "dicom.attributes" }] = json!(tags.len());
                operates = true;
                element(tag, VR::AT, PrimitiveValue::Tags(tags.into_iter().collect()))
            }
            0x0902 => element(tag, VR::LO, draw.text(1, 64)),
            0x1000 | 0x1001 => element(tag, VR::UI, draw.uid()),
            _ => {
                let value = draw.u16();
                if !command.is_empty() {
                    said[command] = json!(value);
                }
                if !operation.is_empty() {
                    more[operation] = json!(value);
                    operates = true;
                }
                element(tag, VR::US, value)
            }
        });
    }
    let set = InMemDicomObject::command_from_element_iter(all);
    let mut bytes = Vec::new();
    set.write_dataset(&mut bytes, EncoderFor::new(ImplicitVRLittleEndianEncoder::default())).expect("encodes");
    (bytes, said, if operates { more } else { Value::Null })
}

const MODALITIES: &[&str] = &["CT", "MR", "US", "DX", "ECG", "RTPLAN", "SEG", "IVOCT"];

/// A text element, the field that tells it, and its longest value.
const TEXTS: &[(Tag, VR, &str, usize)] = &[
    (Tag(0x0008, 0x0070), VR::LO, "dicom.manufacturer", 64),
    (Tag(0x0008, 0x1010), VR::SH, "dicom.station", 16),
    (Tag(0x0008, 0x1090), VR::LO, "dicom.model", 64),
    (Tag(0x0018, 0x1000), VR::LO, "dicom.serial", 64),
    (Tag(0x0018, 0x1020), VR::LO, "dicom.software", 64),
    (Tag(0x0018, 0x1002), VR::UI, "dicom.device_uid", 64),
    (Tag(0x0018, 0x1008), VR::LO, "dicom.gantry", 64),
    (Tag(0x0018, 0x1009), VR::UT, "dicom.udi", 200),
    (Tag(0x0018, 0x1016), VR::LO, "dicom.capture_manufacturer", 64),
    (Tag(0x0018, 0x1018), VR::LO, "dicom.capture_model", 64),
    (Tag(0x0018, 0x1019), VR::LO, "dicom.capture_software", 64),
];
/// So many of them are told by the head; the rest by the machine.
const OF_HEAD: usize = 5;

/// The bytes of a data set, and what is told of it: the head, and the machine where there is one.
pub(crate) fn data(draw: &mut Draw, transfer_syntax: &str) -> (Vec<u8>, Value, Value) {
    let modality = draw.maybe(|draw| draw.pick(MODALITIES));
    let patient = draw.maybe(|draw| draw.word(1, 16));
    let (mut head, mut machine) = (json!({}), json!({}));
    head["dicom.modality"] = json!(modality);
    head["dicom.patient"] = json!(patient.as_ref().map(|_| "present"));
    let mut all = vec![
        element(Tag(0x0008, 0x0016), VR::UI, draw.uid()),
        element(Tag(0x0008, 0x0018), VR::UI, draw.uid()),
        element(Tag(0x0008, 0x0020), VR::DA, "20261125"),
        element(Tag(0x0010, 0x0010), VR::PN, "TEST^SYNTHETIC"),
        element(Tag(0x0020, 0x0013), VR::IS, "1"),
    ];
    all.extend(modality.map(|modality| element(Tag(0x0008, 0x0060), VR::CS, modality)));
    all.extend(patient.map(|patient| element(Tag(0x0010, 0x0020), VR::LO, patient)));
    let mut says = false;
    for (n, &(tag, vr, field, longest)) in TEXTS.iter().enumerate() {
        let value = draw.maybe(|draw| if vr == VR::UI { draw.uid() } else { draw.text(1, longest) });
        let told = if n < OF_HEAD { &mut head } else { &mut machine };
        told[field] = json!(value);
        says |= n >= OF_HEAD && value.is_some();
        all.extend(value.map(|value| element(tag, vr, value)));
    }
    if draw.chance(60) {
        // A sequence of items with the same elements, which are not the machine's own.
        let item = |draw: &mut Draw| {
            let inner = [
                element(Tag(0x0008, 0x0070), VR::LO, draw.text(1, 64)),
                element(Tag(0x0010, 0x0020), VR::LO, draw.word(1, 9)),
            ];
            InMemDicomObject::from_element_iter(inner)
        };
        let items = draw.list(0, 4, item);
        let sequence = DataSetSequence::new(items, Length::UNDEFINED);
        all.push(DataElement::new(Tag(0x0008, 0x1140), VR::SQ, sequence));
    }
    if draw.chance(50) {
        let pixels = draw.bytes(2, 20_000);
        all.push(element(Tag(0x7fe0, 0x0010), VR::OB, PrimitiveValue::U8(pixels.into_iter().collect())));
    }
    let set = InMemDicomObject::from_element_iter(all);
    let mut bytes = Vec::new();
    match transfer_syntax {
        IMPLICIT => set.write_dataset(&mut bytes, EncoderFor::new(ImplicitVRLittleEndianEncoder::default())),
        BIG => set.write_dataset(&mut bytes, EncoderFor::new(ExplicitVRBigEndianEncoder::default())),
        _ => set.write_dataset(&mut bytes, EncoderFor::new(ExplicitVRLittleEndianEncoder::default())),
    }
    .expect("encodes");
    (bytes, head, if says { machine } else { Value::Null })
}
