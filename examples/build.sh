#!/bin/sh
# Builds the examples that have sources in other languages. Their binaries are committed, but for Go's, which is too large.
#
#   ./build.sh               all of them
#   ./build.sh c cpp         these only: c, cpp, rust, assemblyscript, go
#
# What the committed ones were built with:
#   c, cpp           clang 22 with lld, wasi-libc, compiler-rt and libc++ for wasm32-wasi, which is wasip1
#                    (Debian: clang-22 lld-22 wasi-libc libclang-rt-22-dev-wasm32 libc++-22-dev-wasm32 libc++abi-22-dev-wasm32)
#   rust             rustc 1.85 with the target wasm32-wasip1 (Debian: rustc libstd-rust-dev-wasm32; rustup target add wasm32-wasip1)
#   assemblyscript   assemblyscript 0.28.20 and @assemblyscript/wasi-shim 0.1.0 from npm
#   go               go 1.24 (from 1.21 on)
#
# CLANG, RUSTC and GO name other compilers. Names of functions are kept: wasm-opt would take them away.
set -eu
cd "$(dirname "$0")"
clang=${CLANG:-clang-22}

wasm() {
  "$clang" --target=wasm32-wasi --no-wasm-opt -Wno-deprecated -ffile-prefix-map="$PWD=examples" "$@"
}

build_c() {
  wasm -O0 -g -o c-hello/hello.wasm c-hello/hello.c
  wasm -O2 -Wl,--strip-debug -o c-hello/hello-O2.wasm c-hello/hello.c
  wasm -O1 -Wl,--strip-debug -o c-guess/guess.wasm c-guess/guess.c
  wasm -O1 -Wl,--strip-debug -o c-poll/wait.wasm c-poll/wait.c
  wasm -O1 -mexec-model=reactor -o reactor/counter.wasm reactor/counter.c
  wasm -O1 -Wl,--strip-debug -o reactor/main.wasm reactor/main.c
}

build_cpp() {
  wasm --driver-mode=g++ -std=c++20 -O1 -fno-exceptions -Wl,--strip-debug,-O2,--compress-relocations \
    -o cpp-shapes/shapes.wasm cpp-shapes/shapes.cpp
}

build_rust() {
  "${RUSTC:-rustc}" --edition 2021 --target wasm32-wasip1 -C opt-level=1 -C strip=debuginfo \
    -o rust-words/words.wasm rust-words/words.rs
}

build_assemblyscript() {
  modules=$(mktemp -d)
  npm install --silent --no-audit --no-fund --prefix "$modules" assemblyscript@0.28.20 @assemblyscript/wasi-shim@0.1.0
  cp as-primes/primes.ts "$modules"
  (cd "$modules" && npx asc primes.ts --config ./node_modules/@assemblyscript/wasi-shim/asconfig.json -O1 --debug -o primes.wasm)
  cp "$modules/primes.wasm" as-primes/
  rm -r "$modules"
}

build_go() {
  GOOS=wasip1 GOARCH=wasm GO111MODULE=off "${GO:-go}" build -trimpath -o go-greet/greet.wasm go-greet/greet.go
}

[ $# -gt 0 ] || set -- c cpp rust assemblyscript go
for language; do "build_$language"; done
chmod 644 ./*/*.wasm
