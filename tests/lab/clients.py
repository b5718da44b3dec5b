"""How the modalities, monitors and workstations come to life: leases, agents, discovery."""
import os
import time

from runner import PEERS
from topology import HOSTS


class Clients:
    def lease(self, name):
        """Get an address by DHCP with the client that the host table names."""
        client = HOSTS[name].dhcp
        hook = os.path.join(PEERS, "dhcp-script.sh")
        self.link_up(name)
        if client == "dhclient":
            with open("/etc/dhcp/dhclient.conf") as f:
                text = f.read().replace("send host-name = gethostname();", f'send host-name = "{name}";')
            config = self.write(f"{name}-dhclient.conf", text)
            common = ("-1", "-v", "-sf", hook, "-cf", config)
            self.event(
                "dhcp", name, "dhclient", "-4", *common, "-lf", self.path(f"{name}.lease"), "-pf", "/run/dhc.pid",
                "eth0", dst="srv", timeout=40, note="isc-dhcp-client, Debian's default request list",
            )
            if name == "ct01":
                time.sleep(3)
                self.event(
                    "dhcpv6", name, "dhclient", "-6", *common, "-lf", self.path(f"{name}.lease6"),
                    "-pf", "/run/dhc6.pid", "eth0", dst="srv", timeout=40,
                )
        elif client == "udhcpc":
            self.event(
                "dhcp", name, "udhcpc", "-i", "eth0", "-q", "-n", "-f", "-x", "hostname:" + name, "-s", hook,
                dst="srv", timeout=40, note="busybox udhcpc",
            )
        else:
            started = time.time()
            config = self.write(
                f"{name}-dhcpcd.conf",
                f"hostname {name}\nduid\npersistent\noption rapid_commit\n"
                "option domain_name_servers, domain_name, domain_search\noption classless_static_routes\n"
                "option interface_mtu\noption host_name\nrequire dhcp_server_identifier\nslaac private\n"
                "nohook resolv.conf,hostname,ntp\nwaitip 4\n",
            )
            self.daemon(name, "dhcpcd", "-B", "-d", "-f", config, "eth0", log=name + "-dhcpcd")
            for _ in range(40):
                self.learn_addresses(self.path("leases"))
                if self.address[name]:
                    break
                time.sleep(0.5)
            self.record("dhcp", name, started, dst="srv", note="dhcpcd")
        self.learn_addresses(self.path("leases"))
        print(name, self.address[name], flush=True)

    def start_clients(self):
        for name, host in HOSTS.items():
            if host.dhcp:
                self.lease(name)
        self.start_snmpd("mon03")
        for name in ("ct01", "mon03"):
            config = self.write(
                f"chrony-{name}.conf",
                "server 10.20.0.2 iburst minpoll 4 maxpoll 4\ncmdport 0\nbindcmdaddress /run/c.sock\npidfile /run/ch.pid\n",
            )
            self.daemon(name, "chronyd", "-x", "-d", "-u", "root", "-f", config, log=name + "-chronyd")
        self.start_avahi("mon04", [("_http._tcp", 80)])
        self.start_avahi("pacs", [("_dicom._tcp", 4242), ("_smb._tcp", 445)])
        os.makedirs(self.path("ws01-received"))
        self.daemon("ws01", "storescp", "-v", "-aet", "WS01", "-od", self.path("ws01-received"), "+xa", 11113, log="ws01-storescp")

    def start_snmpd(self, name):
        config = self.write(
            "snmpd.conf",
            "agentaddress udp:161\nrocommunity public 10.20.0.0/24\nsysDescr Example Patient Monitor rev A.01\n"
            f"sysName {name}\nsysLocation ICU bed 3\nsysContact biomed@example.org\n",
        )
        self.daemon(
            name, "snmpd", "-f", "-Lo", "-C", "-c", config, "-p", "/run/snmpd.pid",
            log=name + "-snmpd", env={"SNMP_PERSISTENT_DIR": self.path("snmp")},
        )

    def start_avahi(self, name, services):
        folder = self.path("avahi-" + name)
        for i, (service, port) in enumerate(services):
            self.write(
                f"avahi-{name}/s{i}.service",
                '<?xml version="1.0" standalone="no"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd"><service-group>'
                f"<name>{name}</name><service><type>{service}</type><port>{port}</port></service></service-group>",
            )
        self.write(
            f"avahi-{name}/avahi.conf",
            f"[server]\nhost-name={name}\nuse-ipv4=yes\nuse-ipv6=yes\nenable-dbus=no\nallow-interfaces=eth0\n"
            "[publish]\npublish-hinfo=yes\npublish-workstation=yes\n[rlimits]\n",
        )
        start = (
            'mount --bind "$1" /etc/avahi/services; mkdir -p /run/avahi-daemon; '
            'exec avahi-daemon -f "$1/avahi.conf" --no-drop-root --no-chroot --no-rlimits'
        )
        self.daemon(name, "sh", "-c", start, "sh", folder, log=name + "-avahi")
