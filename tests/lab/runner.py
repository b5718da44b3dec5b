"""Run programs on hosts of the lab, and keep a record of each run."""
import os
import signal
import subprocess
import sys
import threading
import time

from topology import HOSTS, Topology, shell

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "peers")
PYTHON = sys.executable


class Runner(Topology):
    def __init__(self, out, tap_here=None):
        super().__init__(tap_here)
        self.out = os.path.abspath(out)
        self.work = os.path.join(self.out, "work")
        self.processes, self.events = [], []
        self.started = time.time()
        self.write_lock = threading.Lock()

    def path(self, *names):
        return os.path.join(self.work, *names)

    def write(self, name, text):
        """Write a file of the work folder and return its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path

    def inside(self, host, command):
        return [os.path.join(PEERS, "in_ns.sh"), self.prefix + host, self.path("hosts", host), *map(str, command)]

    def daemon(self, host, *command, log, env=None):
        """Start a program on a host and leave it running until the end of the run."""
        with open(self.path("log", log + ".log"), "ab") as f:
            process = subprocess.Popen(
                self.inside(host, command), stdout=f, stderr=f, stdin=subprocess.DEVNULL,
                start_new_session=True, env={**os.environ, **(env or {})},
            )
        self.processes.append(process)
        return process

    def event(self, kind, host, *command, label="benign", dst=None, n=1, timeout=60, note=None, env=None):
        """Run a program on a host to its end and record it. n: how many operations the command makes."""
        started = time.time()
        try:
            done = subprocess.run(
                self.inside(host, command), capture_output=True, text=True, errors="replace",
                timeout=timeout, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})},
            )
            rc, output = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired:
            rc, output = "timeout", ""
        self.record(
            kind, host, started, label=label, dst=dst, rc=rc, n=n, note=note,
            cmd=" ".join(map(str, command))[:300], out=output[-400:].strip(),
        )
        print(f"{time.time() - self.started:7.1f} {kind:18s} {host:6s} rc={rc}", flush=True)

    def record(self, kind, host, started, label="benign", dst=None, note=None, **more):
        entry = dict(kind=kind, label=label, src=host, src_ip=self.address.get(host), dst=dst, dst_ip=self.address.get(dst))
        entry.update(t_start=started, t_end=time.time(), **more)
        if note:
            entry["note"] = note
        with self.write_lock:
            self.events.append(entry)

    def script(self, kind, host, name, *arguments, **options):
        """An event made by one of the Python programs in peers/."""
        self.event(kind, host, PYTHON, os.path.join(PEERS, name), *arguments, **options)

    def at_mirror(self, command, log):
        """Start a program where the mirror's far end is."""
        with open(log, "wb") as f:
            process = subprocess.Popen(
                [*self.at_tap(), *command], stdout=f, stderr=f, stdin=subprocess.DEVNULL, start_new_session=True,
            )
        self.processes.append(process)
        return process

    def network_down(self):
        """End what this run started: our process groups, then whatever still lives in our namespaces."""
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except OSError:
                pass
        time.sleep(1)
        for ns in self.namespaces():
            for pid in shell(f"ip netns pids {ns}", check=False).stdout.split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except OSError:
                    pass
        for process in self.processes:
            process.wait(10)
        self.remove_namespaces()

    def dhcp_hosts(self):
        return [name for name, host in HOSTS.items() if host.dhcp]
