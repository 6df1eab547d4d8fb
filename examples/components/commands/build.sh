#!/bin/sh
# Makes commands of WASI 0.2 (wasi:cli/run) of the programs for WASI 0.1 in ../..: jco puts the adapter around them that calls
# 0.2 for what 0.1 asks. Their sources are there: ../../c-guess/guess.c, ../../c-poll/wait.c, ../../rust-words/words.rs.
#
# What the committed ones were made with: @bytecodealliance/jco 1.35.0 from npm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"
npm install --silent --no-audit --no-fund @bytecodealliance/jco@1.35.0
for program in c-guess/guess c-poll/wait rust-words/words; do
  npx jco new --wasi-command "$here/../../$program.wasm" -o "$here/$(basename "$program").wasm"
done
rm -r "$work"
