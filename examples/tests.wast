;; A script: modules, and commands that call them and say what must come of it.
;;
;; F5 runs all commands. Set a breakpoint on an assertion, or inside a function: the call stack shows which assertion calls
;; it. One assertion is wrong on purpose: the Debug Console says what it found, with a link to its line. Check "Failed
;; Assertions" in the Breakpoints view to stop there.

(module $numbers
  (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
    (if (result i32) (i32.eqz (local.get $b))
      (then (local.get $a))
      (else
        (call $gcd
          (local.get $b)
          (i32.rem_u (local.get $a) (local.get $b))))))
  (func (export "divide") (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a) (local.get $b))))

(assert_return (invoke "gcd" (i32.const 12) (i32.const 18)) (i32.const 6))
(assert_return (invoke "gcd" (i32.const 7) (i32.const 0)) (i32.const 7))
(assert_return (invoke "gcd" (i32.const 40) (i32.const 25)) (i32.const 10))
(assert_trap (invoke "divide" (i32.const 1) (i32.const 0)) "integer divide by zero")

(register "numbers" $numbers)

;; A module that is given as a string: its functions are shown as disassembly.
(module quote
  "(func $gcd (import \"numbers\" \"gcd\") (param i32 i32) (result i32))"
  "(func (export \"lcm\") (param $a i32) (param $b i32) (result i32)"
  "  (i32.mul (local.get $a)"
  "    (i32.div_u (local.get $b) (call $gcd (local.get $a) (local.get $b)))))")

(assert_return (invoke "lcm" (i32.const 4) (i32.const 6)) (i32.const 12))
(assert_invalid (module (func (result i32))) "type mismatch")
