;; What happens when a component starts: two core modules, each with a start function that leaves a trace.
;;
;;   wasmscope run --invoke 'order()' start-order.wat
;;
;; Core instances come to be one after the other, in the order of this text, and each start function runs before the next
;; instance is made: $trace first, then $a, then $b, which asks $a whether it has started.
(component $start-order
  ;; Where the trace is left: letters in a memory.
  (core module $Trace
    (memory (export "mem") 1)
    (global $length (mut i32) (i32.const 0))
    (func (export "leave") (param $letter i32)
      (i32.store8 (i32.add (i32.const 16) (global.get $length)) (local.get $letter))
      (global.set $length (i32.add (global.get $length) (i32.const 1))))
    ;; A string is returned as the address of its address and length.
    (func (export "order") (result i32)
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (global.get $length))
      (i32.const 0)))

  (core module $A
    (import "trace" "leave" (func $leave (param i32)))
    (global $started (mut i32) (i32.const 0))
    (func $start
      (call $leave (i32.const 65)) ;; A
      (global.set $started (i32.const 1)))
    (func (export "started") (result i32) (global.get $started))
    (start $start))

  (core module $B
    (import "trace" "leave" (func $leave (param i32)))
    (import "a" "started" (func $a-started (result i32)))
    (func $start
      (if (call $a-started)
        (then (call $leave (i32.const 66))) ;; B
        (else (call $leave (i32.const 63))))) ;; ?
    (start $start))

  (core instance $trace (instantiate $Trace))
  (core instance $a (instantiate $A (with "trace" (instance $trace))))
  (core instance $b (instantiate $B
    (with "trace" (instance $trace))
    (with "a" (instance $a))))

  (func (export "order") (result string)
    (canon lift (core func $trace "order") (memory (core memory $trace "mem")))))
