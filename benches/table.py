#!/usr/bin/env python3
"""Time programs over captures, in turn, and print one table as Markdown.

For each capture the programs run A B A B ...; figures are medians of the operating system's own accounting of each
finished process. CPU time of start-up (a capture of two packets) is taken off before dividing by packets.
"""
import argparse
import os
import re
import statistics
import struct
import subprocess
import tempfile


def tiny(path):
    """A capture of one empty-bodied Ethernet frame: what a program costs before it reads."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        f.write(struct.pack("<IIII", 1, 0, 60, 60) + b"\xff" * 12 + b"\x88\xb5" + bytes(46))


def run(command):
    """CPU seconds, peak resident KiB and standard output of one run."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floor", required=True)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--stages", help="agent/engine/examples/stages: adds a table of ns/packet by stage")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("captures", nargs="+")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as work:
        nothing = os.path.join(work, "tiny.pcap")
        tiny(nothing)
        programs = {
            "loop": lambda capture: [args.floor, capture],
            "holter": lambda capture: [args.agent, "replay", "--quiet", capture],
        }
        start = {name: statistics.median(run(make(nothing))[0] for _ in range(args.runs)) for name, make in programs.items()}
        print(f"start-up, CPU ms: loop {start['loop'] * 1e3:.1f}, holter {start['holter'] * 1e3:.1f}\n")
        print("| capture | packets | MB | loop ns/packet | holter ns/packet | ratio | holter packets/s | peak MB loop | peak MB holter |")
        print("|---|---|---|---|---|---|---|---|---|")
        for capture in args.captures:
            cpu = {name: [] for name in programs}
            peak = {name: 0 for name in programs}
            for _ in range(args.runs):
                for name, make in programs.items():
                    seconds, resident, text = run(make(capture))
                    cpu[name].append(max(seconds - start[name], 1e-9))
                    peak[name] = max(peak[name], resident)
                    if name == "loop":
                        packets = int(re.match(r"(\d+) packets", text).group(1))
            loop, holter = (statistics.median(cpu[name]) for name in ("loop", "holter"))
            ratio = statistics.median(h / l for h, l in zip(cpu["holter"], cpu["loop"]))
            print(
                f"| {os.path.basename(capture)} | {packets} | {os.path.getsize(capture) / 1e6:.1f} | {loop / packets * 1e9:.0f}"
                f" | {holter / packets * 1e9:.0f} | {ratio:.2f} | {packets / holter:,.0f} | {peak['loop'] / 1024:.1f}"
                f" | {peak['holter'] / 1024:.1f} |",
                flush=True,
            )
    if args.stages:
        stages(args)


STAGES = ("capture", "link", "flow", "decode", "engine")


def stages(args):
    """What each stage adds to the one before it: the reader stops after a stage, and the next run goes one further."""
    with tempfile.TemporaryDirectory() as work:
        nothing = os.path.join(work, "tiny.pcap")
        tiny(nothing)
        start = {stage: min(run([args.stages, stage, nothing])[0] for _ in range(args.runs)) for stage in STAGES}
    print("\n| capture | capture | link | flow | decode | observe | sum |")
    print("|---|---|---|---|---|---|---|")
    for capture in args.captures:
        cpu = {stage: [] for stage in STAGES}
        for _ in range(args.runs):
            for stage in STAGES:
                seconds, _, text = run([args.stages, stage, capture])
                cpu[stage].append(seconds)
                packets = int(re.match(r"(\d+) packets", text).group(1))
        sums = [max(min(cpu[stage]) - start[stage], 0) / packets * 1e9 for stage in STAGES]
        added = [now - before for now, before in zip(sums, [0] + sums)]
        print(f"| {os.path.basename(capture)} | " + " | ".join(f"{ns:.0f}" for ns in added) + f" | {sums[-1]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
