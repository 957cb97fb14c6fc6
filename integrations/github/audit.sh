#!/usr/bin/env bash
# Runs `palisade audit` with the inputs of the action: annotations go to the log, SARIF and Markdown
# to files, the exit code to an output, so that the steps that follow can still use the reports.
set -euo pipefail

arguments=(audit --format github)
add_lines() {
  local line
  while IFS= read -r line; do
    if [ -n "$line" ]; then arguments+=("$line"); fi
  done <<<"$1"
}
add_option() {
  if [ -n "$2" ]; then arguments+=("--$1=$2"); fi
}

add_option config "$CONFIG"
add_option baseline "$BASELINE"
add_option framework "$FRAMEWORK"
add_option select "$SELECT"
add_option ignore "$IGNORE"
add_option show "$SHOW"
add_option fail-on "$FAIL_ON"
add_option today "$TODAY"
if [ "$COMPLETE" = true ]; then arguments+=(--complete); fi
if [ "$STRICT" = true ]; then arguments+=(--strict); fi

markdown=$RUNNER_TEMP/palisade.md
arguments+=("--output=sarif=$SARIF" "--output=markdown=$markdown")
arguments+=("--link-base=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/blob/${HEAD_SHA:-$GITHUB_SHA}")
# shellcheck disable=SC2153
add_lines "$ARGUMENTS"
arguments+=(--)
add_lines "$PATHS"

rm -f "$SARIF" "$markdown"
code=0
palisade "${arguments[@]}" || code=$?

{
  echo "exit-code=$code"
  if [ -f "$SARIF" ]; then echo "sarif=$SARIF"; fi
  if [ -f "$markdown" ]; then echo "markdown=$markdown"; fi
} >>"$GITHUB_OUTPUT"
if [ "$SUMMARY" = true ] && [ -f "$markdown" ]; then
  cat "$markdown" >>"$GITHUB_STEP_SUMMARY"
fi
