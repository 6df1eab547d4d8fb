;; A component made of two: $shout turns words into capital letters, $app calls it.
;;
;;   wasmscope run --invoke 'hello("world")' two-components.wat
;;
;; Strings cross from one memory into another on each call: they are lifted out of the caller's memory and lowered into the
;; callee's, which makes room for them by its `realloc`.
(component $two-components
  (component $Shout
    (core module $M
      (memory (export "mem") 1)
      (global $next (mut i32) (i32.const 1024))
      ;; Room is never given back; that will do for an example.
      (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (local.get $at))
      (func (export "shout") (param $at i32) (param $length i32) (result i32)
        (local $i i32) (local $c i32)
        (block $done
          (loop $next
            (br_if $done (i32.ge_u (local.get $i) (local.get $length)))
            (local.set $c (i32.load8_u (i32.add (local.get $at) (local.get $i))))
            (if (i32.and (i32.ge_u (local.get $c) (i32.const 97)) (i32.le_u (local.get $c) (i32.const 122)))
              (then (i32.store8 (i32.add (local.get $at) (local.get $i)) (i32.sub (local.get $c) (i32.const 32)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $next)))
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $length))
        (i32.const 0)))
    (core instance $m (instantiate $M))
    (func (export "shout") (param "text" string) (result string)
      (canon lift (core func $m "shout")
        (memory (core memory $m "mem")) (realloc (core func $m "realloc")))))

  (component $App
    (import "shout" (func $shout (param "text" string) (result string)))
    (core module $Libc
      (memory (export "mem") 1)
      (global $next (mut i32) (i32.const 1024))
      (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (local.get $at)))
    (core instance $libc (instantiate $Libc))
    (core func $shout' (canon lower (func $shout)
      (memory (core memory $libc "mem")) (realloc (core func $libc "realloc"))))
    (core module $Main
      (import "libc" "mem" (memory 1))
      (import "" "shout" (func $shout (param i32 i32 i32)))
      (data (i32.const 256) "Hello, ")
      ;; Writes "Hello, " and the name behind each other at 256, and lets somebody else shout.
      (func (export "hello") (param $at i32) (param $length i32) (result i32)
        (memory.copy (i32.const 263) (local.get $at) (local.get $length))
        (call $shout (i32.const 256) (i32.add (i32.const 7) (local.get $length)) (i32.const 8))
        (i32.const 8)))
    (core instance $main (instantiate $Main
      (with "libc" (instance $libc))
      (with "" (instance (export "shout" (func $shout'))))))
    (func (export "hello") (param "name" string) (result string)
      (canon lift (core func $main "hello")
        (memory (core memory $libc "mem")) (realloc (core func $libc "realloc")))))

  (instance $shout (instantiate $Shout))
  (instance $app (instantiate $App (with "shout" (func $shout "shout"))))
  (export "hello" (func $app "hello")))
