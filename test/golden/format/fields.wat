(module
(rec (type $a (struct (field $x (mut i32)) (field $next (ref null $a)))) (type $b (sub final $a (struct (field $x (mut i32)) (field $next (ref null $a)) (field $more (mut (ref null any)))))))
(type $callback (func (param $first i32) (param $second i64) (param $third f32) (result i32 i64 f32 f64)))
(import "a long module name of an import" "a long name of an imported function" (func $imported (param i32 i64) (result i32)))
( memory  ( export "memory" )  1  2 )
(table $t 10 funcref) (table funcref (elem $f $g))
(global $g (mut i32) (i32.const 0))
(global $h (export "h") i64 (i64.add (i64.mul (i64.const 1000000000) (i64.const 2000000000)) (i64.const 3000000000)))
(tag $e (param i32))
(elem declare func $f $g)
(elem $list (table $t) (offset (i32.const 0)) (ref null func) (ref.func $f) (item (ref.func $g)) (ref.null func))
(data (i32.const 0) "one" "two" "three")
(data $d "one line\n"
"another line\n"

"a third one\n")
(func $f) (func $g (export "g") (export "also g") (param $a i32) (param $b i32) (param $c i32) (param $d i32) (result i32)
(local $x i32) (local $y i32)
(local $z i64)

local.get $a)
(start $f)
(export "f" (func $f))
)
