#!/usr/bin/env python3
"""A small hospital made of real programs in network namespaces, a mirror port to listen on, and the truth.

Two segments (clinical and office) with a router between them. Phases run one after the other and each leaves
DIR/<phase>.pcap, what the mirror port heard, and DIR/<phase>.truth.json, what was done and what the peers logged. No
traffic leaves the namespaces. Needs root; README.md has the hosts, the phases and the programs.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from canary import Canary
from clients import Clients
from day import Day
from incident import Incident
from runner import HERE, PYTHON, Runner
from servers import Servers
from topology import TAP
from truth import Truth

PHASES = ("baseline", "bulk", "canary", "incident")
PROGRAMS = (
    "ip ethtool tcpdump openssl dnsmasq chronyd Orthanc storescp storescu echoscu findscu movescu getscu dcmsend smbd smbclient "
    "dhclient udhcpc dhcpcd avahi-daemon snmpd snmpget snmpwalk curl dig ping arping nmap unshare"
).split()


class Lab(Servers, Clients, Day, Incident, Canary, Truth, Runner):
    def __init__(self, options):
        super().__init__(options.out, options.tap_here)
        self.rounds = options.rounds
        self.phases = options.phases
        self.sensor_command = options.sensor_command
        self.open = False

    def open_hospital(self):
        """Servers start and clients get their addresses; the first phase of a run sees it."""
        if not self.open:
            self.open = True
            self.start_servers()
            time.sleep(5)
            self.start_clients()
            time.sleep(3)

    def phase(self, name, work):
        """Capture what the mirror port hears while work() runs, then write what was done."""
        sizes = self.log_sizes()
        log = self.path("log", f"tcpdump-{name}.log")
        capture = os.path.join(self.out, name + ".pcap")
        tcpdump = self.at_mirror(
            ["tcpdump", "-i", self.tap_here or TAP, "-s", "0", "-U", "-B", "32768", "-Z", "root", "-w", capture], log
        )
        time.sleep(1.5)
        started = time.time()
        self.open_hospital()
        work()
        time.sleep(2)
        tcpdump.send_signal(signal.SIGINT)
        tcpdump.wait(20)
        with open(log) as f:
            dropped = re.search(r"(\d+) packets dropped by kernel", f.read())
        replaced = ((self.work, "lab"), (self.out, "lab"), (HERE, "lab"), (PYTHON, "python3"))
        self.write_truth(name, started, time.time(), int(dropped.group(1)) if dropped else None, sizes, replaced)

    def baseline(self):
        self.routine(self.rounds)

    def incident(self):
        routine = threading.Thread(target=self.routine, args=(1,))
        routine.start()
        self.attacks()
        routine.join()

    def start_sensor(self):
        """The command that is to hear everything, before the first frame."""
        if not self.sensor_command:
            return None
        command = ["env", f"LAB_TAP={self.tap_here or TAP}", f"LAB_OUT={self.out}", "sh", "-c", "exec " + self.sensor_command]
        sensor = self.at_mirror(command, self.path("log", "sensor.log"))
        time.sleep(2)
        if sensor.poll() is not None:
            sys.exit(f"the sensor command ended at once with {sensor.returncode}; see {self.path('log', 'sensor.log')}")
        return sensor

    def stop_sensor(self, sensor):
        if sensor:
            sensor.send_signal(signal.SIGTERM)
            code = sensor.wait(60)
            self.write("sensor-exit", f"{code}\n")
            print("sensor ended with", code, flush=True)

    def run(self):
        os.makedirs(self.path("log"))
        subprocess.run([PYTHON, os.path.join(HERE, "make_objects.py"), self.path("dcm")], check=True)
        self.make_certificates()
        try:
            self.network_up()
            sensor = self.start_sensor()
            for name in self.phases:
                self.phase(name, getattr(self, name))
            self.stop_sensor(sensor)
        finally:
            self.network_down()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True, help="new or empty folder for captures, truth files and work/")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of routine work in the baseline, about 15 s each (default 5)")
    parser.add_argument(
        "--phases", default="baseline,bulk,incident", type=lambda text: text.split(","),
        help=f"which phases, in which order, of {', '.join(PHASES)} (default baseline,bulk,incident)",
    )
    parser.add_argument(
        "--sensor-command", metavar="SHELL",
        help="a command that runs where the mirror port ends, from before the first frame until after the last; it finds the "
        "interface in $LAB_TAP and the folder in $LAB_OUT, and is ended by SIGTERM",
    )
    parser.add_argument(
        "--tap-here", metavar="NAME", help="put the mirror's far end into this namespace as interface NAME (default: its own namespace)"
    )
    return parser.parse_args()


def main():
    options = arguments()
    unknown = [phase for phase in options.phases if phase not in PHASES]
    if unknown:
        sys.exit("no such phase: " + ", ".join(unknown))
    if os.geteuid():
        sys.exit("lab.py needs root (network namespaces, tcpdump)")
    missing = [p for p in PROGRAMS if not shutil.which(p)]
    if missing:
        sys.exit("missing programs (scripts/setup.sh lab installs them): " + " ".join(missing))
    if os.path.exists(os.path.join(options.out, "work")):
        sys.exit(f"{options.out} already holds a run")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    Lab(options).run()


if __name__ == "__main__":
    main()
