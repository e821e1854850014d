#!/usr/bin/env bash
# Runs a plan in N processes side by side and merges what they find: bash shards.sh N [OPTIONS OF bnregress run]
set -euo pipefail
count=$1
shift
out=${OUT:-bnregress-shards}
# Every shard says that it is of this run, and the report takes no other: what an earlier one left counts for nothing.
export BNREGRESS_RUN_ID=${BNREGRESS_RUN_ID:-shards-$(date -u +%Y%m%dT%H%M%SZ)-$$}

processes=()
places=()
for index in $(seq "$count"); do
  # A shard's own exit code says little: the merged results decide.
  bnregress run --shard "$index/$count" --jobs 1 --out "$out/$index" "$@" > "$out-$index.log" 2>&1 &
  processes+=($!)
  places+=("$out/$index/results.json")
done
for process in "${processes[@]}"; do
  wait "$process" || true
done

bnregress report "${places[@]}" --expect-shards "$count" --out "$out-all"
