use crate::event;
use crate::event::{Code, Count, Size, Transaction};
use holter_phi::Plain;

event! {
    /// A Modbus request or response (Modbus Messaging on TCP/IP 3.1.3).
    pub struct Message in message = "modbus.message" {
        /// True for what a server sent (Application Protocol 4.1).
        response: bool = "modbus.response" (Flag),
        /// Transaction identifier, which joins a request and its response (Messaging on TCP/IP 3.1.3).
        transaction: Transaction = "modbus.transaction" (Transaction),
        /// Unit identifier: the device behind a gateway (Messaging on TCP/IP 3.1.3).
        unit: Code = "modbus.unit" (Code),
        /// Function code without the mark of an exception (Application Protocol 5).
        function: Code = "modbus.function" (Code),
        /// Exception code, where the response is one (Application Protocol 7).
        exception: Option<Code> = "modbus.exception" (Code),
        /// Subfunction of diagnostics (8), or type of the encapsulated interface (43) (Application Protocol 6.8, 6.19).
        subfunction: Option<Code> = "modbus.subfunction" (Code),
        /// First coil or register that a request names (Application Protocol 6).
        address: Option<Code> = "modbus.address" (Code),
        /// Coils or registers that a request names (Application Protocol 6).
        quantity: Option<Count> = "modbus.quantity" (Count),
        /// Bytes behind the header, the unit identifier not counted (Messaging on TCP/IP 3.1.3).
        size: Size = "modbus.size" (Size),
    }
}

event! {
    /// What a device says of itself in a response to read device identification (Application Protocol 6.21).
    pub struct Identification<'a> in identification = "modbus.identification" {
        /// Unit identifier of the device (Messaging on TCP/IP 3.1.3).
        unit: Code = "modbus.identification.unit" (Code),
        /// Conformity level: which objects the device has (Application Protocol 6.21).
        conformity: Code = "modbus.conformity" (Code),
        /// Vendor name, object 0 (Application Protocol 6.21).
        vendor: Option<Plain<'a>> = "modbus.vendor" (Plain, Equipment),
        /// Product code, object 1 (Application Protocol 6.21).
        product_code: Option<Plain<'a>> = "modbus.product_code" (Plain, Equipment),
        /// Major and minor revision, object 2 (Application Protocol 6.21).
        revision: Option<Plain<'a>> = "modbus.revision" (Plain, Equipment),
        /// Product name, object 4 (Application Protocol 6.21).
        product: Option<Plain<'a>> = "modbus.product" (Plain, Equipment),
        /// Model name, object 5 (Application Protocol 6.21).
        model: Option<Plain<'a>> = "modbus.model" (Plain, Equipment),
        /// User application name, object 6 (Application Protocol 6.21).
        application: Option<Plain<'a>> = "modbus.application" (Plain, Site),
    }
}
