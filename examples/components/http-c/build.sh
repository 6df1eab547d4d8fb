#!/bin/sh
# Builds handler.wasm: clang makes the core module, jco (from npm) the component around it.
#
# What the committed one was built with: clang 22 and lld 22 (Debian: clang-22 lld-22), @bytecodealliance/jco 1.35.0.
# CLANG names another compiler.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"
npm install --silent --no-audit --no-fund @bytecodealliance/jco@1.35.0
"${CLANG:-clang-22}" --target=wasm32 -O0 -g -nostdlib -mbulk-memory -Wall -ffile-prefix-map="$here=examples/components/http-c" \
  -fdebug-compilation-dir=examples/components/http-c -Wl,--no-entry -Wl,-z,stack-size=65536 -o core.wasm "$here/handler.c"
node "$here/componentize.mjs" core.wasm "$here/handler.wit" handler "$here/handler.wasm"
rm -r "$work"
