//! What a decoder reports: events made of typed fields, each declared once by [`event!`](crate::event!).

pub use holter_phi::Because;
use holter_phi::{Phi, Plain};
use std::net::IpAddr;

/// What a field may hold. Numbers carry their kind: a bare integer could be somebody's birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Describes a machine.
    Plain,
    /// May name or describe a person.
    Phi,
    /// How many.
    Count,
    /// A number of bytes.
    Size,
    /// A number that the protocol gives a meaning.
    Code,
    /// A TCP or UDP port.
    Port,
    /// Seconds.
    Seconds,
    /// The transaction number of a machine; joins a question and its answer.
    Transaction,
    /// Yes or no.
    Flag,
    /// An IP address of a machine.
    Address,
    /// A link-layer address of a machine.
    Hardware,
    /// A list of protocol codes, in the order in which they were sent.
    Codes,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Phi => "phi",
            Kind::Count => "count",
            Kind::Size => "size",
            Kind::Code => "code",
            Kind::Port => "port",
            Kind::Seconds => "seconds",
            Kind::Transaction => "transaction",
            Kind::Flag => "flag",
            Kind::Address => "address",
            Kind::Hardware => "hardware",
            Kind::Codes => "codes",
        }
    }
}

/// The declaration of a field. Its address is its identity: compare with [`FieldSpec::is`].
#[derive(Debug)]
pub struct FieldSpec {
    /// The whole name, as rules and documents write it: `dicom.calling_ae`.
    pub name: &'static str,
    pub kind: Kind,
    /// For `Kind::Plain`: the ground on which it is held to describe a machine.
    pub because: Option<Because>,
    /// It may occur more than once in an event: a list, also with one entry.
    pub list: bool,
    /// What it is and where the standard defines it.
    pub doc: &'static str,
}

impl FieldSpec {
    pub fn is(&self, other: &FieldSpec) -> bool {
        std::ptr::eq(self, other)
    }
}

/// The declaration of an event.
#[derive(Debug)]
pub struct EventSpec {
    /// The whole name: `dicom.associate_rq`.
    pub name: &'static str,
    pub fields: &'static [&'static FieldSpec],
    pub doc: &'static str,
}

impl EventSpec {
    pub fn is(&self, other: &EventSpec) -> bool {
        std::ptr::eq(self, other)
    }
}

/// The value of a field, borrowed from the packet.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    Plain(Plain<'a>),
    Phi(Phi<'a>),
    /// For `Count`, `Size`, `Code`, `Port`, `Seconds`, `Transaction`.
    Number(u64),
    Flag(bool),
    Address(IpAddr),
    Hardware(holter_terms::Mac),
    Codes(&'a [u8]),
}

/// Something decoded.
///
/// Consumers that know an event downcast by its spec and read fields by their spec: both are comparisons of addresses.
pub trait Event {
    fn spec(&self) -> &'static EventSpec;

    /// Shows every field that is present, in the order of the declaration. A list shows its field once per entry.
    fn visit(&self, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'_>));

    /// The first value of a field, if it is present.
    fn first(&self, field: &'static FieldSpec) -> Option<Value<'_>>;

    /// Shows every value of one field.
    fn each(&self, field: &'static FieldSpec, visitor: &mut dyn FnMut(Value<'_>)) {
        self.visit(&mut |shown, value| {
            if shown.is(field) {
                visitor(value);
            }
        });
    }
}

/// What a field of an event struct may be. Deliberately not implemented for integers, byte slices and strings.
pub trait Field<'a> {
    fn show(&self, spec: &'static FieldSpec, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'a>));

    fn first(&self) -> Option<Value<'a>>;
}

macro_rules! numbers {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub struct $name(pub u64);

        impl<'a> Field<'a> for $name {
            fn show(&self, spec: &'static FieldSpec, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'a>)) {
                visitor(spec, Value::Number(self.0));
            }

            fn first(&self) -> Option<Value<'a>> {
                Some(Value::Number(self.0))
            }
        }
    )+};
}

numbers! {
    /// How many.
    Count,
    /// A number of bytes.
    Size,
    /// A number that the protocol gives a meaning.
    Code,
    /// A TCP or UDP port.
    Port,
    /// Seconds.
    Seconds,
    /// The transaction number of a machine.
    Transaction,
}

macro_rules! values {
    ($($type:ty => $variant:ident),+ $(,)?) => {$(
        impl<'a> Field<'a> for $type {
            fn show(&self, spec: &'static FieldSpec, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'a>)) {
                visitor(spec, Value::$variant(*self));
            }

            fn first(&self) -> Option<Value<'a>> {
                Some(Value::$variant(*self))
            }
        }
    )+};
}

values! {
    Plain<'a> => Plain,
    Phi<'a> => Phi,
    bool => Flag,
    IpAddr => Address,
    holter_terms::Mac => Hardware,
}

/// A list of one-byte protocol codes, such as the DHCP parameter request list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Codes<'a>(pub &'a [u8]);

impl<'a> Field<'a> for Codes<'a> {
    fn show(&self, spec: &'static FieldSpec, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'a>)) {
        visitor(spec, Value::Codes(self.0));
    }

    fn first(&self) -> Option<Value<'a>> {
        Some(Value::Codes(self.0))
    }
}

impl<'a, F: Field<'a>> Field<'a> for Option<F> {
    fn show(&self, spec: &'static FieldSpec, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'a>)) {
        if let Some(field) = self {
            field.show(spec, visitor);
        }
    }

    fn first(&self) -> Option<Value<'a>> {
        self.as_ref()?.first()
    }
}

impl<'a, F: Field<'a>> Field<'a> for &[F] {
    fn show(&self, spec: &'static FieldSpec, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'a>)) {
        self.iter().for_each(|field| field.show(spec, visitor));
    }

    fn first(&self) -> Option<Value<'a>> {
        <[F]>::first(self)?.first()
    }
}

/// Declares an event once: its struct, its field table for rules and documents, and its visitor.
///
/// A field whose type is a slice is marked `list` behind its kind. Beside the struct it makes a module with `SPEC` and one static [`FieldSpec`] per field, named as the field:
///
/// ```
/// use holter_phi::{Because, Phi, Plain};
/// use holter_protocols::event;
/// use holter_protocols::event::{Code, Event};
///
/// event! {
///     /// A door was opened.
///     pub struct Opened<'a> in opened = "door.opened" {
///         /// The maker's name for the door.
///         maker: Plain<'a> = "door.maker" (Plain, Equipment),
///         /// Who opened it.
///         who: Phi<'a> = "door.who" (Phi),
///         /// Which way.
///         way: Code = "door.way" (Code),
///     }
/// }
/// let event = Opened { maker: Plain::new(b"Tessivo", Because::Equipment), who: Phi::new(b"x"), way: Code(1) };
/// assert!(event.spec().is(&opened::SPEC));
/// assert!(event.first(&opened::way).is_some());
/// ```
#[macro_export]
macro_rules! event {
    (
        $(#[doc = $doc:literal])+
        pub struct $name:ident $(<$life:lifetime>)? in $module:ident = $text:literal {
            $( $(#[doc = $field_doc:literal])+
               $field:ident : $type:ty = $field_text:literal ($kind:ident $(, $because:ident)?) $($list:ident)? ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy)]
        pub struct $name $(<$life>)? { $( $(#[doc = $field_doc])+ pub $field: $type, )+ }

        #[doc = concat!("The declarations of `", $text, "`.")]
        #[allow(non_upper_case_globals)]
        pub mod $module {
            pub static SPEC: $crate::EventSpec = $crate::EventSpec {
                name: $text,
                fields: &[$(&$field),+],
                doc: concat!($($doc),+).trim_ascii(),
            };
            $(
                $(#[doc = $field_doc])+
                pub static $field: $crate::FieldSpec = $crate::FieldSpec {
                    name: $field_text,
                    kind: $crate::Kind::$kind,
                    because: $crate::event!(@because $($because)?),
                    list: $crate::event!(@list $($list)?),
                    doc: concat!($($field_doc),+).trim_ascii(),
                };
            )+
        }

        impl $(<$life>)? $crate::Event for $name $(<$life>)? {
            fn spec(&self) -> &'static $crate::EventSpec {
                &$module::SPEC
            }

            fn visit(&self, visitor: &mut dyn FnMut(&'static $crate::FieldSpec, $crate::Value<'_>)) {
                $( $crate::event::Field::show(&self.$field, &$module::$field, &mut |spec, value| visitor(spec, value)); )+
            }

            fn first(&self, field: &'static $crate::FieldSpec) -> Option<$crate::Value<'_>> {
                $( if field.is(&$module::$field) { return $crate::event::Field::first(&self.$field); } )+
                None
            }

            fn each(&self, field: &'static $crate::FieldSpec, visitor: &mut dyn FnMut($crate::Value<'_>)) {
                $( if field.is(&$module::$field) {
                    return $crate::event::Field::show(&self.$field, &$module::$field, &mut |_, value| visitor(value));
                } )+
            }
        }
    };
    (@list) => { false };
    (@list list) => { true };
    (@because) => { None };
    (@because $because:ident) => { Some($crate::event::Because::$because) };
}
