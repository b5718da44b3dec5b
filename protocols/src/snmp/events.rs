use crate::event;
use crate::event::{Code, Count, Seconds, Transaction};
use holter_phi::Plain;
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// An SNMP message of version 1 (RFC 1157 4), 2c (RFC 1901 3) or 3 (RFC 3412 6).
    ///
    /// The community is a secret and no field. Values are no fields either, but for three of the system group.
    pub struct Message<'a> in message = "snmp.message" {
        /// Version as sent: 0 for version 1, 1 for version 2c, 3 for version 3 (RFC 3412 6.1).
        version: Code = "snmp.version" (Code),
        /// The community is a word that devices are delivered with, such as public or private (RFC 1157 4.1).
        default_community: Option<bool> = "snmp.default_community" (Flag),
        /// Type of the PDU: 0 get, 1 get-next, 2 response, 3 set, 4 trap of version 1, 5 get-bulk, 6 inform, 7 trap, 8 report (RFC 3416 3).
        pdu: Option<Code> = "snmp.pdu" (Code),
        /// Request id (RFC 3416 3).
        transaction: Option<Transaction> = "snmp.transaction" (Transaction),
        /// Error status; for get-bulk the number of non-repeaters (RFC 3416 3).
        error_status: Option<Code> = "snmp.error_status" (Code),
        /// Error index; for get-bulk the most repetitions (RFC 3416 3).
        error_index: Option<Count> = "snmp.error_index" (Count),
        /// Variable bindings, as far as they were read (RFC 3416 3).
        bindings: Option<Count> = "snmp.bindings" (Count),
        /// Names of the variable bindings, cut where an index begins to spell a text (RFC 3416 3).
        oids: &'a [Plain<'a>] = "snmp.oid" (Plain, Vocabulary) list,
        /// Value of sysDescr (RFC 3418 2).
        sys_descr: Option<Plain<'a>> = "snmp.sys_descr" (Plain, Site),
        /// Value of sysObjectID: the maker's name for the kind of machine (RFC 3418 2).
        sys_object_id: Option<Plain<'a>> = "snmp.sys_object_id" (Plain, Equipment),
        /// Value of sysName (RFC 3418 2).
        sys_name: Option<Plain<'a>> = "snmp.sys_name" (Plain, Site),
        /// Enterprise of a trap of version 1 (RFC 1157 4.1.6).
        enterprise: Option<Plain<'a>> = "snmp.enterprise" (Plain, Vocabulary),
        /// Agent address of a trap of version 1 (RFC 1157 4.1.6).
        agent_address: Option<IpAddr> = "snmp.agent_address" (Address),
        /// Generic trap type (RFC 1157 4.1.6).
        generic_trap: Option<Code> = "snmp.generic_trap" (Code),
        /// Specific trap type (RFC 1157 4.1.6).
        specific_trap: Option<Code> = "snmp.specific_trap" (Code),
        /// Message id of version 3 (RFC 3412 6.2).
        message_id: Option<Transaction> = "snmp.message_id" (Transaction),
        /// The message is authenticated (RFC 3412 6.4).
        authenticated: Option<bool> = "snmp.authenticated" (Flag),
        /// The PDU is encrypted (RFC 3412 6.4).
        encrypted: Option<bool> = "snmp.encrypted" (Flag),
        /// Security model: 3 is USM (RFC 3411 5).
        security_model: Option<Code> = "snmp.security_model" (Code),
        /// Enterprise number in the id of the authoritative engine (RFC 3411 5).
        engine_enterprise: Option<Code> = "snmp.engine_enterprise" (Code),
        /// MAC in the id of the authoritative engine (RFC 3411 5).
        engine_mac: Option<Mac> = "snmp.engine_mac" (Hardware),
        /// IP address in the id of the authoritative engine (RFC 3411 5).
        engine_address: Option<IpAddr> = "snmp.engine_address" (Address),
        /// Boots of the authoritative engine (RFC 3414 2.2.2).
        engine_boots: Option<Count> = "snmp.engine_boots" (Count),
        /// Time since the authoritative engine's last boot (RFC 3414 2.2.2).
        engine_time: Option<Seconds> = "snmp.engine_time" (Seconds),
        /// User name (RFC 3414 2.4).
        user: Option<Plain<'a>> = "snmp.user" (Plain, Site),
    }
}
