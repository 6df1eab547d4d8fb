/*
 * Programs for the benchmark of the engine's tiers. Each export takes a size and answers with a checksum, so that
 * engines can be held against each other. Freestanding: no library, one memory, one table.
 *
 * Build (Debian's clang-22 and lld-22), in this folder:
 *   clang-22 --target=wasm32 -mcpu=mvp -O2 -fno-builtin -nostdlib -Wl,--no-entry -Wl,--strip-all programs.c -o programs.wasm
 */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name))) u32 name

static u32 seed;
static u32 next(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}

/* Calls. */
static __attribute__((noinline)) u32 fib_of(u32 n) {
  return n < 2 ? n : fib_of(n - 1) + fib_of(n - 2);
}
EXPORT(fib)(u32 n) { return fib_of(n); }

/* Bytes of memory in tight loops. */
#define SIEVE 1000000
static u8 composite[SIEVE];
EXPORT(sieve)(u32 rounds) {
  u32 found = 0;
  for (u32 r = 0; r < rounds; r++) {
    for (u32 i = 0; i < SIEVE; i++) composite[i] = 0;
    for (u32 i = 2; i * i < SIEVE; i++)
      if (!composite[i])
        for (u32 k = i * i; k < SIEVE; k += i) composite[k] = 1;
    for (u32 i = 2; i < SIEVE; i++) found += !composite[i];
  }
  return found;
}

/* A table of constants and a chain of dependent loads. */
static u32 crc_table[256];
static u8 text[65536];
EXPORT(crc)(u32 rounds) {
  for (u32 n = 0; n < 256; n++) {
    u32 c = n;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    crc_table[n] = c;
  }
  seed = 1;
  for (u32 i = 0; i < sizeof text; i++) text[i] = (u8)next();
  u32 crc = ~0u;
  for (u32 r = 0; r < rounds; r++)
    for (u32 i = 0; i < sizeof text; i++) crc = crc_table[(crc ^ text[i]) & 255] ^ (crc >> 8);
  return ~crc;
}

/* 64-bit arithmetic. */
EXPORT(hash64)(u32 rounds) {
  seed = 2;
  for (u32 i = 0; i < sizeof text; i++) text[i] = (u8)next();
  u64 h = 0xcbf29ce484222325ull;
  for (u32 r = 0; r < rounds; r++)
    for (u32 i = 0; i + 8 <= sizeof text; i += 8) {
      u64 w;
      u8 *to = (u8 *)&w;
      for (int k = 0; k < 8; k++) to[k] = text[i + k];
      w *= 0x87c37b91114253d5ull;
      w = (w << 31) | (w >> 33);
      h = ((h ^ w) << 27 | (h ^ w) >> 37) * 5 + 0x52dce729;
    }
  return (u32)(h ^ (h >> 32));
}

/* The rounds of SHA-512 (FIPS 180-4), with constants that are made up: the work is the same. */
static u64 sha_k[80], sha_h[8];
static u64 rotr(u64 x, int n) { return x >> n | x << (64 - n); }
static __attribute__((noinline)) void sha_block(const u8 *at) {
  u64 w[80];
  for (int i = 0; i < 16; i++) {
    u64 v = 0;
    for (int k = 0; k < 8; k++) v = v << 8 | at[8 * i + k];
    w[i] = v;
  }
  for (int i = 16; i < 80; i++) {
    u64 a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (rotr(a, 1) ^ rotr(a, 8) ^ a >> 7) + w[i - 7] + (rotr(b, 19) ^ rotr(b, 61) ^ b >> 6);
  }
  u64 v[8];
  for (int i = 0; i < 8; i++) v[i] = sha_h[i];
  for (int i = 0; i < 80; i++) {
    u64 s1 = rotr(v[4], 14) ^ rotr(v[4], 18) ^ rotr(v[4], 41);
    u64 t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + sha_k[i] + w[i];
    u64 s0 = rotr(v[0], 28) ^ rotr(v[0], 34) ^ rotr(v[0], 39);
    u64 t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    v[7] = v[6]; v[6] = v[5]; v[5] = v[4]; v[4] = v[3] + t1;
    v[3] = v[2]; v[2] = v[1]; v[1] = v[0]; v[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) sha_h[i] += v[i];
}
EXPORT(sha512)(u32 rounds) {
  seed = 3;
  for (int i = 0; i < 80; i++) sha_k[i] = (u64)next() << 40 ^ (u64)next() << 20 ^ next();
  for (int i = 0; i < 8; i++) sha_h[i] = ~sha_k[i];
  for (u32 i = 0; i < sizeof text; i++) text[i] = (u8)next();
  for (u32 r = 0; r < rounds; r++)
    for (u32 i = 0; i < sizeof text; i += 128) sha_block(text + i);
  return (u32)(sha_h[0] >> 32);
}

/* Doubles in registers. */
EXPORT(mandelbrot)(u32 size) {
  u32 inside = 0;
  for (u32 y = 0; y < size; y++)
    for (u32 x = 0; x < size; x++) {
      double cr = 2.0 * x / size - 1.5, ci = 2.0 * y / size - 1.0, zr = 0, zi = 0;
      u32 i = 0;
      for (; i < 100 && zr * zr + zi * zi < 4.0; i++) {
        double t = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = t;
      }
      inside += i == 100;
    }
  return inside;
}

/* Doubles in memory. */
struct body { double x, y, z, vx, vy, vz, mass; };
static struct body bodies[5];
EXPORT(nbody)(u32 steps) {
  for (int i = 0; i < 5; i++) {
    double k = i + 1;
    bodies[i] = (struct body){k * 3, k * k - 4, 1 / k, 0.1 * k, 0.2 - 0.05 * k, 0.01 * k, i ? 0.03 / k : 39};
  }
  for (u32 s = 0; s < steps; s++) {
    for (int i = 0; i < 5; i++)
      for (int k = i + 1; k < 5; k++) {
        struct body *a = bodies + i, *b = bodies + k;
        double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
        double d2 = dx * dx + dy * dy + dz * dz + 0.01;
        double mag = 0.001 / (d2 * __builtin_sqrt(d2));
        a->vx -= dx * b->mass * mag; a->vy -= dy * b->mass * mag; a->vz -= dz * b->mass * mag;
        b->vx += dx * a->mass * mag; b->vy += dy * a->mass * mag; b->vz += dz * a->mass * mag;
      }
    for (int i = 0; i < 5; i++) {
      bodies[i].x += 0.001 * bodies[i].vx;
      bodies[i].y += 0.001 * bodies[i].vy;
      bodies[i].z += 0.001 * bodies[i].vz;
    }
  }
  return (u32)(int)(bodies[0].x * 1e6);
}

#define N 200
static double ma[N][N], mb[N][N], mc[N][N];
EXPORT(matmul)(u32 rounds) {
  seed = 4;
  for (int i = 0; i < N; i++)
    for (int k = 0; k < N; k++) ma[i][k] = next() % 100, mb[i][k] = next() % 100;
  double trace = 0;
  for (u32 r = 0; r < rounds; r++) {
    for (int i = 0; i < N; i++)
      for (int k = 0; k < N; k++) {
        double sum = 0;
        for (int j = 0; j < N; j++) sum += ma[i][j] * mb[j][k];
        mc[i][k] = sum;
      }
    for (int i = 0; i < N; i++) trace += mc[i][i];
    ma[r % N][0] += 1;
  }
  return (u32)(u64)trace;
}

/* Recursion, branches and swaps. */
#define MANY 300000
static u32 numbers[MANY];
static void sort(int low, int high) {
  while (low < high) {
    u32 pivot = numbers[low + (high - low) / 2];
    int i = low, k = high;
    while (i <= k) {
      while (numbers[i] < pivot) i++;
      while (numbers[k] > pivot) k--;
      if (i <= k) {
        u32 t = numbers[i];
        numbers[i++] = numbers[k];
        numbers[k--] = t;
      }
    }
    sort(low, k);
    low = i;
  }
}
EXPORT(quicksort)(u32 rounds) {
  u32 sum = 0;
  seed = 5;
  for (u32 r = 0; r < rounds; r++) {
    for (int i = 0; i < MANY; i++) numbers[i] = next();
    sort(0, MANY - 1);
    for (int i = 1; i < MANY; i++) sum += (numbers[i - 1] <= numbers[i]) * (u32)i;
    sum ^= numbers[MANY / 2];
  }
  return sum;
}

/* Calls through the table. */
typedef u32 (*step)(u32);
static u32 add1(u32 x) { return x + 1; }
static u32 times3(u32 x) { return x * 3; }
static u32 shift(u32 x) { return x ^ x >> 5; }
static u32 flip(u32 x) { return ~x; }
static u32 swap(u32 x) { return x << 16 | x >> 16; }
static volatile step steps[] = {add1, times3, shift, flip, swap, add1, shift, times3};
EXPORT(indirect)(u32 rounds) {
  u32 x = 1;
  for (u32 r = 0; r < rounds * 1000; r++) x = steps[(x ^ r) & 7](x);
  return x;
}

/* A mix in the manner of CoreMark: a linked list that is searched and sorted, matrices of 16-bit numbers, a state
 * machine over text, and a checksum over all of it. */
struct item { struct item *next; short value, idx; };
static struct item items[256];
static short mixa[24][24], mixb[24][24];
static int mixc[24][24];
static u32 crc16(u32 crc, u32 v) {
  for (int i = 0; i < 16; i++, v >>= 1) {
    u32 bit = (crc ^ v) & 1;
    crc >>= 1;
    if (bit) crc ^= 0xa001;
  }
  return crc;
}
static struct item *merge_sort(struct item *list, int by_idx) {
  for (int width = 1;; width *= 2) {
    struct item *p = list, *tail = 0;
    int merges = 0;
    list = 0;
    while (p) {
      merges++;
      struct item *q = p;
      int ps = 0, qs = width;
      while (ps < width && q) ps++, q = q->next;
      while (ps > 0 || (qs > 0 && q)) {
        struct item *e;
        int first = ps && (!qs || !q || (by_idx ? p->idx <= q->idx : p->value <= q->value));
        if (first) e = p, p = p->next, ps--;
        else e = q, q = q->next, qs--;
        if (tail) tail->next = e;
        else list = e;
        tail = e;
      }
      p = q;
    }
    tail->next = 0;
    if (merges <= 1) return list;
  }
}
static __attribute__((noinline)) u32 states(const u8 *at, u32 n) {
  u32 counts[6] = {0}, state = 0;
  for (u32 i = 0; i < n; i++) {
    u8 c = at[i] & 63;
    switch (state) {
      case 0: state = c < 10 ? 1 : c < 12 ? 2 : c < 20 ? 3 : 5; break;
      case 1: state = c < 10 ? 1 : c < 14 ? 4 : 0; break;
      case 2: state = c < 10 ? 1 : 5; break;
      case 3: state = c < 40 ? 4 : 0; break;
      case 4: state = c & 1 ? 0 : 3; break;
      default: state = c < 32 ? 0 : 5;
    }
    counts[state]++;
  }
  u32 sum = 0;
  for (int i = 0; i < 6; i++) sum = sum * 31 + counts[i];
  return sum;
}
EXPORT(coremix)(u32 rounds) {
  u32 crc = 0;
  seed = 6;
  for (u32 i = 0; i < 4096; i++) text[i] = (u8)next();
  struct item *list = items;
  for (int i = 0; i < 256; i++) items[i] = (struct item){i < 255 ? items + i + 1 : 0, (short)next(), (short)i};
  for (u32 r = 0; r < rounds; r++) {
    for (int find = 0; find < 256; find += 17) {
      struct item *e = list;
      while (e && e->idx != find) e = e->next;
      if (e) crc = crc16(crc, (u32)e->value), e->value = (short)(e->value * 3 + (short)r);
    }
    list = merge_sort(list, 0);
    crc = crc16(crc, (u32)list->value);
    list = merge_sort(list, 1);
    for (int i = 0; i < 24; i++)
      for (int k = 0; k < 24; k++) mixa[i][k] = (short)(i * k + (int)r), mixb[i][k] = (short)(i - k);
    for (int i = 0; i < 24; i++)
      for (int k = 0; k < 24; k++) {
        int sum = 0;
        for (int j = 0; j < 24; j++) sum += mixa[i][j] * mixb[j][k];
        mixc[i][k] = sum;
      }
    crc = crc16(crc, (u32)mixc[r % 24][(r * 7) % 24]);
    crc = crc16(crc, states(text, 4096));
    text[r & 4095] ^= (u8)crc;
  }
  return crc;
}
