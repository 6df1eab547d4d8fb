;; `thread` and `wait`, which the public suite does not use.

(module $m
  (memory (export "mem") 1 1 shared)
  (func (export "load") (param i32) (result i32) (i32.atomic.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.atomic.store (local.get 0) (local.get 1)))
  (func (export "notify") (param i32 i32) (result i32) (memory.atomic.notify (local.get 0) (local.get 1))))

;; A thread that waits is woken by the main thread.
(thread $waiter (shared (module $m))
  (register "m" $m)
  (module $own
    (memory (import "m" "mem") 1 1 shared)
    (func (export "ready") (i32.atomic.store (i32.const 4) (i32.const 1)))
    (func (export "wait") (result i32)
      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
  (invoke "ready")
  (assert_return (invoke "wait") (i32.const 0))
  (invoke $m "store" (i32.const 8) (i32.const 42)))

(module
  (import "spectest" "print" (func)))
(register "main" $m)
(module $spinner
  (memory (import "main" "mem") 1 1 shared)
  ;; Spins until somebody was woken: the waiter needs turns to get there.
  (func (export "wake") (result i32)
    (local $n i32)
    (loop $again
      (br_if $again (i32.eqz (local.tee $n (memory.atomic.notify (i32.const 0) (i32.const 1))))))
    (local.get $n)))
(assert_return (invoke "wake") (i32.const 1))
(wait $waiter)
(assert_return (invoke $m "load" (i32.const 4)) (i32.const 1))
(assert_return (invoke $m "load" (i32.const 8)) (i32.const 42))

;; Two threads count together, by turns, without losing any.
(module $count
  (memory (export "mem") 1 1 shared)
  (func (export "add") (param $n i32)
    (loop $again
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "sum") (result i32) (i32.atomic.load (i32.const 0))))
(thread $a (shared (module $count)) (invoke $count "add" (i32.const 30000)))
(thread $b (shared (module $count)) (invoke $count "add" (i32.const 20000)))
(wait $a)
(wait $b)
(assert_return (invoke $count "sum") (i32.const 50000))

;; A thread may start threads, and asserts in it count.
(thread $outer (shared (module $count))
  (thread $inner (shared (module $count)) (invoke $count "add" (i32.const 1)))
  (wait $inner)
  (assert_return (invoke $count "sum") (i32.const 50001))
  (module (func (export "f") (unreachable)))
  (assert_trap (invoke "f") "unreachable"))
(wait $outer)

;; A wait with a timeout ends when everybody sleeps, and so does the longer one behind it.
(module $sleep
  (memory 1 1 shared)
  (func (export "sleep") (param i64) (result i32)
    (memory.atomic.wait64 (i32.const 16) (i64.const 0) (local.get 0))))
(thread $long (shared (module $sleep))
  (assert_return (invoke $sleep "sleep" (i64.const 2_000_000_000)) (i32.const 2)))
(assert_return (invoke $sleep "sleep" (i64.const 1_000_000_000)) (i32.const 2))
(wait $long)
