(module
	(func $one (result i32)
		(block (result i32) (i32.const 1))
	)
	(func $legacy
		try $t nop catch $e drop catch_all rethrow 0 end
		try $t
			nop
			try
				nop
			delegate $t
		catch $e
			drop
		end
		(try (do nop) (catch $e drop) (catch_all nop))
		(try
			(do
				nop
			)
			(delegate 0)
		)
	)
	(func $table
		(block $h (result i32)
			(try_table (catch $e $h) (catch_all $h)
				(call $one) drop
			)
			i32.const 0
		)
		drop
		try_table (result i32) (catch_ref $e $h)
			call $one
		end
		drop
		block $a
			block $b
				loop $c
					local.get 0
					br_table $a $b $c $a $b $c $a $b $c $a
							$b $c $a $b $c $a $b $c $a $b $c
							$a $b $c $a $b $c $a $b $c $a $b
							$c
				end $c
			end $b
		end $a
		(br_table 0 0 0 (local.get 0))
		local.get 0
		local.get 1
		i32.add
		local.get 2
		i32.add
		local.get 3
		i32.add
		local.get 4
		i32.add
		local.get 5
		i32.add
		drop
	)
	(func
		(select (result i32)
			(local.get 0)
			(local.get 1)
			(local.get 2)
		)
		(drop)
		v128.const i32x4 1 2 3 4
		drop
		i32.const 0
		i32.load offset=4 align=1
		i32.unknown
		drop
	)
)
