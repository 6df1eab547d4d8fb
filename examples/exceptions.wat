;; Exceptions.
;;
;; Press F5 and choose "sum": its calls throw twice, and both are caught. Check "All Exceptions" in the Breakpoints view to
;; stop at each throw, with the tag, its arguments, and who catches it; a step from there goes to the handler. "fail" throws
;; what nobody catches (try -3), which stops without any filter of yours.

(module
  (tag $negative (param i32))
  (tag $too_large (param i32 i64))

  (func $checked (param $x i32) (result i32)
    (if (i32.lt_s (local.get $x) (i32.const 0))
      (then (throw $negative (local.get $x))))
    (if (i32.gt_s (local.get $x) (i32.const 1000))
      (then (throw $too_large (local.get $x) (i64.const 1000))))
    (local.get $x))

  ;; The value, or 0 if it is not right.
  (func $or_zero (param $x i32) (result i32)
    (block $caught
      (block $negative (result i32)
        (try_table (catch $negative $negative) (catch_all $caught)
          (return (call $checked (local.get $x))))
        (unreachable))
      (drop))
    (i32.const 0))

  (func (export "sum") (result i32)
    (i32.add
      (i32.add (call $or_zero (i32.const 5)) (call $or_zero (i32.const -3)))
      (i32.add (call $or_zero (i32.const 5000)) (call $or_zero (i32.const 7)))))

  (func (export "fail") (param $x i32) (result i32)
    (call $checked (local.get $x))))
