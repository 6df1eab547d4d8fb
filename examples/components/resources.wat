;; Resources: $Bank has accounts, $Client gets handles to them. Each instance has a table of its own, and the destructor
;; runs when the last owner drops its handle.
;;
;;   wasmscope run --invoke 'run()' resources.wat
;;
;; prints a record: what was on the account, how many accounts are open while the client has two, and how many when it has
;; dropped both.
(component $resources
  (component $Bank
    (core module $Accounts
      (memory 1)
      (global $next (mut i32) (i32.const 16))
      (global $open (mut i32) (i32.const 0))
      ;; An account is represented by the address of its balance.
      (func (export "open") (param $balance i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $next))
        (global.set $next (i32.add (global.get $next) (i32.const 16)))
        (global.set $open (i32.add (global.get $open) (i32.const 1)))
        (i32.store (local.get $at) (local.get $balance))
        (local.get $at))
      (func (export "balance") (param $at i32) (result i32) (i32.load (local.get $at)))
      (func (export "deposit") (param $at i32) (param $amount i32)
        (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $amount))))
      (func (export "close") (param $at i32)
        (i32.store (local.get $at) (i32.const -1))
        (global.set $open (i32.sub (global.get $open) (i32.const 1))))
      (func (export "count") (result i32) (global.get $open)))
    (core instance $accounts (instantiate $Accounts))
    (type $account' (resource (rep i32) (dtor (core func $accounts "close"))))
    (core func $new (canon resource.new $account'))
    ;; `open` gives an address; callers get a handle.
    (core module $Handles
      (import "" "open" (func $open (param i32) (result i32)))
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "[constructor]account") (param $balance i32) (result i32)
        (call $new (call $open (local.get $balance)))))
    (core instance $handles (instantiate $Handles (with "" (instance
      (export "open" (func $accounts "open"))
      (export "new" (func $new))))))
    (export $account "account" (type $account'))
    (func (export "[constructor]account") (param "balance" u32) (result (own $account))
      (canon lift (core func $handles "[constructor]account")))
    (func (export "[method]account.balance") (param "self" (borrow $account)) (result u32)
      (canon lift (core func $accounts "balance")))
    (func (export "[method]account.deposit") (param "self" (borrow $account)) (param "amount" u32)
      (canon lift (core func $accounts "deposit")))
    (func (export "open-accounts") (result u32) (canon lift (core func $accounts "count"))))

  (component $Client
    (import "bank" (instance $bank
      (export "account" (type $account (sub resource)))
      (export "[constructor]account" (func (param "balance" u32) (result (own $account))))
      (export "[method]account.balance" (func (param "self" (borrow $account)) (result u32)))
      (export "[method]account.deposit" (func (param "self" (borrow $account)) (param "amount" u32)))
      (export "open-accounts" (func (result u32)))))
    (alias export $bank "account" (type $account))
    (core func $new (canon lower (func $bank "[constructor]account")))
    (core func $balance (canon lower (func $bank "[method]account.balance")))
    (core func $deposit (canon lower (func $bank "[method]account.deposit")))
    (core func $count (canon lower (func $bank "open-accounts")))
    (core func $drop (canon resource.drop $account))
    (core module $Main
      (import "bank" "new" (func $new (param i32) (result i32)))
      (import "bank" "balance" (func $balance (param i32) (result i32)))
      (import "bank" "deposit" (func $deposit (param i32 i32)))
      (import "bank" "count" (func $count (result i32)))
      (import "bank" "drop" (func $drop (param i32)))
      (memory (export "mem") 1)
      (func (export "run") (result i32)
        (local $first i32) (local $second i32)
        (local.set $first (call $new (i32.const 100)))
        (local.set $second (call $new (i32.const 5)))
        (call $deposit (local.get $first) (i32.const 23))
        (i32.store (i32.const 0) (call $balance (local.get $first)))
        (i32.store (i32.const 4) (call $count))
        (call $drop (local.get $second))
        (call $drop (local.get $first))
        (i32.store (i32.const 8) (call $count))
        (i32.const 0)))
    (core instance $main (instantiate $Main (with "bank" (instance
      (export "new" (func $new))
      (export "balance" (func $balance))
      (export "deposit" (func $deposit))
      (export "count" (func $count))
      (export "drop" (func $drop))))))
    (type $report' (record (field "balance" u32) (field "open-before" u32) (field "open-after" u32)))
    (export $report "report" (type $report'))
    (func (export "run") (result $report)
      (canon lift (core func $main "run") (memory (core memory $main "mem")))))

  (instance $bank (instantiate $Bank))
  (instance $client (instantiate $Client (with "bank" (instance $bank))))
  (export "bank" (instance $bank))
  (export "client" (instance $client)))
