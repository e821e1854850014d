#!/usr/bin/env bash
# Runs a plan in N processes side by side and merges what they find: bash shards.sh N [OPTIONS OF bnregress run]
set -euo pipefail
count=$1
shift
out=${OUT:-bnregress-shards}

processes=()
for index in $(seq "$count"); do
  # A shard's own exit code says little: the merged results decide.
  bnregress run --shard "$index/$count" --jobs 1 --out "$out/$index" "$@" > "$out-$index.log" 2>&1 &
  processes+=($!)
done
for process in "${processes[@]}"; do
  wait "$process" || true
done

bnregress report "$out" --out "$out-all"
