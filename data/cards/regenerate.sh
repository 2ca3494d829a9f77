#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the ready cards anew from the specs beside them: data/cards/regenerate.sh [MHO] [NAME ...]
#   MHO    the program (default build/release/mho)
#   NAME   only these cards, without folder and ending (default all)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mho=$(realpath "${1:-$here/../../build/release/mho}")
shift || true
cd "$here/specs"
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
    for spec in *.toml; do names+=("${spec%.toml}"); done
fi
for name in "${names[@]}"; do
    "$mho" calibrate "$name.toml" -o "$here/$name.json"
done
