;; A loop in folded form: the greatest common divisor, and how often the loop went round.
;;
;; Try: press F5, choose `gcd` and give 1071 462 as arguments: 21.
;; In folded form operands stand inside the parentheses of their instruction, and they run first: step through
;; the line of `i32.rem_u` and see that the highlight moves from the inside out.
;; A breakpoint can stand inside a line: put the cursor on `i32.eqz` and choose "Add Inline Breakpoint".
;; Look at Labels while inside: a branch to a `loop` goes back to its start, one to a `block` leaves it.

(module
  (global $rounds (export "rounds") (mut i32) (i32.const 0))

  (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
    (local $rest i32)
    (global.set $rounds (i32.const 0))
    (block $done                                ;; br $done continues after this block
      (loop $again                              ;; br $again continues here
        (br_if $done (i32.eqz (local.get $b)))

        (; The three assignments of Euclid:
           rest = a mod b,  a = b,  b = rest ;)
        (local.set $rest (i32.rem_u (local.get $a) (local.get $b)))
        (local.set $a (local.get $b))
        (local.set $b (local.get $rest))

        (global.set $rounds (i32.add (global.get $rounds) (i32.const 1)))
        (br $again)))
    (local.get $a))

  ;; The least common multiple, in 64 bits because the product can be long.
  (func (export "lcm") (param $a i32) (param $b i32) (result i64)
    (i64.mul
      (i64.extend_i32_u (i32.div_u (local.get $a) (call $gcd (local.get $a) (local.get $b))))
      (i64.extend_i32_u (local.get $b)))))
