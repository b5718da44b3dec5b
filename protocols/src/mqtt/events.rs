use crate::event;
use crate::event::{Code, Count, Seconds, Size, Transaction};
use holter_phi::Plain;

event! {
    /// A control packet (MQTT 5.0 2.1).
    pub struct Packet<'a> in packet = "mqtt.packet" {
        /// Packet type: 1 CONNECT, 2 CONNACK, 3 PUBLISH, 8 SUBSCRIBE, 12 PINGREQ (MQTT 5.0 2.1.2).
        kind: Code = "mqtt.type" (Code),
        /// Bytes behind the fixed header (MQTT 5.0 2.1.4).
        size: Size = "mqtt.size" (Size),
        /// Quality of service of a PUBLISH (MQTT 5.0 3.3.1.2).
        qos: Option<Code> = "mqtt.qos" (Code),
        /// A PUBLISH that is kept for later subscribers (MQTT 5.0 3.3.1.3).
        retain: Option<bool> = "mqtt.retain" (Flag),
        /// A PUBLISH that is sent again (MQTT 5.0 3.3.1.1).
        repeated: Option<bool> = "mqtt.repeated" (Flag),
        /// Packet identifier (MQTT 5.0 2.2.1).
        transaction: Option<Transaction> = "mqtt.transaction" (Transaction),
        /// Return or reason code of an acknowledgement, DISCONNECT or AUTH (MQTT 5.0 2.4).
        reason: Option<Code> = "mqtt.reason" (Code),
        /// Topic of a PUBLISH, topic filters of SUBSCRIBE and UNSUBSCRIBE (MQTT 5.0 4.7).
        topics: &'a [Plain<'a>] = "mqtt.topic" (Plain, Site) list,
    }
}

event! {
    /// What a client says of itself in its CONNECT packet (MQTT 5.0 3.1).
    pub struct Connect<'a> in connect = "mqtt.connect" {
        /// Protocol level: 3 is MQTT 3.1, 4 is MQTT 3.1.1, 5 is MQTT 5 (MQTT 5.0 3.1.2.2).
        level: Code = "mqtt.level" (Code),
        /// Client identifier; empty where the server is to choose one (MQTT 5.0 3.1.3.1).
        client: Option<Plain<'a>> = "mqtt.client" (Plain, Site),
        /// A user name follows (MQTT 5.0 3.1.2.8).
        user: bool = "mqtt.user" (Flag),
        /// A password follows (MQTT 5.0 3.1.2.9).
        password: bool = "mqtt.password" (Flag),
        /// A message is left to be published when the client is gone (MQTT 5.0 3.1.2.5).
        will: bool = "mqtt.will" (Flag),
        /// Earlier state is to be forgotten (MQTT 5.0 3.1.2.4).
        clean: bool = "mqtt.clean" (Flag),
        /// Keep alive (MQTT 5.0 3.1.2.10).
        keep_alive: Seconds = "mqtt.keep_alive" (Seconds),
        /// Properties of the connection, MQTT 5 only, in bytes (MQTT 5.0 3.1.2.11).
        properties: Option<Count> = "mqtt.properties" (Count),
    }
}
