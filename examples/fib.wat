;; Fibonacci numbers by plain recursion. fib.wasm beside this file is the same module as 61 bytes.
;;
;; Try: set a breakpoint on the line of `if`, press F5 and give 5 as the argument.
;; Watch the Value stack at each step: a comparison pops two values and pushes one.
;; Step into the first `call`, then look at the Call Stack: every frame has its own $n.

(module
  (func $fib (export "fib") (param $n i32) (result i32)
    local.get $n
    i32.const 1
    i32.le_u
    if (result i32)
      i32.const 1
    else
      local.get $n
      i32.const 2
      i32.sub
      call $fib
      local.get $n
      i32.const 1
      i32.sub
      call $fib
      i32.add
    end))
