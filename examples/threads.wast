;; Threads: two of them share a memory, take turns by instruction counts, and wait for each other.
;;
;; Set a breakpoint in $work and press F5: the Call Stack view has every thread, and says at which address one waits. The last
;; part is a deadlock, which stops, too.

(module $shared
  (memory (export "memory") 1 1 shared))
(register "shared" $shared)

(thread $worker (shared (module $shared))
  (register "shared" $shared)
  (module
    (memory (import "shared" "memory") 1 1 shared)
    ;; Adds 1 a thousand times, and says that it is done.
    (func $work (export "work") (param $n i32)
      (loop $again
        (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.atomic.store (i32.const 8) (i32.const 1))
      (drop (memory.atomic.notify (i32.const 8) (i32.const 1)))))
  (invoke "work" (i32.const 1000)))

(module
  (memory (import "shared" "memory") 1 1 shared)
  ;; Waits until the worker has finished, and gives what it counted.
  (func $result (export "result") (result i32)
    (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const -1)))
    (i32.atomic.load (i32.const 0)))
  ;; Nobody will ever notify this.
  (func $forever (export "forever") (result i32)
    (memory.atomic.wait32 (i32.const 16) (i32.const 0) (i64.const -1))))

(assert_return (invoke "result") (i32.const 1000))
(wait $worker)
(invoke "forever")
