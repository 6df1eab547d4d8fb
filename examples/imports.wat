;; Imports: functions, a memory, a global and a table that JavaScript provides. See host.mjs beside this file.
;;
;; Try: add a launch configuration with
;;     "program": "${workspaceFolder}/imports.wat", "imports": "./host.mjs"
;; and press F5. The Debug Console shows what `print` prints.
;; `sleep` is an async function: the program stands still until its promise settles, and goes on.
;; `twice` calls the export `double` back: step into its call, and the Call Stack shows the JavaScript frame
;; between two frames of this module.

(module
  (import "host" "print" (func $print (param $text i32) (param $bytes i32)))
  (import "host" "sleep" (func $sleep (param $milliseconds i32) (result i32)))
  (import "host" "twice" (func $twice (param i32) (result i32)))
  (import "host" "memory" (memory 1))
  (import "host" "counter" (global $counter (mut i32)))
  (import "host" "callbacks" (table $callbacks 2 funcref))

  (data (i32.const 0) "hello from wasm")
  (elem (table $callbacks) (i32.const 0) func $double $square)

  (func $double (export "double") (param $x i32) (result i32)
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (i32.mul (local.get $x) (i32.const 2)))

  (func $square (param $x i32) (result i32)
    (i32.mul (local.get $x) (local.get $x)))

  ;; twice(5) = double(double(5)) = 20; square(20) = 400; counter = 2, so 402.
  (func (export "main") (result i32)
    (local $result i32)
    (call $print (i32.const 0) (i32.const 15))
    (drop (call $sleep (i32.const 100)))
    (local.set $result (call $twice (i32.const 5)))
    (local.set $result
      (call_indirect $callbacks (param i32) (result i32) (local.get $result) (i32.const 1)))
    (i32.add (local.get $result) (global.get $counter))))
