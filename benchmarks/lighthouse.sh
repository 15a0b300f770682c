#!/usr/bin/env bash
# Lighthouse's mobile scores of sign-in, today and diary. Prints one JSON object a page. Needs Node, Chromium and a portal that runs.
#   benchmarks/lighthouse.sh http://127.0.0.1:8000 PHONE PIN
set -euo pipefail
base=${1:?address} phone=${2:?phone} pin=${3:?PIN}
export CHROME_PATH=${CHROME_PATH:-$(command -v chromium || command -v google-chrome)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

token=$(curl -fsS -c "$work/jar" "$base/sign-in" | sed -n 's/.*name="csrf_token"[^>]*value="\([^"]*\)".*/\1/p' | tail -1)
curl -fsS -o /dev/null -b "$work/jar" -c "$work/jar" --data-urlencode "csrf_token=$token" --data-urlencode "who=$phone" \
  --data-urlencode "pin=$pin" "$base/sign-in"
cookie=$(awk '$6 == "portal" || $6 == "__Host-portal" {print $6 "=" $7}' "$work/jar")
[ -n "$cookie" ] || { echo "not signed in: is the PIN right?" >&2; exit 1; }

score() {
  npx --yes lighthouse@13.5.0 "$base$2" --quiet --output=json --output-path="$work/$1.json" --only-categories=performance,accessibility,best-practices \
    --chrome-flags="--headless=new --no-sandbox --lang=zh-CN" ${3:+--extra-headers="{\"Cookie\": \"$3\"}"} >&2
  node -e '
    const { categories, audits } = JSON.parse(require("fs").readFileSync(process.argv[2]));
    const score = (name) => Math.round(categories[name].score * 100);
    const ms = (name) => Math.round(audits[name].numericValue);
    console.log(JSON.stringify({
      page: process.argv[1], performance: score("performance"), accessibility: score("accessibility"),
      best_practices: score("best-practices"), first_paint_ms: ms("first-contentful-paint"),
      largest_paint_ms: ms("largest-contentful-paint"), blocked_ms: ms("total-blocking-time"),
      shift: audits["cumulative-layout-shift"].numericValue,
      failing: Object.values(audits).filter((one) => one.score === 0 && one.scoreDisplayMode === "binary").map((one) => one.id),
    }));' "$1" "$work/$1.json"
}

score sign-in /sign-in
score today /today "$cookie"
score diary "/diary?worse=1" "$cookie"
