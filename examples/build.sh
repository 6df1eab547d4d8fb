#!/bin/sh
# Builds the C examples' binaries, which are committed: clang 22 with lld, wasi-libc and compiler-rt for wasm32-wasi, which is wasip1
# (Debian: clang-22 lld-22 wasi-libc libclang-rt-22-dev-wasm32). CLANG names another compiler.
set -eu
cd "$(dirname "$0")"
clang=${CLANG:-clang-22}
wasm() {
  # wasm-opt would take the names away.
  "$clang" --target=wasm32-wasi --no-wasm-opt -Wno-deprecated -ffile-prefix-map="$PWD=examples" "$@"
}
wasm -O0 -g -o c-hello/hello.wasm c-hello/hello.c
wasm -O2 -Wl,--strip-debug -o c-hello/hello-O2.wasm c-hello/hello.c
wasm -O1 -mexec-model=reactor -o reactor/counter.wasm reactor/counter.c
wasm -O1 -Wl,--strip-debug -o reactor/main.wasm reactor/main.c
chmod 644 ./*/*.wasm
