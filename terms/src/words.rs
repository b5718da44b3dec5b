use crate::vocabulary::vocabulary;

vocabulary! {
    /// What kind of thing a device is. The class decides what may ever be done to it.
    DeviceClass {
        /** Not known, or known too weakly to say. */
        Unknown = "unknown",
        /** Makes images: CT, MR, ultrasound, radiography, endoscopy. */
        Imaging = "imaging",
        /** Watches a patient: bedside monitor, telemetry, central station. */
        Monitoring = "monitoring",
        /** Acts on a patient: pump, ventilator, dialysis, anaesthesia. */
        Therapy = "therapy",
        /** Analyses samples: laboratory and point-of-care analysers. */
        Laboratory = "laboratory",
        /** Serves care: PACS, RIS, HIS, interface engine, worklist, archive. */
        ClinicalIt = "clinical-it",
        /** A workstation used for care or by staff. */
        Workstation = "workstation",
        /** A server with no clinical service of its own. */
        Server = "server",
        /** Switches, routers, access points, DHCP, DNS and time servers. */
        Network = "network",
        /** Printers, cameras, phones and other office things. */
        Office = "office",
        /** Building and plant: HVAC, power, access control. */
        Building = "building",
        /** A module that gives another device its network, and hides its maker. */
        Embedded = "embedded",
    }
}

vocabulary! {
    /// What a device does for others, as far as its traffic shows.
    Role {
        /** None seen. */
        None = "none",
        /** Stores images that others send (DICOM storage SCP). */
        ImageArchive = "image-archive",
        /** Sends images (DICOM storage SCU). */
        ImageSource = "image-source",
        /** Hands out worklists (modality worklist SCP). */
        WorklistServer = "worklist-server",
        /** Asks for images or lists (DICOM query/retrieve SCU). */
        ImageReader = "image-reader",
        /** Receives HL7 messages and answers them. */
        Hl7Receiver = "hl7-receiver",
        /** Sends orders, admissions or schedules by HL7. */
        Hl7Sender = "hl7-sender",
        /** Sends observations by HL7. */
        Hl7Observer = "hl7-observer",
        /** Gives out addresses (DHCP server). */
        DhcpServer = "dhcp-server",
        /** Answers names (DNS server). */
        DnsServer = "dns-server",
        /** Forwards between networks. */
        Router = "router",
        /** Forwards frames between the ports of one network (switch, bridge). */
        Switch = "switch",
        /** Connects wireless stations. */
        AccessPoint = "access-point",
        /** Tells the time (NTP server). */
        TimeServer = "time-server",
        /** Knows who may log in (Kerberos, LDAP, RADIUS server). */
        DirectoryServer = "directory-server",
        /** Serves files (SMB, NFS, FTP server). */
        FileServer = "file-server",
        /** Passes on or takes mail (SMTP server). */
        MailServer = "mail-server",
        /** Prints. */
        Printer = "printer",
        /** Makes calls (SIP telephone). */
        Phone = "phone",
        /** Watches a room. */
        Camera = "camera",
        /** Steers a building (BACnet device). */
        BuildingController = "building-controller",
        /** Steers a plant (Modbus, S7, EtherNet/IP or DNP3 server). */
        PlantController = "plant-controller",
        /** Tells what it measured of a sample (ASTM, POCT1-A). */
        Analyser = "analyser",
        /** Takes what analysers tell (ASTM, POCT1-A). */
        AnalyserHost = "analyser-host",
        /** Tells what it measures of a patient (IntelliVue data export, IEEE 11073 SDC provider). */
        VitalsSource = "vitals-source",
        /** Passes messages on to those that asked for them (MQTT broker). */
        MessageBroker = "message-broker",
        /** Others speak from its address (network address translation). */
        AddressTranslator = "address-translator",
    }
}

vocabulary! {
    /// Which part of the hospital an address belongs to, as the site's configuration says.
    Zone {
        /** Named by no configured network. */
        Unknown = "unknown",
        /** Where medical devices and the systems that serve them stand. */
        Clinical = "clinical",
        /** Offices, guests, building. */
        Corporate = "corporate",
        /** Outside the site. */
        External = "external",
    }
}

vocabulary! {
    /// How much an alert or a finding asks of its reader.
    Severity {
        /** Worth knowing. */
        Info = "info",
        /** Look when there is time. */
        Low = "low",
        /** Look today. */
        Medium = "medium",
        /** Look now. */
        High = "high",
        /** Act now. */
        Critical = "critical",
    }
}

vocabulary! {
    /// A protocol as counted and shown. `Other` is understood by no decoder.
    Protocol {
        /** Not recognised by any decoder. */
        Other = "other",
        /** Address Resolution Protocol, RFC 826. */
        Arp = "arp",
        /** Internet Control Message Protocol, v4 and v6. */
        Icmp = "icmp",
        /** DICOM upper layer and DIMSE, PS3.7 and PS3.8. */
        Dicom = "dicom",
        /** HL7 version 2 over MLLP. */
        Hl7 = "hl7",
        /** DHCP for IPv4, RFC 2131. */
        Dhcp = "dhcp",
        /** DNS over UDP or TCP, RFC 1035. */
        Dns = "dns",
        /** TLS and DTLS: what is said before the keys are there. */
        Tls = "tls",
        /** HTTP/1 and HTTP/2 in clear text, with DICOMweb and FHIR by their routes. */
        Http = "http",
        /** QUIC, RFC 9000: the hello of its first packets. */
        Quic = "quic",
        /** DHCP for IPv6, RFC 8415. */
        Dhcpv6 = "dhcpv6",
        /** Multicast DNS, RFC 6762. */
        Mdns = "mdns",
        /** Link-local multicast name resolution, RFC 4795. */
        Llmnr = "llmnr",
        /** NetBIOS name service, RFC 1002. */
        Nbns = "nbns",
        /** Network Time Protocol, RFC 5905. */
        Ntp = "ntp",
        /** SNMP version 1 to 3. */
        Snmp = "snmp",
        /** Simple Service Discovery Protocol. */
        Ssdp = "ssdp",
        /** WS-Discovery, as IEEE 11073 SDC devices use it. */
        WsDiscovery = "ws-discovery",
        /** Link Layer Discovery Protocol, IEEE 802.1AB. */
        Lldp = "lldp",
        /** Cisco Discovery Protocol. */
        Cdp = "cdp",
        /** Spanning tree, IEEE 802.1D and 802.1w. */
        Stp = "stp",
        /** Syslog, RFC 3164 and 5424, with IHE ATNA audit messages. */
        Syslog = "syslog",
        /** RADIUS, RFC 2865. */
        Radius = "radius",
        /** SMB 1 to 3. */
        Smb = "smb",
        /** DCE/RPC. */
        Dcerpc = "dcerpc",
        /** Kerberos 5, RFC 4120. */
        Kerberos = "kerberos",
        /** LDAP, RFC 4511. */
        Ldap = "ldap",
        /** Remote Desktop Protocol: what is said before it is encrypted. */
        Rdp = "rdp",
        /** VNC, RFC 6143. */
        Vnc = "vnc",
        /** SSH: banner and key exchange offers. */
        Ssh = "ssh",
        /** FTP, RFC 959. */
        Ftp = "ftp",
        /** Telnet, RFC 854. */
        Telnet = "telnet",
        /** SMTP, RFC 5321. */
        Smtp = "smtp",
        /** TFTP, RFC 1350. */
        Tftp = "tftp",
        /** SIP, RFC 3261. */
        Sip = "sip",
        /** ONC RPC with the port mapper, mount and NFS, RFC 5531. */
        Rpc = "rpc",
        /** MQTT 3.1 to 5. */
        Mqtt = "mqtt",
        /** BACnet/IP, ASHRAE 135 Annex J. */
        Bacnet = "bacnet",
        /** Modbus/TCP. */
        Modbus = "modbus",
        /** EtherNet/IP encapsulation. */
        Enip = "enip",
        /** S7 communication over TPKT. */
        S7comm = "s7comm",
        /** OPC UA: its hello. */
        Opcua = "opcua",
        /** DNP3 over TCP and UDP, IEEE 1815. */
        Dnp3 = "dnp3",
        /** ASTM E1381 framing with E1394 records, of laboratory analysers. */
        Astm = "astm",
        /** POCT1-A, of point-of-care analysers. */
        Poct1a = "poct1a",
        /** Philips IntelliVue data export. */
        Intellivue = "intellivue",
        /** Internet Group Management Protocol, RFC 3376. */
        Igmp = "igmp",
    }
}

impl Protocol {
    /// Whether its decoder was written from the standard alone, and met no traffic that a program of others made. Docs and
    /// console say so from here.
    pub const fn is_from_specification(self) -> bool {
        matches!(self, Protocol::Astm | Protocol::Poct1a | Protocol::Intellivue)
    }
}

vocabulary! {
    /// Whether the bytes of a conversation could be read by anybody on the way.
    Visibility {
        /** Neither shown to be clear nor to be encrypted. */
        Unknown = "unknown",
        /** In clear text. */
        Clear = "clear",
        /** Encrypted. */
        Encrypted = "encrypted",
    }
}

vocabulary! {
    /// What somebody did to somebody, counted per pair and window.
    Verb {
        /** A DICOM association was accepted. */
        Associate = "associate",
        /** A DICOM association was rejected. */
        Reject = "reject",
        /** C-ECHO: is anybody there. */
        Echo = "c-echo",
        /** C-STORE: send an image. */
        Store = "c-store",
        /** C-FIND: ask what there is. */
        Find = "c-find",
        /** C-MOVE: have images sent to a third. */
        Move = "c-move",
        /** C-GET: fetch images. */
        Get = "c-get",
        /** N-CREATE, N-SET, N-ACTION, N-EVENT-REPORT and their like. */
        Normalized = "dimse-n",
        /** An HL7 message was sent. */
        Message = "hl7-message",
        /** An HL7 acknowledgement with AA or CA. */
        Accept = "hl7-accept",
        /** An HL7 acknowledgement with AE, AR, CE or CR. */
        Refuse = "hl7-refuse",
        /** A lease was given (DHCPACK). */
        Lease = "dhcp-lease",
        /** An address was asked for (DHCPDISCOVER, DHCPREQUEST, DHCPINFORM). */
        Ask = "dhcp-ask",
        /** A DNS query. */
        Query = "dns-query",
        /** A DNS answer. */
        Answer = "dns-answer",
    }
}

vocabulary! {
    /// What a piece of evidence speaks about.
    Attribute {
        /** An IP address the device uses. */
        Address = "address",
        /** A name the device gives itself or is given. Site data. */
        Hostname = "hostname",
        /** A DICOM application entity title. Site data. */
        AeTitle = "ae-title",
        /** An HL7 sending or receiving application or facility. Site data. */
        Application = "application",
        /** Who made it. */
        Maker = "maker",
        /** Which product family it belongs to. */
        Family = "family",
        /** Which model it is. */
        Model = "model",
        /** Which release of its software runs. */
        Version = "version",
        /** Which operating system or network stack it runs. */
        Os = "os",
        /** What kind of thing it is. */
        Class = "class",
        /** What it does for others. */
        Role = "role",
        /** A software library it speaks with. Names software, never a device. */
        Toolkit = "toolkit",
        /** A serial number or other unit identifier. Site data. */
        Serial = "serial",
        /** A service it offers: protocol and port. */
        Serves = "serves",
        /** A service it uses: protocol and port. */
        Uses = "uses",
        /** A modality it produces (DICOM code, such as CT). */
        Modality = "modality",
    }
}

impl DeviceClass {
    /// A failure of such a device, or of its network, can harm a patient directly.
    pub const fn is_life_supporting(self) -> bool {
        matches!(self, DeviceClass::Therapy)
    }

    /// A device of the clinic, whatever it does there.
    pub const fn is_clinical(self) -> bool {
        matches!(
            self,
            DeviceClass::Imaging
                | DeviceClass::Monitoring
                | DeviceClass::Therapy
                | DeviceClass::Laboratory
                | DeviceClass::ClinicalIt
        )
    }
}

impl Verb {
    /// The protocol in which it is done.
    pub const fn protocol(self) -> Protocol {
        match self {
            Verb::Associate
            | Verb::Reject
            | Verb::Echo
            | Verb::Store
            | Verb::Find
            | Verb::Move
            | Verb::Get
            | Verb::Normalized => Protocol::Dicom,
            Verb::Message | Verb::Accept | Verb::Refuse => Protocol::Hl7,
            Verb::Lease | Verb::Ask => Protocol::Dhcp,
            Verb::Query | Verb::Answer => Protocol::Dns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_can_be_read_back_and_says_what_it_means() {
        macro_rules! check {
            ($($words:ident),+) => {$(
                for &word in $words::ALL {
                    assert_eq!($words::parse(word.as_str()), Some(word));
                    assert!(word.meaning().ends_with('.'), "{word}: {:?}", word.meaning());
                }
            )+};
        }
        check!(DeviceClass, Role, Zone, Severity, Protocol, Visibility, Verb, Attribute);
        assert_eq!(Severity::parse("urgent"), None);
    }
}
