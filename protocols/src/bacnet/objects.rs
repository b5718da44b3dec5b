//! What a service names: objects and properties, by the place that the service gives them (ASHRAE 135 21); and what a
//! device answers of its own make. Every other value is passed by its tag.

use super::tag::{self, Tag};
use super::{Device, Identity};
use crate::event::{Code, Size};
use crate::{Malformed, Reader, Sink};
use holter_phi::{Because, Plain};

/// Objects, and properties, that are told of one message.
pub const OBJECTS_MAX: usize = 64;
/// Longest text that is taken for a name of a make.
const TEXT_MAX: usize = 128;

const UNSIGNED: u8 = 2;
const TEXT: u8 = 7;
const ENUMERATED: u8 = 9;
const OBJECT: u8 = 12;

const DEVICE: u32 = 8;

/// What follows the fixed part of an application message, and which service it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Request(u8),
    Answer(u8),
    Error(u8),
    Unconfirmed(u8),
}

const I_AM: Body = Body::Unconfirmed(0);

/// What a value with a tag of the service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Object,
    /// The type of an object that is yet without an instance.
    ObjectType,
    Property,
    Vendor,
}

/// `outer`: the number of the innermost open tag, if any; `depth`: how many are open.
fn place(body: Body, depth: usize, outer: Option<u8>, number: u8) -> Option<Place> {
    use Body::{Answer, Request, Unconfirmed};
    Some(match (body, depth, outer, number) {
        // Alarms and events.
        (Request(0), 0, _, 1) => Place::Object,
        (Request(1 | 2) | Unconfirmed(2 | 3), 0, _, 1 | 2) => Place::Object,
        (Request(1) | Unconfirmed(2), 1, Some(4), 0) => Place::Property,
        (Request(5 | 28), 0, _, 1) => Place::Object,
        (Request(28), 1, Some(4), 0) => Place::Property,
        (Request(31) | Unconfirmed(11), 0, _, 1) => Place::Object,
        (Request(30 | 31) | Unconfirmed(11), 1, Some(4), 0) => Place::Object,
        (Request(31) | Unconfirmed(11), 2, Some(1), 0) => Place::Property,
        (Request(30), 3, Some(0), 0) => Place::Property,
        (Request(27), 0, _, 3) => Place::Object,
        (Request(29), 0, _, 0) => Place::Object,
        (Answer(29), 1, Some(0), 0) => Place::Object,
        // Objects and their properties.
        (Request(8 | 9 | 12 | 15 | 26) | Answer(12 | 26), 0, _, 0) => Place::Object,
        (Request(8 | 9 | 12 | 15 | 26) | Answer(12 | 26), 0, _, 1) => Place::Property,
        (Request(10), 1, Some(0), 0) => Place::ObjectType,
        (Request(10), 1, Some(0), 1) => Place::Object,
        (Request(10), 1, Some(1), 0) => Place::Property,
        (Request(14 | 16) | Answer(14), 0, _, 0) => Place::Object,
        (Request(14 | 16), 1, Some(1), 0) => Place::Property,
        (Answer(14), 1, Some(1), 2) => Place::Property,
        // Others.
        (Request(18) | Unconfirmed(4), 0, _, 0) => Place::Vendor,
        (Request(19) | Unconfirmed(5), 0, _, 0) => Place::Object,
        (Unconfirmed(7), 0, _, 2) => Place::Object,
        _ => return None,
    })
}

/// Slots for a device's own properties, in the order of [`Identity`].
const OWN: [u32; 5] = [121, 70, 44, 12, 372];

pub(super) struct Named<'a> {
    types: [Code; OBJECTS_MAX],
    instances: [Code; OBJECTS_MAX],
    objects: usize,
    properties: [Code; OBJECTS_MAX],
    named: usize,
    full: bool,
    last_object: Option<(u32, u32)>,
    last_property: Option<u32>,
    vendor: Option<u32>,
    error: [Option<u32>; 2],
    device: Option<Device>,
    own: [Option<&'a [u8]>; OWN.len()],
    /// Instance of the device that the texts are of.
    owner: Option<u32>,
}

impl<'a> Named<'a> {
    pub(super) fn new() -> Self {
        Named {
            types: [Code(0); OBJECTS_MAX],
            instances: [Code(0); OBJECTS_MAX],
            objects: 0,
            properties: [Code(0); OBJECTS_MAX],
            named: 0,
            full: false,
            last_object: None,
            last_property: None,
            vendor: None,
            error: [None; 2],
            device: None,
            own: [None; OWN.len()],
            owner: None,
        }
    }

    pub(super) fn object_types(&self) -> &[Code] {
        self.types.get(..self.objects).unwrap_or_default()
    }

    pub(super) fn instances(&self) -> &[Code] {
        self.instances.get(..self.objects).unwrap_or_default()
    }

    pub(super) fn properties(&self) -> &[Code] {
        self.properties.get(..self.named).unwrap_or_default()
    }

    pub(super) fn vendor_id(&self) -> Option<Code> {
        self.vendor.map(|vendor| Code(u64::from(vendor)))
    }

    pub(super) fn error_class(&self) -> Option<Code> {
        self.error[0].map(|class| Code(u64::from(class)))
    }

    pub(super) fn error_code(&self) -> Option<Code> {
        self.error[1].map(|code| Code(u64::from(code)))
    }

    /// Reports what a device said of itself.
    pub(super) fn tell(&self, sink: &mut dyn Sink) {
        if let Some(device) = &self.device {
            sink.event(device);
        }
        let Some(instance) = self.owner else { return };
        let own = |at: usize, because| self.own.get(at).copied().flatten().map(|text| Plain::new(text, because));
        sink.event(&Identity {
            instance: Code(u64::from(instance)),
            vendor: own(0, Because::Equipment),
            model: own(1, Because::Equipment),
            firmware: own(2, Because::Equipment),
            software: own(3, Because::Equipment),
            serial: own(4, Because::Site),
        });
    }

    /// `whole`: nothing of the message is missing.
    pub(super) fn read(
        &mut self,
        mut reader: Reader<'a>,
        body: Body,
        whole: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Malformed> {
        let mut open = [0u8; tag::DEPTH_MAX];
        let mut depth = 0usize;
        while !reader.is_empty() {
            let at = reader.malformed("bacnet.depth");
            match tag::next(&mut reader)? {
                Tag::Opening(number) => {
                    *open.get_mut(depth).ok_or(at)? = number;
                    depth = depth.saturating_add(1);
                }
                Tag::Closing(number) => {
                    depth = depth.checked_sub(1).ok_or(Malformed { field: "bacnet.closing", ..at })?;
                    if open.get(depth) != Some(&number) {
                        sink.weird("bacnet.closing");
                    }
                }
                Tag::Context(number, value) => {
                    let outer = depth.checked_sub(1).and_then(|top| open.get(top)).copied();
                    self.context(place(body, depth, outer, number), value, sink);
                }
                Tag::Application(number, value) => self.application(body, number, value, sink),
            }
        }
        if whole && depth > 0 {
            sink.weird("bacnet.closing");
        }
        Ok(())
    }

    fn context(&mut self, place: Option<Place>, value: &'a [u8], sink: &mut dyn Sink) {
        match place {
            Some(Place::Object) => match tag::object(value) {
                Some(object) => self.object(object, sink),
                None => sink.weird("bacnet.object"),
            },
            Some(Place::ObjectType) => {
                if let Some(kind) = tag::unsigned(value) {
                    self.last_object = Some((kind, 0));
                }
            }
            Some(Place::Property) => match tag::unsigned(value) {
                Some(property) => {
                    self.last_property = Some(property);
                    push(&mut self.properties, &mut self.named, u64::from(property), &mut self.full, sink);
                }
                None => sink.weird("bacnet.property"),
            },
            Some(Place::Vendor) => self.vendor = self.vendor.or(tag::unsigned(value)),
            None => {}
        }
    }

    fn object(&mut self, (kind, instance): (u32, u32), sink: &mut dyn Sink) {
        self.last_object = Some((kind, instance));
        self.last_property = None;
        let mut used = self.objects;
        push(&mut self.types, &mut used, u64::from(kind), &mut self.full, sink);
        push(&mut self.instances, &mut self.objects, u64::from(instance), &mut self.full, sink);
    }

    fn application(&mut self, body: Body, number: u8, value: &'a [u8], sink: &mut dyn Sink) {
        let code = || tag::unsigned(value);
        match (body, number) {
            (_, OBJECT) => {
                let Some(object) = tag::object(value) else { return sink.weird("bacnet.object") };
                let (before, property) = (self.last_object, self.last_property);
                self.object(object, sink);
                if body == I_AM && object.0 == DEVICE && self.device.is_none() {
                    let instance = Code(u64::from(object.1));
                    self.device = Some(Device { instance, max_apdu: None, segmentation: None, vendor_id: None });
                } else if before.is_some() {
                    // A value that names an object does not change whose property it is.
                    (self.last_object, self.last_property) = (before, property);
                }
            }
            (I_AM, UNSIGNED) => {
                let Some(device) = &mut self.device else { return };
                let number = code().map(u64::from);
                if device.max_apdu.is_none() {
                    device.max_apdu = number.map(Size);
                } else if device.vendor_id.is_none() {
                    device.vendor_id = number.map(Code);
                    self.vendor = code();
                }
            }
            (I_AM, ENUMERATED) => {
                if let Some(device) = &mut self.device {
                    device.segmentation = device.segmentation.or(code().map(|code| Code(u64::from(code))));
                }
            }
            (Body::Error(_), ENUMERATED) => {
                if let Some(slot) = self.error.iter_mut().find(|slot| slot.is_none()) {
                    *slot = code();
                }
            }
            (Body::Answer(12 | 14), TEXT) => self.text(value),
            _ => {}
        }
    }

    /// Text of UTF-8 (character set 0), if it is what a device says of its own make.
    fn text(&mut self, value: &'a [u8]) {
        let (Some((DEVICE, instance)), Some(property), [0, text @ ..]) = (self.last_object, self.last_property, value)
        else {
            return;
        };
        // One device to a message: another's texts would be told as the first one's.
        if self.owner.is_some_and(|owner| owner != instance) || text.is_empty() || text.len() > TEXT_MAX {
            return;
        }
        let slot = OWN.iter().position(|own| *own == property).and_then(|at| self.own.get_mut(at));
        if let Some(slot) = slot
            && slot.is_none()
        {
            *slot = Some(text);
            self.owner = Some(instance);
        }
    }
}

fn push(list: &mut [Code], used: &mut usize, value: u64, full: &mut bool, sink: &mut dyn Sink) {
    match list.get_mut(*used) {
        Some(slot) => {
            *slot = Code(value);
            *used = used.saturating_add(1);
        }
        None if !std::mem::replace(full, true) => sink.weird("bacnet.objects"),
        None => {}
    }
}
