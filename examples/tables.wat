;; A table of functions and call_indirect: the operator is chosen by a number at run time.
;;
;; Try: press F5, choose `calculate` and give 2 7 6 as arguments (operator 2 is `*`): 42.
;; Set a breakpoint on the line of `call_indirect`, open Tables in the Variables view, and step in.
;; Operator 3 has another type: it traps with "indirect call type mismatch".
;; Operator 4 was never set: "uninitialized element". Operator 9 is outside: "undefined element".

(module
  ;; The type that call_indirect checks the function in the table against.
  (type $binary (func (param i32 i32) (result i32)))

  (table $operators (export "operators") 5 funcref)
  (elem (i32.const 0) func $add $sub $mul $negate)

  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $mul (type $binary) (i32.mul (local.get 0) (local.get 1)))
  (func $negate (param i32) (result i32) (i32.sub (i32.const 0) (local.get 0)))

  (func $calculate (export "calculate") (param $operator i32) (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    ;; The table's index is on top of the stack, above the arguments.
    local.get $operator
    call_indirect $operators (type $binary))

  ;; (7 + 6) * (7 - 6) = 13
  (func (export "main") (result i32)
    (call $calculate (i32.const 2)
      (call $calculate (i32.const 0) (i32.const 7) (i32.const 6))
      (call $calculate (i32.const 1) (i32.const 7) (i32.const 6)))))
