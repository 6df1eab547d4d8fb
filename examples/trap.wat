;; Traps: what the debugger shows when a program does what WebAssembly forbids.
;;
;; Try: press F5 and choose an export. Each one ends in a trap; the debugger stops at the instruction, says
;; what happened and with which values, and the frames and locals can still be looked at.

(module
  (memory 1)  ;; one page: 65536 bytes

  ;; Reads 4 bytes for each round, 10000 bytes further each time: the eighth read is past the end.
  (func (export "out_of_bounds") (result i32)
    (local $address i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $address))))
      (local.set $address (i32.add (local.get $address) (i32.const 10000)))
      (br_if $next (i32.lt_u (local.get $address) (i32.const 1000000))))
    (local.get $sum))

  (func $divide (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a) (local.get $b)))

  (func (export "divide_by_zero") (result i32)
    (call $divide (i32.const 1) (i32.const 0)))

  ;; -2147483648 / -1 does not fit into an i32.
  (func (export "overflow") (result i32)
    (call $divide (i32.const 0x80000000) (i32.const -1)))

  (func (export "not_a_number") (result i32)
    (i32.trunc_f64_s (f64.sqrt (f64.const -1))))

  ;; Reaching `unreachable` always traps. Compilers put it where a program must not arrive.
  (func (export "unreachable")
    unreachable)

  ;; Calls itself without an end, until the call stack is exhausted.
  (func $forever (export "endless_recursion") (param $depth i32) (result i32)
    (call $forever (i32.add (local.get $depth) (i32.const 1)))))
