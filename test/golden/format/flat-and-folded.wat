;; hello
(module $m
  (type $t (func (param i32)))
(import "env" "log" (func $log (param i32)))


  (func $fact (export "fact") (param $n i64) (result i64)   ;; factorial
    (if (result i64) (i64.eqz (local.get $n))
      (then (i64.const 1))
      (else
        (i64.mul
          (local.get $n)
          (call $fact (i64.sub (local.get $n) (i64.const 1)))))))

 (func $flat (param $a i32) (local $i i32)
 block $out
    loop $top
 local.get $a   ;; x
 i32.eqz        ;; y
 br_if $out
 ;; count
 local.get $a  i32.const 1   i32.sub local.set $a
 br $top
 end $top
 end
 local.get $a
 if (result i32) i32.const 1 else i32.const 2 end
 drop
 local.get $a if
 nop
 else
 unreachable
 end
   (drop (i32.add (i32.mul (local.get $a) (i32.const 1234567)) (i32.mul (local.get $i) (i32.sub (local.get $a) (i32.const 7654321)))))
 (call_indirect (type $t) (local.get $a) (local.get $i))
 )
 (data (i32.const 0) "abc"
   "def"   ;; x
   "ghi")
 (elem (i32.const 0) $fact $flat $fact $flat $fact $flat $fact $flat $fact $flat $fact $flat $fact $flat $fact $flat $fact $flat)
 (type $s (struct
   (field $x i32) (field $y (mut i64))))
 (func (;5;) try do nop end)
 (func ;; foo
   try nop catch 0 nop catch_all nop
   end
   (@metadata.code.branch_hint "\01") (if (i32.const 0) (then nop)) )
)
