#!/bin/sh
# The whole story once: plan the shipped exercise, verify the plan, write the report, say where it is.
set -eu
bin=$1/bin
out=$2/gotland-ovning
started=$(date +%s)
"$bin/nspl-opt" plan gotland-ovning --out "$out" --force
"$bin/nspl-opt" verify "$out"
"$bin/nspl-opt" report "$out" --lang sv
echo "demo         done in $(($(date +%s) - started)) s"
