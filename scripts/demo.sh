#!/bin/sh
# The whole story once: plan the shipped exercise, verify the plan, write the report, say where it is.
# Reasons get 25 s: the plan is the same every time, how many reasons are reckoned is not (the report says so).
set -eu
bin=$1/bin
out=$2/gotland-ovning
started=$(date +%s)
"$bin/nspl-opt" plan gotland-ovning --out "$out" --force --reasons-time 25
"$bin/nspl-opt" verify "$out"
"$bin/nspl-opt" report "$out" --lang sv
echo "skäl         de som hinns med på 25 s; utan --reasons-time 60 s. Läs dem: nspl-opt explain $out"
echo "demo         done in $(($(date +%s) - started)) s"
