(module
  (func $count (param $counter i32) (result i32)
    (local $x i32)
    local.get $couner
    get_local $x
    i32.ad
    (i32.add (local.get $counter) (i32.const 0x1_0000_0000))
    (call $cuont (local.get $counter))
    (br $nowhere)
    (block $a (br 0) end)
    i32.load align=3
  )
  (func $good (result i32) i32.const 1)
  (func $good)
  (func (type $missing))
  (global $g i32 (i32.cost 1))
  (memory 1 x)
  (import "a" "b" (func))
  (export "good" (func $god))
  (data (i32.const 0) "fine" "bad \q")
  (start $good)
  (start $good)
  (fnc)
  (func $unfinished (param i32)
    (i32.add (local.get 0)
  (func $after (export "after") block $l end $m)
)
