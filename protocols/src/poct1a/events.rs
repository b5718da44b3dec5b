use crate::event;
use crate::event::{Count, Size};
use holter_phi::{Phi, Plain};

event! {
    /// A message, once its root element closed (CLSI POCT1-A appendix B, device messaging layer).
    pub struct Message<'a> in message = "poct1a.message" {
        /// Message type, the name of the root element, such as HEL.R01 (POCT1-A appendix B, message types).
        kind: Plain<'a> = "poct1a.type" (Plain, Vocabulary),
        /// Device id, DEV.device_id (POCT1-A appendix B, device object).
        device: Option<Plain<'a>> = "poct1a.device" (Plain, Site),
        /// Vendor id, DEV.vendor_id (POCT1-A appendix B, device object).
        vendor: Option<Plain<'a>> = "poct1a.vendor" (Plain, Equipment),
        /// Model id, DEV.model_id (POCT1-A appendix B, device object).
        model: Option<Plain<'a>> = "poct1a.model" (Plain, Equipment),
        /// Serial number, DEV.serial_id (POCT1-A appendix B, device object).
        serial: Option<Plain<'a>> = "poct1a.serial" (Plain, Site),
        /// Manufacturer, DEV.manufacturer_name (POCT1-A appendix B, device object).
        manufacturer: Option<Plain<'a>> = "poct1a.manufacturer" (Plain, Equipment),
        /// Hardware version, DEV.hw_version (POCT1-A appendix B, device object).
        hardware: Option<Plain<'a>> = "poct1a.hardware_version" (Plain, Equipment),
        /// Software version, DEV.sw_version (POCT1-A appendix B, device object).
        software: Option<Plain<'a>> = "poct1a.software_version" (Plain, Equipment),
        /// Elements of the message, its root among them (XML 1.0 3.1).
        elements: Count = "poct1a.elements" (Count),
        /// Bytes of the message (XML 1.0 3.1).
        size: Size = "poct1a.size" (Size),
    }
}

event! {
    /// A patient is named in the message whose end follows (CLSI POCT1-A appendix B, patient object).
    pub struct Patient<'a> in patient = "poct1a.patient" {
        /// Patient id, PT.patient_id (POCT1-A appendix B, patient object): counted, never read.
        id: Phi<'a> = "poct1a.patient_id" (Phi),
    }
}
