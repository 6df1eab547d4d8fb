;; a script
(module $m (func (export "f") (param i32) (result i32) (local.get 0)))

(assert_return (invoke "f" (i32.const 1)) (i32.const 1))
(assert_return (invoke $m "f" (i32.const 2)) (i32.const 2))
(assert_invalid
  (module (func (result i32)))
  "type mismatch"
)
(assert_malformed (module quote "(func" "(param i32)") "unexpected")
(assert_return
  (invoke "a function with a rather long name" (i32.const 1) (i32.const 2))
  (i32.const 3)
  (i32.const 4))
(register "m" $m)
(module binary
  "\00asm" ;; magic
  "\01\00\00\00"
)
(module definition $d (func))
(thread $T1 (shared (module $m))
  (register "m" $m)
  (module (import "m" "f" (func (param i32) (result i32)))))
