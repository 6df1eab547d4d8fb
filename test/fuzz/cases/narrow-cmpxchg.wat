;; seed 12
;; A narrow compare-exchange compared what it expects unwrapped.
(module
  (memory $m (export "m") 1 3 shared)
  (func (export "i32") (param i32) (result i32)
    (drop (i32.atomic.rmw8.cmpxchg_u $m (i32.const 0) (i32.const 0x100) (i32.const 5)))
    (i32.atomic.rmw16.cmpxchg_u $m (i32.const 2) (i32.const 0x30000) (local.get 0)))
  (func (export "i64") (param i64) (result i64)
    (drop (i64.atomic.rmw8.cmpxchg_u $m (i32.const 8) (i64.const 0x1_0000_0000) (i64.const 6)))
    (drop (i64.atomic.rmw16.cmpxchg_u $m (i32.const 10) (i64.const -0x1_0000) (i64.const 7)))
    (i64.atomic.rmw32.cmpxchg_u $m (i32.const 12) (i64.const 0x7_0000_0000) (local.get 0))))
