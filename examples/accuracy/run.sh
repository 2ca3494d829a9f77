#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All figures of docs/accuracy.md: `run.sh [FOLDER]`, one JSON file each in FOLDER (build/accuracy).
# What is finished there is not computed again, so the script may be stopped at any time. It takes
# hours of processor time; NETWORKS chooses ("mnist fashion resnet20 resnet56 imagenet size"), TRIALS,
# IMAGES (of CIFAR-10), IMAGENET (images) and THREADS lower the cost. Afterwards:
#     python3 examples/accuracy/table.py FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly out=${1:-build/accuracy}
readonly mho=${MHO:-build/release/mho}
readonly data=${MHO_SHARED:-../shared}/data
readonly trials=${TRIALS:-5} images=${IMAGES:-10000} imagenet=${IMAGENET:-500}
readonly networks=${NETWORKS:-mnist fashion resnet20 resnet56 imagenet size}
mkdir -p "$out"

# run NAME ARGUMENTS...: one inference, unless its result is there.
run() {
    local -r file="$out/$1.json"
    shift
    if [[ -s $file ]] && grep -q '"interrupted": false' "$file"; then return; fi
    printf '%s\n' "${file#"$out"/}"
    "$mho" infer --quiet ${THREADS:+--threads "$THREADS"} "$@" -o "$file" >/dev/null
}

# Exact systems are the same in every instance.
exact() { run "$@" --trials 1; }
programmed() { run "$@" --trials "$trials"; }

# all NET ARGUMENTS...: a network on every system.
all() {
    local -r net=$1
    shift
    run "$net.float" --system digital-float "$@"
    exact "$net.digital8" --system digital8 "$@"
    exact "$net.ideal8" --system ideal8 "$@"
    programmed "$net.taox" --system taox "$@"
    programmed "$net.sonos-tcas" --system sonos-tcas "$@"
    programmed "$net.hfo2" --system hfo2 "$@"
    local time
    for time in 86400 432000; do
        programmed "$net.sonos-tcas.t$time" --system sonos-tcas \
            --set "device.time_second=$time" "$@"
    done
    programmed "$net.pcm.t1" --system pcm --set device.time_second=1 "$@"
    for time in 3600 86400; do
        programmed "$net.pcm.t$time" --system pcm --set "device.time_second=$time" "$@"
        programmed "$net.pcm.t$time.compensated" --system pcm --set "device.time_second=$time" \
            --set device.compensation=true "$@"
    done
}

cifar() {
    all "$1" --model "$data/models/$1_cifar10_akamaster.onnx" --data "$data/cifar10" \
        --limit "$images"
}

pictures() {
    local -r net=$1 model=$2
    shift 2
    all "$net" --model "$data/models/$model.onnx" --data "$data/imagenet/sample500" \
        --limit "$imagenet" "$@"
}

# sweep NAME ARGUMENTS...: accuracy against one axis, on ResNet-20.
sweep() {
    local -r file="$out/size.$1.json"
    shift
    [[ -s $file ]] && grep -q '"interrupted": false' "$file" && return
    printf '%s\n' "${file#"$out"/}"
    "$mho" size --quiet ${THREADS:+--threads "$THREADS"} \
        --model "$data/models/resnet20_cifar10_akamaster.onnx" --data "$data/cifar10" \
        --limit "${SIZE_IMAGES:-1000}" --trials "$trials" "$@" -o "$file" >/dev/null
}

for network in $networks; do
    case $network in
        mnist)
            all lenet5 --model "$data/models/lenet5_mnist.onnx" --data "$data/mnist"
            all mlp --model "$data/models/mlp_mnist.onnx" --data "$data/mnist"
            ;;
        fashion)  # no published network: 784-300-10, trained here for a minute or two
            [[ -s $out/mlp_fashion.onnx ]] ||
                "${MHO_TRAIN_MLP:-build/release/apps/train_mlp/mho-train-mlp}" "$data/fashion" \
                    300 12 "$out/mlp_fashion.onnx"
            all fashion --model "$out/mlp_fashion.onnx" --data "$data/fashion"
            ;;
        resnet20 | resnet56) cifar "$network" ;;
        imagenet)
            pictures squeezenet squeezenet1_1 --normalize caffe
            # Its filters differ so much in size that one scale for a layer leaves most of them no levels.
            pictures mobilenet mobilenetv2_tf2_ptq --normalize signed --set weights.scale=column
            pictures resnet50 resnet50v15_int4_nvidia
            ;;
        size)
            sweep bits --system taox --axis bits=4:10
            sweep wires --system taox --axis rows=16:1152 --axis wire=1e-6:1e-3
            sweep on_off --system taox --axis on_off=2:1000
            sweep error --system taox --axis error=0.25:8
            sweep dose --system sonos-tcas --axis dose=0:100
            ;;
        *)
            printf 'run.sh: %s? expected mnist, fashion, resnet20, resnet56, imagenet or size\n' "$network" >&2
            exit 2
            ;;
    esac
done
