#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what run.sh left in a folder as tables: top-1 in percent, its difference from the float
network on the same images, mean +- deviation over the instances."""
import json
import pathlib
import sys

NETWORKS = ["mlp", "lenet5", "fashion", "resnet20", "resnet56", "squeezenet", "mobilenet", "resnet50"]
SYSTEMS = [
    "digital8", "ideal8", "taox", "sonos-tcas", "sonos-tcas.t86400", "sonos-tcas.t432000",
    "pcm.t1", "pcm.t3600", "pcm.t3600.compensated", "pcm.t86400", "pcm.t86400.compensated", "hfo2",
]


def spread(values):
    mean = sum(values) / len(values)
    if len(values) < 2:
        return f"{100 * mean:.2f}", mean
    deviation = (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5
    return f"{100 * mean:.2f} +- {100 * deviation:.2f}", mean


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/accuracy")
    for network in NETWORKS:
        rows = []
        for system in SYSTEMS:
            file = folder / f"{network}.{system}.json"
            if not file.exists():
                continue
            report = json.loads(file.read_text())
            accuracy = report["accuracy"]
            text, mean = spread(accuracy["analog"]["per_trial"])
            loss = 100 * (mean - accuracy["float"])
            agree = 100 * accuracy["analog"]["agreement_with_float"]
            rows.append((system, report["trials"], report["samples"], text, loss, agree,
                         100 * accuracy["float"]))
        if not rows:
            continue
        print(f"\n{network}: float {rows[0][6]:.2f} %\n")
        print("| system | instances | images | top-1, % | less float, points | as float, % |")
        print("| --- | --- | --- | --- | --- | --- |")
        for system, trials, images, text, loss, agree, _ in rows:
            print(f"| {system} | {trials} | {images} | {text} | {loss:+.2f} | {agree:.2f} |")


main()
