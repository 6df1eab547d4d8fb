// Prime numbers up to the first argument (or 30), by the sieve of Eratosthenes, in AssemblyScript.

function sieve(limit: i32): Array<i32> {
  const crossed = new Uint8Array(limit + 1);
  const primes = new Array<i32>();
  for (let n = 2; n <= limit; n++) {
    if (crossed[n]) continue;
    primes.push(n);
    for (let multiple = n * n; multiple <= limit; multiple += n) crossed[multiple] = 1;
  }
  return primes;
}

const args = process.argv;
const limit = args.length > 1 ? <i32>parseInt(args[1]) : 30;
if (limit < 2) {
  process.stderr.write('nothing below 2\n');
  process.exit(5);
}
const primes = sieve(limit);
console.log(primes.join(' '));
console.log(primes.length.toString() + ' primes');
