#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole chain on the embedded default: spec -> netlist -> ngspice -> card -> network -> report.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mho=build/release/mho
out=build/demo
mkdir -p "$out"

"$mho" netlist examples/demo/spec.toml -o "$out/column.cir"
"$mho" calibrate examples/demo/spec.toml -o "$out/card.json" --cache "$out/cache"
"$mho" infer --card "$out/card.json" --model data/digits/mlp_digits.onnx --data data/digits \
    --trials 5 -o "$out/report.json"
"$mho" report "$out/report.json" -o "$out/report.html"

printf '\nopen %s\n' "$PWD/$out/report.html"
