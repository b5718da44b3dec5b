#!/usr/bin/env python3
"""What it costs to know who is on the network: the engine with and without evidence, in turn, over the same captures.

CPU time and peak memory as the operating system accounts them for each finished process; medians of the runs. The packets are
read from the page cache; what reading and decoding them costs stands in both columns.
"""
import argparse
import os
import re
import statistics

from table import run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stages", required=True)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("captures", nargs="+")
    args = parser.parse_args()
    print("| capture | packets | devices | reasons | ns/packet without | with | added | ratio | peak MB without | with | KiB per device |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for capture in args.captures:
        cpu, peak = {"unknowing": [], "engine": []}, {"unknowing": [], "engine": []}
        for _ in range(args.runs):
            for stage in cpu:
                seconds, resident, text = run([args.stages, stage, capture])
                cpu[stage].append(seconds)
                peak[stage].append(resident)
                packets, devices, reasons = (
                    int(n) for n in re.match(r"(\d+) packets, \d+ events, (\d+) devices, (\d+) reasons", text).groups()
                )
        without, full = (statistics.median(cpu[stage]) / packets * 1e9 for stage in ("unknowing", "engine"))
        ratio = statistics.median(b / a for a, b in zip(cpu["unknowing"], cpu["engine"]))
        little, much = (statistics.median(peak[stage]) for stage in ("unknowing", "engine"))
        print(
            f"| {os.path.basename(capture)} | {packets:,} | {devices:,} | {reasons:,} | {without:.0f} | {full:.0f} | {full - without:.0f}"
            f" | {ratio:.2f} | {little / 1024:.1f} | {much / 1024:.1f} | {(much - little) / devices:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
