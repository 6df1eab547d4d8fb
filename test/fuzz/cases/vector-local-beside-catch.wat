;; seed 1
;; Vector locals were looked for in the wrong slots of a function that has a legacy catch.
(module
  (func $f (param i32 v128) (result v128) (local v128)
    (try
      (do (local.set 2 (local.get 1)) (throw $e (i32.const 1)))
      (catch $e (local.set 0))
      (catch_all (rethrow 0)))
    (local.tee 1 (local.get 2)))
  (tag $e (param i32))
  (func (export "lane") (result i64)
    (i64x2.extract_lane 1 (call $f (i32.const 0) (v128.const i64x2 1 2)))))
